"""How far a log that grows has been read, and what of it is new: through rotation, truncation and restarts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

HEAD_BYTES = 256
ROUND_BYTES_MAX = 1 << 26  # of one file at once; what is left is read in the next round
SIBLINGS_MAX = 100
_BLOCK_BYTES = 1 << 20


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """The file by its inode and its first bytes; `offset` is the end of a line, `line` how many lines lie before it."""

    inode: int
    head: str
    head_bytes: int
    offset: int = 0
    line: int = 0


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """Whole new lines of one file: the bytes, the number of the first, and where reading stands after them."""

    text: bytes
    first: int
    after: Position


def fresh_lines(log: Path, position: Position | None, *, from_start: bool = False) -> Iterator[Fresh]:
    """What has been written since. A log that is seen for the first time is read from its end, or from its start.

    A file that was rotated away is read to its end first, where it still lies beside the log, not compressed. A file
    that has become shorter was truncated in place (copytruncate), and is new. Raises OSError when it cannot be read.
    """
    if position is not None and not _is_at(log, position):
        rotated = _rotated(log, position)
        if rotated is not None:
            while fresh := _read(rotated, position):
                yield fresh
                position = fresh.after
        position = None
        from_start = True
    if position is None:
        with log.open("rb") as file:
            position = _start(file, at_end=not from_start)
        yield Fresh(text=b"", first=position.line + 1, after=position)
    fresh = _read(log, position)
    if fresh is not None:
        yield fresh


def _is_at(log: Path, position: Position) -> bool:
    """Whether the position is one in this very file."""
    try:
        with log.open("rb") as file:
            status = os.fstat(file.fileno())
            same = status.st_ino == position.inode and status.st_size >= position.offset
            return same and _head(file, position.head_bytes) == position.head
    except FileNotFoundError:
        return False  # between two moments of a rotation


def _rotated(log: Path, position: Position) -> Path | None:
    siblings = sorted(log.parent.glob(f"{log.name.replace('[', '[[]')}?*"))[:SIBLINGS_MAX]
    return next((each for each in siblings if each.is_file() and _is_at(each, position)), None)


def _start(file: BinaryIO, *, at_end: bool) -> Position:
    size = os.fstat(file.fileno()).st_size
    count = min(HEAD_BYTES, size)
    head = _head(file, count)
    offset = line = 0
    if at_end:
        file.seek(0)
        while block := file.read(_BLOCK_BYTES):
            end = block.rfind(b"\n")
            if end >= 0:
                line += block.count(b"\n")
                offset = file.tell() - len(block) + end + 1
    return Position(inode=os.fstat(file.fileno()).st_ino, head=head, head_bytes=count, offset=offset, line=line)


def _read(log: Path, position: Position) -> Fresh | None:
    with log.open("rb") as file:
        file.seek(position.offset)
        text = file.read(ROUND_BYTES_MAX)
        end = text.rfind(b"\n") + 1
        if end == 0 and len(text) < ROUND_BYTES_MAX:
            return None  # nothing, or a line that is still being written
        text = text[:end] if end else text  # a line without end: taken as it is, so that reading goes on
        count = position.head_bytes
        if count < HEAD_BYTES:  # the file has grown past what it was known by
            count = min(HEAD_BYTES, position.offset + len(text))
        after = Position(
            inode=position.inode,
            head=_head(file, count),
            head_bytes=count,
            offset=position.offset + len(text),
            line=position.line + text.count(b"\n"),
        )
    return Fresh(text=text, first=position.line + 1, after=after)


def _head(file: BinaryIO, count: int) -> str:
    file.seek(0)
    return sha256(file.read(count)).hexdigest()[:32]
