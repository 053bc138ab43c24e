"""One DuckDB connection, with the house's macros, bounded memory, and files that are on disk when it says so."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from uuid import UUID

import duckdb

from tocsin.terms.disk import sync_folder
from tocsin.terms.errors import StorageFailed

if TYPE_CHECKING:
    import pyarrow as pa

type_of_value = str | int | float | bool | bytes | datetime | date | UUID | None
Value = type_of_value | Sequence[type_of_value]

_PARQUET = re.compile(r"['\"]([^'\"]+\.parquet)['\"]")
_RESTORE = "restore it from a backup, then run again"


@cache
def read_sql(package: str, name: str) -> str:
    """The text of `name`.sql in that package (usually `__package__`)."""
    return resources.files(package).joinpath(f"{name}.sql").read_text("utf-8")


class Engine:
    """Runs SQL. Memory is a bound, not a wish: what does not fit is spilled to `work_dir`."""

    def __init__(self, work_dir: Path, *, memory: str = "1GB", threads: int = 2) -> None:
        with _as_ours():
            work_dir.mkdir(parents=True, exist_ok=True)
        self.work_dir = work_dir
        self._connection = duckdb.connect(
            config={
                "memory_limit": memory,
                "threads": threads,
                "temp_directory": str(work_dir / "spill"),
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        self._connection.execute(read_sql(__package__, "macros"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def run(self, sql: str, **params: Value) -> None:
        """Run statements for their effect."""
        with _as_ours(sql):
            self._connection.execute(sql, _naive(params)).fetchall()

    def rows(self, sql: str, **params: Value) -> list[tuple[type_of_value, ...]]:
        """All rows, moments aware. For answers that fit in memory."""
        with _as_ours(sql):
            found = self._connection.execute(sql, _naive(params)).fetchall()
        return [tuple(_aware(value) for value in row) for row in found]

    def batches(
        self, sql: str, *, batch_rows: int = 10_000, **params: Value
    ) -> Iterator[list[dict[str, type_of_value]]]:
        """Rows as dictionaries by column name, a bounded number at a time, moments aware."""
        cursor = self._connection.cursor()  # its own: an open result owns its connection
        try:
            with _as_ours(sql):
                cursor.execute(sql, _naive(params))
            names = [column[0] for column in cursor.description or ()]
            while found := _fetched(cursor, batch_rows, sql):
                yield [dict(zip(names, map(_aware, row), strict=True)) for row in found]
        finally:
            cursor.close()

    def is_pattern(self, text: str) -> bool:
        """Whether it is a pattern that SQL's regular expressions (RE2) take."""
        try:
            self._connection.execute("SELECT regexp_matches('', $text)", {"text": text})
        except duckdb.Error:
            return False
        return True

    def add(self, name: str, table: pa.Table | pa.RecordBatchReader) -> None:
        """Let queries read Arrow columns under `name`; a reader can be read once."""
        self._connection.register(name, table)

    def drop(self, name: str) -> None:
        self._connection.unregister(name)

    def copy(self, sql: str, path: Path, **params: Value) -> int:
        """Write the query's rows to a Parquet file that is synced and renamed into place; returns how many.

        Raises StorageFailed when the disk would not take it; nothing stands at `path` then.
        """
        half = path.with_name(path.name + ".half")
        target = str(half).replace("'", "''")
        try:
            with _as_ours(sql):
                path.parent.mkdir(parents=True, exist_ok=True)
                done = self._connection.execute(
                    f"COPY ({sql}) TO '{target}' (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v2)",
                    _naive(params),
                ).fetchall()
                sync_file(half)
                half.rename(path)
                sync_folder(path.parent)
        except StorageFailed:
            half.unlink(missing_ok=True)
            raise
        return int(done[0][0])


def sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _naive(params: dict[str, Value]) -> dict[str, Value]:
    return {
        name: value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value
        for name, value in params.items()
    }


def _aware(value: type_of_value) -> type_of_value:
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value


def _fetched(cursor: duckdb.DuckDBPyConnection, most: int, sql: str) -> list[tuple[type_of_value, ...]]:
    with _as_ours(sql):
        return cursor.fetchmany(most)


@contextmanager
def _as_ours(sql: str = "") -> Iterator[None]:
    """What the disk has done to us, in words that say what to do. Everything else is a bug and stays as it is."""
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        raise _storage_failed(error) from error
    except duckdb.InvalidInputException as error:  # what DuckDB says of a file whose bytes are no Parquet
        damaged = _PARQUET.search(str(error).splitlines()[0])
        if damaged is None:
            raise
        raise StorageFailed("this file is damaged", where=damaged[1], remedy=_RESTORE) from error
    except duckdb.Error as error:
        if type(error) is not duckdb.Error:
            raise
        # Of a page whose header is no Thrift DuckDB says neither a class of error nor the file.
        files = _PARQUET.findall(sql)
        what = f"one of {len(files)} files is damaged, of which this is the first" if files[1:] else "a file is damaged"
        raise StorageFailed(f"{what}: {error}", where=(*files, "")[0], remedy=_RESTORE) from error


def _storage_failed(error: OSError | duckdb.IOException) -> StorageFailed:
    remedy = "free space or fix the folder's rights, then run again: nothing was half done"
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return StorageFailed("the disk is full", where=str(error.filename or ""), remedy=remedy)
    return StorageFailed(str(error).splitlines()[0], remedy=remedy)
