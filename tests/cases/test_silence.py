"""Silence is counted by days on which something could have been seen; the rest proves nothing, and is named."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.case_world import AT, DAY, HOUR, SENDING, seen, watch
from tests.cases.provider import Provider, line_day
from tocsin.book import quiet_days
from tocsin.book.cases import Case
from tocsin.book.quiet_days import Inside, LineDay
from tocsin.cases.follow import follow
from tocsin.cases.moves import State
from tocsin.cases.silence import (
    BLIND_S_MAX,
    HELD_S_MIN,
    LATELY,
    STRETCHES_MAX,
    UNPROVEN,
    UNPROVEN_DAYS,
    Watch,
    Why,
    lately,
    silence,
    told,
)

LATER = AT + 16 * DAY  # fifteen whole days lie between
_FIRST = (AT + DAY).date()


def _day(number: int) -> date:
    """The so manieth day after the last sighting, from 1."""
    return (AT + number * DAY).date()


def _without(whole: Watch, *days: int, source: str = "cert") -> Watch:
    """Nothing came from the source on these days."""
    left = frozenset(whole.delivered[source]) - {_day(number) for number in days}
    return msgspec.structs.replace(whole, delivered={**whole.delivered, source: left})


def _line(whole: Watch, number: int, **fields: int) -> Watch:
    day = LineDay(subscriber=1, day=_day(number), accounts="10", **({"held_s": 86_400, "blind_s": 0} | fields))
    return msgspec.structs.replace(whole, lines={1: {**whole.lines[1], _day(number): day}})


def _counted(known: Watch, at: datetime = LATER, *sources: str) -> int:
    return silence(1, sources or ("cert",), since=AT, at=at, watch=known).counted


def test_whole_days_count_neither_that_of_the_last_sighting_nor_today() -> None:
    assert _counted(watch(LATER)) == 15
    assert _counted(watch(LATER), AT + DAY) == 0
    assert _counted(watch(LATER), AT - 3 * DAY) == 0  # the clock was turned back


def test_a_day_without_a_delivery_of_whoever_saw_it_does_not_count() -> None:
    dead = _without(watch(LATER, sources=("cert", "own")), 3, 4)
    assert _counted(dead) == 13
    assert _counted(dead, LATER, "cert", "own") == 15  # the other would have seen it
    assert _counted(dead, LATER, "stray") == 0


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"held_s": HELD_S_MIN}, None),
        ({"held_s": HELD_S_MIN - 1}, Why.OFFLINE),
        ({"blind_s": BLIND_S_MAX}, None),
        ({"blind_s": BLIND_S_MAX + 1}, Why.LOG),
        ({"held_s": 0, "blind_s": 86_400}, Why.LOG),
    ],
)
def test_a_line_that_no_log_knew_for_long_enough_does_not_count(fields: dict[str, int], why: Why | None) -> None:
    found = silence(1, ("cert",), since=AT, at=LATER, watch=_line(watch(LATER), 5, **fields))
    assert found.uncounted == (() if why is None else ((_day(5), why),))


def test_days_in_the_garden_do_not_count_and_are_no_sign_of_neglect() -> None:
    stays = {
        1: [Inside(starts_at=AT + 2 * DAY, released_at=AT + 4 * DAY), Inside(starts_at=AT + 15 * DAY, released_at=None)]
    }
    found = silence(1, ("cert",), since=AT, at=LATER, watch=msgspec.structs.replace(watch(LATER), inside=stays))
    assert [day for day, _ in found.uncounted] == [_day(2), _day(3), _day(4), _day(15)]
    assert (found.counted, found.unproven) == (11, 0)


def test_who_saw_it_long_before_the_last_sighting_is_no_witness() -> None:
    days = [seen(AT - LATELY - HOUR, source="own"), seen(AT - LATELY, source="alice"), seen(AT)]
    assert lately(days) == {"cert", "alice"}
    assert lately([]) == set()


def test_the_words_name_stretches_and_no_more_than_a_few() -> None:
    known = _without(watch(LATER), 3, 4, 5, 9)
    said = told(silence(1, ("cert",), since=AT, at=LATER, watch=known))
    assert said == (f"11 days counted, 4 did not: no delivery from {_day(3)} to {_day(5)}; no delivery on {_day(9)}")
    assert told(silence(1, ("cert",), since=AT, at=AT + 2 * DAY, watch=watch(LATER))) == "1 day counted"
    gaps = _without(watch(AT + 90 * DAY), *range(1, 90, 2))
    said = told(silence(1, ("cert",), since=AT, at=AT + 90 * DAY, watch=gaps))
    assert said.count("no delivery") == STRETCHES_MAX
    assert len(said) < 250


# --- what follows for the case -----------------------------------------------------------------------------------


def _case(state: State, **fields: object) -> Case:
    (change,) = follow([], [seen(AT)], {}, {1: "K-1"}, at=AT, policy=SENDING)
    return msgspec.structs.replace(change.after, state=state, **fields)


def _moves(case: Case, at: datetime, known: Watch) -> list[tuple[str, str]]:
    changes = follow([case], [seen(AT)], {}, {1: "K-1"}, at=at, policy=SENDING, watch=known)
    return [(move.state, move.reason) for change in changes for move in change.moves]


def test_without_anything_known_no_case_goes_quiet() -> None:
    assert _moves(_case(State.OPEN), AT + 170 * DAY, Watch()) == []


def test_the_reason_says_what_counted() -> None:
    late = _without(watch(AT + 17 * DAY), 3)
    assert _moves(_case(State.OPEN), AT + 16 * DAY, late) == [
        (State.QUIET, f"quiet: 14 days counted, 1 did not: no delivery on {_day(3)}")
    ]


def test_a_quiet_case_of_which_too_few_days_count_any_more_is_not_quiet_after_all() -> None:
    """A log was withdrawn, or turned out to have a hole."""
    ((state, reason),) = _moves(_case(State.QUIET), LATER, _without(watch(LATER), 2, 3))
    assert (state, reason[:21]) == (State.OPEN, "not quiet after all: ")
    assert _moves(_case(State.QUIET), LATER, _without(watch(LATER), 2)) == []


@pytest.mark.parametrize(
    "state", [State.OPEN, State.NOTIFIED, State.CONFIRMED, State.OBJECTED, State.HELD, State.FALSE]
)
def test_a_case_of_which_nothing_can_be_shown_is_closed_and_not_called_cured(state: State) -> None:
    at = AT + (UNPROVEN_DAYS + 1) * DAY
    ((after, reason),) = _moves(_case(state), at, Watch())
    assert (after, reason) == (
        State.CLOSED,
        f"{UNPROVEN}: nothing was seen, and nothing shows that it is gone: 0 days counted, {UNPROVEN_DAYS} did not: "
        f"no delivery from {_day(1)} to {_day(UNPROVEN_DAYS)}",
    )
    assert _moves(_case(state), at - DAY, Watch()) == []


def test_a_quiet_case_that_cannot_be_watched_to_its_end_is_closed_unproven() -> None:
    known = watch(AT + 20 * DAY, days=20)
    moves = _moves(_case(State.QUIET), AT + (UNPROVEN_DAYS + 30) * DAY, known)
    assert [(state, reason[: len(UNPROVEN)]) for state, reason in moves] == [(State.CLOSED, UNPROVEN)]


# --- never without so many days that count: the same question asked the slow way --------------------------------

_DAYS = 60
DAY_S = 86_400
_maybe = st.lists(st.booleans(), min_size=_DAYS, max_size=_DAYS)


@given(cert=_maybe, own=_maybe, on=_maybe, whole=_maybe, inside=_maybe, now=st.integers(0, _DAYS), quiet=st.booleans())
def test_no_case_is_quiet_or_closed_without_so_many_days_that_count(
    cert: list[bool], own: list[bool], on: list[bool], whole: list[bool], inside: list[bool], now: int, quiet: bool
) -> None:
    known = Watch(
        delivered={
            "cert": {_day(number) for number in range(_DAYS) if cert[number]},
            "stray": {_day(number) for number in range(_DAYS)},
            "own": {_day(number) for number in range(_DAYS) if own[number]},
        },
        lines={
            1: {
                _day(number): line_day(
                    1, _day(number), held_s=86_400 * on[number], blind_s=86_400 * (not whole[number])
                )
                for number in range(_DAYS)
            }
        },
        inside={
            1: [
                Inside(starts_at=AT + number * DAY, released_at=AT + number * DAY + HOUR)
                for number in range(_DAYS)
                if inside[number]
            ]
        },
    )
    days = [seen(AT - DAY, source="own"), seen(AT)]
    (first,) = follow([], days, {}, {1: "K-1"}, at=AT, policy=SENDING)
    case = msgspec.structs.replace(first.after, state=State.QUIET if quiet else State.NOTIFIED)
    changes = follow([case], days, {}, {1: "K-1"}, at=AT + now * DAY, policy=SENDING, watch=known)
    state = changes[0].after.state if changes else case.state
    could_be_seen = 0
    for number in range(1, now):
        someone = cert[number] or own[number]
        could_be_seen += someone and on[number] and whole[number] and not inside[number]
    if state == State.CLOSED:
        assert could_be_seen >= SENDING.quiet_days + SENDING.close_days
    elif state == State.QUIET:
        assert SENDING.quiet_days <= could_be_seen < SENDING.quiet_days + SENDING.close_days
    else:
        assert could_be_seen < SENDING.quiet_days


# --- in the book -------------------------------------------------------------------------------------------------


def test_a_run_counts_what_the_book_knows(provider: Provider) -> None:
    provider.see(seen(AT))
    provider.follow(AT)
    provider.deliver(LATER, days=16)
    with provider.book.write() as tx:
        quiet_days.put_lines(tx, _day(4), [line_day(1, _day(4), held_s=0, blind_s=86_400)], whole=False)
        quiet_days.replace_delivered(tx, _day(5), {"alice": 3})
    provider.follow(LATER)
    assert [case.state for case in provider.cases()] == [State.OPEN]
    with provider.book.write() as tx:  # the log came late
        quiet_days.put_lines(tx, _day(4), [line_day(1, _day(4))], whole=False)
    provider.follow(LATER)
    (case,) = provider.cases()
    last = provider.moves(case.case)[-1]
    assert (last.state, last.reason) == (
        State.QUIET,
        f"quiet: 14 days counted, 1 did not: no delivery on {_day(5)}",
    )


def test_days_that_are_kept_no_longer_are_forgotten(provider: Provider) -> None:
    provider.deliver(LATER, days=16)
    with provider.book.write() as tx:
        assert quiet_days.forget(tx, _day(15)) > 0
        assert quiet_days.delivered(tx, _FIRST - timedelta(days=99))["cert"] == {_day(15)}
        assert set(quiet_days.lines_of(tx, [1], _FIRST)[1]) == {_day(15)}
