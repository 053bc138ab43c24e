"""The canonical state of lake, book and outbox. Two runs are the same when their dumps are equal."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from tocsin.book import Book
from tocsin.book.dump import rows
from tocsin.lake import TABLES, Lake


def dump(book: Book, lake: Lake, outbox: Path) -> Iterator[bytes]:
    """JSON lines, each with `part` (lake, book, outbox) and `table`; absent values are absent keys."""
    for table in sorted(TABLES):
        yield from _lake_table(lake, table)
    with book.read() as tx:
        for table, row in rows(tx):
            yield _line("book", table, row)
    for path in sorted(p for p in outbox.rglob("*") if p.is_file()):
        name = path.relative_to(outbox).as_posix()
        yield _line("outbox", outbox.name, {"name": name, "sha256": sha256(path.read_bytes()).hexdigest()})


def _lake_table(lake: Lake, table: str) -> Iterator[bytes]:
    names = [name for name, _ in TABLES[table].columns]
    columns = ", ".join(f'"{name}"' for name in names)
    query = f"SELECT {columns} FROM {lake.scan(table)} AS t ORDER BY {columns}"
    for batch in lake.engine.batches(query):
        for row in batch:
            yield _line("lake", table, {name: value for name, value in row.items() if value is not None})


def _line(part: str, table: str, row: dict[str, object]) -> bytes:
    return msgspec.json.encode({"part": part, "table": table, **row}, order="deterministic") + b"\n"
