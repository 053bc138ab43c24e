"""The door between a reader and the engine: what a reader is given, and where its rows and rejects go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from tocsin.engine import Engine, RecordBatchReader
from tocsin.evidence.blocks import Truncated
from tocsin.evidence.lines import OnReject
from tocsin.evidence.texts import Head
from tocsin.traffic.tables import TABLES

RAW = "raw"


class Staged(msgspec.Struct, frozen=True):
    """Rows of one table out of one file: a Parquet file of the table's columns, `reject` and `excerpt`."""

    table: str
    path: Path
    rows: int
    relation: str = ""  # where the rows lie in a file that is not ours

    def good(self) -> str:
        """An SQL relation: the rows that are none but good ones."""
        if self.relation:
            return self.relation
        text = str(self.path).replace("'", "''")
        names = ", ".join(f'"{name}"' for name, _ in TABLES[self.table])
        return f"(SELECT {names} FROM read_parquet('{text}') WHERE reject IS NULL)"


class Clock(msgspec.Struct, frozen=True):
    """Of which zone times are that name none (None: nobody said), and when the files are read (None: now)."""

    zone: ZoneInfo | None = None
    now: datetime | None = None


ANY_CLOCK = Clock()


class Reading(msgspec.Struct, frozen=True):
    """One file being read. `blocks` are its bytes, unpacked; `file` is its number.

    `latest` is the file's own date, by which lines without a year are dated. `tell_rate`: the file itself says that its
    sensor looked at one packet in so many.
    """

    engine: Engine
    head: Head
    path: Path
    blocks: Iterator[bytes | Truncated]
    file: int
    reject: OnReject
    stage: Callable[[Staged], None]
    warn: Callable[[str], None]
    tell_rate: Callable[[int], None]
    latest: datetime
    zone: ZoneInfo | None = None
    variant: str = ""

    def add(self, table: str, raw: RecordBatchReader | None, sql: str, **params: str | int) -> None:
        """Stage the rows of `sql`, which reads the columns `raw` under that name, as rows of `table`."""
        target = self.engine.work_dir / f"traffic-{self.file}-{table}-{_next(self.engine.work_dir)}.parquet"
        columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in TABLES[table])
        if raw is not None:
            self.engine.add(RAW, raw)
        try:
            text = str(target).replace("'", "''")
            self.engine.run(
                f"COPY (SELECT {columns}, reject, excerpt FROM ({sql})) TO '{text}'"
                " (FORMAT parquet, COMPRESSION lz4_raw, PARQUET_VERSION v1, WRITE_BLOOM_FILTER false)",
                **params,
            )
        finally:
            if raw is not None:
                self.engine.drop(RAW)
        ((rows,),) = self.engine.rows(f"SELECT count(*) FROM read_parquet('{text}')")
        self.stage(Staged(table, target, int(str(rows))))


def _next(folder: Path) -> int:
    return sum(1 for _ in folder.glob("traffic-*.parquet"))
