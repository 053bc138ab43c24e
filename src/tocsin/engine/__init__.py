"""The columnar engine: a thin wrapper of DuckDB with bounded memory. The only room that imports it."""

from tocsin.engine.columns import separated
from tocsin.engine.engine import Engine, Value, read_sql
from tocsin.engine.paragraphs import paragraphs
from tocsin.engine.readers import (
    CsvParser,
    CsvRecords,
    RecordBatch,
    RecordBatchReader,
    csv_fields,
    reader_of,
    table_of,
    text_lines,
)

__all__ = [
    "CsvParser",
    "CsvRecords",
    "Engine",
    "RecordBatch",
    "RecordBatchReader",
    "Value",
    "csv_fields",
    "paragraphs",
    "read_sql",
    "reader_of",
    "separated",
    "table_of",
    "text_lines",
]
