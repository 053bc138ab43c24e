"""A book with many cases, as a large provider has them after three years: most are over, few names are common."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from tocsin.book import Book, Transaction
from tocsin.book.tables import cases, subscribers
from tocsin.book.tables_desk import case_sources
from tocsin.proof.alphabet import encode_base32

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
SUBSCRIBERS = 400_000
_DAYS = 3 * 365
_AT_ONCE = 20_000
_COPIED = ("state", "kind", "malware", "opened_at", "last_at", "sightings")
_SHARE_BY_STATE = {
    "open": 15,
    "notified": 30,
    "resighted": 5,
    "quiet": 30,
    "held": 5,
    "false-positive": 10,
    "reopened": 5,
    "closed": 880,
    "withdrawn": 20,
}


def kinds() -> list[str]:
    return ["infected-system", "brute-force", "scanner", "ddos-amplifier", "vulnerable-system", "spam", "exploit"]


def malware_names() -> list[str]:
    """The first are common, the last were seen a few times."""
    return [f"family{number:03}" for number in range(400)]


def source_names() -> list[str]:
    return [f"source{number:02}" for number in range(12)]


def fill_book(book: Book, count: int) -> None:
    """Rows first, indexes after: as a database is loaded. `follow` would take hours to open them."""
    indexes = [index for table in (cases, case_sources) for index in table.indexes]
    with book.write() as tx:
        for index in indexes:
            index.drop(tx)
        _insert(tx, subscribers, ({"number": n, "ref": f"K-{n:07}"} for n in range(1, SUBSCRIBERS + 1)))
        rows = list(_cases(count))
        _insert(tx, cases, iter(rows))
        _insert(tx, case_sources, _sources(rows))
        for index in indexes:
            index.create(tx)
    if not book.is_sqlite:
        with book.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM ANALYZE cases, case_sources, subscribers"))


def _cases(count: int) -> Iterator[dict[str, object]]:
    dice = random.Random(count)
    names, states, shares = malware_names(), list(_SHARE_BY_STATE), list(_SHARE_BY_STATE.values())
    common = [1 / (place + 1) for place in range(len(names))]
    drawn = dice.choices(range(len(names)), common, k=count)
    for number, state in enumerate(dice.choices(states, shares, k=count)):
        place = drawn[number]
        is_over = state in ("closed", "withdrawn")
        opened_at = NOW - timedelta(seconds=dice.randrange(30 if is_over else 0, _DAYS if is_over else 60) * 86_400)
        opened_at += timedelta(microseconds=dice.randrange(86_400 * 10**6))
        opened_at = min(opened_at, NOW)
        last_at = min(NOW, opened_at + timedelta(seconds=dice.randrange(20 * 86_400)))
        is_named = dice.random() < 0.7
        yield {
            "case": f"C-{encode_base32(dice.randbytes(8), 12).upper()}",
            "subscriber": 1 + number % SUBSCRIBERS,
            "kind": kinds()[place % 3 if is_named else dice.randrange(7)],
            "malware": names[place] if is_named else "",
            "role": "infected",
            "state": state,
            "opened_at": opened_at,
            "changed_at": last_at,
            "sightings": int(dice.paretovariate(1.0)) if dice.random() < 0.9 else dice.randrange(1, 5_000),
            "first_at": opened_at,
            "last_at": last_at,
        }


def _sources(rows: list[dict[str, object]]) -> Iterator[dict[str, object]]:
    dice = random.Random(len(rows))
    names = source_names()
    common = [1 / (place + 1) for place in range(len(names))]
    for row in rows:
        for name in set(dice.choices(names, common, k=1 if dice.random() < 0.7 else 2)):
            yield {"case": row["case"], "source": name, **{key: row[key] for key in _COPIED}}


def _insert(tx: Transaction, table: sa.Table, rows: Iterator[dict[str, object]]) -> None:
    part: list[dict[str, object]] = []
    for row in rows:
        part.append(row)
        if len(part) == _AT_ONCE:
            tx.execute(table.insert(), part)
            part = []
    if part:
        tx.execute(table.insert(), part)
