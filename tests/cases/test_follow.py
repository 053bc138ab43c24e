"""Days of trouble become cases; a case lives by the one table of moves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.case_world import AT, DAY, HOUR, SENDING, seen, watch
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Change
from tocsin.book.notices import Notice
from tocsin.cases.follow import BACK, LATE_LINE, follow, moved
from tocsin.cases.moves import MOVES, OVER, State

REFS = {1: "K-1", 2: "K-2"}


def _follow(
    cases: Sequence[Case], days: Sequence[CaseDay], *, at: datetime = AT, notices: dict[str, list[Notice]] | None = None
) -> list[Change]:
    return follow(cases, days, notices or {}, REFS, at=at, policy=SENDING, watch=watch(at))


def _one(days: Sequence[CaseDay]) -> Case:
    (change,) = _follow([], days)
    return change.after


def _notice(case: Case, state: str, decided_at: object = AT) -> dict[str, list[Notice]]:
    values = {"notice": "N-1", "subscriber": 1, "decided_at": decided_at, "expires_at": AT + 30 * DAY, "facts": "{}"}
    return {case.case: [Notice(**values, code_sha256="0", state=state)]}  # type: ignore[arg-type]


def test_a_first_day_opens_a_case() -> None:
    (change,) = _follow([], [seen(sightings=4, first_at=AT - 3 * HOUR)])
    case = change.after
    assert (case.state, case.subscriber, case.kind, case.malware) == (State.OPEN, 1, "infected-system", "mirai")
    assert (case.opened_at, case.first_at, case.last_at) == (AT - 3 * HOUR, AT - 3 * HOUR, AT - HOUR)
    assert (case.sightings, [move.state for move in change.moves]) == (4, [State.OPEN])


def test_days_of_one_trouble_are_one_case_whoever_saw_it() -> None:
    case = _one([seen(AT - DAY, sightings=2), seen(source="alice", sightings=3), seen(AT - 2 * HOUR, source="own")])
    assert (case.sightings, case.first_at, case.last_at) == (6, AT - DAY, AT - HOUR)


@pytest.mark.parametrize("field", [{"malware": "qakbot"}, {"kind": "scanner"}, {"role": "attacker"}, {"subscriber": 2}])
def test_other_trouble_is_another_case(field: dict[str, object]) -> None:
    assert len(_follow([], [seen(), seen(AT - HOUR, **field)])) == 2


@pytest.mark.parametrize("role", ["victim", "infrastructure", "lead", "unheard-of"])
def test_a_role_that_may_open_no_case_opens_none(role: str) -> None:
    assert _follow([], [seen(role=role)]) == []


def test_a_new_sighting_joins_the_open_case() -> None:
    case = _one([seen(AT - DAY)])
    (change,) = _follow([case], [seen(AT - DAY), seen()])
    assert (change.after.case, change.after.sightings, change.after.last_at) == (case.case, 2, AT - HOUR)
    assert change.moves == ()


def test_an_earlier_sighting_that_comes_late_joins_too_and_the_case_keeps_its_name() -> None:
    case = _one([seen()])
    (change,) = _follow([case], [seen(), seen(AT - 3 * DAY)])
    assert (change.after.case, change.after.opened_at, change.after.first_at) == (case.case, AT - HOUR, AT - 3 * DAY)


def test_nothing_new_changes_nothing() -> None:
    days = [seen(), seen(AT - DAY, malware="qakbot")]
    cases = [change.after for change in _follow([], days)]
    assert _follow(cases, days, at=AT + HOUR) == []


@given(st.permutations([seen(AT - n * HOUR, source=source) for n in range(3) for source in ("cert", "own")]))
def test_names_follow_from_content_whatever_the_order_and_the_clock(days: list[CaseDay]) -> None:
    assert _one(days).case == _one(sorted(days, key=lambda day: day.last_at)).case
    (later,) = _follow([], days, at=AT + 3 * HOUR)
    assert later.after.case == _one(days).case


def test_names_differ_by_subscriber_trouble_and_beginning() -> None:
    days = [seen(), seen(subscriber=2), seen(malware="qakbot"), seen(kind="scanner"), seen(role="attacker")]
    names = {_one([day]).case for day in [*days, seen(AT - 2 * HOUR)]}
    assert len(names) == 6


# --- a late line -------------------------------------------------------------------------------------------------


def test_a_case_that_lost_all_its_days_is_withdrawn_and_says_why() -> None:
    (change,) = _follow([_one([seen()])], [])
    assert change.after.state == State.WITHDRAWN
    assert change.moves[-1].reason == LATE_LINE


def test_a_withdrawn_case_says_that_a_notice_had_been_sent() -> None:
    case = msgspec.structs.replace(_one([seen()]), state=State.NOTIFIED)
    (change,) = _follow([case], [], notices=_notice(case, "sent"))
    assert change.moves[-1].reason == f"{LATE_LINE}; N-1 about it had been sent"
    (change,) = _follow([case], [], notices=_notice(case, "queued"))
    assert change.moves[-1].reason == LATE_LINE


def test_the_subscriber_whom_the_late_line_names_gets_a_case_of_his_own() -> None:
    changes = _follow([_one([seen()])], [seen(subscriber=2)])
    assert {change.after.subscriber: change.after.state for change in changes} == {
        1: State.WITHDRAWN,
        2: State.OPEN,
    }


def test_a_case_that_keeps_some_days_goes_on_with_those() -> None:
    case = _one([seen(), seen(AT - DAY)])
    (change,) = _follow([case], [seen(AT - DAY)])
    assert (change.after.state, change.after.sightings, change.after.last_at) == (State.OPEN, 1, AT - DAY)


def test_a_withdrawn_case_stays_so_and_is_opened_again_when_its_days_come_back() -> None:
    (gone,) = _follow([_one([seen()])], [])
    assert _follow([gone.after], []) == []
    (back,) = _follow([gone.after], [seen()])
    assert (back.before, back.after.case, back.after.state) == (gone.after, gone.after.case, State.OPEN)
    assert back.moves[-1].reason == BACK


@pytest.mark.parametrize("state", [State.OPEN, State.NOTIFIED, State.RESIGHTED, State.QUIET])
def test_every_living_case_can_be_withdrawn(state: State) -> None:
    case = msgspec.structs.replace(_one([seen()]), state=state)
    (change,) = _follow([case], [])
    assert change.after.state == State.WITHDRAWN


# --- time --------------------------------------------------------------------------------------------------------


def _states(case: Case, days: Sequence[CaseDay], at: object, **how: object) -> list[str]:
    return [move.state for change in _follow([case], days, at=at, **how) for move in change.moves]  # type: ignore[arg-type]


def test_after_two_weeks_of_silence_a_case_is_quiet_and_after_two_more_it_closes() -> None:
    """Whole days count, from the one after the last sighting on."""
    case, days = _one([seen(AT)]), [seen(AT)]
    midnight = AT.replace(hour=0)
    assert _states(case, days, midnight + 15 * DAY - timedelta(seconds=1)) == []
    assert _states(case, days, midnight + 15 * DAY) == [State.QUIET]
    assert _states(case, days, midnight + 29 * DAY - timedelta(seconds=1)) == [State.QUIET]
    assert _states(case, days, midnight + 29 * DAY) == [State.QUIET, State.CLOSED]


def test_a_quiet_case_that_is_seen_again_is_resighted() -> None:
    quiet = msgspec.structs.replace(_one([seen(AT)]), state=State.QUIET)
    assert _states(quiet, [seen(AT), seen(AT + 20 * DAY)], AT + 20 * DAY) == [State.RESIGHTED]
    late = [seen(AT), seen(AT + HOUR)]  # it came late and changes nothing about the silence
    assert _states(quiet, late, AT + 20 * DAY) == []


def test_a_notified_case_that_is_seen_after_the_notice_is_resighted() -> None:
    told = msgspec.structs.replace(_one([seen(AT)]), state=State.NOTIFIED)
    notices = _notice(told, "sent", AT + HOUR)
    assert _states(told, [seen(AT), seen(AT + HOUR)], AT + DAY, notices=notices) == []
    assert _states(told, [seen(AT), seen(AT + 2 * HOUR)], AT + DAY, notices=notices) == [State.RESIGHTED]


def test_a_case_that_is_seen_after_the_garden_is_resighted() -> None:
    out = msgspec.structs.replace(_one([seen(AT)]), state=State.RELEASED, changed_at=AT + HOUR)
    assert _states(out, [seen(AT), seen(AT + HOUR)], AT + DAY) == []
    assert _states(out, [seen(AT), seen(AT + 2 * HOUR)], AT + DAY) == [State.RESIGHTED]


def test_a_closed_case_stays_closed_and_a_later_sighting_opens_another() -> None:
    closed = msgspec.structs.replace(_one([seen(AT)]), state=State.CLOSED)
    assert _follow([closed], [seen(AT)], at=AT + 90 * DAY) == []
    (change,) = _follow([closed], [seen(AT), seen(AT + 60 * DAY)], at=AT + 60 * DAY)
    assert (change.before, change.after.state, change.after.sightings) == (None, State.OPEN, 1)
    assert change.after.case != closed.case


def test_a_day_that_reaches_past_a_closed_case_opens_another_with_another_name() -> None:
    closed = msgspec.structs.replace(_one([seen(AT)]), state=State.CLOSED)
    longer = seen(AT + HOUR, first_at=AT)
    (change,) = _follow([closed], [longer])
    assert (change.before, change.after.opened_at) == (None, AT + HOUR)
    assert change.after.case != closed.case
    assert _follow([closed, change.after], [longer]) == []


def test_what_was_over_before_it_was_read_is_closed_at_once() -> None:
    (change,) = _follow([], [seen(AT - 90 * DAY)])
    assert [move.state for move in change.moves] == [State.OPEN, State.QUIET, State.CLOSED]


# --- the table ---------------------------------------------------------------------------------------------------


def test_the_table_names_every_state_and_leads_to_an_end_from_each() -> None:
    assert set(MOVES) == set(State)
    for state in State:
        seen_states, frontier = {state}, {state}
        while frontier:
            frontier = {after for before in frontier for after in MOVES[before]} - seen_states
            seen_states |= frontier
        assert seen_states & set(OVER), state


def test_a_move_that_the_table_does_not_name_is_a_bug() -> None:
    case = msgspec.structs.replace(_one([seen()]), state=State.CLOSED)
    with pytest.raises(AssertionError, match="may not move from closed to notified"):
        moved(Change(before=case, after=case), State.NOTIFIED, "", AT)
