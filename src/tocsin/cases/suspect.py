"""All that the garden's rules may look at of one case's line, read from the book; `garden_rules.judge` judges it.

Read anew each time that it is asked: when a stay is asked for, when it is approved, and at the second at which it is
done.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import msgspec

from tocsin.book import Transaction, case_days, notices, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.book.quarantines import Quarantine
from tocsin.cases.garden_rules import TRUSTED, Suspect
from tocsin.terms.roles import Trust


class Ground(msgspec.Struct, frozen=True, kw_only=True):
    """What the configuration says of the garden, the same for every line."""

    is_on: bool
    sending: bool
    inside_max: Callable[[int], int]  # of so many subscribers
    age_max: timedelta  # of the last sighting
    trust: Mapping[str, Trust]  # by source; one that is not named is a stranger


def suspect_of(
    tx: Transaction, case: Case, account: int, ground: Ground, *, at: datetime, stay: Quarantine | None = None
) -> Suspect:
    """The line of that login, for that case. `stay` is the one that is judged, where it has been asked for already."""
    days = [day for day in rested_on(tx, case.case, ground.trust) if day.account == account]
    inside = quarantines.active_count(tx) - (stay is not None and stay.state in quarantines.INSIDE)
    other = quarantines.open_of(tx, case.subscriber)
    return Suspect(
        case=case,
        days=days,
        trust=tuple(ground.trust[source] for source in sorted({day.source for day in days})),
        contract=present_contract(tx, case.subscriber, account, at=at),
        is_on=ground.is_on,
        sending=ground.sending,
        told=sum(each.sent_at is not None for each in notices.of_cases(tx, [case.case]).get(case.case, ())),
        in_garden=other is not None and (stay is None or other.quarantine != stay.quarantine),
        been_by_person=quarantines.was_approved_by_a_person(tx, case.subscriber),
        inside=inside,
        inside_max=ground.inside_max(book_cases.count_subscribers(tx)),
        age_max=ground.age_max,
        at=(stay.starts_at if stay is not None else None) or at,
    )


def present_contract(tx: Transaction, subscriber: int, account: int, *, at: datetime) -> Contract | None:
    """The subscriber's contract for the login now, if exactly one contract is there."""
    there = [
        each
        for each in book_cases.contracts_of(tx, [account])
        if each.starts_at <= at and (each.ends_at is None or at < each.ends_at)
    ]
    return there[0] if len(there) == 1 and there[0].subscriber == subscriber else None


def rested_on(tx: Transaction, case: str, trust: Mapping[str, Trust]) -> list[CaseDay]:
    """The days of sources whose word is enough, alone: as if nobody else had said anything. Oldest first."""
    return [day for day in case_days.days_of_case(tx, case) if trust.get(day.source, Trust.STRANGER) in TRUSTED]
