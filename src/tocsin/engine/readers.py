"""Columns from outside: lines that are one CSV record each, and rows that Python had to make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import pyarrow as pa
import pyarrow.csv as pa_csv

_TYPES = {
    "VARCHAR": pa.string(),
    "UUID": pa.binary(16),
    "TIMESTAMP": pa.timestamp("us"),
    "UTINYINT": pa.uint8(),
    "USMALLINT": pa.uint16(),
    "UINTEGER": pa.uint32(),
    "UBIGINT": pa.uint64(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
}


def table_of(columns: Sequence[tuple[str, str]], values: Sequence[Sequence[object]]) -> pa.Table:
    """Columns (name, SQL type) and one list of values for each, as an Arrow table. UUIDs arrive as BLOB: cast them."""
    arrays = [
        pa.array([v.bytes if isinstance(v, UUID) else v for v in column] if kind == "UUID" else column, _TYPES[kind])
        for (_, kind), column in zip(columns, values, strict=True)
    ]
    return pa.Table.from_arrays(arrays, names=[name for name, _ in columns])


def csv_lines(
    blocks: Iterable[bytes],
    names: Sequence[str],
    *,
    delimiter: str = ",",
    on_ragged: Callable[[int, int, str], None],
) -> pa.RecordBatchReader:
    """Text columns from blocks of lines, each line `NUMBER,` and one CSV record without a line break in it.

    The first column is `line` (the number), then `names`. A record with another number of fields goes to
    `on_ragged(line, fields, text)` and is left out. Empty fields are ''. Blocks are UTF-8.
    """
    schema = pa.schema([("line", pa.uint64()), *((name, pa.string()) for name in names)])

    def ragged(row: pa_csv.InvalidRow) -> str:
        number, _, text = row.text.partition(delimiter)
        on_ragged(int(number), row.actual_columns - 1, text)
        return "skip"

    read = pa_csv.ReadOptions(column_names=schema.names, block_size=1 << 24)
    parse = pa_csv.ParseOptions(delimiter=delimiter, invalid_row_handler=ragged, newlines_in_values=False)
    convert = pa_csv.ConvertOptions(
        column_types=schema, strings_can_be_null=False, quoted_strings_can_be_null=False, check_utf8=False
    )

    def batches() -> Iterable[pa.RecordBatch]:
        for block in blocks:
            table = pa_csv.read_csv(
                pa.BufferReader(block), read_options=read, parse_options=parse, convert_options=convert
            )
            yield from table.to_batches()

    return pa.RecordBatchReader.from_batches(schema, batches())
