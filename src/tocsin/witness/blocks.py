"""A log's bytes in blocks of whole lines. Any byte may stand in a line: attackers choose what is logged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from tocsin.evidence.blocks import Truncated
from tocsin.evidence.lines import Reject

LINE_BYTES_MAX = 1 << 16  # web servers cut at 8 KiB by default; more is somebody's attempt


class Block(msgspec.Struct, frozen=True):
    """Consecutive physical lines with LF between, the first of them numbered `first` (a file's first line is 1)."""

    first: int
    count: int
    text: bytes
    rejects: tuple[Reject, ...] = ()


def whole_lines(blocks: Iterable[bytes | Truncated], first: int = 1) -> Iterator[Block]:
    """The lines, CRLF as LF. A line over LINE_BYTES_MAX comes cut to nothing and is a reject; so is a piece of one."""
    tail = b""
    for block in blocks:
        if isinstance(block, Truncated):
            excerpt = tail[:200].decode(errors="backslashreplace")
            yield Block(first, 1, b"", (Reject(first, f"the log is cut off here: {block.why}", excerpt),))
            return
        end = block.rfind(b"\n")
        if end < 0:
            tail = _bounded(tail + block)
            continue
        made = _block(first, b"".join((tail, memoryview(block)[:end])))  # one copy of the block, not two
        yield made
        first += made.count
        tail = _bounded(block[end + 1 :])
    if tail:
        yield _block(first, tail)


def _bounded(tail: bytes) -> bytes:
    """Of a line that is too long already only as much is kept as shows it."""
    return tail[: LINE_BYTES_MAX + 1]


def _block(first: int, text: bytes) -> Block:
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").removesuffix(b"\r")
    count = text.count(b"\n") + 1
    if not _has_long(text):
        return Block(first, count, text)
    lines = text.split(b"\n")
    rejects = tuple(
        Reject(number, f"the line is longer than {LINE_BYTES_MAX} bytes", line[:200].decode(errors="backslashreplace"))
        for number, line in enumerate(lines, first)
        if len(line) > LINE_BYTES_MAX
    )
    return Block(first, count, b"\n".join(b"" if len(line) > LINE_BYTES_MAX else line for line in lines), rejects)


def _has_long(text: bytes) -> bool:
    """Looks at one line end in each stretch of the longest length, not at every line."""
    start = 0
    while len(text) - start > LINE_BYTES_MAX:
        end = text.rfind(b"\n", start, start + LINE_BYTES_MAX + 1)
        if end < 0:
            return True
        start = end + 1
    return False
