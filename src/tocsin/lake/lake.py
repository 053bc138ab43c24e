"""The lake: immutable Parquet files, and one manifest transaction that makes a batch of them exist."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from tocsin.book import Book, Transaction, manifest
from tocsin.book.manifest import File, Made
from tocsin.engine import Engine, Value
from tocsin.lake.tables import TABLES

LEASE_LASTS = timedelta(minutes=10)


class Lake:
    """What the manifest lists, and how to add to it. `wall_clock` serves the writer leases only."""

    def __init__(self, data: Path, book: Book, engine: Engine, *, wall_clock: Callable[[], datetime]) -> None:
        self.root = data / "lake"
        self.book = book
        self.engine = engine
        self._wall_clock = wall_clock
        self._holder = f"{socket.gethostname()}:{os.getpid()}"

    def files(self, table: str, days: Sequence[date] | None = None) -> list[File]:
        with self.book.read() as tx:
            return manifest.listed(tx, table, days)

    def days(self, table: str) -> list[date]:
        return sorted({file.day for file in self.files(table)})

    def scan(self, table: str, days: Sequence[date] | None = None) -> str:
        """An SQL relation over the table's files (of those days); without files an empty one of the same columns."""
        return self.relation(table, self.files(table, days))

    def relation(self, table: str, files: Sequence[File]) -> str:
        names = ", ".join(f'"{name}"' for name, _ in TABLES[table].columns)
        if not files:
            empty = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in TABLES[table].columns)
            return f"(SELECT {empty} WHERE false)"
        paths = ", ".join("'" + str(self.root / file.path).replace("'", "''") + "'" for file in files)
        return f"(SELECT {names} FROM read_parquet([{paths}], union_by_name=true, hive_partitioning=false))"

    def made_from(self, table: str) -> dict[date, Made]:
        with self.book.read() as tx:
            return manifest.made_from(tx, table)

    @contextmanager
    def writing(self, *tables: str) -> Iterator[Writing]:
        """The right to write these tables, for as long as the block runs. Raises Busy when another has it."""
        fences: dict[str, int] = {}
        with self.book.write() as tx:
            for table in sorted(tables):
                fences[table] = manifest.take_lease(
                    tx, table, holder=self._holder, now=self._wall_clock(), lasts=LEASE_LASTS
                )
        try:
            yield Writing(self, fences)
        finally:
            with self.book.write() as tx:
                for table, fence in fences.items():
                    manifest.drop_lease(tx, table, fence)


class Writing:
    """The right to write some tables; batches are made under it."""

    def __init__(self, lake: Lake, fences: dict[str, int]) -> None:
        self.lake = lake
        self.fences = fences
        self._sweep()

    def _sweep(self) -> None:
        """Delete files of our tables that no manifest row lists: what a killed run left."""
        with self.lake.book.read() as tx:
            known = manifest.every_path(tx)
        for table in self.fences:
            for path in (self.lake.root / table).rglob("*"):
                if path.is_file() and str(path.relative_to(self.lake.root)) not in known:
                    path.unlink()

    def batch(self, name: str, *, kind: str, at: datetime) -> Batch:
        return Batch(self, name, kind, at)


class Batch:
    """Files of several tables that come to exist together. `name` follows from content, so a rerun writes the same."""

    def __init__(self, writing: Writing, name: str, kind: str, at: datetime) -> None:
        self.name = name
        self._writing = writing
        self._kind = kind
        self._at = at
        self._added: list[File] = []
        self._dropped: list[str] = []
        self._made: list[tuple[str, date, Made]] = []

    def add(self, table: str, day: date, sql: str, **params: Value) -> int:
        """Write the query's rows (the table's columns, by name) as the batch's file of that day; returns how many."""
        lake, spec = self._writing.lake, TABLES[table]
        columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in spec.columns)
        path = f"{table}/day={day.isoformat()}/{self.name}.parquet"
        order = f" ORDER BY {spec.order}" if spec.order else ""
        rows = lake.engine.copy(f"SELECT {columns} FROM ({sql}){order}", lake.root / path, **params)
        if rows:
            self._added.append(File(path, table, day, rows, spec.schema_number))
        else:
            (lake.root / path).unlink()
        return rows

    def replace(
        self, table: str, days: Sequence[date] | None = None, *, keep: Callable[[File], bool] | None = None
    ) -> None:
        """Take the table's present files of those days out of the manifest when this batch commits."""
        old = self._writing.lake.files(table, days)
        self._dropped.extend(file.path for file in old if keep is None or not keep(file))

    def made(self, table: str, day: date, inputs: str) -> None:
        """Note from which inputs that day of a derived table was made."""
        self._made.append((table, day, Made(inputs, self.name)))

    def commit(self, also: Callable[[Transaction], None] | None = None) -> None:
        """One transaction: the files exist, the replaced ones do not, and `also` has happened."""
        with self._writing.lake.book.write() as tx:
            manifest.commit(
                tx,
                self.name,
                kind=self._kind,
                made_at=self._at,
                added=self._added,
                dropped=self._dropped,
                fences=self._writing.fences,
            )
            for table, day, this in self._made:
                manifest.note_made(tx, table, day, this)
            if also is not None:
                also(tx)
