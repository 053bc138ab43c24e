"""A clock that jumps: nobody is written to too often or of something too old, and the next good run goes on."""

from __future__ import annotations

import shutil
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults import small_provider
from tocsin.book import audit
from tocsin.book import notices as book_notices
from tocsin.book.notices import Notice
from tocsin.pipeline.house import House
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.release import release_holds
from tocsin.pipeline.run import Report, run
from tocsin.proof.canonical import read_facts

FIRST, SECOND = small_provider.RUNS
YEAR = timedelta(days=365)
IN_THE_FUTURE = 2  # of the second run's sightings, for a clock an hour before the first run
STATES = ("decided", "queued", "sent", "uncertain", "refused")


def _run(folder: Path, at: datetime) -> Report:
    with House.open(config_file=folder / "tocsin.toml", data=None, now=at) as house:
        return run(house, Progress())


def _release(folder: Path, at: datetime) -> None:
    with House.open(config_file=folder / "tocsin.toml", data=None, now=at) as house:
        assert release_holds(house, reason="the clock has been set right")


def _notices(folder: Path) -> list[Notice]:
    with (
        House.open(config_file=folder / "tocsin.toml", data=None, now=SECOND) as house,
        house.book.read() as tx,
    ):
        assert audit.verify(tx)[1] is None
        return book_notices.in_state(tx, *STATES)


def _demand_peace(folder: Path) -> list[Notice]:
    """No notice within another's rest, none of what was seen too long before it or after it."""
    found = _notices(folder)
    for notice in found:
        for trouble in read_facts(notice.facts.encode()).troubles:
            assert timedelta() <= notice.decided_at - trouble.seen_at <= timedelta(days=7)
    by_subscriber: dict[int, list[datetime]] = {}
    for notice in found:
        by_subscriber.setdefault(notice.subscriber, []).append(notice.decided_at)
    for moments in by_subscriber.values():
        assert all(later - earlier >= timedelta(days=7) for earlier, later in pairwise(sorted(moments)))
    return found


@pytest.fixture
def beginning(history: Path, tmp_path: Path) -> Path:
    return shutil.copytree(history / "before-1", tmp_path / "provider")


JUMPS = {
    "back an hour": [FIRST, FIRST - timedelta(hours=1), SECOND],
    "back a year": [FIRST, FIRST - YEAR, SECOND],
    "ahead a year and back": [FIRST, FIRST + YEAR, SECOND],
    "ahead at once": [FIRST + YEAR, FIRST, SECOND],
    "to and fro": [FIRST, SECOND, FIRST + YEAR, FIRST - YEAR, SECOND, SECOND + timedelta(hours=1)],
}


@pytest.mark.parametrize("moments", JUMPS.values(), ids=JUMPS.keys())
def test_a_clock_that_jumps_breaks_no_rest_and_no_age(beginning: Path, moments: list[datetime]) -> None:
    for place, at in enumerate(moments):
        if place == 1:
            small_provider.more(beginning)
        _run(beginning, at)
        _demand_peace(beginning)


def test_an_hour_back_holds_the_source_and_its_release_tells_all_that_was_not_ahead(beginning: Path) -> None:
    _run(beginning, FIRST)
    small_provider.more(beginning)
    back = _run(beginning, FIRST - timedelta(hours=1))
    feeds = [came for came in back.came if came.of == "cert" and not came.already]
    assert sum(came.rejects for came in feeds) == IN_THE_FUTURE
    held = _run(beginning, SECOND)
    assert (back.notified.sent, held.notified.sent) == ((), ())
    assert "future" in held.notified.holds[0]
    _release(beginning, SECOND)
    later = _run(beginning, SECOND + timedelta(hours=1))
    assert len(later.notified.sent) == small_provider.NOTICES - IN_THE_FUTURE
    assert len(_demand_peace(beginning)) == small_provider.NOTICES - IN_THE_FUTURE


def test_after_a_year_ahead_new_sightings_are_still_told(beginning: Path) -> None:
    _run(beginning, FIRST)
    _run(beginning, FIRST + YEAR)
    small_provider.more(beginning)
    assert _run(beginning, SECOND).notified.sent
