"""What must be true at the very second in which somebody is put into the garden."""

from __future__ import annotations

from datetime import datetime

from tocsin.attribution.open_sessions import Doubt, OpenSession, the_open_session
from tocsin.book import Transaction, case_days, notices, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.cases import Contract
from tocsin.book.quarantines import Quarantine
from tocsin.cases.garden_rules import Bar, Suspect, judge
from tocsin.cases.rules import believed
from tocsin.pipeline.config import Config
from tocsin.pipeline.house import House
from tocsin.terms.roles import Trust


def present_session(house: House, account: int) -> OpenSession | Doubt | None:
    """The only session that the login has open now, by the logs as far as they have been read."""
    age_max = house.config.garden.log_age_max
    return the_open_session(house.lake, house.config.logs, account, at=house.now, log_age_max=age_max)


def objection(tx: Transaction, config: Config, mine: Quarantine, *, at: datetime) -> str | None:
    """Which rule of the garden stands against it at this second, in words; None where none does.

    A person's approval answers what the rules leave to a person, and nothing else.
    """
    case = book_cases.find(tx, mine.case)
    if case is None:
        return "the case is gone"
    trust = config.trust()
    days = believed(case_days.days_of_case(tx, mine.case), trust)
    suspect = Suspect(
        case=case,
        days=days,
        trust=tuple(trust.get(source, Trust.STRANGER) for source in sorted({day.source for day in days})),
        contract=present_contract(tx, mine, at=at),
        is_on=config.garden.enclose,
        sending=config.notices.send,
        told=sum(each.sent_at is not None for each in notices.of_cases(tx, [mine.case]).get(mine.case, ())),
        in_garden=False,  # this is it
        been_by_person=mine.by_person or quarantines.was_approved_by_a_person(tx, mine.subscriber),
        inside=quarantines.active_count(tx) - 1,  # without this one
        inside_max=config.garden.inside_max(book_cases.count_subscribers(tx)),
        at=at,
    )
    verdict = judge(suspect)
    allowed = verdict.bar is None or (verdict.bar is Bar.PERSON and mine.by_person)
    return None if allowed else verdict.reason


def present_contract(tx: Transaction, mine: Quarantine, *, at: datetime) -> Contract | None:
    """The subscriber's contract for the login now, if exactly one contract is there."""
    there = [
        each
        for each in book_cases.contracts_of(tx, [mine.account])
        if each.starts_at <= at and (each.ends_at is None or at < each.ends_at)
    ]
    return there[0] if len(there) == 1 and there[0].subscriber == mine.subscriber else None
