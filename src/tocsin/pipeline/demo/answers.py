"""What the resolver said, in the form that the scorer compares with the truth."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tocsin.book import Book
from tocsin.book.contracts import refs_of
from tocsin.engine import read_sql
from tocsin.lake import Lake
from tocsin.pipeline.demo.score import Answer, Key
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment


def answers(book: Book, lake: Lake) -> dict[Key, Answer]:
    """One for each sighting that was attributed."""
    sql = read_sql(__package__, "answers")
    for table in ("sightings", "attributions"):
        sql = sql.replace(f"{{{table}}}", lake.scan(table))
    rows = [row for batch in lake.engine.batches(sql) for row in batch]
    with book.read() as tx:
        refs = refs_of(tx, {int(str(row["subscriber"])) for row in rows if row["subscriber"] is not None})
    found: dict[Key, Answer] = {}
    for row in rows:
        seen_at, address, port = row["seen_at"], row["address"], row["port"]
        assert isinstance(seen_at, datetime)
        assert isinstance(address, UUID)
        key = Key(
            source=str(row["source"]),
            seen_at=format_moment(seen_at.replace(microsecond=0)),
            address=format_address(address),
            port=None if port is None else int(str(port)),
            protocol=str(row["protocol"]),
        )
        subscriber = None if row["subscriber"] is None else refs[int(str(row["subscriber"]))]
        found[key] = Answer(outcome=str(row["outcome"]), subscriber=subscriber, reason=str(row["reason"]))
    return found
