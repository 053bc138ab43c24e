"""The brakes: what stops a source, or a whole run, until somebody has looked. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from math import floor
from statistics import median

import msgspec

from tocsin.book.holds import Hold
from tocsin.book.runs import FUTURE, ONE_PORT, SIGNS, SourceRun
from tocsin.cases.policy import Policy
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment
from tocsin.terms.roles import Outcome

RUNS_MIN = 3  # before so many runs nothing is usual
RUNS_MAX = 30  # how far back "usual" looks
SIGHTINGS_MIN = 20  # fewer have no mix worth the name


class Brake(StrEnum):
    """What is too much."""

    NOTICES = "notices-max"  # notices in a run
    SHARE = "share-max"  # of all subscribers in a run
    VOLUME = "volume"  # of a source
    CLOCK = "clock"  # of a source that tells of the future: then nothing that it says of the past can be believed
    PORTS = "ports"  # of a source whose clients all have the same port: it is not the clients' own
    MIX = "mix"  # of outcomes of a source: its clock or its columns may have changed


class Trip(msgspec.Struct, frozen=True, kw_only=True):
    """A brake that was hit; `run_at` is the run that hit it."""

    brake: Brake
    run_at: datetime
    reason: str
    source: str | None = None


def source_trips(history: Sequence[SourceRun], *, since: datetime | None, at: datetime, policy: Policy) -> list[Trip]:
    """What the sources brought in the runs after `since` (always their last one), against what was usual before."""
    by_source: dict[str, list[SourceRun]] = {}
    for each in sorted(history, key=lambda each: (each.source, each.run_at)):
        if (each.sightings or any(sign in each.outcomes for sign in SIGNS)) and each.run_at <= at:
            by_source.setdefault(each.source, []).append(each)
    return [
        trip
        for runs in by_source.values()
        for place, run in enumerate(runs)
        if place == len(runs) - 1 or since is None or run.run_at > since
        for trip in _judge(run, runs[max(0, place - RUNS_MAX) : place], policy)
    ]


def _judge(run: SourceRun, earlier: Sequence[SourceRun], policy: Policy) -> Iterator[Trip]:
    if future := run.outcomes.get(FUTURE, 0):
        reason = f"{future} of its records tell of the future: its clock, or its zone, is wrong"
        yield Trip(brake=Brake.CLOCK, run_at=run.run_at, reason=reason, source=run.source)
    if pairs := run.outcomes.get(ONE_PORT, 0):
        reason = f"the clients of {pairs} addresses are said to have used the same few ports: not their own"
        yield Trip(brake=Brake.PORTS, run_at=run.run_at, reason=reason, source=run.source)
    earlier = [each for each in earlier if each.sightings]
    if len(earlier) < RUNS_MIN or not run.sightings:
        return
    usual = median(each.sightings for each in earlier)
    if run.sightings > policy.volume_factor_max * usual:
        reason = f"{run.sightings} sightings, usual are {usual:g}"
        yield Trip(brake=Brake.VOLUME, run_at=run.run_at, reason=reason, source=run.source)
    now, before = _answers([run]), _answers(earlier)
    if min(sum(now.values()), sum(before.values())) < SIGHTINGS_MIN:
        return
    shift = mix_shift(now, before)
    if shift > policy.mix_shift_max:
        reason = f"{shift:.0%} of its sightings ended otherwise than usual: {_most_changed(now, before)}"
        yield Trip(brake=Brake.MIX, run_at=run.run_at, reason=reason, source=run.source)


def mix_shift(now: Mapping[str, int], before: Mapping[str, int]) -> float:
    """Total variation distance of the two: 0 alike, 1 nothing in common."""
    all_now, all_before = sum(now.values()), sum(before.values())
    return sum(abs(now.get(o, 0) / all_now - before.get(o, 0) / all_before) for o in {*now, *before}) / 2


def run_trips(notices: int, subscribers: int, *, at: datetime, policy: Policy) -> list[Trip]:
    """What is too much in one run. The smallest provider may always write one notice."""
    trips = []
    if notices > policy.notices_max:
        reason = f"{notices} notices in one run, {policy.notices_max} are allowed"
        trips.append(Trip(brake=Brake.NOTICES, run_at=at, reason=reason))
    allowed = max(1, floor(policy.share_max * subscribers + 1e-9))  # 0.29 * 100 is 28.999999999999996
    if notices > allowed:
        reason = f"notices to {notices} of {subscribers} subscribers, {allowed} are allowed ({policy.share_max:.2%})"
        trips.append(Trip(brake=Brake.SHARE, run_at=at, reason=reason))
    return trips


def holding(trips: Sequence[Trip], holds: Sequence[Hold]) -> list[Trip]:
    """The trips that no release covers.

    A release covers what its source brought until then; of a run-wide brake it covers the next decision, once.
    """
    return [trip for trip in trips if not any(_covers(hold, trip) for hold in holds)]


def _covers(hold: Hold, trip: Trip) -> bool:
    if hold.released_at is None or (hold.brake, hold.source) != (trip.brake, trip.source):
        return False
    return trip.run_at <= hold.released_at if trip.source else hold.spent_at is None


def new_holds(trips: Sequence[Trip], holds: Sequence[Hold], stopped: Mapping[str | None, int]) -> list[Hold]:
    """A hold for each trip, unless one like it waits for its release already. `stopped` counts notices by source."""
    waiting = {(hold.brake, hold.source) for hold in holds if hold.released_at is None}
    found: dict[tuple[str, str | None], Hold] = {}
    for trip in trips:
        key = (str(trip.brake), trip.source)
        if key not in waiting and key not in found:
            name = digest("hold", format_moment(trip.run_at), trip.brake, trip.source)
            found[key] = Hold(
                hold=f"H-{name[:16]}",
                at=trip.run_at,
                brake=trip.brake,
                source=trip.source,
                reason=trip.reason[:300],
                notices=stopped.get(trip.source, 0),
            )
    return list(found.values())


def _answers(runs: Sequence[SourceRun]) -> dict[str, int]:
    """Sightings by outcome; what is pending has no answer yet."""
    found: dict[str, int] = {}
    for run in runs:
        for outcome, count in run.outcomes.items():
            if outcome != Outcome.PENDING and outcome not in SIGNS:
                found[outcome] = found.get(outcome, 0) + count
    return found


def _most_changed(now: Mapping[str, int], before: Mapping[str, int]) -> str:
    all_now, all_before = sum(now.values()), sum(before.values())
    share = {o: (now.get(o, 0) / all_now, before.get(o, 0) / all_before) for o in sorted({*now, *before})}
    most = max(share, key=lambda o: abs(share[o][0] - share[o][1]))
    return f"{most} {share[most][0]:.0%}, usually {share[most][1]:.0%}"
