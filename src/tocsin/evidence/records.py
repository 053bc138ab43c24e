"""CSV records out of physical lines: one a line, unless a quote is open at the line's end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from tocsin.engine import CsvParser, CsvRecords, RecordBatch, RecordBatchReader, csv_fields
from tocsin.evidence.lines import Lines, OnReject, Reject, bounded

RECORD_LINES_MAX = 64  # a quoted text with more line breaks than that is taken for a quote that nobody closed
RECORD_BYTES_MAX = 1 << 20

_Numbered = tuple[int, bytes | None]


def csv_columns(
    lines: Iterable[Lines],
    names: Sequence[str],
    on_reject: OnReject,
    *,
    delimiter: str = ",",
    members: Mapping[str, str] | None = None,
    least: int | None = None,
) -> RecordBatchReader:
    """The records as columns for the engine: `line` (where each starts), then `names`. Blank lines are left out.

    Columns in `members` (name to JSON key) come as members of a JSON object (engine.CsvParser). `least` is how many of
    the first columns a record must have at the file's end, where an editor or a mailer may have trimmed the last line;
    the others are absent then.

    A line with an odd number of quotes begins a record with line breaks in a quoted text, if the lines after it
    complete it to exactly as many fields as there are names. Otherwise that line alone is rejected and the next one is
    read afresh: one forgotten quote must not swallow its neighbours. Ragged records are rejects.
    """
    parser = CsvParser(names, delimiter=delimiter, on_ragged=_ragged(len(names), on_reject), members=members)
    if least is not None:
        lines = _with_whole_end(lines, least, len(names), delimiter)
    return parser.reader(_batches(lines, parser, _Joiner(len(names), on_reject, delimiter)))


def _with_whole_end(lines: Iterable[Lines], least: int, most: int, delimiter: str) -> Iterator[Lines]:
    held: Lines | None = None
    for chunk in lines:
        if held is not None:
            yield held
        held = chunk
    if held is not None:
        yield _completed(held, least, most, delimiter)


def _completed(chunk: Lines, least: int, most: int, delimiter: str) -> Lines:
    """With the separators that the last line lacks; only where its last value is surely whole: it was closed."""
    last = chunk.text.rpartition(b"\n")[2]
    if chunk.rejected or not last.endswith((b'"', delimiter.encode())) or last.count(b'"') & 1:
        return chunk
    fields = csv_fields(last.decode(), delimiter)
    if fields is None or not least <= len(fields) < most:
        return chunk
    return msgspec.structs.replace(chunk, text=chunk.text + delimiter.encode() * (most - len(fields)))


def _batches(lines: Iterable[Lines], parser: CsvParser, joiner: _Joiner) -> Iterator[RecordBatch]:
    for chunk in lines:
        if not joiner.waiting:
            batch = parser.lines(range(chunk.first, chunk.first + chunk.count), chunk.text)
            if batch is not None:
                yield batch
                continue
        joiner.waiting.extend(enumerate(chunk.split(), chunk.first))
        yield parser.records(joiner.take(at_end=False))
    yield parser.records(joiner.take(at_end=True))


def _ragged(expected: int, on_reject: OnReject) -> Callable[[int, int, str], None]:
    def reject(line: int, fields: int, text: str) -> None:
        seen = f"{fields} fields" if fields else "a quote that is not closed"
        on_reject(Reject(line, f"{seen} where the header has {expected}", bounded(text)))

    return reject


class _Joiner:
    def __init__(self, fields: int, on_reject: OnReject, delimiter: str) -> None:
        self._fields = fields
        self._reject = on_reject
        self._delimiter = delimiter
        self.waiting: list[_Numbered] = []

    def take(self, *, at_end: bool) -> CsvRecords:
        """Everything that is decided; a record that may go on in the next chunk stays waiting."""
        numbers: list[int] = []
        records: list[bytes] = []
        place = 0
        while place < len(self.waiting):
            number, line = self.waiting[place]
            if not line:
                place += 1
                continue
            record, used = self._record(place, line, at_end=at_end)
            if used == 0:
                break
            if record is None:
                text = bounded(line[:800].decode(errors="ignore"))
                self._reject(Reject(number, "a quote is opened and not closed", text))
            else:
                numbers.append(number)
                records.append(record)
            place += used
        del self.waiting[:place]
        return CsvRecords(numbers, records)

    def _record(self, place: int, line: bytes, *, at_end: bool) -> tuple[bytes | None, int]:
        """The record that starts at `place` and how many lines it takes; (None, 1) is a reject, (None, 0) wait."""
        if not line.count(b'"') & 1 or csv_fields(line.decode(), self._delimiter) is not None:
            return line, 1  # an odd one may be whole: `5" disk` in a text without quotes around it
        parts = [line]
        size = len(line)
        for _, more in self.waiting[place + 1 : place + RECORD_LINES_MAX]:
            size += len(more or b"")
            if more is None or size > RECORD_BYTES_MAX:
                return None, 1  # a rejected line cannot be a part of a record
            parts.append(more)
            if more.count(b'"') & 1:
                joined = b"\n".join(parts)
                return (joined, len(parts)) if self._is_record(joined) else (None, 1)
        may_go_on = not at_end and len(parts) < RECORD_LINES_MAX
        return None, 0 if may_go_on else 1

    def _is_record(self, text: bytes) -> bool:
        fields = csv_fields(text.decode(), self._delimiter)
        return fields is not None and len(fields) == self._fields
