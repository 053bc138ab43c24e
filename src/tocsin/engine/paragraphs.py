"""Text that comes in paragraphs (RPSL objects) to columns: nothing of it is a Python object by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

_BREAK = b"\n\n"
_SCHEMA = pa.schema([("line", pa.uint64()), ("text", pa.string())])

OnLong = Callable[[int, bytes], None]


def paragraphs(blocks: Iterable[bytes], on_long: OnLong, *, bytes_max: int) -> pa.RecordBatchReader:
    """Columns `line` (of the paragraph's first line, from 1) and `text`, one row a paragraph; blank ones may be there.

    The text is taken as UTF-8 where a block is that, else as Latin-1, which every byte is. A paragraph longer than
    `bytes_max` is never held: `on_long` is told its line and how it begins.
    """
    return pa.RecordBatchReader.from_batches(_SCHEMA, _Cutter(on_long, bytes_max).batches(blocks))


class _Cutter:
    def __init__(self, on_long: OnLong, bytes_max: int) -> None:
        self._on_long = on_long
        self._max = bytes_max
        self._line = 1  # of what `_tail` begins with
        self._tail = b""
        self._skipping = False

    def batches(self, blocks: Iterable[bytes]) -> Iterator[pa.RecordBatch]:
        for block in blocks:
            yield from self._fed(block)
        if self._tail and not self._skipping:
            yield from self._cut(self._tail.removesuffix(b"\n"))

    def _fed(self, block: bytes) -> Iterator[pa.RecordBatch]:
        text = self._tail + block
        self._tail = b""
        if text.endswith(b"\r"):  # its line feed is in the next block
            text, self._tail = text[:-1], b"\r"
        if b"\r" in text:
            text = text.replace(b"\r\n", b"\n")
        if self._skipping:
            text = self._past_long(text)
            if self._skipping:
                self._tail = text + self._tail
                return
        end = text.rfind(_BREAK)
        rest = text[end + 2 :] if end >= 0 else text
        if end >= 0:
            yield from self._cut(text[:end])
        if len(rest) > self._max:
            self._on_long(self._line, rest[:200])
            self._skipping = True
            rest = self._past_long(rest)
        self._tail = rest + self._tail

    def _past_long(self, text: bytes) -> bytes:
        """What follows the long paragraph; while it goes on, only the line feed that may begin its end."""
        end = text.find(_BREAK)
        self._skipping = end < 0
        if end >= 0:
            self._line += text.count(b"\n", 0, end) + 2
            return text[end + 2 :]
        kept = text[-1:] if text.endswith(b"\n") else b""
        self._line += text.count(b"\n") - len(kept)
        return kept

    def _cut(self, text: bytes) -> Iterator[pa.RecordBatch]:
        first = self._line
        self._line += text.count(b"\n") + 2
        texts = pc.split_pattern(pa.array([_as_utf8(text)], pa.string()), "\n\n").values
        lines = pc.add(pc.count_substring(texts, "\n"), 2).cast(pa.uint64())
        numbers = pc.subtract(pc.add(pc.cumulative_sum(lines), pa.scalar(first, pa.uint64())), lines)
        long = pc.greater(pc.binary_length(texts), self._max)
        if pc.any(long).as_py():
            for number, paragraph in zip(numbers.filter(long).to_pylist(), texts.filter(long).to_pylist(), strict=True):
                self._on_long(number, paragraph[:200].encode())
            numbers, texts = numbers.filter(pc.invert(long)), texts.filter(pc.invert(long))
        yield pa.RecordBatch.from_arrays([numbers, texts], schema=_SCHEMA)


def _as_utf8(text: bytes) -> bytes:
    if text.isascii():
        return text
    try:
        text.decode()
    except UnicodeDecodeError:
        return text.decode("latin-1").encode()
    return text
