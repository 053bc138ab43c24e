"""What stops a source or a run until somebody has looked."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases.case_world import AT, DAY, HOUR
from tocsin.book.holds import Hold
from tocsin.book.runs import FUTURE, ONE_PORT, SourceRun
from tocsin.cases.brakes import Brake, Trip, holding, mix_shift, new_holds, run_trips, source_trips
from tocsin.cases.policy import Policy
from tocsin.terms.errors import BadConfig

POLICY = Policy(send=True)
USUAL = {"subscriber": 90, "no-binding": 10}


def _run(days_ago: int, outcomes: dict[str, int], source: str = "cert") -> SourceRun:
    return SourceRun(source=source, run_at=AT - days_ago * DAY, sightings=sum(outcomes.values()), outcomes=outcomes)


def _trips(*runs: SourceRun, since: int | None = 1) -> list[tuple[str, str]]:
    before = None if since is None else AT - since * DAY
    return [(str(t.brake), str(t.source)) for t in source_trips(runs, since=before, at=AT, policy=POLICY)]


def _usual(*days_ago: int) -> list[SourceRun]:
    return [_run(day, USUAL) for day in days_ago]


# --- volume ------------------------------------------------------------------------------------------------------


def test_five_times_the_usual_volume_passes_and_one_more_does_not() -> None:
    usual = _usual(3, 2, 1)
    assert _trips(*usual, _run(0, {"subscriber": 450, "no-binding": 50})) == []
    assert _trips(*usual, _run(0, {"subscriber": 451, "no-binding": 50})) == [("volume", "cert")]


def test_usual_is_the_median_of_at_least_three_runs() -> None:
    flood = _run(0, {"subscriber": 4510, "no-binding": 500})
    assert _trips(*_usual(2, 1), flood) == []
    assert _trips(*_usual(3, 2, 1), flood) == [("volume", "cert")]
    odd = _run(3, {"subscriber": 90_000, "no-binding": 10_000})
    assert _trips(*_usual(5, 4), odd, *_usual(2, 1), flood) == [("volume", "cert")]


def test_a_run_without_a_sighting_of_the_source_is_no_run_of_it() -> None:
    empty = [_run(day, {}) for day in (6, 5, 4)]
    assert _trips(*empty, *_usual(3, 2), _run(0, {"subscriber": 5000})) == []
    assert _trips(*_usual(9, 8, 7, 6), *[_run(day, {}) for day in (3, 2, 1)], _run(0, USUAL)) == []


def test_another_source_is_not_touched() -> None:
    other = [_run(day, USUAL, "own") for day in (3, 2, 1, 0)]
    assert _trips(*_usual(3, 2, 1), *other, _run(0, {"subscriber": 900, "no-binding": 100})) == [("volume", "cert")]


def test_a_run_that_was_never_decided_on_is_judged_with_the_next() -> None:
    flood = _run(1, {"subscriber": 900, "no-binding": 100})
    assert _trips(*_usual(5, 4, 3), flood, _run(0, USUAL), since=2) == [("volume", "cert")]
    assert _trips(*_usual(5, 4, 3), flood, _run(0, USUAL), since=1) == []


# --- mix ---------------------------------------------------------------------------------------------------------


def test_a_feed_with_swapped_columns_is_held() -> None:
    swapped = _run(0, {"not-ours": 97, "subscriber": 3})
    assert _trips(*_usual(3, 2, 1), swapped) == [("mix", "cert")]


def test_a_feed_whose_clock_is_an_hour_off_is_held() -> None:
    shifted = _run(0, {"subscriber": 55, "no-binding": 25, "ambiguous": 20})
    assert _trips(*_usual(3, 2, 1), shifted) == [("mix", "cert")]


def test_a_small_shift_is_nothing() -> None:
    assert _trips(*_usual(3, 2, 1), _run(0, {"subscriber": 61, "no-binding": 39})) == []


def test_fewer_than_twenty_sightings_have_no_mix() -> None:
    assert _trips(*_usual(3, 2, 1), _run(0, {"not-ours": 19})) == []
    assert _trips(*_usual(3, 2, 1), _run(0, {"not-ours": 20})) == [("mix", "cert")]


def test_what_is_pending_is_no_answer_yet() -> None:
    assert _trips(*_usual(3, 2, 1), _run(0, {"pending": 80, "subscriber": 18, "no-binding": 2})) == []
    assert _trips(*_usual(3, 2, 1), _run(0, {"pending": 100})) == []


def test_the_reason_names_what_changed_most() -> None:
    (trip,) = source_trips([*_usual(3, 2, 1), _run(0, {"not-ours": 100})], since=None, at=AT, policy=POLICY)
    assert trip.reason == "100% of its sightings ended otherwise than usual: not-ours 100%, usually 0%"


mixes = st.dictionaries(st.sampled_from("abcd"), st.integers(1, 50), min_size=1)


@given(mixes, mixes)
def test_the_shift_is_the_most_that_any_set_of_outcomes_changed(now: dict[str, int], before: dict[str, int]) -> None:
    share = [
        abs(
            sum(now.get(o, 0) for o in chosen) / sum(now.values())
            - sum(before.get(o, 0) for o in chosen) / sum(before.values())
        )
        for chosen in _subsets("abcd")
    ]
    assert mix_shift(now, before) == pytest.approx(max(share))


def _subsets(letters: str) -> list[str]:
    return [""] if not letters else [head + rest for rest in _subsets(letters[1:]) for head in ("", letters[0])]


# --- a run -------------------------------------------------------------------------------------------------------


def _run_wide(notices: int, subscribers: int, **policy: object) -> list[str]:
    rules = Policy(send=True, **policy)  # type: ignore[arg-type]
    return [str(trip.brake) for trip in run_trips(notices, subscribers, at=AT, policy=rules)]


def test_more_notices_than_allowed_in_a_run() -> None:
    assert _run_wide(1000, 10**9) == []
    assert _run_wide(1001, 10**9) == ["notices-max"]
    assert _run_wide(1, 10**9, notices_max=0) == ["notices-max"]


@pytest.mark.parametrize(
    ("subscribers", "allowed"), [(0, 1), (1, 1), (40, 1), (199, 1), (200, 2), (500, 5), (2900, 29), (100_000, 1000)]
)
def test_more_than_one_in_a_hundred_subscribers_but_always_one(subscribers: int, allowed: int) -> None:
    assert _run_wide(allowed, subscribers) == []
    assert _run_wide(allowed + 1, subscribers, notices_max=10_000) == ["share-max"]


def test_shares_are_not_lost_to_rounding() -> None:
    assert _run_wide(29, 100, share_max=0.29) == []
    assert _run_wide(30, 100, share_max=0.29) == ["share-max"]


# --- holds -------------------------------------------------------------------------------------------------------

TRIP = Trip(brake=Brake.VOLUME, run_at=AT, reason="too much", source="cert")
WIDE = Trip(brake=Brake.SHARE, run_at=AT, reason="too many")


def _hold(trip: Trip) -> Hold:
    (hold,) = new_holds([trip], [], {trip.source: 7})
    return hold


def _released(hold: Hold, **fields: object) -> Hold:
    return msgspec.structs.replace(hold, **({"released_at": AT + HOUR, "released_by": "desk"} | fields))


def _names(trips: Sequence[Trip]) -> list[Brake]:
    return [trip.brake for trip in trips]


def test_a_hold_is_named_by_its_run_its_brake_and_its_source() -> None:
    names = {_hold(trip).hold for trip in (TRIP, WIDE, msgspec.structs.replace(TRIP, source="own"))}
    names.add(_hold(msgspec.structs.replace(TRIP, run_at=AT + DAY)).hold)
    assert len(names) == 4
    assert _hold(TRIP) == _hold(TRIP)
    assert (_hold(TRIP).notices, _hold(TRIP).source, _hold(TRIP).at) == (7, "cert", AT)


def test_a_brake_that_waits_for_its_release_makes_no_second_hold() -> None:
    later = msgspec.structs.replace(TRIP, run_at=AT + DAY)
    assert new_holds([later], [_hold(TRIP)], {}) == []
    assert len(new_holds([later], [_released(_hold(TRIP))], {})) == 1
    assert len(new_holds([TRIP, later], [], {})) == 1


def test_a_release_covers_what_the_source_brought_until_then() -> None:
    holds = [_released(_hold(TRIP))]
    assert holding([TRIP], holds) == []
    assert _names(holding([msgspec.structs.replace(TRIP, run_at=AT + 2 * HOUR)], holds)) == [Brake.VOLUME]


def test_a_release_covers_no_other_source_and_no_other_brake() -> None:
    holds = [_released(_hold(TRIP))]
    others = [msgspec.structs.replace(TRIP, source="own"), msgspec.structs.replace(TRIP, brake=Brake.MIX)]
    assert holding(others, holds) == others


def test_an_unreleased_hold_covers_nothing() -> None:
    assert holding([TRIP, WIDE], [_hold(TRIP), _hold(WIDE)]) == [TRIP, WIDE]


def test_the_release_of_a_run_wide_brake_covers_one_decision_and_no_more() -> None:
    released = _released(_hold(WIDE))
    later = msgspec.structs.replace(WIDE, run_at=AT + 2 * HOUR)
    assert holding([later], [released]) == []
    assert holding([later], [msgspec.structs.replace(released, spent_at=AT + HOUR)]) == [later]


@pytest.mark.parametrize(
    "field", [{"rest_days": 0}, {"share_max": 1.5}, {"notices_max": -1}, {"volume_factor_max": 0}, {"mix_shift_max": 2}]
)
def test_a_policy_that_makes_no_sense_is_named(field: dict[str, float]) -> None:
    with pytest.raises(BadConfig, match=rf"notices\.{next(iter(field))}"):
        Policy(**field)  # type: ignore[arg-type]


def test_a_source_that_tells_of_the_future_is_held_from_its_first_run_on() -> None:
    run = SourceRun(source="cert", run_at=AT, sightings=0, outcomes={FUTURE: 3})
    (trip,) = source_trips([run], since=None, at=AT, policy=Policy())
    assert (trip.brake, trip.source) == (Brake.CLOCK, "cert")


def test_records_from_the_future_are_no_part_of_the_usual_mix() -> None:
    usual = [
        SourceRun(source="cert", run_at=AT - place * DAY, sightings=50, outcomes={"subscriber": 50})
        for place in range(5, 0, -1)
    ]
    run = SourceRun(source="cert", run_at=AT, sightings=50, outcomes={"subscriber": 50, FUTURE: 500})
    assert [trip.brake for trip in source_trips([*usual, run], since=None, at=AT, policy=Policy())] == [Brake.CLOCK]


def test_a_source_whose_clients_share_a_port_is_held_from_its_first_run_on() -> None:
    run = SourceRun(source="cert", run_at=AT, sightings=12, outcomes={"subscriber": 12, ONE_PORT: 12})
    (trip,) = source_trips([run], since=None, at=AT, policy=Policy())
    assert (trip.brake, trip.source) == (Brake.PORTS, "cert")
