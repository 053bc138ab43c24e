"""CSV by columns against Python's csv, a record at a time."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.engine import CsvParser, CsvRecords, csv_fields

# Small alphabets find quoting trouble fastest.
FIELD = st.text(st.sampled_from('ab",\n\r é'), max_size=6)
LINE = st.text(st.sampled_from('ab",\r é'), max_size=14)


def parse(records: list[bytes], fields: int) -> tuple[list[tuple[int, list[str]]], list[int]]:
    ragged: list[int] = []
    parser = CsvParser([f"c{n}" for n in range(fields)], on_ragged=lambda line, _fields, _text: ragged.append(line))
    batch = parser.records(CsvRecords(range(1, len(records) + 1), records))
    return [(row.pop("line"), list(row.values())) for row in batch.to_pylist()], ragged


def bare(row: list[str]) -> list[str]:
    """Blanks around a value are taken off."""
    return [value.strip(" ") for value in row]


@settings(deadline=None)
@given(st.lists(st.lists(FIELD, min_size=3, max_size=3), max_size=8))
def test_what_a_csv_writer_wrote_reads_back(rows: list[list[str]]) -> None:
    records = []
    for row in rows:
        out = io.StringIO()
        csv.writer(out).writerow(row)  # its own line end makes it quote every line break
        records.append(out.getvalue().removesuffix("\r\n").encode())
    assert parse(records, 3) == ([(number, bare(row)) for number, row in enumerate(rows, 1)], [])


@settings(deadline=None)
@given(st.lists(LINE, min_size=1, max_size=8))
def test_by_columns_and_one_by_one_agree_on_every_line(lines: list[str]) -> None:
    fields = [csv_fields(line) for line in lines]
    good = [(number, bare(row)) for number, row in enumerate(fields, 1) if row is not None and len(row) == 2]
    bad = {number for number in range(1, len(lines) + 1)} - {number for number, _ in good}
    read, ragged = parse([line.encode() for line in lines], 2)
    assert read == good
    assert set(ragged) == bad
    assert len(ragged) == len(bad)


def test_a_quote_left_open_in_the_last_line_is_noticed() -> None:
    assert parse([b"a,b", b'x"y,"z'], 2) == ([(1, ["a", "b"])], [2])


def test_a_lost_line_and_a_split_one_do_not_make_up_for_each_other() -> None:
    read, ragged = parse([b"a,b", b'x"y,"z', b'"two\nlines",z'], 2)
    assert read == [(1, ["a", "b"]), (3, ["two\nlines", "z"])]
    assert ragged == [2]
