"""Batches of Parquet files and the manifest that makes them exist. The only room that joins engine and book."""

from tocsin.lake.lake import Batch, Lake
from tocsin.lake.tables import TABLES, UNDATED

__all__ = ["TABLES", "UNDATED", "Batch", "Lake"]
