"""How fast DHCP and RADIUS logs become columns: records a second of one core. `python -m bench.logs`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.figure import Figure, in_process, peak_mb, print_figures
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import READERS
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import open_blocks
from tocsin.evidence.settle import window_at

LINES_PER_S_MIN = 100_000  # of a text log that is line-regular
NOW = datetime(2026, 11, 25, tzinfo=UTC)
FIRST = 1_795_478_400  # 2026-11-24T00:00:00Z


def _client(number: int) -> tuple[str, str]:
    high, middle, low = number >> 16 & 255, number >> 8 & 255, number & 255
    return f"198.{18 + (high & 1)}.{middle}.{low}", f"02:00:{high >> 4:02x}:{high & 15:02x}:{middle:02x}:{low:02x}"


def legal(count: int) -> Iterator[str]:
    """Kea's legal log: renewals through a relay that says whose line it is."""
    for number in range(count):
        address, mac = _client(number)
        clock = datetime.fromtimestamp(FIRST + number % 80_000, UTC)
        octets = ":".join(f"{ord(letter):02x}" for letter in f"dslam-7 {number % 4096:04}")
        yield (
            f"{clock:%Y-%m-%d %H:%M:%S} UTC Address: {address} has been renewed for 1 hrs 52 min 15 secs to a device"
            f" with hardware address: hwtype=1 {mac}, client-id: 01:{mac} connected via relay at address: 192.0.2.33,"
            f" identified by circuit-id: {octets} (dslam-7 {number % 4096:04}) and remote-id: 87:f6:79:77:ef\n"
        )


def leases(count: int) -> Iterator[str]:
    """ISC dhcpd's lease file: a lease an address, all with option 82."""
    for number in range(count):
        address, mac = _client(number)
        clock, end = (datetime.fromtimestamp(FIRST + number % 80_000 + more, UTC) for more in (0, 3600))
        yield (
            f"lease {address} {{\n  starts 2 {clock:%Y/%m/%d %H:%M:%S};\n  ends 2 {end:%Y/%m/%d %H:%M:%S};\n"
            f"  cltt 2 {clock:%Y/%m/%d %H:%M:%S};\n  binding state active;\n  next binding state free;\n"
            f'  rewind binding state free;\n  hardware ethernet {mac};\n  uid "\\001\\002\\000\'\\245\\270\\207";\n'
            f'  option agent.circuit-id "dslam-7 {number % 4096:04}";\n  client-hostname "host-{number}";\n}}\n'
        )


def kea(count: int) -> Iterator[str]:
    """Kea's lease file, with option 82 in the user context."""
    yield "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n"
    for number in range(count):
        address, mac = _client(number)
        context = '{ "ISC": { "relay-agent-info": "0x0105686F7764790203AABBCC" } }'
        yield f"{address},{mac},01:{mac},3600,{FIRST + number % 80_000 + 3600},1,0,0,host-{number},0,{context}\n"


def radacct(count: int) -> Iterator[str]:
    """radacct from MySQL in local time: two in three sessions are over."""
    yield (
        "radacctid,acctsessionid,acctuniqueid,username,nasipaddress,nasportid,acctstarttime,acctupdatetime,acctstoptime,"
        "acctsessiontime,callingstationid,framedipaddress,framedipv6prefix,delegatedipv6prefix\n"
    )
    for number in range(count):
        address, mac = _client(number)
        start, later = (datetime.fromtimestamp(FIRST + number % 70_000 + more, UTC) for more in (0, 1800))
        stop = f"{later:%Y-%m-%d %H:%M:%S}" if number % 3 else "NULL"
        yield (
            f"{number},{number:08X},{number:032x},u{number % 65_536}@bench.example,192.0.2.{number % 20 + 1},"
            f"eth 1/{number % 4096},{start:%Y-%m-%d %H:%M:%S},{later:%Y-%m-%d %H:%M:%S},{stop},1800,{mac},{address},,"
            f"2001:db8:{number % 65_536:x}::/48\n"
        )


TEXTS: dict[str, Callable[[int], Iterator[str]]] = {
    "kea-legal": legal,
    "kea": kea,
    "dhcpd": leases,
    "radacct": radacct,
}
PROMISED = {"kea-legal": LINES_PER_S_MIN, "kea": LINES_PER_S_MIN}


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds of one thread."""

    records: int
    cpu_s: float
    events: int
    peak_mb: int


def measure(reader: str, count: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log"
        with path.open("w") as file:
            file.writelines(TEXTS[reader](count))
        window = window_at(NOW)
        log = LogConfig(name="bench", reader=reader, zone="UTC")
        with Engine(Path(folder) / "work", threads=1) as engine:
            began = time.process_time()
            READERS[reader].stage(
                Staging(engine=engine, blocks=open_blocks(path), newest=window.newest, oldest=window.oldest, log=log)
            )
            cpu_s = time.process_time() - began
            [(events,)] = engine.rows("SELECT count(*) FROM staged_events")
            [(rejects,)] = engine.rows("SELECT count(*) FROM staged_rejects")
            drop_staged(engine)
        assert isinstance(events, int)
        assert events >= count
        assert rejects == 0
        return Measured(records=count, cpu_s=cpu_s, events=events, peak_mb=peak_mb())


def figures() -> list[Figure]:
    """One a reader, and a journal of a million leases, which is read again whenever it has changed."""
    found = []
    for reader, count in (*((reader, 400_000) for reader in TEXTS), ("dhcpd", 1_000_000)):
        this = msgspec.json.decode(in_process("bench.logs", "--measure", reader, str(count)), type=Measured)
        rate, promised = this.records / this.cpu_s, PROMISED.get(reader)
        found.append(
            Figure(
                what=f"{reader} to columns, one thread: {this.records:,} records, {this.events:,} events",
                measured=f"{rate:,.0f} records/s of CPU, {this.cpu_s:.1f} s, {this.peak_mb} MB",
                promised=f"{promised:,} records/s per core" if promised else "-",
                kept=promised is None or rate >= promised,
            )
        )
    return found


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(msgspec.json.encode(measure(arguments[1], int(arguments[2]))).decode())
    else:
        print_figures(figures())


if __name__ == "__main__":
    main(sys.argv[1:])
