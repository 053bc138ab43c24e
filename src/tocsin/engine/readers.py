"""Columns from outside: CSV records, rows that Python had to make, and zstd bytes."""

from __future__ import annotations

import csv
import io
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import compress
from typing import NamedTuple
from uuid import UUID

import msgspec
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv

RecordBatch = pa.RecordBatch  # so that other rooms can name what they pass on
RecordBatchReader = pa.RecordBatchReader

TYPES = {
    "VARCHAR": pa.string(),
    "UUID": pa.binary(16),
    "TIMESTAMP": pa.timestamp("us"),
    "BOOLEAN": pa.bool_(),
    "UTINYINT": pa.uint8(),
    "USMALLINT": pa.uint16(),
    "UINTEGER": pa.uint32(),
    "UBIGINT": pa.uint64(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
}

_MEMBER = pa.dictionary(pa.int32(), pa.string())
_JSON_ESCAPED = r'["\\\x00-\x1f]'  # RFC 8259 §7

_BLANKS = pc.TrimOptions(" ")
_AFTER = "\0"  # what csv's reader pulls in when a quote is still open at the record's end

_BATCHES_AHEAD = 2
_PARSED_BYTES = 1 << 24  # more than any block: pyarrow then keeps no row open from one call to the next
csv.field_size_limit(_PARSED_BYTES)  # its own limit, 128 KiB, is less than a line may have


def table_of(columns: Sequence[tuple[str, str]], values: Sequence[Sequence[object]]) -> pa.Table:
    """Columns (name, SQL type) and one list of values for each, as an Arrow table. UUIDs arrive as BLOB: cast them."""
    arrays = [
        pa.array([v.bytes if isinstance(v, UUID) else v for v in column] if kind == "UUID" else column, TYPES[kind])
        for (_, kind), column in zip(columns, values, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=[name for name, _ in columns])


def reader_of(columns: Sequence[tuple[str, str]], chunks: Iterable[Sequence[Sequence[object]]]) -> pa.RecordBatchReader:
    """The same, a chunk at a time and never all at once. It can be read once."""
    schema = pa.schema([(name, TYPES[kind]) for name, kind in columns])
    batches = (batch for chunk in chunks for batch in table_of(columns, chunk).to_batches())
    return pa.RecordBatchReader.from_batches(schema, batches)


def text_lines(chunks: Iterable[tuple[int, Sequence[bytes | None]]]) -> pa.RecordBatchReader:
    """Columns `line` and `text`: of each chunk the lines that are neither blank nor None, numbered from its first."""
    schema = pa.schema([("line", pa.uint64()), ("text", pa.string())])

    def batches() -> Iterator[pa.RecordBatch]:
        for first, lines in chunks:
            numbers = [number for number, line in enumerate(lines, first) if line and not line.isspace()]
            texts = [line for line in lines if line and not line.isspace()]
            yield pa.RecordBatch.from_arrays(
                [pa.array(numbers, pa.uint64()), pa.array(texts, pa.string())], schema=schema
            )

    return pa.RecordBatchReader.from_batches(schema, batches())


class CsvRecords(NamedTuple):
    """CSV records, each without its last line break, and a number for each."""

    numbers: Sequence[int]
    records: Sequence[bytes]


OnRagged = Callable[[int, int, str], None]


def _chosen(block: CsvRecords, wanted: Sequence[bool]) -> CsvRecords:
    return CsvRecords(list(compress(block.numbers, wanted)), list(compress(block.records, wanted)))


class CsvParser:
    """CSV records to Arrow columns, a block at a time: `line` (a number), then one text column for each name.

    Blanks around a value are taken off. A column in `members` (name to JSON key) comes as a member of a JSON object,
    `,"key":"value"`, or '' where it is empty: made once for each distinct value, so that one concat makes the object
    of a record.
    """

    def __init__(
        self,
        names: Sequence[str],
        *,
        delimiter: str = ",",
        on_ragged: OnRagged,
        members: Mapping[str, str] | None = None,
    ) -> None:
        self._names = list(names)
        self._delimiter = delimiter
        self._on_ragged = on_ragged
        self._last_row = b"\n" + delimiter.encode() * (len(names) - 1) + b"\n"
        self._members = {name: _Members(key) for name, key in (members or {}).items()}
        types = {name: _MEMBER if name in self._members else pa.string() for name in self._names}
        self._schema = pa.schema([("line", pa.uint64()), *types.items()])
        # Threads off: only then does pyarrow say which row is ragged.
        self._read = pa_csv.ReadOptions(column_names=self._names, block_size=_PARSED_BYTES, use_threads=False)
        self._convert = pa_csv.ConvertOptions(
            column_types=types, strings_can_be_null=False, quoted_strings_can_be_null=False, check_utf8=False
        )

    def reader(self, batches: Iterable[pa.RecordBatch]) -> pa.RecordBatchReader:
        """What the engine reads; once. The next batches are made in a thread of their own meanwhile."""
        return pa.RecordBatchReader.from_batches(self._schema, _ahead(batches))

    def lines(self, numbers: Sequence[int], text: bytes) -> pa.RecordBatch | None:
        """One line a number; None when some line is not exactly one record (blank, or a quote that does not close).

        A blank line makes no row, and a quote that opens and does not close swallows the lines after it (an empty row
        is put at the end for the last line's sake). Nothing could make up for the missing rows: a row ends at a line's
        end only, and a bare CR, which ends one too, is refused.
        """
        if len(self._names) < 2 or b"\r" in text or len(text) >= _PARSED_BYTES:
            return None
        table, ragged = self._by_columns(text + self._last_row)
        if table.num_rows + len(ragged) != len(numbers) + 1:
            return None
        if ragged:
            split = text.split(b"\n")
            for row, fields in ragged.items():
                self._on_ragged(numbers[row], fields, split[row].decode())
            numbers = [number for row, number in enumerate(numbers) if row not in ragged]
        columns = (column.combine_chunks() for column in table.columns)
        return self._batch(numbers, [(c.chunk(0) if isinstance(c, pa.ChunkedArray) else c)[:-1] for c in columns])

    def records(self, block: CsvRecords) -> pa.RecordBatch:
        """Records that may have line breaks in them. Nothing that one of them holds touches another."""
        is_line = [b"\n" not in record and b"\r" not in record for record in block.records]
        lines, others = (_chosen(block, [one is wanted for one in is_line]) for wanted in (True, False))
        batch = self.lines(lines.numbers, b"\n".join(lines.records)) if lines.records else None
        if batch is None:
            return self._one_by_one(block)
        if not others.records:
            return batch
        both = pa.Table.from_batches([batch, self._one_by_one(others)]).sort_by("line").combine_chunks()
        return both.to_batches()[0] if both.num_rows else batch

    def _one_by_one(self, block: CsvRecords) -> pa.RecordBatch:
        numbers: list[int] = []
        rows: list[list[str]] = []
        for number, record in zip(block.numbers, block.records, strict=True):
            text = record.decode()
            fields = csv_fields(text, self._delimiter)
            if fields is None or len(fields) != len(self._names):
                self._on_ragged(number, len(fields or ()), text)
            else:
                numbers.append(number)
                rows.append(fields)
        columns = [[row[place] for row in rows] for place in range(len(self._names))]
        types = self._schema.types[1:]
        return self._batch(numbers, [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)])

    def _batch(self, numbers: Sequence[int], columns: list[pa.Array]) -> pa.RecordBatch:
        made = [
            self._members[name].of(column) if name in self._members else _trimmed(column)
            for name, column in zip(self._names, columns, strict=True)
        ]
        return pa.RecordBatch.from_arrays([_numbers(numbers), *made], schema=self._schema)

    def _by_columns(self, text: bytes) -> tuple[pa.Table, dict[int, int]]:
        ragged: dict[int, int] = {}

        def note(row: pa_csv.InvalidRow) -> str:
            ragged[row.number - 1] = row.actual_columns
            return "skip"

        parse = pa_csv.ParseOptions(delimiter=self._delimiter, invalid_row_handler=note, newlines_in_values=False)
        table = pa_csv.read_csv(
            pa.BufferReader(text), read_options=self._read, parse_options=parse, convert_options=self._convert
        )
        return table, ragged


def _ahead(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same batches in the same order, made up to two ahead of whoever takes them."""
    source = iter(batches)
    pending: deque[Future[pa.RecordBatch | None]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="read-ahead") as pool:  # left only once its thread has ended
        pending.extend(pool.submit(next, source, None) for _ in range(_BATCHES_AHEAD))
        while (batch := pending.popleft().result()) is not None:
            pending.append(pool.submit(next, source, None))
            yield batch


def _numbers(numbers: Sequence[int]) -> pa.Array:
    if isinstance(numbers, range):  # nearly always, and then none of them need be a Python object
        return pa.Array.from_buffers(pa.uint64(), len(numbers), [None, pa.py_buffer(array("Q", numbers))])
    return pa.array(numbers, pa.uint64())


def _trimmed(column: pa.StringArray) -> pa.StringArray:
    values = column.buffers()[2]
    return pc.call_function("ascii_trim", [column], _BLANKS) if values and b" " in values.to_pybytes() else column


class _Members:
    """Values to members of a JSON object, each distinct one made once.

    The scalars are made once too: pyarrow looks for NumPy anew each time it is handed a Python value.
    """

    def __init__(self, key: str) -> None:
        self._head = f",{msgspec.json.encode(key).decode()}:"
        self._open, self._close, self._empty = (pa.scalar(text) for text in (self._head + '"', '"', ""))
        self._escaped = pc.MatchSubstringOptions(_JSON_ESCAPED)

    def of(self, values: pa.DictionaryArray) -> pa.DictionaryArray:
        distinct = values.dictionary
        if pc.any(pc.call_function("match_substring_regex", [distinct], self._escaped)).as_py():
            texts = [value and self._head + msgspec.json.encode(value).decode() for value in distinct.to_pylist()]
            made = pa.array(texts, pa.string())
        else:
            joined = pc.binary_join_element_wise(self._open, distinct, self._close, self._empty)
            made = pc.if_else(pc.equal(distinct, self._empty), self._empty, joined)
        return pa.DictionaryArray.from_arrays(values.indices, made)


def csv_fields(record: str, delimiter: str = ",") -> list[str] | None:
    """The fields of one CSV record; None when a quote does not close, or when it is more than one record."""
    reader = csv.reader(iter([record, _AFTER]), delimiter=delimiter)
    try:
        fields = next(reader)
    except csv.Error:
        return None
    return (fields or [""]) if reader.line_num == 1 else None


class ZstError(Exception):
    """The zstd bytes are damaged or end too early."""


def zst_stream(raw: Iterable[bytes], block_bytes: int) -> Iterator[bytes]:
    """The decompressed bytes of a zstd stream, at most `block_bytes` at once. Raises ZstError after what was good."""
    stream = pa.CompressedInputStream(pa.PythonFile(_Pulled(iter(raw)), mode="r"), "zstd")
    try:
        while block := stream.read(block_bytes):
            yield block
    except OSError as error:
        raise ZstError(str(error)) from error


class _Pulled(io.RawIOBase):
    """A file to read from, over blocks."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        if not self._rest:
            self._rest = next(self._blocks, b"")
        if size < 0:
            size = len(self._rest)
        out, self._rest = self._rest[:size], self._rest[size:]
        return out
