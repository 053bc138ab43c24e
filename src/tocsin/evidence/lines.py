"""Evidence to numbered physical lines, in bounded memory; what cannot be read is a reject, the rest goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec

from tocsin.evidence.blocks import BLOCK_BYTES, Truncated, open_blocks

LINE_BYTES_MAX = 1 << 20
EXCERPT_CHARS_MAX = 200

__all__ = [
    "BLOCK_BYTES",
    "EXCERPT_CHARS_MAX",
    "LINE_BYTES_MAX",
    "Lines",
    "OnReject",
    "Reject",
    "Truncated",
    "bounded",
    "numbered_lines",
    "open_blocks",
]

_BOM = b"\xef\xbb\xbf"


class Reject(msgspec.Struct, frozen=True):
    """A place in evidence that could not be read, why, and what stood there (at most 200 characters)."""

    line: int
    reason: str
    excerpt: str = ""


class Lines(msgspec.Struct, frozen=True):
    """Consecutive physical lines, the first of them numbered `first` (a file's first line is 1).

    `text` is all of them with LF between, valid UTF-8 without NUL; a line that was rejected is blank in it.
    """

    first: int
    count: int
    text: bytes
    rejected: frozenset[int] = frozenset()  # their numbers

    def split(self) -> list[bytes | None]:
        """The lines without their line breaks: `b""` is a blank line, None one that was rejected."""
        lines: list[bytes | None] = list(self.text.split(b"\n"))
        for number in self.rejected:
            lines[number - self.first] = None
        return lines

    def after(self, number: int) -> Lines | None:
        """The lines that follow that one; None when there are none."""
        skipped = number - self.first + 1
        if skipped >= self.count:
            return None
        rest = self.text.split(b"\n", skipped)[skipped]
        return Lines(number + 1, self.count - skipped, rest, self.rejected)


OnReject = Callable[[Reject], None]


def numbered_lines(
    blocks: Iterable[bytes | Truncated],
    on_reject: OnReject,
    *,
    line_bytes_max: int = LINE_BYTES_MAX,
    any_bytes: bool = False,
) -> Iterator[Lines]:
    """Physical lines with their numbers. LF or CRLF ends a line; a byte order mark at the start is dropped.

    Rejected, with the line's number: a line over `line_bytes_max` (the rest of it is skipped), one with a NUL byte,
    one that is not UTF-8, and the piece of a line where a compressed file was cut off. With `any_bytes`, as mails have
    them, NUL bytes are left out and what is not UTF-8 is taken for Latin-1.
    """
    splitter = _Splitter(on_reject, line_bytes_max, any_bytes)
    for block in blocks:
        if isinstance(block, Truncated):
            yield from splitter.cut(block)
            return
        yield from splitter.feed(block)
    yield from splitter.end()


class _Splitter:
    def __init__(self, on_reject: OnReject, line_bytes_max: int, any_bytes: bool) -> None:
        self._any_bytes = any_bytes
        self._reject = on_reject
        self._max = line_bytes_max
        self._number = 1  # of the line that `_tail` begins
        self._tail = b""
        self._skipping = False  # in the rest of an over-long line, which is rejected already
        self._at_start = True

    def feed(self, block: bytes) -> Iterator[Lines]:
        if self._at_start:
            block = self._without_bom(self._tail + block)
            self._tail = b""
        if self._skipping:
            block = self._past_long_line(block)
        end = block.rfind(b"\n")
        if end < 0:
            self._keep(self._tail + block)
            return
        whole = b"".join((self._tail, memoryview(block)[:end]))  # one copy of the block, not two
        self._tail = b""
        yield self._lines(whole)
        self._keep(block[end + 1 :])

    def end(self) -> Iterator[Lines]:
        if self._at_start:
            self._tail = self._tail.removeprefix(_BOM)
        if self._tail:
            yield self._lines(self._tail)

    def cut(self, why: Truncated) -> Iterator[Lines]:
        """The last line is a piece of one: a port cut short is another port, so it is never read."""
        self._reject(Reject(self._number, f"the evidence is cut off here: {why.why}", _excerpt(self._tail)))
        yield Lines(self._number, 1, b"", frozenset({self._number}))

    def _without_bom(self, start: bytes) -> bytes:
        if len(start) < len(_BOM) and _BOM.startswith(start):
            return start  # too short to tell; goes to the tail and comes back
        self._at_start = False
        return start.removeprefix(_BOM)

    def _past_long_line(self, block: bytes) -> bytes:
        _, found, rest = block.partition(b"\n")
        if found:
            self._skipping = False
            self._number += 1
        return rest

    def _keep(self, tail: bytes) -> None:
        if len(tail) > self._max:
            self._too_long(self._number, tail)
            self._skipping, tail = True, b""
        self._tail = tail

    def _too_long(self, number: int, line: bytes) -> None:
        self._reject(Reject(number, f"the line is longer than {self._max} bytes", _excerpt(line[: self._max])))

    def _lines(self, whole: bytes) -> Lines:
        first = self._number
        if b"\r" in whole:
            whole = whole.replace(b"\r\n", b"\n").removesuffix(b"\r")
        if self._any_bytes:
            whole = whole.replace(b"\0", b"")
            whole = whole if _is_utf8(whole) else b"\n".join(map(_as_utf8, whole.split(b"\n")))
        count = whole.count(b"\n") + 1
        self._number += count
        if b"\0" not in whole and _is_utf8(whole) and not self._is_long(whole):
            return Lines(first, count, whole)
        lines = whole.split(b"\n")
        bad = frozenset(number for number, line in enumerate(lines, first) if self._is_bad(number, line))
        text = b"\n".join(b"" if number in bad else line for number, line in enumerate(lines, first))
        return Lines(first, count, text, bad)

    def _is_long(self, whole: bytes) -> bool:
        """Is any line too long? Looks at one line end in each stretch of the longest length, not at every line."""
        start = 0
        while len(whole) - start > self._max:
            end = whole.rfind(b"\n", start, start + self._max + 1)
            if end < 0:
                return True
            start = end + 1
        return False

    def _is_bad(self, number: int, line: bytes) -> bool:
        if len(line) > self._max:
            self._too_long(number, line)
        elif b"\0" in line:
            self._reject(Reject(number, "the line holds a NUL byte", _excerpt(line)))
        elif not _is_utf8(line):
            self._reject(Reject(number, "the line is not UTF-8", _excerpt(line)))
        else:
            return False
        return True


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _as_utf8(line: bytes) -> bytes:
    return line if _is_utf8(line) else line.decode("latin-1").encode()


def _excerpt(line: bytes) -> str:
    return bounded(line[: 4 * EXCERPT_CHARS_MAX].decode(errors="backslashreplace"))


def bounded(text: str) -> str:
    """At most 200 characters, control characters shown as `\\x00`."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text[:EXCERPT_CHARS_MAX])
    return shown[:EXCERPT_CHARS_MAX]
