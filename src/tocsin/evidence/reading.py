"""The whole way of one evidence: kept, taken apart, read, settled. What `tocsin read` and `tocsin run` call."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tocsin.book import evidence as book_evidence
from tocsin.book import quiet_days
from tocsin.book.evidence import Evidence
from tocsin.evidence.containers import Unpacking, unpacking
from tocsin.evidence.read import NAME_CHARS_MAX, recognise_file, stage
from tocsin.evidence.settle import TABLES, Counts, Window, read_before, settle, window_at
from tocsin.evidence.store import Kept, Progress, keep
from tocsin.evidence.texts import Settings
from tocsin.lake import Lake
from tocsin.terms.errors import BadRequest

UNPACKED = "unpacked"  # the `batch` of a container that has been read to its end: its members have batches of their own
READERS_CHARS_MAX = 200


def read_file(
    lake: Lake,
    evidence: Path | BinaryIO,
    *,
    source: str,
    at: datetime,
    reader: str | None = None,
    window: Window | None = None,
    progress: Progress | None = None,
    settings: Settings | None = None,
) -> Counts:
    """Keep a file (or a stream), read it and add what is new. The same evidence again adds nothing.

    A mail, a mailbox or a zip of several files is kept, and so is every member that a reader knows, which is read as if
    it had come alone. `at` is the run's clock. Without `window` everything from 400 days ago to 15 minutes ahead is
    kept. The right to write is taken only once everything is staged. Raises BadRequest (the file cannot be read, no
    reader knows it), StorageFailed, and Busy when another process writes.
    """
    kept = keep(lake.root.parent, evidence)
    known_as = evidence.name if isinstance(evidence, Path) else str(getattr(evidence, "name", "<stream>"))
    one = _One(lake, source, at, reader, window or window_at(at), settings or Settings())
    container = unpacking(kept.path, known_as, lake.engine.work_dir, reader)
    return one.read(kept, known_as, progress) if container is None else one.read_members(container, kept, known_as)


class _One:
    """Reading for one source, in one run."""

    def __init__(
        self, lake: Lake, source: str, at: datetime, reader: str | None, window: Window, settings: Settings
    ) -> None:
        self._lake, self._source, self._at, self._reader, self._window = lake, source, at, reader, window
        self._settings = settings

    def read(self, kept: Kept, name: str, progress: Progress | None = None) -> Counts:
        lake, source = self._lake, self._source
        full_name = recognise_file(kept.path, name=name, reader=self._reader)[1].full_name()
        if known := read_before(lake, kept.sha256, source, full_name):
            if is_empty(known):
                self._note_empty(name, known.received_at if known.name == name else self._at)
            return Counts(already=True, reader=full_name)
        staged = stage(
            lake.engine,
            kept,
            name=name,
            source=source,
            reader=self._reader,
            progress=progress,
            settings=self._settings,
        )
        try:
            with lake.writing(*TABLES) as writing:
                found = settle(writing, staged, at=self._at, window=self._window)
        finally:
            staged.discard()
        if not found.already and found.sightings == found.pieces == found.rejects == 0:
            self._note_empty(name, self._at)
        return found

    def _note_empty(self, name: str, at: datetime) -> None:
        """Whoever says that he saw nothing has delivered. Empty files are all alike: a new name is a new file."""
        name = name[:NAME_CHARS_MAX]
        with self._lake.book.read() as tx:
            known = quiet_days.has_empty(tx, self._source, name)
        if not known:
            with self._lake.book.write() as tx:
                quiet_days.note_empty(tx, self._source, name, at)

    def read_members(self, container: Unpacking, kept: Kept, name: str) -> Counts:
        """Every member on its own, so that a run which was killed goes on where it was; at last the container."""
        full_name = f"{container.kind}:{self._reader}"[:40] if self._reader else container.kind
        if read_before(self._lake, kept.sha256, self._source, full_name):
            return Counts(already=True, reader=full_name)
        counts: list[Counts] = []
        for member in container.members():
            try:
                counts.append(self.read(keep(self._lake.root.parent, member.path), member.name))
            except BadRequest as error:
                container.faults.append(f"{member.name}: {error.what}")
        container.demand_any(len(counts))
        found = _sum(counts, container)
        self._note(kept, full_name, name, found)
        return found

    def _note(self, kept: Kept, full_name: str, name: str, found: Counts) -> None:
        """The container has been read to its end. Its sightings are counted with its members."""
        this = Evidence(
            sha256=kept.sha256,
            source=self._source,
            reader=full_name,
            name=name[:NAME_CHARS_MAX],
            bytes=kept.bytes,
            received_at=self._at,
            batch=UNPACKED,
            records=0,
            pieces=0,
            rejects=0,
        )
        with self._lake.book.write() as tx:
            book_evidence.note_read(tx, this)


def is_empty(known: Evidence) -> bool:
    """Whether nothing stood in it: no record, and nothing that could not be read."""
    return known.batch != UNPACKED and not (known.records or known.pieces or known.rejects)


def _sum(counts: Sequence[Counts], container: Unpacking) -> Counts:
    """What the members brought in; what could not be unpacked is a reject each."""
    readers = ", ".join(dict.fromkeys(each.reader for each in counts))
    warnings = dict.fromkeys(warning for each in counts for warning in each.warnings)
    return Counts(
        sightings=sum(each.sightings for each in counts),
        pieces=sum(each.pieces for each in counts),
        rejects=sum(each.rejects for each in counts) + len(container.faults),
        reader=readers[:READERS_CHARS_MAX],
        warnings=(*warnings, *container.warnings()),
    )
