"""How fast FreeRADIUS detail is read, and lease events are folded. `python -m bench.radius`."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from bench.figure import Figure, in_process, peak_mb, print_figures, timed
from tocsin.attribution.bindings import LogConfig, fold_days, read_log
from tocsin.attribution.bindings.read import TABLES
from tocsin.attribution.bindings.readers import freeradius
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.book import Book
from tocsin.engine import Engine
from tocsin.evidence.lines import open_blocks
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake

RECORDS_PER_S_MIN = 50_000
FIRST = 1_795_478_400  # 2026-11-24T00:00:00Z
DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 25, tzinfo=UTC)
LOG = LogConfig(name="bench", reader="freeradius", prefixes=("198.18.0.0/15",), interim_s=1800)
_STATUS = ("Start", "Interim-Update", "Interim-Update", "Stop")

RECORD = """Tue Nov 24 09:00:00 2026
\tUser-Name = "u{line}@bench.example"
\tNAS-IP-Address = 100.64.0.{nas}
\tNAS-Identifier = "bng-{nas}"
\tNAS-Port = {line}
\tNAS-Port-Id = "eth 1/0/{nas}:{line}"
\tNAS-Port-Type = PPPoEoVLAN
\tService-Type = Framed-User
\tFramed-Protocol = PPP
\tFramed-IP-Address = 198.{high}.{middle}.{low}
\tFramed-IPv6-Prefix = 2001:db8:{line:x}:1::/64
\tDelegated-IPv6-Prefix = 2001:db8:{line:x}:100::/56
\tCalling-Station-Id = "02:00:5e:00:{nas:02x}:01"
\tAcct-Session-Id = "{session:08X}"
\tAcct-Status-Type = {status}
\tAcct-Authentic = RADIUS
\tAcct-Session-Time = {online_s}
\tAcct-Input-Octets = {octets}
\tAcct-Output-Octets = {octets}
\tAcct-Input-Packets = 77123
\tAcct-Output-Gigawords = 3
\tAcct-Delay-Time = 0
\tEvent-Timestamp = "Nov 24 2026 09:00:00 JST"
\tAcct-Unique-Session-Id = "{session:032x}"
\tTimestamp = {at}

"""


def records(count: int) -> Iterator[str]:
    """Four records a session, one session after another on each of at most 65,536 lines, as time goes on."""
    lines = max(1, min(65_536, count // 16))
    for number in range(count):
        line, step = number % lines, number // lines
        yield RECORD.format(
            line=line,
            nas=line % 20 + 1,
            high=18 + (line >> 16 & 1),
            middle=line >> 8 & 255,
            low=line & 255,
            session=line + step // 4 * lines,
            status=_STATUS[step % 4],
            online_s=step % 4 * 1200,
            octets=number * 7919 % 4_294_967_295,
            at=FIRST + step // 4 * 4800 + step % 4 * 1200 + line % 60,
        )


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """CPU seconds of one thread for the detail, wall seconds for the rest."""

    records: int
    detail_s: float
    into_lake_s: float
    events: int
    fold_s: float
    peak_mb: int


def stage(engine: Engine, path: Path) -> None:
    window = window_at(NOW)
    freeradius.stage(
        Staging(engine=engine, blocks=open_blocks(path), newest=window.newest, oldest=window.oldest, log=LOG)
    )
    drop_staged(engine)


def measure(count: int) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        path = data / "detail"
        with path.open("w") as file:
            file.writelines(records(count))
        book = Book.at(data)
        book.migrate()
        with Engine(data / "work-1", threads=1) as engine:
            began = time.process_time()
            stage(engine, path)
            detail_s = time.process_time() - began
        with Engine(data / "work-2") as engine:
            lake = Lake(data, book, engine, wall_clock=lambda: NOW)
            kept = keep(data, path)
            with lake.writing(*TABLES) as writing:
                into_lake_s = timed(lambda: read_log(writing, kept, LOG, name="detail", at=NOW, window=window_at(NOW)))
            events = sum(file.rows for file in lake.files("lease_events"))
            with lake.writing("bindings", "coverage") as writing:
                fold_s = timed(lambda: fold_days(writing, [DAY], [LOG], at=NOW))
        book.close()
        return Measured(
            records=count,
            detail_s=detail_s,
            into_lake_s=into_lake_s,
            events=events,
            fold_s=fold_s,
            peak_mb=peak_mb(),
        )


def figures() -> list[Figure]:
    """Detail per core, and the way into bindings."""
    this = msgspec.json.decode(in_process("bench.radius", "--measure", "400000"), type=Measured)
    per_core = this.records / this.detail_s
    return [
        Figure(
            what=f"FreeRADIUS detail to columns, one thread: {this.records:,} records",
            measured=f"{per_core:,.0f} records/s of CPU",
            promised=f"{RECORDS_PER_S_MIN:,} records/s per core",
            kept=per_core >= RECORDS_PER_S_MIN,
        ),
        Figure(
            what="the same into the lake, both cores, checked for what is known",
            measured=f"{this.records / this.into_lake_s:,.0f} records/s, {this.peak_mb} MB",
            promised="-",
            kept=True,
        ),
        Figure(
            what=f"fold of one day: {this.events:,} lease events",
            measured=f"{this.fold_s:.1f} s",
            promised="-",
            kept=True,
        ),
    ]


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(msgspec.json.encode(measure(int(arguments[1]))).decode())
    else:
        print_figures(figures())


if __name__ == "__main__":
    main(sys.argv[1:])
