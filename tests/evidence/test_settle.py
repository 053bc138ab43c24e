"""Evidence into the lake: once, whole, and only within its window."""

from __future__ import annotations

import gzip
import io
import os
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.evidence_world import HEADER, NOW, SINKHOLE, sinkhole_file, sinkhole_row
from tocsin.book import Book, Transaction
from tocsin.book import evidence as book_evidence
from tocsin.engine import Engine
from tocsin.evidence.reading import read_file
from tocsin.evidence.settle import Counts, window_at
from tocsin.lake import Lake
from tocsin.terms.errors import Busy

Bring = Callable[..., Counts]


@pytest.fixture
def bring(lake: Lake, tmp_path: Path) -> Bring:
    """Read bytes as a file of that name."""

    def bring_bytes(content: bytes, name: str = SINKHOLE, source: str = "example", **more: object) -> Counts:
        path = tmp_path / name
        path.write_bytes(content)
        return read_file(lake, path, source=source, at=NOW, **more)  # type: ignore[arg-type]

    return bring_bytes


def held(lake: Lake, table: str, columns: str) -> list[tuple[object, ...]]:
    return list(lake.engine.rows(f"SELECT {columns} FROM {lake.scan(table)} ORDER BY ALL"))


def test_a_feed_becomes_sightings_pieces_and_rejects(bring: Bring, lake: Lake) -> None:
    counts = bring(sinkhole_file(sinkhole_row(), sinkhole_row(port="x"), sinkhole_row(port=40001), "short"))
    assert counts == Counts(sightings=2, pieces=0, rejects=2, reader="shadowserver:event4_sinkhole")
    assert held(lake, "sightings", "port, role, source, observer, reader") == [
        (40000, "infected", "example", "example", "shadowserver:event4_sinkhole"),
        (40001, "infected", "example", "example", "shadowserver:event4_sinkhole"),
    ]
    assert held(lake, "pieces", "evidence_line") == [(2,), (4,)]
    assert held(lake, "rejects", "evidence_line, reject, source") == [
        (3, "not a port: x", "example"),
        (5, "1 fields where the header has 13", "example"),
    ]
    assert lake.days("sightings") == lake.days("pieces") == [date(2026, 11, 23)]
    assert lake.days("rejects") == [date(2026, 11, 24)]  # the run's day


def test_reading_the_same_evidence_again_adds_nothing(bring: Bring, lake: Lake) -> None:
    content = sinkhole_file(sinkhole_row(), "short")
    assert not bring(content).already
    files = lake.files("sightings") + lake.files("pieces") + lake.files("rejects")
    assert bring(content) == Counts(already=True, reader="shadowserver:event4_sinkhole")
    again = bring(content, "2026-11-23-event4_sinkhole-other-name.csv")
    assert again.already
    assert lake.files("sightings") + lake.files("pieces") + lake.files("rejects") == files


def test_a_second_witness_adds_pieces_and_no_sightings(bring: Bring, lake: Lake) -> None:
    bring(sinkhole_file(sinkhole_row(), sinkhole_row(port=40001)))
    counts = bring(
        sinkhole_file("", sinkhole_row(port=40001), sinkhole_row(port=40002)), "2026-11-23-event4_sinkhole-b.csv"
    )
    assert (counts.sightings, counts.pieces) == (1, 1)
    assert len(held(lake, "sightings", "id")) == 3
    assert len(held(lake, "pieces", "sighting, evidence_sha256, evidence_line")) == 4


def test_the_same_packed_is_other_evidence_of_the_same_sightings(bring: Bring) -> None:
    content = sinkhole_file(sinkhole_row())
    bring(content)
    counts = bring(gzip.compress(content), SINKHOLE + ".gz")
    assert (counts.sightings, counts.pieces, counts.already) == (0, 1, False)


def test_of_twins_in_one_file_the_first_line_is_the_sighting(bring: Bring, lake: Lake) -> None:
    counts = bring(sinkhole_file(sinkhole_row() + "first", sinkhole_row() + "second", sinkhole_row(port=40001)))
    assert (counts.sightings, counts.pieces) == (2, 1)
    assert [extra for (extra, port) in held(lake, "sightings", "extra ->> 'family', port") if port == 40000] == [
        "first"
    ]
    assert held(lake, "pieces", "evidence_line") == [(2,), (3,), (4,)]


def test_another_source_saw_for_itself(bring: Bring) -> None:
    content = sinkhole_file(sinkhole_row())
    bring(content)
    assert bring(content, source="other").sightings == 1


def test_what_is_outside_the_window_is_a_reject(bring: Bring, lake: Lake) -> None:
    window = window_at(NOW, retention=timedelta(days=30), margin=timedelta(minutes=15))
    counts = bring(
        sinkhole_file(
            sinkhole_row(at="2026-10-25 06:00:00"),
            sinkhole_row(at="2026-10-25 05:59:59"),
            sinkhole_row(at="2026-11-24 06:15:00"),
            sinkhole_row(at="2026-11-24 06:15:01"),
        ),
        window=window,
    )
    assert (counts.sightings, counts.rejects) == (2, 2)
    assert held(lake, "rejects", "evidence_line, reject") == [
        (3, "seen before what is kept: 2026-10-25T05:59:59Z"),
        (5, "seen in the future: 2026-11-24T06:15:01Z"),
    ]


