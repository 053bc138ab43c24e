"""From the book to lives: which cases are measured, when each was over, and what reached its subscriber."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from tocsin.book import Transaction, case_sources, measured
from tocsin.book.measured import LiveCase, Stay, ToldCase
from tocsin.cases.control import ACTOR as CONTROL_ACTOR
from tocsin.cases.follow import ACTOR
from tocsin.cases.moves import State
from tocsin.cases.silence import UNPROVEN
from tocsin.measure.spells import SEEN_WITHIN, Life, Reach
from tocsin.terms.moments import utc_day

_NEVER_TROUBLE = (State.WITHDRAWN, State.FALSE)  # it was not this line, or no trouble at all
_OVER = (State.QUIET, State.CLOSED)
_ARRIVED = ("sent", "uncertain")
_DAY = timedelta(days=1)
_FAILED = ("bounced", "refused")


class Lives(msgspec.Struct, frozen=True):
    """Those that are measured, and how many were left out, by state."""

    lives: tuple[Life, ...]
    left_out: dict[str, int]


def read_lives(tx: Transaction, since: datetime) -> Lives:
    """Of the cases opened since then."""
    cases = measured.live_cases(tx, since)
    told = measured.told_cases(tx, [case.case for case in cases])
    stays = measured.stays(tx, [case.case for case in cases])
    delivered = measured.delivered(tx, utc_day(since))
    sources = case_sources.sources_of(tx, [case.case for case in cases])
    control = measured.remarked(tx, CONTROL_ACTOR, since)
    addresses = measured.addresses(tx, [case.case for case in cases])
    kept = [case for case in cases if case.state not in _NEVER_TROUBLE]
    left_out = Counter(case.state for case in cases if case.state in _NEVER_TROUBLE)
    found = []
    for case in kept:
        inside = stays.get(case.case, ())
        days = [delivered[source] for source in sources.get(case.case, ()) if source in delivered]
        life = _life(case, told.get(case.case, ()), inside)
        known = {"is_control": case.case in control, "address": addresses.get(case.case, "")}
        found.append(msgspec.structs.replace(life, clean_at=_clean_at(case, inside, days), **known))
    return Lives(tuple(found), dict(left_out))


def _clean_at(case: LiveCase, inside: Sequence[Stay], delivered: Sequence[Sequence[date]]) -> datetime | None:
    """When it could first have been seen again after its last sighting: a source told of that day, no garden hid it.

    Where nobody counted the days on which sources told of anything, the last sighting alone is known.
    """
    last = utc_day(case.last_at)
    later = [days[place] for days in delivered if (place := bisect_right(days, last)) < len(days)]
    found = [released for stay in inside if (released := _hidden_until(stay, case)) is not None]
    if later and min(later) > last + _DAY:
        found.append(datetime.combine(min(later), time(), UTC))
    return max(found, default=None)


def _hidden_until(stay: Stay, case: LiveCase) -> datetime | None:
    """When the door opened behind which it may still have been in trouble: it was seen shortly before it closed."""
    return stay.released_at if timedelta(0) < stay.starts_at - case.last_at < SEEN_WITHIN else None


def _life(case: LiveCase, told: Sequence[ToldCase], inside: Sequence[Stay]) -> Life:
    """A case that a person closed, or that was closed unproven, is not over: nobody has shown that it was clean."""
    notices = [
        Reach(at=each.decided_at, channel=each.channel, version=each.version, arrived=each.state in _ARRIVED)
        for each in told
        if each.state in _ARRIVED or (each.state in _FAILED and each.has_left)
    ]
    return Life(
        case=case.case,
        subscriber=case.subscriber,
        kind=case.kind,
        malware=case.malware,
        opened_at=case.opened_at,
        last_at=case.last_at,
        is_over=case.state in _OVER and case.actor == ACTOR and not case.reason.startswith(UNPROVEN),
        reached=(*notices, *(Reach(at=stay.starts_at, channel="garden") for stay in inside)),
    )
