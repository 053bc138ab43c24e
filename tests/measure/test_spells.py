"""Which days count for which channel: told as lives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tocsin.measure.spells import Life, Reach, Spell, all_spells, spells

START = datetime(2026, 10, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HORIZON = START + 40 * DAY


def life(last: float, *reached: tuple[float, str, bool], is_over: bool = True, **fields: object) -> Life:
    """Opened on day 0 and last seen on that day; `reached` are (day, channel, arrived)."""
    return Life(
        case="C-1",
        subscriber=1,
        kind="infected-system",
        malware="mirai",
        opened_at=START,
        last_at=START + last * DAY,
        is_over=is_over,
        reached=tuple(
            Reach(at=START + day * DAY, channel=channel, arrived=arrived) for day, channel, arrived in reached
        ),
        **fields,  # type: ignore[arg-type]
    )


def told(these: Life, horizon: datetime = HORIZON) -> list[tuple[str, float, bool]]:
    return [(each.arm, round(each.days, 6), each.ended) for each in spells(these, horizon)]


def test_a_line_that_is_never_told_is_baseline_from_its_first_sighting() -> None:
    assert told(life(6)) == [("none", 6.0, True)]


def test_a_notice_ends_the_days_without_one() -> None:
    assert told(life(9, (3, "mail", True))) == [("none", 3.0, False), ("mail", 6.0, True)]


def test_told_at_once_there_were_no_days_without() -> None:
    assert told(life(9, (0, "mail", True))) == [("mail", 9.0, True)]


def test_not_seen_after_the_notice_is_clean_at_once() -> None:
    assert told(life(2, (3, "mail", True))) == [("none", 3.0, False), ("mail", 0.0, True)]


@pytest.mark.parametrize(("last", "arm"), [(1.0, "none"), (1.001, "mail")])
def test_what_was_quiet_long_before_the_notice_is_not_the_notices_doing(last: float, arm: str) -> None:
    ended = [each for each in told(life(last, (3, "mail", True))) if each[2]]
    assert [each[0] for each in ended] == [arm]


def test_each_channel_is_followed_until_the_next() -> None:
    these = life(20, (1, "mail", True), (8, "mail", True), (10, "sms", True), (15, "garden", True))
    assert told(these) == [("none", 1.0, False), ("mail", 9.0, False), ("sms", 5.0, False), ("garden", 5.0, True)]


def test_a_notice_that_came_back_counts_for_the_baseline_from_its_own_moment() -> None:
    (only,) = spells(life(9, (2, "mail", False)), HORIZON)
    assert (only.arm, only.days, only.ended, only.why) == ("none", 7.0, True, "bounced")


def test_why_there_was_no_notice() -> None:
    def why(these: Life) -> str:
        return next(spells(these, HORIZON)).why

    assert why(life(5)) == "no notice"
    assert why(life(5, (3, "mail", True))) == "late"
    assert why(life(5, is_control=True)) == "control"
    assert why(life(9, (3, "mail", False), (5, "sms", True))) == "bounced"


def test_only_prompt_notices_are_compared_with_the_baseline() -> None:
    def prompt(day: float) -> bool:
        return next(each.is_prompt for each in spells(life(20, (day, "mail", True)), HORIZON) if each.arm == "mail")

    assert prompt(2.0)
    assert not prompt(2.001)


def test_what_is_not_over_is_broken_off_where_it_was_last_seen() -> None:
    assert told(life(6, is_over=False)) == [("none", 6.0, False)]


def test_nothing_past_the_horizon_is_known() -> None:
    """A line last seen after it may only pause: it was in trouble up to the horizon, and no more is said."""
    assert told(life(45, is_over=True)) == [("none", 40.0, False)]
    assert told(life(45, (41, "mail", True))) == [("none", 40.0, False)]
    assert told(life(40.0)) == [("none", 40.0, True)]
    assert told(life(3), START) == []


def test_every_life_ends_at_most_once() -> None:
    lives = [
        life(last, (day, "mail", True), (day + gap, "sms", gap > 4))
        for last in range(0, 50, 3)
        for day in range(0, 12, 2)
        for gap in range(1, 9)
    ]
    for each in lives:
        found: list[Spell] = all_spells([each], HORIZON)
        assert sum(spell.ended for spell in found) <= 1
        assert all(0 <= spell.days <= 40 for spell in found)
