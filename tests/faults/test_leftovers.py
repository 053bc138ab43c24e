"""What a killed run left in the lake goes with the next writer, whatever its work is; nothing else goes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.book import Book, manifest
from tocsin.engine import Engine
from tocsin.lake import Lake
from tocsin.lake.lake import LEASE_LASTS, Writing
from tocsin.terms.errors import Busy
from tocsin.terms.processes import Fate

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
DAY = date(2026, 11, 24)
REJECT = (
    "SELECT 'bad' AS reject, 'r' AS reader, 's' AS source, '' AS excerpt, '' AS evidence_sha256, 1 AS evidence_line"
)


@pytest.fixture
def still(tmp_path: Path, book: Book, engine: Engine) -> Lake:
    """A lake whose wall clock stands still."""
    return Lake(tmp_path / "data", book, engine, wall_clock=lambda: NOW)


def _write(lake: Lake, name: str, *, commit: bool) -> Path:
    with lake.writing("rejects") as writing:
        batch = writing.batch(name, kind="test", at=NOW)
        batch.add("rejects", DAY, REJECT)
        if commit:
            batch.commit()
    return lake.root / "rejects" / f"day={DAY}" / f"{name}.parquet"


def test_what_no_manifest_lists_is_swept_by_the_next_writer_and_what_one_lists_stays(still: Lake) -> None:
    whole, left = _write(still, "whole", commit=True), _write(still, "left", commit=False)
    half = left.with_name("other.parquet.half")
    half.write_bytes(b"PAR1")
    assert left.exists()
    other = _write(still, "next", commit=True)
    assert sorted(path for path in still.root.rglob("*") if path.is_file()) == sorted([whole, other])


def test_another_tables_files_are_left_alone(still: Lake) -> None:
    left = _write(still, "left", commit=False)
    with still.writing("bindings"):
        pass
    assert left.exists()


def test_a_replaced_file_goes_with_the_next_writer(still: Lake) -> None:
    old = _write(still, "old", commit=True)
    with still.writing("rejects") as writing:
        batch = writing.batch("new", kind="test", at=NOW)
        batch.replace("rejects", [DAY])
        batch.add("rejects", DAY, REJECT)
        batch.commit()
        assert old.exists()  # somebody may be reading it
    with still.writing("rejects"):
        pass
    assert not old.exists()
    assert [file.path for file in still.files("rejects")] == [f"rejects/day={DAY}/new.parquet"]


def test_who_has_lost_the_right_sweeps_nothing_of_whoever_has_it(still: Lake, book: Book) -> None:
    with still.writing("rejects") as writing:
        with book.write() as tx:  # as a process of another host would, once our time is over
            later = NOW + 2 * LEASE_LASTS
            manifest.take_lease(
                tx, "rejects", holder="elsewhere:1:0", now=later, lasts=LEASE_LASTS, fate=lambda _: Fate.UNKNOWN
            )
        theirs = still.root / "rejects" / f"day={DAY}" / "theirs.parquet"
        theirs.parent.mkdir(parents=True, exist_ok=True)
        theirs.write_bytes(b"PAR1")
        with pytest.raises(Busy, match="has passed to another"):
            Writing(still, writing.fences)
        assert theirs.exists()


def test_a_file_that_another_swept_meanwhile_does_not_come_to_exist(still: Lake) -> None:
    with still.writing("rejects") as writing:
        batch = writing.batch("b1", kind="test", at=NOW)
        batch.add("rejects", DAY, REJECT)
        (still.root / "rejects" / f"day={DAY}" / "b1.parquet").unlink()
        with pytest.raises(Busy, match="was swept by another process"):
            batch.commit()
    assert still.files("rejects") == []


def test_the_clock_of_a_run_does_not_matter_to_a_lease(still: Lake) -> None:
    with still.writing("rejects") as writing:
        batch = writing.batch("b1", kind="test", at=NOW + timedelta(days=3_650))
        batch.add("rejects", DAY, REJECT)
        batch.commit()
    assert len(still.files("rejects")) == 1
