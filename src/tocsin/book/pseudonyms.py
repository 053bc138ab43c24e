"""Whom the audit means. A line of it names nobody: it holds a pseudonym, and the row that says whose can be destroyed.

So a subscriber can be erased while the chain of hashes stays whole. The pseudonyms are made by chance: nothing but
their row leads back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import cases, notices, subscribers
from tocsin.book.tables_privacy import pseudonyms
from tocsin.terms.addresses import parse_network

MARK = "~"
_ALWAYS = {"who", "held", "search", "own address"}  # what is typed there may be anybody's address or number
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_LENGTH = 16  # 78 bits


def seal(tx: Transaction, object: str, *, action: str, at: datetime, subscriber: int | None = None) -> str:
    """What the audit writes for that object: itself, or where it means a subscriber the pseudonym of it."""
    known = tx.execute(sa.select(pseudonyms.c.pseudonym).where(pseudonyms.c.object == object)).scalar_one_or_none()
    if known is not None:
        return str(known)
    meant = subscriber if subscriber is not None else _meant(tx, object)
    if meant is None and action not in _ALWAYS and not _is_address(object.partition(" ")[0]):
        return object
    pseudonym = MARK + "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    tx.execute(pseudonyms.insert().values(pseudonym=pseudonym, object=object, subscriber=meant, made_at=at))
    return pseudonym


def belongs_to(tx: Transaction, object: str, subscriber: int) -> None:
    """An answer has shown whose that address was: the lines about it go with them."""
    mine = (pseudonyms.c.object == object) & pseudonyms.c.subscriber.is_(None)
    tx.execute(pseudonyms.update().where(mine).values(subscriber=subscriber))


def of_subscriber(tx: Transaction, subscriber: int) -> dict[str, str]:
    """The objects of that subscriber, by pseudonym."""
    query = sa.select(pseudonyms.c.pseudonym, pseudonyms.c.object).where(pseudonyms.c.subscriber == subscriber)
    return {row.pseudonym: row.object for row in tx.execute(query)}


def meanings(tx: Transaction, objects: Iterable[str]) -> dict[str, str]:
    """What those pseudonyms mean that still mean something."""
    wanted = [each for each in objects if each.startswith(MARK)]
    return {
        row.pseudonym: row.object
        for part in in_parts(wanted)
        for row in tx.execute(sa.select(pseudonyms).where(pseudonyms.c.pseudonym.in_(part)))
    }


def destroy(tx: Transaction, subscriber: int) -> int:
    """From now on nobody knows whom those lines mean; how many objects that were."""
    return tx.execute(pseudonyms.delete().where(pseudonyms.c.subscriber == subscriber)).rowcount


def destroy_before(tx: Transaction, before: datetime) -> int:
    """The same for what was first looked at before that moment."""
    return tx.execute(pseudonyms.delete().where(pseudonyms.c.made_at < before)).rowcount


def _meant(tx: Transaction, object: str) -> int | None:
    """The subscriber whose case, notice or customer number it is, or begins with."""
    names = {object, object.partition(" ")[0]}
    query = sa.union_all(
        sa.select(cases.c.subscriber).where(cases.c.case.in_(names)),
        sa.select(notices.c.subscriber).where(notices.c.notice.in_(names)),
        sa.select(subscribers.c.number).where(subscribers.c.ref.in_(names)),
    )
    return tx.execute(query.limit(1)).scalar_one_or_none()


def _is_address(text: str) -> bool:
    try:
        parse_network(text)
    except ValueError:
        return False
    return True
