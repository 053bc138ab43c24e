"""What the book knows of the days of silence, and how long one case has been silent."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tocsin.book import Transaction, case_days, quiet_days
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case
from tocsin.cases.moves import OVER, State
from tocsin.cases.policy import Policy
from tocsin.cases.silence import DAYS_MAX, Silence, Watch, lately, silence
from tocsin.terms.moments import utc_day

_Key = tuple[int, str, str, str]


def read_watch(tx: Transaction, days: Iterable[CaseDay], *, at: datetime, policy: Policy) -> Watch:
    """Of those subscribers only one of whose troubles has been silent for so long that its days are counted."""
    last: dict[_Key, datetime] = {}
    for day in days:
        key = (day.subscriber, day.kind, day.malware, day.role)
        last[key] = max(day.last_at, last.get(key, day.last_at))
    silent: dict[int, datetime] = {}
    for key, since in last.items():
        if at - since > timedelta(days=policy.quiet_days):
            silent[key[0]] = min(since, silent.get(key[0], since))
    if not silent:
        return Watch()
    return watch_of(tx, silent, since=min(silent.values()), at=at)


def watch_of(tx: Transaction, subscribers: Iterable[int], *, since: datetime, at: datetime) -> Watch:
    """Everything that is known of these lines since that moment."""
    first = max(utc_day(since), utc_day(at) - timedelta(days=DAYS_MAX))
    numbers = sorted(set(subscribers))
    return Watch(
        delivered=quiet_days.delivered(tx, first),
        lines=quiet_days.lines_of(tx, numbers, first),
        inside=quiet_days.stays_of(tx, numbers),
    )


def silence_of(tx: Transaction, case: Case, at: datetime) -> Silence | None:
    """The days since the case was last seen; None of one that is over."""
    if case.state in OVER:
        return None
    since = max(case.last_at, case.changed_at) if case.state == State.REOPENED else case.last_at
    sources = lately(case_days.days_of_case(tx, case.case))
    watch = watch_of(tx, [case.subscriber], since=since, at=at)
    return silence(case.subscriber, sources, since=since, at=at, watch=watch)
