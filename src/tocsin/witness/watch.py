"""The whole way of one log: bytes, lines, findings, sightings. What `tocsin watch` calls."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

import msgspec

from tocsin.engine import Engine
from tocsin.evidence.blocks import Truncated, is_zip, open_blocks
from tocsin.evidence.dating import date_of
from tocsin.evidence.lines import Reject
from tocsin.terms.errors import BadRequest
from tocsin.witness.blocks import Block, whole_lines
from tocsin.witness.gather import gather
from tocsin.witness.judge import judge
from tocsin.witness.own import Spared
from tocsin.witness.services import NAMES, Watch, watch_for
from tocsin.witness.workers import Recipe, Workers

SOURCE = "witness"
MEMORY = "500MB"  # of the engine; findings beyond that lie in its work folder


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody has said about the log."""

    source: str = SOURCE
    zone: ZoneInfo | None = None
    services: tuple[str, ...] = ()
    spared: Spared = Spared()

    def watch(self) -> Watch:
        return watch_for(self.services) if self.services else watch_for()

    def recipe(self) -> Recipe:
        return Recipe(self.services or NAMES, self.zone, self.spared)


class Read(msgspec.Struct, frozen=True):
    """What was read of one log."""

    sha256: str
    lines: int
    rejects: tuple[Reject, ...]  # of the lines that no rule has seen: too long, or cut off


def watch_file(engine: Engine, log: Path | BinaryIO, told: Told, *, now: datetime) -> Read:
    """Fills the table `told_of` (judge.py). Raises BadRequest when the file cannot be read.

    A year-less line is dated by the file's own date (of a gzip what stands in it), never later than `now`.
    """
    rejects: list[Reject] = []
    counted = _Counted()
    recipe = told.recipe()
    with _opened(log) as (blocks, hashed, date), Workers(recipe) as workers:
        lines = counted.of(whole_lines(blocks))
        gather(engine, lines, recipe.sight(), rejects.append, workers)
    judge(engine, told.watch(), source=told.source, zone=told.zone, latest=min(date or now, now))
    return Read(hashed(), counted.lines, tuple(rejects))


class _Counted:
    def __init__(self) -> None:
        self.lines = 0

    def of(self, blocks: Iterable[Block]) -> Iterator[Block]:
        for block in blocks:
            self.lines += block.count
            yield block


_Opened = tuple[Iterator[bytes | Truncated], Callable[[], str], datetime | None]


@contextmanager
def _opened(log: Path | BinaryIO) -> Iterator[_Opened]:
    if not isinstance(log, Path):
        stream = _Hashed(log)
        yield open_blocks(cast(BinaryIO, stream)), stream.digest, None
        return
    try:
        file = log.open("rb")
    except OSError as error:
        raise BadRequest(
            f"cannot be read: {error.strerror}", where=str(log), remedy="check the path and its rights"
        ) from error
    with file:
        if is_zip(log):
            yield open_blocks(log), lambda: "", date_of(log)
            return
        hashed = _Hashed(file)
        yield open_blocks(cast(BinaryIO, hashed)), hashed.digest, date_of(log)


class _Hashed(RawIOBase):
    """A file, and the digest of what has been read of it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        block = self._file.read(size)
        self._digest.update(block)
        return block

    def digest(self) -> str:
        return self._digest.hexdigest()
