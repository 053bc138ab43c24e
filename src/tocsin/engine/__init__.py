"""The columnar engine: a thin wrapper of DuckDB with bounded memory. The only room that imports it."""

from tocsin.engine.engine import Engine, Value, read_sql
from tocsin.engine.readers import csv_lines, table_of

__all__ = ["Engine", "Value", "csv_lines", "read_sql", "table_of"]
