"""The lake: immutable Parquet files, and one manifest transaction that makes a batch of them exist."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from tocsin.book import Book, Transaction, manifest
from tocsin.book.manifest import File, Made
from tocsin.engine import Engine, Value
from tocsin.lake.tables import TABLES
from tocsin.terms.errors import Busy, StorageFailed
from tocsin.terms.processes import this_process

LEASE_LASTS = timedelta(minutes=10)
_RENEW_AFTER = LEASE_LASTS / 4
_MAGIC = b"PAR1"  # begins and ends every Parquet file
_BYTES_MIN = 12  # the two and the footer's length


class Lake:
    """What the manifest lists, and how to add to it. `wall_clock` serves the writer leases only."""

    def __init__(self, data: Path, book: Book, engine: Engine, *, wall_clock: Callable[[], datetime]) -> None:
        self.root = data / "lake"
        self.book = book
        self.engine = engine
        self.wall_clock = wall_clock
        self._holder = this_process()

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
        empty = "SELECT " + ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in TABLES[table].columns)
        if not files:
            return f"({empty} WHERE false)"
        for file in files:
            self._demand_whole(file)
        paths = ", ".join("'" + str(self.root / file.path).replace("'", "''") + "'" for file in files)
        read = f"read_parquet([{paths}], union_by_name=true, hive_partitioning=false)"
        if all(file.schema_number < TABLES[table].schema_number for file in files):  # none has the newest columns
            return f"(SELECT {names} FROM ({empty} WHERE false UNION ALL BY NAME SELECT * FROM {read}))"
        return f"(SELECT {names} FROM {read})"

    def _demand_whole(self, file: File) -> None:
        """StorageFailed for a file that somebody has deleted or cut short; Busy when it was replaced meanwhile."""
        path = self.root / file.path
        try:
            with path.open("rb") as opened:
                size = opened.seek(0, os.SEEK_END)
                opened.seek(max(0, size - len(_MAGIC)))
                if size >= _BYTES_MIN and opened.read() == _MAGIC:
                    return
            what = "this file of the lake is cut short"
        except FileNotFoundError:
            with self.book.read() as tx:
                if file.path not in manifest.every_path(tx):
                    raise Busy(f"another process has replaced {file.path}", remedy="run again") from None
            what = "this file of the lake is gone"
        except OSError as error:
            what = f"this file of the lake cannot be read: {error.strerror}"
        raise StorageFailed(what, where=str(path), remedy="restore it from a backup, then run again")

    def made_from(self, table: str) -> dict[date, Made]:
        with self.book.read() as tx:
            return manifest.made_from(tx, table)

    @contextmanager
    def writing(self, *tables: str) -> Iterator[Writing]:
        """The right to write these tables, for as long as the block runs. Raises Busy when another has it."""
        fences: dict[str, int] = {}
        now = self.wall_clock()
        with self.book.write() as tx:
            for table in sorted(tables):
                fences[table] = manifest.take_lease(tx, table, holder=self._holder, now=now, lasts=LEASE_LASTS)
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
        self._renewed_at = lake.wall_clock()
        self._sweep()

    def renew(self) -> None:
        """Keep the right through long work. Raises Busy when it has passed to another meanwhile."""
        now = self.lake.wall_clock()
        if now - self._renewed_at < _RENEW_AFTER:
            return
        with self.lake.book.write() as tx:
            for table, fence in self.fences.items():
                manifest.renew_lease(tx, table, fence, until=now + LEASE_LASTS)
        self._renewed_at = now

    def _sweep(self) -> None:
        """Delete files of our tables that no manifest row lists: what a killed run left.

        In a transaction that proves our right, so that nobody can be writing the files that we delete.
        """
        present = [path for table in self.fences for path in (self.lake.root / table).rglob("*") if path.is_file()]
        with self.lake.book.read() as tx:
            known = manifest.every_path(tx)
        if all(self._name(path) in known for path in present):
            return
        with self.lake.book.write() as tx:
            manifest.check_fences(tx, self.fences)
            known = manifest.every_path(tx)
            for path in present:
                if self._name(path) not in known:
                    path.unlink(missing_ok=True)

    def _name(self, path: Path) -> str:
        return path.relative_to(self.lake.root).as_posix()

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
        return self.add_part("", table, day, sql, **params)

    def add_part(self, part: str, table: str, day: date, sql: str, **params: Value) -> int:
        """The same where a batch has several files of one day: `part` tells them apart."""
        self._writing.renew()
        lake, spec = self._writing.lake, TABLES[table]
        columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in spec.columns)
        path = f"{table}/day={day.isoformat()}/{self.name}{part}.parquet"
        order = f" ORDER BY {spec.order}" if spec.order else ""
        rows = lake.engine.copy(f"SELECT {columns} FROM ({sql}){order}", lake.root / path, **params)
        if rows:
            self._added.append(File(path, table, day, rows, spec.schema_number))
        else:
            (lake.root / path).unlink()
        return rows

    def added(self, table: str) -> list[File]:
        """The table's files that this batch has written so far."""
        return [file for file in self._added if file.table == table]

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
        lake = self._writing.lake
        with lake.book.write() as tx:
            manifest.commit(
                tx,
                self.name,
                kind=self._kind,
                made_at=self._at,
                added=self._added,
                dropped=self._dropped,
                fences=self._writing.fences,
            )
            for file in self._added:  # a writer that came and went while we slept has swept what it did not know
                if not (lake.root / file.path).is_file():
                    raise Busy(f"{file.path} was swept by another process", remedy="run again")
            for table, day, this in self._made:
                manifest.note_made(tx, table, day, this)
            if also is not None:
                also(tx)
