"""A log's files in the lake: read once, grown files, snapshots, names kept out."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

import pytest

from tests.attribution.bindings.bindings_text import NOON_EPOCH, record
from tocsin.attribution.bindings import READERS, Folded, LogConfig, LogRead, fold_days, logs, make_coverage, read_log
from tocsin.attribution.bindings.read import TABLES
from tocsin.book import evidence as book_evidence
from tocsin.book.accounts import add_accounts, numbers_of
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import UNDATED, Lake
from tocsin.terms.errors import BadConfig, BadRequest

AT = datetime(2026, 11, 24, 18, tzinfo=UTC)
DAY = date(2026, 11, 24)
RADIUS = LogConfig(name="core", reader="freeradius", prefixes=("192.0.2.0/24", "2001:db8::/32"), interim_s=600)
STATIC = LogConfig(name="static", reader="static", prefixes=("198.51.100.0/24",))
LOGS = (RADIUS, STATIC)
HEADER = "network,account\n"


def read(lake: Lake, text: str, log: LogConfig = RADIUS) -> LogRead:
    kept = keep(lake.root.parent, io.BytesIO(text.encode()))
    with lake.writing(*TABLES) as writing:
        return read_log(writing, kept, log, name="detail-20261124", at=AT, window=window_at(AT))


def derive(lake: Lake, *, day: date = DAY) -> tuple[Folded, bool]:
    with lake.writing("bindings", "coverage") as writing:
        [folded] = fold_days(writing, [day], LOGS, at=AT)
        return folded, make_coverage(writing, LOGS, at=AT)


def count(lake: Lake, table: str) -> object:
    return lake.engine.rows(f"SELECT count(*) FROM {lake.scan(table)}")[0][0]


def test_the_same_bytes_read_again_add_nothing(lake: Lake) -> None:
    text = record() + record(Acct_Status_Type="Party")
    assert read(lake, text) == LogRead(events=1, rejects=1)
    assert read(lake, text) == LogRead(already=True)
    assert (count(lake, "lease_events"), count(lake, "rejects")) == (1, 1)


def test_a_file_that_has_grown_adds_only_what_it_has_grown_by(lake: Lake) -> None:
    stop = record(Acct_Status_Type="Stop", Acct_Session_Time="60", Timestamp=str(NOON_EPOCH + 60))
    assert read(lake, record()) == LogRead(events=1)
    before = derive(lake)[0]
    assert read(lake, record() + record() + stop) == LogRead(events=1, known=2)
    after = derive(lake)[0]
    assert (before.rows, after.rows) == (1, 1)
    assert before.generation != after.generation
    ends = lake.engine.rows(f"SELECT ends_at, end_reason FROM {lake.scan('bindings', [DAY])}")
    assert ends == [(datetime(2026, 11, 24, 12, 1, tzinfo=UTC), "stop")]


def test_a_file_that_repeats_what_is_known_makes_no_day_anew(lake: Lake) -> None:
    read(lake, record() + record(Acct_Session_Id='"B"', Framed_IP_Address="192.0.2.2"))
    first = derive(lake)
    read(lake, record(Acct_Session_Id='"B"', Framed_IP_Address="192.0.2.2") + record())
    assert first == (Folded(DAY, 2, first[0].generation, anew=True), True)
    assert derive(lake) == (Folded(DAY, 2, first[0].generation, anew=False), False)


def test_no_name_is_in_the_lake(lake: Lake) -> None:
    read(lake, record(Acct_Status_Type="Party") + record())
    with lake.book.read() as tx:
        numbers = numbers_of(tx, ["alice@example", "nobody"])
    assert lake.engine.rows(f"SELECT account FROM {lake.scan('lease_events')}") == [(numbers["alice@example"],)]
    assert "nobody" not in numbers
    for path in lake.root.rglob("*.parquet"):
        assert b"alice" not in path.read_bytes()


def test_the_book_notes_the_evidence_and_the_first_meeting(lake: Lake) -> None:
    read(lake, record())
    with lake.book.read() as tx:
        [noted] = book_evidence.every(tx)
        met = book_evidence.first_met(tx)
    assert (noted.source, noted.reader, noted.records, noted.rejects) == ("core", "freeradius", 1, 0)
    assert noted.batch is not None
    assert met == {"core": AT}


def test_a_newer_snapshot_replaces_the_older_and_no_other_logs(lake: Lake) -> None:
    other = LogConfig(name="static-2", reader="static")
    read(lake, HEADER + "198.51.100.9,s9\n", other)
    old, new = HEADER + "198.51.100.1,s1\n198.51.100.2,s2\n", HEADER + "198.51.100.1,s3\n"
    for text, expected in ((old, 3), (new, 2), (old, 3), (HEADER, 1), (HEADER, 1), (new, 2)):
        read(lake, text, STATIC)
        assert count(lake, "lease_events") == expected
    assert read(lake, new, STATIC).already
    assert {file.day for file in lake.files("lease_events")} == {UNDATED}


def test_assignments_stand_in_every_day_and_cover_all_of_time(lake: Lake) -> None:
    read(lake, HEADER + "198.51.100.1,s1\n", STATIC)
    for day in (date(2020, 1, 1), DAY):
        assert derive(lake, day=day)[0].rows == 1
    [(log, starts_at, ends_at)] = lake.engine.rows(f"SELECT log, starts_at, ends_at FROM {lake.scan('coverage')}")
    assert (log, getattr(starts_at, "year", 0), getattr(ends_at, "year", 0)) == ("static", 1, 9999)


def test_what_is_no_file_of_the_format_leaves_nothing_behind(lake: Lake) -> None:
    with pytest.raises(BadRequest):
        read(lake, record(), STATIC)
    assert lake.files("lease_events") == []
    assert read(lake, HEADER + "198.51.100.1,s1\n", STATIC) == LogRead(events=1)


def test_a_session_over_midnight_stands_in_both_days_with_its_whole_span(lake: Lake) -> None:
    start = record(Timestamp=str(NOON_EPOCH - 13 * 3600))
    read(lake, start + record(Acct_Status_Type="Stop", Acct_Session_Time=str(13 * 3600)))
    spans = []
    for day in (date(2026, 11, 23), DAY):
        derive(lake, day=day)
        spans += lake.engine.rows(f"SELECT starts_at, ends_at FROM {lake.scan('bindings', [day])}")
    assert spans == [(datetime(2026, 11, 23, 23, tzinfo=UTC), datetime(2026, 11, 24, 12, tzinfo=UTC))] * 2
    assert derive(lake, day=date(2026, 11, 25))[0].rows == 0


def test_accounts_are_numbered_in_the_order_of_their_names_and_for_good(lake: Lake) -> None:
    with lake.book.write() as tx:
        assert add_accounts(tx, ["b", "a", "b"]) == {"a": 1, "b": 2}
        assert add_accounts(tx, ["c", "a", "A"]) == {"a": 1, "A": 3, "c": 4}
        assert numbers_of(tx, ["a", "c", "x"]) == {"a": 1, "c": 4}


def test_every_reader_that_a_log_may_name_is_there() -> None:
    assert set(READERS) == set(logs.READERS)


@pytest.mark.parametrize(
    ("changes", "where"),
    [
        ({"name": "Core Log"}, "logs"),
        ({"prefixes": ("192.0.2.1/24",)}, "prefixes"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"gap_s_max": -1}, "logs.core"),
        ({"reader": "papyrus"}, "reader"),
    ],
)
def test_a_wrong_setting_is_named(changes: dict[str, object], where: str) -> None:
    with pytest.raises(BadConfig, match=where):
        LogConfig(**({"name": "core", "reader": "freeradius"} | changes))  # type: ignore[arg-type]
