"""Every row of the book in one canonical order: what two equal runs have in common."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.schema import metadata
from tocsin.book.tables import audit, writer_leases
from tocsin.book.tables_delivery import attempts, deliveries
from tocsin.book.tables_desk import done_once, ticks
from tocsin.book.tables_privacy import pseudonyms

_ROWS_AT_ONCE = 1000
# Who is working at the moment, and has worked; how often something was looked for.
_NOT_STATE = (pseudonyms, writer_leases, deliveries, attempts, ticks, done_once)


def rows(tx: Transaction) -> Iterator[tuple[str, dict[str, object]]]:
    """(table, row by column name), tables and rows in order; bytes stand as their SHA-256.

    The audit's pseudonyms are made by chance, and its hashes cover them: here stands what they mean, and no hash.
    """
    means = {row.pseudonym: row.object for row in tx.execute(sa.select(pseudonyms))}
    for table in sorted(metadata.tables.values(), key=lambda t: t.name):
        if table in _NOT_STATE:
            continue
        query = sa.select(table).order_by(*table.primary_key.columns)
        for row in tx.execute(query).yield_per(_ROWS_AT_ONCE).mappings():
            # SQLAlchemy's names are texts that know whether to be quoted; here they are plain ones.
            plain = {str(name): _plain(value) for name, value in row.items() if value is not None}
            if table is audit:
                plain |= {"object": means.get(row["object"], row["object"])}
                del plain["hash"]
            yield str(table.name), plain


def _plain(value: object) -> object:
    return sha256(value).hexdigest() if isinstance(value, bytes) else value
