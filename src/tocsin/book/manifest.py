"""Which lake files exist, who may write a table, and what each derived day was made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables import batches, files, made, writer_leases
from tocsin.terms.errors import Busy
from tocsin.terms.processes import Fate, fate_of


class File(msgspec.Struct, frozen=True):
    """One Parquet file of the lake; `path` is below `<data>/lake`."""

    path: str
    table: str
    day: date
    rows: int
    schema_number: int


class Made(msgspec.Struct, frozen=True):
    """A day of a derived table: a digest of what it was made from, and the batch that holds it."""

    inputs: str
    generation: str


def take_lease(
    tx: Transaction,
    table: str,
    *,
    holder: str,
    now: datetime,
    lasts: timedelta,
    fate: Callable[[str], Fate] = fate_of,
) -> int:
    """The right to write `table` until it expires; returns the fencing number. Raises Busy when another holds it.

    `fate` says what is known of a holder: of one that is gone the right is free at once, of one that lives it never
    is; only where nobody knows, as of another host's, its time decides.
    """
    row = tx.execute(sa.select(writer_leases).where(writer_leases.c.table_name == table)).one_or_none()
    if row is None:
        tx.execute(writer_leases.insert().values(table_name=table, holder=holder, expires_at=now + lasts, fence=1))
        return 1
    if row.holder not in ("", holder):
        known = fate(row.holder)
        if known is Fate.ALIVE or (known is Fate.UNKNOWN and row.expires_at > now):
            until = "" if known is Fate.ALIVE else f"; a dead one's right ends at {row.expires_at:%H:%M:%S} UTC"
            raise Busy(
                f"another process ({row.holder}) is writing {table}", remedy=f"run again when it has finished{until}"
            )
    fence = int(row.fence) + 1
    tx.execute(
        writer_leases.update()
        .where(writer_leases.c.table_name == table)
        .values(holder=holder, expires_at=now + lasts, fence=fence)
    )
    return fence


def renew_lease(tx: Transaction, table: str, fence: int, *, until: datetime) -> None:
    """Keep the right for longer. Raises Busy when it has passed to another."""
    mine = (writer_leases.c.table_name == table) & (writer_leases.c.fence == fence)
    if tx.execute(writer_leases.update().where(mine).values(expires_at=until)).rowcount != 1:
        raise _passed(table)


def drop_lease(tx: Transaction, table: str, fence: int) -> None:
    """Give the right back. A lease that another has taken since is left alone."""
    mine = (writer_leases.c.table_name == table) & (writer_leases.c.fence == fence)
    tx.execute(writer_leases.update().where(mine).values(holder=""))


def check_fences(tx: Transaction, fences: dict[str, int]) -> None:
    """Raises Busy when another writer has come since to one of the tables."""
    for table, fence in fences.items():
        seen = sa.select(writer_leases.c.fence).where(writer_leases.c.table_name == table)
        if tx.execute(seen).scalar_one_or_none() != fence:
            raise _passed(table)


def _passed(table: str) -> Busy:
    return Busy(f"the right to write {table} has passed to another process", remedy="run again")


def commit(
    tx: Transaction,
    batch: str,
    *,
    kind: str,
    made_at: datetime,
    added: Sequence[File],
    dropped: Sequence[str],
    fences: dict[str, int],
) -> None:
    """Make a batch exist. Raises Busy when a fence is stale: another writer has come since, and nothing is changed."""
    check_fences(tx, fences)
    if tx.execute(sa.select(batches.c.batch).where(batches.c.batch == batch)).one_or_none() is None:
        tx.execute(batches.insert().values(batch=batch, kind=kind, made_at=made_at))
    gone = {*dropped, *(file.path for file in added)}  # a repeated batch replaces its own rows
    if gone:
        tx.execute(files.delete().where(files.c.path == sa.bindparam("gone")), [{"gone": path} for path in gone])
    if added:
        tx.execute(
            files.insert(),
            [
                {
                    "path": file.path,
                    "batch": batch,
                    "table_name": file.table,
                    "day": file.day,
                    "rows": file.rows,
                    "schema_number": file.schema_number,
                }
                for file in added
            ],
        )


def listed(tx: Transaction, table: str, days: Sequence[date] | None = None) -> list[File]:
    """The files of a table (of those days), in a stable order."""
    query = sa.select(files).where(files.c.table_name == table).order_by(files.c.day, files.c.path)
    if days is not None:
        query = query.where(files.c.day.in_(days))
    return [File(row.path, row.table_name, row.day, row.rows, row.schema_number) for row in tx.execute(query)]


def every_path(tx: Transaction) -> set[str]:
    return set(tx.execute(sa.select(files.c.path)).scalars())


def made_from(tx: Transaction, table: str) -> dict[date, Made]:
    rows = tx.execute(sa.select(made).where(made.c.table_name == table))
    return {row.day: Made(row.inputs, row.generation) for row in rows}


def note_made(tx: Transaction, table: str, day: date, this: Made) -> None:
    tx.execute(made.delete().where((made.c.table_name == table) & (made.c.day == day)))
    tx.execute(made.insert().values(table_name=table, day=day, inputs=this.inputs, generation=this.generation))
