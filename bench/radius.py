"""How fast FreeRADIUS detail is read, and lease events are folded. `python bench/radius.py [RECORDS]`."""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from tocsin.attribution.bindings import LogConfig, fold_days, make_coverage, radius, read_log
from tocsin.attribution.bindings.read import TABLES
from tocsin.attribution.bindings.staging import drop_staged
from tocsin.book import Book
from tocsin.engine import Engine
from tocsin.evidence.lines import open_blocks
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake

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


def timed(what: str, count: int, unit: str, work: Callable[[], object]) -> None:
    before, began = time.process_time(), time.perf_counter()
    work()
    wall_s, cpu_s = time.perf_counter() - began, time.process_time() - before
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{what:28} {count:>10,} {unit:8} {wall_s:7.2f} s  {count / wall_s:>10,.0f}/s"
        f"  {count / cpu_s:>10,.0f}/s per core  peak {peak_mb} MB"
    )


def stage(engine: Engine, path: Path) -> None:
    window = window_at(NOW)
    radius.stage(engine, open_blocks(path), window.newest, window.oldest)
    drop_staged(engine)


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400_000
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        path = data / "detail"
        with path.open("w") as file:
            file.writelines(records(count))
        book = Book.at(data)
        book.migrate()
        with Engine(data / "work-1", threads=1) as engine:
            timed("detail to columns, 1 thread", count, "records", lambda: stage(engine, path))
        with Engine(data / "work-2") as engine:
            lake = Lake(data, book, engine, wall_clock=lambda: datetime.now(UTC))  # noqa: TID251 - leases
            kept = keep(data, path)
            with lake.writing(*TABLES) as writing:
                timed(
                    "detail into the lake",
                    count,
                    "records",
                    lambda: read_log(writing, kept, LOG, name="detail", at=NOW, window=window_at(NOW)),
                )
            events = sum(file.rows for file in lake.files("lease_events"))
            with lake.writing("bindings", "coverage") as writing:
                timed("fold of one day", events, "events", lambda: fold_days(writing, [DAY], [LOG], at=NOW))
                timed("coverage", events, "events", lambda: make_coverage(writing, [LOG], at=NOW))
        book.close()


if __name__ == "__main__":
    main()
