"""Accounts: the logins of the binding logs, and the numbers that stand for them in the lake."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables import accounts

NAME_MAX = 255
_AT_ONCE = 5_000  # names in one question; both databases take more


def numbers_of(tx: Transaction, names: Iterable[str]) -> dict[str, int]:
    """The numbers of those names that are known."""
    wanted = sorted(set(names))
    found: dict[str, int] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = sa.select(accounts.c.name, accounts.c.number).where(
            accounts.c.name.in_(wanted[start : start + _AT_ONCE])
        )
        found.update((row.name, row.number) for row in tx.execute(query))
    return found


def add_accounts(tx: Transaction, names: Iterable[str]) -> dict[str, int]:
    """The numbers of all these names. New names are numbered in their sorted order, after the highest number."""
    wanted = set(names)
    found = numbers_of(tx, wanted)
    new = sorted(wanted - found.keys())
    if new:
        highest = tx.execute(sa.select(sa.func.max(accounts.c.number))).scalar_one() or 0
        numbered = dict(zip(new, range(highest + 1, highest + 1 + len(new)), strict=True))
        tx.execute(accounts.insert(), [{"number": number, "name": name} for name, number in numbered.items()])
        found |= numbered
    return found


def name_of(tx: Transaction, number: int) -> str | None:
    """The login behind a number."""
    return tx.execute(sa.select(accounts.c.name).where(accounts.c.number == number)).scalar_one_or_none()
