"""Text columns out of separated lines without quoting (Zeek's and Argus's logs): only those that are wanted."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
import pyarrow.csv as pa_csv

_PARSED_BYTES = 1 << 24
_PAD = "unnamed"

Part = tuple[Sequence[str], Sequence[int], bytes]  # the columns' names, a number for each line, the lines
OnRaggedLine = Callable[[int, int, str], None]  # its number, how many fields it has, the line


def separated(
    parts: Iterator[Part], wanted: Sequence[str], on_ragged: OnRaggedLine, *, delimiter: str = "\t", absent: str = "-"
) -> pa.RecordBatchReader:
    """Columns `line` (a number) and `wanted` (text; NULL where a part has no such column, or `absent` stands there).

    No line of a part may be blank. A line with more or fewer fields than its part has names is told and left out.
    """
    schema = pa.schema([("line", pa.uint64()), *((name, pa.string()) for name in wanted)])
    batches = (_batch(part, wanted, on_ragged, delimiter, absent, schema) for part in parts if part[2])
    return pa.RecordBatchReader.from_batches(schema, batches)


def _batch(
    part: Part, wanted: Sequence[str], on_ragged: OnRaggedLine, delimiter: str, absent: str, schema: pa.Schema
) -> pa.RecordBatch:
    header, numbers, text = part
    ragged: dict[int, int] = {}

    def note(row: pa_csv.InvalidRow) -> str:
        ragged[row.number - 1] = row.actual_columns
        return "skip"

    if b"\r" in text:
        text = text.replace(b"\r", b" ")  # it would end a row
    table = pa_csv.read_csv(
        pa.BufferReader(text),
        # Threads off: only then does pyarrow say which row is ragged.
        read_options=pa_csv.ReadOptions(
            column_names=_distinct(header), block_size=max(_PARSED_BYTES, len(text) + 1), use_threads=False
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=delimiter, quote_char=False, newlines_in_values=False, invalid_row_handler=note
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            include_columns=list(wanted),
            include_missing_columns=True,
            null_values=[absent],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )
    if ragged:
        lines = text.split(b"\n")
        for row, fields in ragged.items():
            on_ragged(numbers[row], fields, lines[row].decode(errors="replace"))
        numbers = [number for row, number in enumerate(numbers) if row not in ragged]
    columns = (column.combine_chunks() for column in table.columns)
    whole = [column.chunk(0) if isinstance(column, pa.ChunkedArray) else column for column in columns]
    return pa.RecordBatch.from_arrays([_counted(numbers), *whole], schema=schema)


def _distinct(header: Sequence[str]) -> list[str]:
    """Each name once; a column that has none, or one that stood before, is nobody's."""
    seen: set[str] = set()
    names = []
    for place, name in enumerate(header):
        names.append(name if name and name not in seen else f"{_PAD}-{place}")
        seen.add(name)
    return names


def _counted(numbers: Sequence[int]) -> pa.Array:
    if isinstance(numbers, range):
        return pa.Array.from_buffers(pa.uint64(), len(numbers), [None, pa.py_buffer(array("Q", numbers))])
    return pa.array(numbers, pa.uint64())
