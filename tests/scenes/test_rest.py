"""One letter in a week, whatever is seen; and the same evidence again adds nothing."""

from __future__ import annotations

import pytest

from tests.scenes import feeds
from tests.scenes.moments import moment
from tests.scenes.scene import Scene

ADDRESS = "198.51.100.7"
TABLES = ("sightings", "pieces", "rejects", "lease_events", "bindings", "attributions")


@pytest.fixture
def home(scene: Scene) -> Scene:
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "2026-12-02 12:00")
    return scene


def _attacked(scene: Scene, at: str) -> None:
    scene.bring("event4_honeypot_brute_force", feeds.brute_force(moment(at), ADDRESS))


def test_two_troubles_at_once_are_one_letter(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS)
    _attacked(home, "04:16")
    home.run("14:00")
    (letter,) = home.letters()
    assert letter.seen == ("2026-11-23 04:16:00", "2026-11-23 03:16:00")
    assert [case.state for case in home.cases()] == ["notified", "notified"]


def test_within_a_week_there_is_no_second_letter_over_all_cases_and_runs(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS)
    home.run("04:00")
    assert len(home.letters()) == 1
    home.sinkhole("08:16", ADDRESS)
    _attacked(home, "09:16")
    home.run("10:00")
    home.sinkhole("Tue 03:16", ADDRESS, malware="mozi")
    home.run("Tue 04:00")
    home.run("2026-11-30 03:59")
    assert len(home.letters()) == 1
    assert home.withheld() == {"rest": 1}
    assert len(home.cases()) == 3


def test_after_the_week_only_what_was_seen_since_the_letter_is_told(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS)
    home.run("04:00")
    home.run("2026-11-30 05:00")
    assert len(home.letters()) == 1
    home.sinkhole("2026-11-30 06:16", ADDRESS)
    home.run("2026-11-30 07:00")
    assert len(home.letters()) == 2
    assert {letter.seen for letter in home.letters()} == {("2026-11-23 03:16:00",), ("2026-11-30 06:16:00",)}


def test_the_same_files_again_add_nothing(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS)
    home.bring_text("2026-11-23-event4_sinkhole-broken-asn.csv", feeds.text_of(feeds.SINKHOLE, [{"src_ip": "no"}]))
    home.run("04:00")
    before = {table: home.count(table) for table in TABLES}
    cases, letters = home.cases(), home.letters()
    report = home.run("04:05", log_until="04:00")
    assert all(came.already for came in report.came)
    assert report.attributed.attributed == ()
    assert report.cases == {}
    assert {table: home.count(table) for table in TABLES} == before
    assert before["rejects"] == 1
    assert (home.cases(), home.letters()) == (cases, letters)


def test_the_same_records_in_other_files_add_nothing_but_their_places(home: Scene) -> None:
    """A second witness file gives pieces; the RADIUS records are copied into another file, twice each."""
    row = feeds.sinkhole(moment("03:16"), ADDRESS)
    home.bring("event4_sinkhole", row)
    home.run("04:00")
    before, cases, letters = {table: home.count(table) for table in TABLES}, home.cases(), home.letters()
    first = (home.folder / "radius" / f"detail-{home._files}").read_text("utf-8")
    home.write(first, first)
    home.bring_text("2026-11-24-event4_sinkhole-again-asn.csv", feeds.text_of(feeds.SINKHOLE, [row, row]))
    home.run("04:05", log_until="04:00")
    after = {table: home.count(table) for table in TABLES}
    assert after.pop("pieces") == before.pop("pieces") + 2
    assert after == before
    assert (home.cases(), home.letters()) == (cases, letters)
