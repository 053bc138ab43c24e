"""What must be true at the very second in which somebody is put into the garden."""

from __future__ import annotations

from datetime import datetime

from tocsin.attribution.open_sessions import Doubt, OpenSession, the_open_session
from tocsin.book import Transaction, case_days
from tocsin.book import cases as book_cases
from tocsin.book.cases import Contract
from tocsin.book.quarantines import Quarantine
from tocsin.cases.moves import OVER, PARKED, State
from tocsin.pipeline.config import Config
from tocsin.pipeline.house import House
from tocsin.terms.roles import Trust

_WANTED_NO_MORE = (*OVER, *PARKED, State.QUIET)


def present_session(house: House, account: int) -> OpenSession | Doubt | None:
    """The only session that the login has open now, by the logs as far as they have been read."""
    age_max = house.config.garden.log_age_max
    return the_open_session(house.lake, house.config.logs, account, at=house.now, log_age_max=age_max)


def objection(tx: Transaction, config: Config, mine: Quarantine, *, at: datetime) -> str | None:
    """Why it must not be done after all, in words; None where nothing stands against it."""
    case = book_cases.find(tx, mine.case)
    if case is None or case.state in _WANTED_NO_MORE:
        return f"the case is {case.state if case else 'gone'}"
    contract = present_contract(tx, mine, at=at)
    if contract is None:
        return "the login is not this subscriber's, and nobody else's, by contract now"
    trust = config.trust()
    days = case_days.days_of_case(tx, mine.case)
    if not any(trust.get(day.source, Trust.STRANGER) is not Trust.STRANGER for day in days):
        return "only strangers say so"
    if not mine.by_person:
        return _automatic(contract)
    return None


def _automatic(contract: Contract) -> str | None:
    """What is not known to be harmless is a person's to decide."""
    if contract.care_alarm is not False:
        return "nobody says that no care alarm hangs on the line: a person decides"
    if contract.medical is not False:
        return "nobody says that no medical device hangs on the line: a person decides"
    if contract.line_kind != "private":
        return "the line is not known to be a private one: a person decides"
    return None


def present_contract(tx: Transaction, mine: Quarantine, *, at: datetime) -> Contract | None:
    """The subscriber's contract for the login now, if exactly one contract is there."""
    there = [
        each
        for each in book_cases.contracts_of(tx, [mine.account])
        if each.starts_at <= at and (each.ends_at is None or at < each.ends_at)
    ]
    return there[0] if len(there) == 1 and there[0].subscriber == mine.subscriber else None
