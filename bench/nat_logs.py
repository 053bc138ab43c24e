"""How fast the lines of NAT logs become events. `python -m bench.nat_logs [READER …]`."""

from __future__ import annotations

import io
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.figure import Figure, in_process, print_figures
from tocsin.attribution.bindings import LogConfig
from tocsin.attribution.bindings.read import READERS
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import open_blocks
from tocsin.evidence.settle import window_at

RECORDS_PER_S_MIN = 100_000
RECORDS = 400_000
NOW = datetime(2026, 11, 25, tzinfo=UTC)
_HEAD = "<134>1 2026-11-24T03:{minute:02}:{second:02}.123+09:00 nat-{nas} app 7 - - "
_OLD = "<14>Nov 24 03:{minute:02}:{second:02} nat-{nas} "

# What each reader most likely meets. A Cisco line holds four records.
LINES = {
    "juniper": _OLD
    + "RT_NAT: RT_SRC_NAT_PBA_ALLOC: Subscriber 100.64.{b}.{c} used/maximum [1/15] blocks, allocates port"
    " block [{first}-{last}] from 198.51.100.{c} in source pool POOL lsys_id: 0 epoch 0x6a44{minute:02}{second:02}",
    "cisco": "<134> 1 2026 Nov 24 03:{minute:02}:{second:02} 192.0.2.{nas} - - NAT44 - "
    + "[UserbasedA - 100.64.{b}.{c} VRF-1 - 198.51.100.{c} - {first} {last} - - ]" * 4,
    "a10": _HEAD + "CEF:0|A10|CFW|6.0.0-P1|CGN 106|Nat Port Batch Pool Allocated|5|proto=UDP src=100.64.{b}.{c}"
    " sourceTranslatedAddress=198.51.100.{c} sourceTranslatedPort={first} cn3={last} cn3Label=Last Nat Port",
    "f5": _HEAD + "LSN_ADD 100.64.{b}.{c}%0:40001 6 198.51.100.{c}%0:{first} 192.0.2.{c} 443",
    "nfware": _HEAD + "A VRF 0 INT 100.64.{b}.{c} EXT 198.51.100.{c}:{first}-{last}",
    "6wind": _OLD
    + 'fp-cgnat[4269]: USER 100.64.{b}.{c} (matching rule 1): NEW BLOCK (pool "p", ip public 198.51.100.{c},'
    " proto 6, port {first} - {last})",
    "mikrotik": _OLD + "firewall,info prerouting: in:LAN out:(unknown 0), connection-state:new,snat src-mac"
    " 02:00:5e:00:00:01, proto TCP (SYN), 100.64.{b}.{c}:40001->192.0.2.{c}:443,"
    " NAT (100.64.{b}.{c}:40001->198.51.100.{c}:{first})->192.0.2.{c}:443, len 60",
    "conntrack": "[17955216{minute:02}.250000]\t    [NEW] tcp      6 120 SYN_SENT src=100.64.{b}.{c} dst=192.0.2.{c}"
    " sport=40001 dport=443 [UNREPLIED] src=192.0.2.{c} dst=198.51.100.{c} sport=443 dport={first} id=12345{nas}",
    "nel": '{{\n\t"type" : "EVENT",\n\t"first" : "1970-01-01T00:00:00.000",\n\t"in_packets" : 0,\n\t"proto" : 6,\n'
    '\t"tcp_flags" : "........",\n\t"src_port" : 40001,\n\t"dst_port" : 443,\n\t"src4_addr" : "100.64.{b}.{c}",\n'
    '\t"dst4_addr" : "192.0.2.{c}",\n\t"ip4_router" : "192.0.2.{nas}",\n\t"src4_xlt_ip" : "198.51.100.{c}",\n'
    '\t"src_xlt_port" : "{first}",\n\t"nat_event_id" : "1",\n\t"nat_event" : "NAT translation create",\n'
    '\t"t_event" : "2026-11-24T03:{minute:02}:{second:02}.123",\n\t"ingress_vrf" : "0",\n\t"label" : "<none>"\n}},',
}
_A_LINE = {"cisco": 4}


def lines(name: str, count: int) -> Iterator[str]:
    """Lines that hold `count` records, each of another subscriber and block."""
    for number in range(count // _A_LINE.get(name, 1)):
        first = 1024 + number * 64 % 64_000
        yield LINES[name].format(
            minute=number // 60 % 60,
            second=number % 60,
            nas=number % 9 + 1,
            b=number >> 8 & 63,
            c=number & 255,
            first=first,
            last=first + 63,
        )


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds of one thread, from bytes to staged events."""

    events: int
    cpu_s: float


def measure(name: str, count: int) -> Measured:
    text = "\n".join(lines(name, count)).encode() + b"\n"
    window = window_at(NOW)
    log = LogConfig(name="bench", reader=name, zone="Asia/Tokyo")
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder) / "work", threads=1) as engine:
        began = time.process_time()
        READERS[name].stage(
            Staging(
                engine=engine,
                blocks=open_blocks(io.BytesIO(text)),
                newest=window.newest,
                oldest=window.oldest,
                log=log,
            )
        )
        cpu_s = time.process_time() - began
        [(events,)] = engine.rows("SELECT count(*) FROM staged_events")
        drop_staged(engine)
    assert isinstance(events, int)
    return Measured(events=events, cpu_s=cpu_s)


def figures(names: tuple[str, ...] = tuple(LINES)) -> list[Figure]:
    """Records per core of each reader."""
    found = []
    for name in names:
        this = msgspec.json.decode(in_process("bench.nat_logs", "--measure", name, str(RECORDS)), type=Measured)
        per_core = this.events / this.cpu_s
        found.append(
            Figure(
                what=f"NAT log `{name}`, one thread: {this.events:,} records",
                measured=f"{per_core:,.0f} records/s of CPU",
                promised=f"{RECORDS_PER_S_MIN:,} records/s per core",
                kept=per_core >= RECORDS_PER_S_MIN and this.events == RECORDS,
            )
        )
    return found


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(msgspec.json.encode(measure(arguments[1], int(arguments[2]))).decode())
    else:
        print_figures(figures(tuple(arguments) or tuple(LINES)))


if __name__ == "__main__":
    main(sys.argv[1:])
