"""The whole way of one evidence: kept, read, settled. What `tocsin read` and `tocsin run` call."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tocsin.evidence.read import recognise_file, stage
from tocsin.evidence.settle import TABLES, Counts, Window, read_before, settle, window_at
from tocsin.evidence.store import Progress, keep
from tocsin.lake import Lake


def read_file(
    lake: Lake,
    evidence: Path | BinaryIO,
    *,
    source: str,
    at: datetime,
    reader: str | None = None,
    window: Window | None = None,
    progress: Progress | None = None,
) -> Counts:
    """Keep a file (or a stream), read it and add what is new. The same evidence again adds nothing.

    `at` is the run's clock. Without `window` everything from 400 days ago to 15 minutes ahead is kept. The right to
    write is taken only once everything is staged. Raises BadRequest (the file cannot be read, no reader knows it),
    StorageFailed, and Busy when another process writes.
    """
    kept = keep(lake.root.parent, evidence)
    known_as = evidence.name if isinstance(evidence, Path) else str(getattr(evidence, "name", "<stream>"))
    full_name = recognise_file(kept.path, name=known_as, reader=reader)[1].full_name()
    if read_before(lake, kept.sha256, source, full_name):
        return Counts(already=True, reader=full_name)
    staged = stage(lake.engine, kept, name=known_as, source=source, reader=reader, progress=progress)
    try:
        with lake.writing(*TABLES) as writing:
            return settle(writing, staged, at=at, window=window or window_at(at))
    finally:
        staged.discard()