def test_a_feed_an_hour_ahead_brings_no_sightings(bring: Bring) -> None:
    rows = [sinkhole_row(at=f"2026-11-24 07:{minute:02}:00") for minute in range(60)]
    counts = bring(sinkhole_file(*rows))
    assert (counts.sightings, counts.rejects) == (0, 60)


def test_the_book_notes_what_was_read_and_when_the_source_was_met(bring: Bring, lake: Lake) -> None:
    content = sinkhole_file(sinkhole_row(), sinkhole_row(), "short")
    bring(content)
    with lake.book.read() as tx:
        [row] = book_evidence.every(tx)
        assert book_evidence.first_met(tx) == {"example": NOW}
    assert (row.source, row.reader, row.name, row.bytes) == (
        "example",
        "shadowserver:event4_sinkhole",
        SINKHOLE,
        len(content),
    )
    assert (row.records, row.pieces, row.rejects, row.received_at) == (1, 1, 1, NOW)


def test_a_stream_is_kept_like_a_file(lake: Lake) -> None:
    counts = read_file(lake, io.BytesIO(sinkhole_file(sinkhole_row())), source="example", at=NOW)
    assert counts.sightings == 1
    assert [path.read_bytes() for path in (lake.root.parent / "evidence").rglob("*") if path.is_file()] == [
        sinkhole_file(sinkhole_row())
    ]


def test_rejects_alone_are_read_to_the_end_too(bring: Bring, lake: Lake) -> None:
    content = sinkhole_file("short")
    assert bring(content).rejects == 1
    assert bring(content).already
    assert lake.days("sightings") == []


def test_another_writer_makes_it_busy_and_nothing_is_half_done(bring: Bring, lake: Lake) -> None:
    other = Lake(lake.root.parent, lake.book, lake.engine, wall_clock=lambda: NOW)
    other._holder = "another host:1"
    mine = Lake(lake.root.parent, lake.book, lake.engine, wall_clock=lambda: NOW)
    content = sinkhole_file(sinkhole_row())
    with other.writing("sightings"), pytest.raises(Busy):
        read_file(mine, io.BytesIO(content), source="example", at=NOW)
    assert read_file(mine, io.BytesIO(content), source="example", at=NOW).sightings == 1


def test_a_run_killed_before_its_commit_is_repeated_as_if_nothing_had_been(lake: Lake, tmp_path: Path) -> None:
    content = sinkhole_file(sinkhole_row(), "short")
    child = os.fork()
    if child == 0:
        _die_at_commit(lake.root.parent, tmp_path / "work-child", content)
        os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    left = [path for path in lake.root.rglob("*.parquet")]
    assert left  # files without a manifest row: they do not exist
    assert lake.files("sightings") == []
    counts = read_file(
        Lake(lake.root.parent, lake.book, lake.engine, wall_clock=lambda: NOW + timedelta(hours=1)),
        io.BytesIO(content),
        source="example",
        at=NOW,
    )
    assert (counts.sightings, counts.rejects, counts.already) == (1, 1, False)
    assert sorted(path for path in lake.root.rglob("*.parquet")) == sorted(
        lake.root / file.path for table in ("sightings", "pieces", "rejects") for file in lake.files(table)
    )


def _die_at_commit(data: Path, work: Path, content: bytes) -> None:
    class Dying(Book):
        def write(self) -> Transaction:  # type: ignore[override]
            calls.append(1)
            if len(calls) == 2:  # the first takes the lease, the second is the commit
                os.kill(os.getpid(), signal.SIGKILL)
            return super().write()  # type: ignore[return-value]

    calls: list[int] = []
    with Engine(work) as engine:
        read_file(
            Lake(data, Dying.at(data), engine, wall_clock=lambda: NOW), io.BytesIO(content), source="example", at=NOW
        )


# (day, port, malware): few enough that files overlap often.
SEEN = st.tuples(st.integers(20, 23), st.integers(40000, 40002), st.sampled_from(["ramnit", "virut"]))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(SEEN, max_size=8), min_size=1, max_size=4), st.integers(0, 10**9))
def test_the_lake_holds_each_sighting_once_and_each_piece(
    lake: Lake, files: list[list[tuple[int, int, str]]], nonce: int
) -> None:
    source = f"source-{nonce}-{len(held(lake, 'sightings', 'id'))}"
    seen: set[tuple[int, int, str]] = set()
    already: set[bytes] = set()
    pieces = 0
    for rows in files:
        content = sinkhole_file(
            *(sinkhole_row(at=f"2026-11-{day} 10:00:00", port=port, malware=name) for day, port, name in rows)
        )
        counts = read_file(lake, io.BytesIO(content), source=source, at=NOW)
        if content in already:
            assert counts.already
            continue
        already.add(content)
        assert (counts.sightings, counts.pieces) == (len(set(rows) - seen), len(rows) - len(set(rows) - seen))
        seen |= set(rows)
        pieces += len(rows)
    found = lake.engine.rows(
        f"SELECT day(seen_at), port, malware FROM {lake.scan('sightings')} WHERE source = $source", source=source
    )
    assert sorted(found) == sorted(seen)
    mine = f"SELECT id FROM {lake.scan('sightings')} WHERE source = $source"
    assert lake.engine.rows(
        f"SELECT count(*) FROM {lake.scan('pieces')} WHERE sighting IN ({mine})", source=source
    ) == [(pieces,)]


def test_the_header_alone_is_read(bring: Bring) -> None:
    assert bring((HEADER + "\n").encode()) == Counts(reader="shadowserver:event4_sinkhole")
