"""What it costs a run to know which days of silence count: 10,000 silent cases of a provider with a million lines."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID

from bench.figure import Figure, in_process, peak_mb
from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.book import Book, Transaction, case_days
from tocsin.book.case_days import CaseDay
from tocsin.book.tables import accounts, contracts, subscribers
from tocsin.cases.delivered import note_delivered
from tocsin.cases.line_days import note_line_days
from tocsin.cases.outbox import follow_all
from tocsin.cases.policy import Policy
from tocsin.engine import Engine
from tocsin.lake import UNDATED, Lake

_SILENT, _LINES, _SIGHTINGS, _DAYS = 10_000, 1_000_000, 200_000, 20
_FIRST_S, _NEXT_S = 8.0, 4.0
_NOW, _DAY = datetime(2026, 11, 24, 1, tzinfo=UTC), timedelta(days=1)
_SEEN = _NOW - _DAYS * _DAY
_NETWORK = UUID(int=(0xFFFF << 32) + (10 << 24))
_CONFIG = AttributionConfig(prefixes=("10.0.0.0/8",), logs=(CoveringLog(name="radius", prefixes=("10.0.0.0/8",)),))


def figures() -> list[Figure]:
    """CPU seconds in a process of its own."""
    first_s, next_s, peak = (float(part) for part in in_process("bench.quiet").split())
    what = f"which of {_DAYS - 1} days count, for {_SILENT:,} silent cases among {_LINES:,} lines"
    return [
        Figure(
            what=f"{what}: all days for the first time",
            measured=f"{first_s:.1f} s of CPU, {peak:.0f} MB",
            promised=f"{_FIRST_S:.0f} s",
            kept=first_s <= _FIRST_S,
        ),
        Figure(
            what="the same in the next run: the logs of three days have grown",
            measured=f"{next_s:.1f} s of CPU",
            promised=f"{_NEXT_S:.0f} s",
            kept=next_s <= _NEXT_S,
        ),
    ]


def _measure() -> None:
    with tempfile.TemporaryDirectory() as folder:
        book = Book.at(Path(folder))
        book.migrate()
        with Engine(Path(folder) / "work") as engine:
            lake = Lake(Path(folder), book, engine, wall_clock=lambda: _NOW)
            with book.write() as tx:
                _people(tx)
            _fill(lake)
            follow_all(book, at=_SEEN, policy=Policy())
            first_s = _cpu_s(lambda: _count(lake))
            _grow(lake)
            next_s = _cpu_s(lambda: _count(lake))
        book.close()
    print(first_s, next_s, peak_mb())


def _count(lake: Lake) -> None:
    note_delivered(lake)
    note_line_days(lake, _CONFIG, at=_NOW)


def _cpu_s(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _people(tx: Transaction) -> None:
    """Each with one account and one contract, seen once, on the first day."""
    numbers = range(1, _SILENT + 1)
    tx.execute(subscribers.insert(), [{"number": n, "ref": f"K-{n}"} for n in numbers])
    tx.execute(accounts.insert(), [{"number": n, "name": f"login{n}"} for n in numbers])
    told = {"name": "A", "email": "a@post.example", "language": "en", "zone": "UTC", "line": "L"}
    since = {"starts_at": _NOW - 400 * _DAY}
    tx.execute(contracts.insert(), [{"number": n, "subscriber": n, "account": n, **told, **since} for n in numbers])
    case_days.replace_day(tx, _SEEN.date(), [_day(n) for n in numbers])


def _day(number: int) -> CaseDay:
    return CaseDay(
        subscriber=number,
        kind="infected-system",
        malware="mirai",
        role="infected",
        day=_SEEN.date(),
        source="cert",
        account=number,
        log="radius",
        sightings=1,
        first_at=_SEEN,
        last_at=_SEEN,
        last_sighting="x",
        observers=("cert",),
        generation="g",
        address="10.0.0.1",
    )


def _fill(lake: Lake) -> None:
    """A whole log, every line on each day, and what the source saw of others."""
    with lake.writing("coverage", "bindings", "sightings") as writing:
        whole = writing.batch("covered", kind="bench", at=_NOW)
        span = f"'{_SEEN - 9 * _DAY:%Y-%m-%d}'::TIMESTAMP AS starts_at, '{_NOW:%Y-%m-%d %H:%M}'::TIMESTAMP AS ends_at"
        network = f"'{_NETWORK}'::UUID AS network, 104 AS prefix_bits"
        whole.add("coverage", UNDATED, f"SELECT 'radius' AS log, {network}, {span}")
        whole.commit()
        for number in range(_DAYS + 1):
            day = (_SEEN + number * _DAY).date()
            batch = writing.batch(f"day-{number}", kind="bench", at=_NOW)
            batch.add("bindings", day, _bindings(day))
            batch.add("sightings", day, _sightings(day))
            batch.commit()


def _bindings(day: date) -> str:
    addresses = f"({_NETWORK.int}::UHUGEINT + i::UHUGEINT)::UUID AS network, 128 AS prefix_bits"
    span = ", ".join(
        f"'{moment}'::TIMESTAMP AS {name}"
        for name, moment in (("starts_at", day), ("ends_at", day + _DAY), ("doubt_until", day + _DAY))
    )
    whose = "uuid() AS binding, 'session' AS binding_kind, 'radius' AS log, (i + 1)::UINTEGER AS account"
    absent = ("port_first", "port_last", "protocol", "end_reason", "doubt")
    evidence = ("first_evidence", "first_line", "last_evidence", "last_line")
    nothing = ", ".join(f"NULL AS {name}" for name in (*absent, *evidence))
    return f"SELECT {whose}, {addresses}, {span}, {nothing} FROM range({_LINES}) t(i)"


def _sightings(day: date) -> str:
    names = ("source_ref", "peer_address", "peer_port", "peer_name", "malware", "confidence", "observer", "extra")
    nothing = ", ".join(f"NULL AS {name}" for name in names)
    seen = f"'{day}'::TIMESTAMP AS seen_at, '{day}'::TIMESTAMP AS seen_until, 1 AS precision_s, 'infected' AS role"
    what = "'infected-system' AS kind, 'malicious-code' AS taxonomy, 'cert' AS source, 'bench' AS reader"
    whose = f"'{_NETWORK}'::UUID AS address, 40000 AS port, 'tcp' AS protocol"
    return f"SELECT uuid() AS id, {seen}, {what}, {whose}, {nothing} FROM range({_SIGHTINGS})"


def _grow(lake: Lake) -> None:
    """Three days' bindings are other files, with the same in them."""
    with lake.writing("bindings") as writing:
        for number in range(_DAYS - 3, _DAYS):
            day = (_SEEN + number * _DAY).date()
            batch = writing.batch(f"grown-{number}", kind="bench", at=_NOW)
            batch.add("bindings", day, f"SELECT same.* FROM {lake.scan('bindings', [day])} same")
            batch.replace("bindings", [day])
            batch.commit()


if __name__ == "__main__":
    _measure()
