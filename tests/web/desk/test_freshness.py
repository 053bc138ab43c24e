"""How fresh feeds and logs are judged to be, with the clock in hand."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta

from tests.faults import small_provider
from tocsin.book.figures import Arrivals, Reach
from tocsin.pipeline.config import Config
from tocsin.pipeline.freshness import feed_states, log_states, usual_pause
from tocsin.pipeline.tomlfile import as_struct

_NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
_CONFIG = as_struct(tomllib.loads(small_provider._CONFIG), Config, where="the test")


def _came(*hours_ago: float) -> dict[str, Arrivals]:
    moments = tuple(_NOW - timedelta(hours=each) for each in hours_ago)
    return {"cert": Arrivals("cert", moments[-1], "feed.csv", moments)}


def test_a_feed_that_comes_every_day_is_late_after_three() -> None:
    daily = (120.0, 96.0, 72.0, 49.0)
    assert feed_states(_CONFIG, _came(*daily), _NOW)[0].state == "good"
    late = feed_states(_CONFIG, _came(*(each + 60 for each in daily)), _NOW)[0]
    assert late.state == "open"
    assert "missing, not clean" in late.words


def test_before_a_feed_has_come_often_nothing_is_usual() -> None:
    assert feed_states(_CONFIG, _came(900, 800, 700), _NOW)[0].state == "quiet"
    assert feed_states(_CONFIG, {}, _NOW)[0].words == "Nothing has come yet."
    assert usual_pause([_NOW - timedelta(hours=each) for each in (10, 9, 7, 6)]) == timedelta(hours=1)


def _radius(read_until: datetime | None, *gaps: tuple[datetime, datetime]) -> tuple[str, str]:
    reach = Reach("radius", _NOW - timedelta(days=9), read_until, gaps)
    state = log_states(_CONFIG, {"radius": reach}, {}, _NOW)[0]
    return state.state, state.words


def test_a_log_that_is_read_to_now_is_fresh() -> None:
    assert _radius(_NOW - timedelta(minutes=4)) == ("good", "")


def test_a_silent_log_says_that_nobody_is_named() -> None:
    state, words = _radius(_NOW - timedelta(minutes=45))
    assert state == "open"
    assert "names nobody" in words
    assert _radius(_NOW - timedelta(hours=3))[0] == "bad"


def test_a_silence_of_last_week_is_told_and_one_of_last_month_no_longer() -> None:
    fresh = _NOW - timedelta(minutes=4)
    days = [(_NOW - timedelta(days=each), _NOW - timedelta(days=each, hours=-2)) for each in (3, 20)]
    assert _radius(fresh, days[0])[0] == "open"
    assert _radius(fresh, days[1])[0] == "good"


def test_a_log_that_was_never_read_is_the_worst() -> None:
    assert [state.state for state in log_states(_CONFIG, {}, {}, _NOW)] == ["bad", "bad"]


def test_a_list_of_assignments_is_never_silent() -> None:
    found = log_states(_CONFIG, {"static": Reach("static", None, None, ())}, {}, _NOW)[1]
    assert (found.state, found.is_standing) == ("good", True)
