"""Whose cases are meant: by an account, a customer number, a line, an address, a code, a name of the malware."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import accounts, case_days, cases, contracts, notice_cases, notices, subscribers

FOUND_MAX = 200  # cases; a search that finds more says so


def named(tx: Transaction, name: str) -> list[str]:
    """The case of this very name."""
    return _of(tx, sa.select(cases.c.case).where(cases.c.case == name))


def by_notice(tx: Transaction, notice: str) -> list[str]:
    return _of(tx, sa.select(notice_cases.c.case).where(notice_cases.c.notice == notice))


def by_code(tx: Transaction, code_sha256: str) -> list[str]:
    """The cases of which the notice with this code tells."""
    query = sa.select(notice_cases.c.case).join(notices, notices.c.notice == notice_cases.c.notice)
    return _of(tx, query.where(notices.c.code_sha256 == code_sha256))


def by_address(tx: Transaction, address: str) -> list[str]:
    """The cases that were last seen, on some day, at this address; whoever had it then."""
    days = sa.select(*_key(case_days), case_days.c.first_at, case_days.c.last_at)
    days = days.where(case_days.c.address == address).order_by(case_days.c.day.desc()).limit(10 * FOUND_MAX)
    seen = days.subquery()
    same = [cases.c[name] == seen.c[name] for name in _KEY]
    query = sa.select(cases.c.case).join(seen, sa.and_(*same)).distinct()
    return _of(tx, query.where(seen.c.last_at >= cases.c.first_at, seen.c.first_at <= cases.c.last_at))


def malware_spelled(tx: Transaction, text: str, states: Sequence[str]) -> str | None:
    """That malware as cases in these states spell it, where one does: as typed, in small letters, in capitals."""
    for spelling in dict.fromkeys((text, text.lower(), text.capitalize(), text.upper())):
        query = sa.select(cases.c.malware).where(cases.c.state.in_(states), cases.c.malware == spelling)
        if spelling and tx.execute(query.limit(1)).one_or_none() is not None:
            return spelling
    return None


def by_subscribers(tx: Transaction, numbers: Iterable[int]) -> list[str]:
    found: list[str] = []
    for part in in_parts(numbers):
        found += _of(tx, sa.select(cases.c.case).where(cases.c.subscriber.in_(part)))
    return found[: FOUND_MAX + 1]


def subscribers_called(tx: Transaction, text: str) -> list[int]:
    """Who has this customer number, this account, or this line now or ever had it. Exactly this one."""
    return sorted(set(_called(tx, text)))


def _called(tx: Transaction, text: str) -> Iterator[int]:
    yield from tx.execute(sa.select(subscribers.c.number).where(subscribers.c.ref == text)).scalars()
    holders = sa.select(contracts.c.subscriber).limit(FOUND_MAX)
    by_account = holders.join(accounts, accounts.c.number == contracts.c.account).where(accounts.c.name == text)
    yield from tx.execute(by_account).scalars()
    for column in (contracts.c.line, contracts.c.line_id):
        yield from tx.execute(holders.where(column == text)).scalars()


_KEY = ("subscriber", "kind", "malware", "role")


def _key(table: sa.Table) -> list[sa.Column[object]]:
    return [table.c[name] for name in _KEY]


def _of(tx: Transaction, query: sa.Select[tuple[str]]) -> list[str]:
    return [str(case) for case in tx.execute(query.limit(FOUND_MAX + 1)).scalars()]
