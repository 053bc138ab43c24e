"""What reading has made of evidence, before it goes into the lake or is written in another form."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine
from tocsin.evidence.rejects import RejectFile
from tocsin.evidence.store import Kept
from tocsin.lake import TABLES

SIGHTING_COLUMNS = tuple(name for name, _ in TABLES["sightings"].columns)
STAGED_COLUMNS = (*SIGHTING_COLUMNS, "evidence_line", "reject", "excerpt")


class Staged(msgspec.Struct, frozen=True):
    """Evidence that has been read to its end. Its rows lie in the engine's work folder until `discard`."""

    kept: Kept
    name: str
    source: str
    reader: str  # with its variant: shadowserver:event4_sinkhole
    records: int  # rows that are sightings; duplicates are not yet known
    rejects: int
    warnings: tuple[str, ...]
    path: Path
    line_rejects: RejectFile

    def rejected(self) -> str:
        """An SQL relation: evidence_line, reject (the reason), excerpt."""
        return (
            f"(SELECT evidence_line, reject, excerpt FROM {self.rows()} WHERE reject IS NOT NULL"
            f" UNION ALL SELECT evidence_line, reject, excerpt FROM {self.line_rejects.relation()})"
        )

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)
        self.line_rejects.path.unlink(missing_ok=True)

    def rows(self) -> str:
        """An SQL relation: the lake's columns of a sighting, evidence_line, reject and excerpt (sighting.sql)."""
        path = str(self.path).replace("'", "''")
        return f"(SELECT {', '.join(STAGED_COLUMNS)} FROM read_parquet('{path}'))"


class Output(msgspec.Struct, frozen=True):
    """What a writer is given. Records that its format has no form for go to `reject` (line, reason)."""

    engine: Engine
    staged: Staged
    at: datetime  # the run's clock
    reject: Callable[[int, str], None]
