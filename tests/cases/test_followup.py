"""Which step comes next, told as a story; and what a policy may not say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.case_world import AT, DAY, HOUR
from tocsin.cases.followup import DEFAULT, STEPS_MAX, WAIT_DAYS_MAX, Due, FollowUp, Step, Taken, next_step, policy_of
from tocsin.cases.followup import check_policies as check
from tocsin.terms.errors import BadConfig

LADDER = FollowUp(
    kinds=("infected-system",),
    steps=(
        Step(channel="mail", when="seen"),
        Step(channel="sms", after_days=3, when="unreached"),
        Step(channel="letter", after_days=7, when="unread"),
        Step(channel="garden", after_days=7, when="resighted"),
    ),
)


def _next(
    *taken: Taken, last_at: datetime = AT - HOUR, is_read: bool = False, at: datetime = AT, policy: FollowUp = LADDER
) -> Due | None:
    return next_step(policy, taken, opened_at=AT - DAY, last_at=last_at, is_read=is_read, at=at)


def _taken(step: int, channel: str = "mail", at: datetime = AT, **more: bool) -> Taken:
    return Taken(step=step, channel=channel, at=at, **more)


def test_the_first_step_is_due_at_once() -> None:
    due = _next()
    assert due is not None
    assert (due.number, due.step.channel, due.due_at) == (1, "mail", AT - DAY)


def test_a_step_waits_for_its_days_and_not_one_second_less() -> None:
    before = _taken(1, is_done=False)
    assert _next(before, at=AT + 3 * DAY - timedelta(seconds=1)) is None
    due = _next(before, at=AT + 3 * DAY)
    assert due is not None
    assert (due.number, due.step.channel) == (2, "sms")


def test_a_step_for_when_nobody_was_reached_is_left_out_where_somebody_was() -> None:
    assert _next(_taken(1), at=AT + 6 * DAY) is None
    due = _next(_taken(1), at=AT + 30 * DAY)
    assert due is not None
    assert (due.number, due.step.channel) == (3, "letter")
    assert _next(_taken(1), at=AT + 30 * DAY, is_read=True) is None


def test_a_reminder_is_not_for_whoever_has_read() -> None:
    steps = (_taken(1), _taken(2, "sms"))
    assert _next(*steps, at=AT + 7 * DAY, is_read=True) is None
    due = _next(*steps, at=AT + 7 * DAY)
    assert due is not None
    assert due.step.channel == "letter"


def test_the_garden_waits_until_it_is_seen_again() -> None:
    steps = (_taken(1), _taken(2, "sms"), _taken(3, "letter"))
    assert _next(*steps, at=AT + 8 * DAY, last_at=AT - HOUR) is None
    due = _next(*steps, at=AT + 8 * DAY, last_at=AT + 2 * DAY)
    assert due is not None
    assert due.step.channel == "garden"


def test_nothing_is_done_while_a_garden_is_open() -> None:
    inside = _taken(4, "garden", is_open=True)
    assert _next(inside, at=AT + 90 * DAY, last_at=AT + 80 * DAY) is None


def test_when_the_steps_are_used_up_the_last_one_comes_again() -> None:
    out = _taken(4, "garden", at=AT)
    due = _next(out, at=AT + 7 * DAY, last_at=AT + 6 * DAY)
    assert due is not None
    assert (due.number, due.step.channel) == (5, "garden")


@given(
    st.lists(
        st.builds(
            Taken,
            step=st.integers(1, 6),
            channel=st.sampled_from(["mail", "sms", "garden"]),
            at=st.integers(0, 50).map(lambda hours: AT - hours * HOUR),
            is_done=st.booleans(),
            is_open=st.booleans(),
        ),
        max_size=6,
    ),
    st.integers(-50, 500).map(lambda hours: AT + hours * HOUR),
    st.booleans(),
)
def test_no_step_comes_before_its_wait_and_nobody_is_reminded_before_being_told(
    taken: list[Taken], at: datetime, is_read: bool
) -> None:
    due = _next(*taken, at=at, is_read=is_read)
    if due is not None:
        assert due.due_at <= at
        last = max((each.step for each in taken), default=0)
        assert due.number > last
        assert last or due.number == 1
        assert not any(each.is_open for each in taken)
        assert due.step == LADDER.step(due.number)


def test_the_default_is_mail_alone() -> None:
    assert {step.channel for step in DEFAULT.steps} == {"mail"}
    assert policy_of([], "infected-system") is DEFAULT


def test_a_kind_of_its_own_goes_before_all_others() -> None:
    others = FollowUp(steps=LADDER.steps[:1])
    assert policy_of([others, LADDER], "infected-system") is LADDER
    assert policy_of([others, LADDER], "scanner") is others


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ((), "0 steps"),
        ((Step(channel="mail", when="seen"),) + (Step(channel="mail"),) * STEPS_MAX, f"{STEPS_MAX + 1} steps"),
        ((Step(channel="garden", when="seen"),), "nobody is enclosed"),
        ((Step(channel="mail", when="unread"),), "nobody is enclosed, or reminded"),
        ((Step(channel="mail", when="seen"), Step(channel="sms", when="seen")), "only the first"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused(steps: tuple[Step, ...], reason: str) -> None:
    with pytest.raises(BadConfig, match=reason):
        FollowUp(steps=steps)


def test_a_wait_has_a_limit() -> None:
    Step(channel="mail", after_days=WAIT_DAYS_MAX)
    with pytest.raises(BadConfig, match="366 is not allowed"):
        Step(channel="mail", after_days=WAIT_DAYS_MAX + 1)


def test_two_policies_for_one_kind_are_refused() -> None:
    with pytest.raises(BadConfig, match="two policies are for 'infected-system'"):
        check([LADDER, LADDER])
    check([LADDER, FollowUp(steps=LADDER.steps)])
