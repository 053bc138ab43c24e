"""How long a case has been silent, in days that count. Pure.

A day counts when a source that had lately seen this trouble delivered something of that day, and the line was
attributable: a log that is whole says what address the subscriber held. A dead sinkhole, a lost log and a line that is
switched off are silent too, and none of them is a cure. Days in the walled garden hide what the line would do.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.quiet_days import Inside, LineDay
from tocsin.terms.moments import utc_day

UNPROVEN_DAYS = 180  # so many days of silence that prove nothing, and a case is closed without being called cured
UNPROVEN = "closed unproven"  # how such a reason begins; `measure` and the figures look for it
HELD_S_MIN = 600  # a line that was known for less than that says nothing of its day
BLIND_S_MAX = 43_200  # and so does a day of which the logs have lost more than half
LATELY = timedelta(days=14)  # before the last sighting: whoever saw it then would have seen it again
DAYS_MAX = 400  # of silence that are looked at
STRETCHES_MAX = 4  # that one sentence names
_DAY = timedelta(days=1)


class Why(StrEnum):
    """Why a day of silence does not count."""

    GARDEN = "in the walled garden"
    SOURCE = "no delivery"
    LOG = "no log"
    OFFLINE = "the line was not seen in the logs"
    CONTRACT = "no contract for the whole day"


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of the days of silence: by source, by subscriber and day, by subscriber."""

    delivered: Mapping[str, Set[date]] = {}
    lines: Mapping[int, Mapping[date, LineDay]] = {}
    inside: Mapping[int, Sequence[Inside]] = {}


NOTHING_KNOWN = Watch()


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """The whole days since the last sighting: how many count, and which do not, oldest first."""

    counted: int
    uncounted: tuple[tuple[date, Why], ...]

    @property
    def unproven(self) -> int:
        """Days on which nothing could have been seen, those in the garden left out."""
        return sum(why is not Why.GARDEN for _, why in self.uncounted)


def silence(subscriber: int, sources: Collection[str], *, since: datetime, at: datetime, watch: Watch) -> Silence:
    """Of the days after that of `since` and before that of `at`, at most DAYS_MAX of them; `sources` saw it lately."""
    counted, uncounted = 0, []
    days = (utc_day(at) - utc_day(since)).days - 1
    for number in range(1, min(days, DAYS_MAX) + 1):
        day = utc_day(since) + number * _DAY
        why = _against(day, subscriber, sources, watch)
        if why is None:
            counted += 1
        else:
            uncounted.append((day, why))
    return Silence(counted=counted, uncounted=tuple(uncounted))


def _against(day: date, subscriber: int, sources: Collection[str], watch: Watch) -> Why | None:
    if any(_was_inside(day, stay) for stay in watch.inside.get(subscriber, ())):
        return Why.GARDEN
    if not any(day in watch.delivered.get(source, ()) for source in sources):
        return Why.SOURCE
    line = watch.lines.get(subscriber, {}).get(day)
    if line is None:
        return Why.CONTRACT
    if line.blind_s > BLIND_S_MAX:
        return Why.LOG
    return None if line.held_s >= HELD_S_MIN else Why.OFFLINE


def _was_inside(day: date, stay: Inside) -> bool:
    first = datetime.combine(day, time(), UTC)
    return stay.starts_at < first + _DAY and (stay.released_at is None or stay.released_at > first)


def lately(days: Sequence[CaseDay]) -> set[str]:
    """Of one trouble's days: the sources that saw it last, or not long before."""
    last = max((day.last_at for day in days), default=None)
    return {day.source for day in days if last is not None and day.last_at >= last - LATELY}


def told(found: Silence) -> str:
    """`14 days counted, 3 did not: no log on 2026-11-03 to 2026-11-05`."""
    days = "day" if found.counted == 1 else "days"
    if not found.uncounted:
        return f"{found.counted} {days} counted"
    stretches = _stretches(found.uncounted)
    words = [f"{why} {_dates(first, last)}" for first, last, why in stretches[:STRETCHES_MAX]]
    if len(stretches) > STRETCHES_MAX:
        words.append("…")
    return f"{found.counted} {days} counted, {len(found.uncounted)} did not: {'; '.join(words)}"


def _stretches(uncounted: Sequence[tuple[date, Why]]) -> list[tuple[date, date, Why]]:
    found: list[tuple[date, date, Why]] = []
    for day, why in uncounted:
        if found and found[-1][2] is why and found[-1][1] + _DAY == day:
            found[-1] = (found[-1][0], day, why)
        else:
            found.append((day, day, why))
    return found


def _dates(first: date, last: date) -> str:
    return f"on {first}" if first == last else f"from {first} to {last}"
