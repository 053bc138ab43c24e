"""Batches are made ahead of whoever takes them, in a thread of their own: in order, bounded, and never left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pyarrow as pa
import pytest

from tocsin.engine import CsvParser, RecordBatch


def parser() -> CsvParser:
    return CsvParser(["a", "b"], on_ragged=lambda *_: None)


def made(log: list[int], upto: int = 20) -> Iterator[RecordBatch]:
    for number in range(upto):
        log.append(number)
        batch = parser().lines(range(number, number + 1), b"%d,x" % number)
        assert batch is not None
        yield batch


def threads() -> int:
    return sum(thread.name.startswith("read-ahead") for thread in threading.enumerate())


def test_batches_come_in_order() -> None:
    table = parser().reader(made([])).read_all()
    assert table.column("line").to_pylist() == list(range(20))
    assert table.column("a").to_pylist() == [str(number) for number in range(20)]
    assert threads() == 0


def test_no_more_than_a_few_are_held() -> None:
    log: list[int] = []
    reader = parser().reader(made(log))
    reader.read_next_batch()
    assert len(log) <= 4


def test_whoever_stops_early_leaves_no_thread() -> None:
    reader = parser().reader(made([]))
    reader.read_next_batch()
    reader.close()
    del reader
    assert threads() == 0


def test_what_goes_wrong_there_is_raised_here() -> None:
    def broken() -> Iterator[RecordBatch]:
        yield from made([], 1)
        raise OSError("the disk is gone")

    with pytest.raises((OSError, pa.ArrowException), match="the disk is gone"):
        parser().reader(broken()).read_all()
    assert threads() == 0
