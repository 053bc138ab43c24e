"""The start page's figures, gathered in one view of the book."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from tocsin.attribution.reasons import REASON_BY_CODE
from tocsin.book import Book, Transaction, figures, holds, runs
from tocsin.book.figures import CameDay, Cure, OpenCases, OutcomeDay, Uncertain
from tocsin.book.holds import Hold
from tocsin.cases.moves import OVER, State
from tocsin.cases.silence import UNPROVEN
from tocsin.pipeline.config import Config
from tocsin.pipeline.freshness import FeedState, LogState, feed_states, log_states
from tocsin.terms.moments import utc_day
from tocsin.terms.roles import Outcome

UNCERTAIN_SHOWN = 50
CURE_DAYS = 90
ARRIVAL_DAYS = 30
STANDING = tuple(str(state) for state in State if state not in (*OVER, State.FALSE))  # what is still going on
_NO_NAME = (Outcome.SUBSCRIBER, Outcome.NOT_OURS)  # the outcomes that are no failure to attribute


class Why(msgspec.Struct, frozen=True):
    """So many sightings could not be attributed for this reason."""

    outcome: str
    reason: str
    sentence: str
    sightings: int


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the notices decided in the time that is shown."""

    sent: int  # left, whatever became of them then
    bounced: int
    confirmed: int
    uncertain: int
    refused: int
    waiting: int


class Overview(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. Days are UTC days, oldest first."""

    days: tuple[date, ...]
    came: tuple[CameDay, ...]
    outcomes: dict[str, int]
    why: tuple[Why, ...]
    open_cases: tuple[OpenCases, ...]
    notices: Notices
    sent_by_day: dict[date, int]
    notified_cure: Cure
    other_cure: Cure
    feeds: tuple[FeedState, ...]
    logs: tuple[LogState, ...]
    holds: tuple[Hold, ...]
    uncertain: tuple[Uncertain, ...]
    unread: dict[str, int]
    last_run: datetime | None

    @property
    def attributed_share(self) -> float | None:
        """Of the sightings in our own networks whose answer does not wait."""
        ours = sum(count for name, count in self.outcomes.items() if name not in (Outcome.NOT_OURS, Outcome.PENDING))
        return self.outcomes.get(Outcome.SUBSCRIBER, 0) / ours if ours else None


class Overviews:
    """Makes them. What only a run can change is kept from one run to the next."""

    def __init__(self) -> None:
        self._cures: tuple[object, tuple[Cure, Cure]] | None = None

    def of(self, book: Book, config: Config, now: datetime, *, days: int) -> Overview:
        """For the last so many UTC days, today among them."""
        today = utc_day(now)
        first = today - timedelta(days=days - 1)
        since = datetime(first.year, first.month, first.day, tzinfo=now.tzinfo)
        with book.read() as tx:
            arrivals = figures.arrivals(tx, now - timedelta(days=ARRIVAL_DAYS))
            outcomes = figures.outcomes_since(tx, first)
            last_run = runs.last_finished(tx)
            notified, other = self._cure(tx, now, last_run)
            by_state = figures.notices_by_state(tx, since)
            return Overview(
                days=tuple(first + timedelta(days=number) for number in range(days)),
                came=tuple(figures.came_by_day(tx, since)),
                outcomes=_by_outcome(outcomes),
                why=_why(outcomes),
                open_cases=tuple(figures.open_cases(tx, STANDING)),
                notices=_notices(by_state, figures.confirmed(tx, since)),
                sent_by_day=figures.sent_by_day(tx, since),
                notified_cure=notified,
                other_cure=other,
                feeds=tuple(feed_states(config, arrivals, now)),
                logs=tuple(log_states(config, figures.reaches(tx), arrivals, now)),
                holds=tuple(holds.unreleased(tx)),
                uncertain=tuple(figures.uncertain(tx, UNCERTAIN_SHOWN)),
                unread=figures.unread(tx),
                last_run=last_run,
            )

    def _cure(self, tx: Transaction, now: datetime, last_run: datetime | None) -> tuple[Cure, Cure]:
        """Cases go quiet in runs, and the figure moves slowly: it is asked for once a run and day."""
        key = (last_run, utc_day(now))
        if self._cures is None or self._cures[0] != key:
            since = now - timedelta(days=CURE_DAYS)
            self._cures = key, figures.cures(tx, since, unproven=UNPROVEN)
        return self._cures[1]


def _by_outcome(outcomes: Sequence[OutcomeDay]) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for each in outcomes:
        counts[each.outcome] += each.sightings
    return dict(counts)


def _why(outcomes: Sequence[OutcomeDay]) -> tuple[Why, ...]:
    """Most frequent first."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in outcomes:
        if each.outcome not in _NO_NAME:
            counts[(each.outcome, each.reason)] += each.sightings
    return tuple(
        Why(outcome, reason, REASON_BY_CODE[reason].sentence if reason in REASON_BY_CODE else reason, count)
        for (outcome, reason), count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    )


def _notices(by_state: dict[str, int], confirmed: int) -> Notices:
    return Notices(
        sent=sum(by_state.get(state, 0) for state in ("sent", "bounced")),
        bounced=by_state.get("bounced", 0),
        confirmed=confirmed,
        uncertain=by_state.get("uncertain", 0),
        refused=by_state.get("refused", 0),
        waiting=by_state.get("decided", 0) + by_state.get("queued", 0),
    )
