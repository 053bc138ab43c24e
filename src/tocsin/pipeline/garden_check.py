"""What must be true when somebody is put into the garden: asked of the one table of rules, whenever a stay goes on."""

from __future__ import annotations

from datetime import datetime

from tocsin.attribution.open_sessions import Doubt, OpenSession, the_open_session
from tocsin.book import Transaction
from tocsin.book import cases as book_cases
from tocsin.book.cases import Case
from tocsin.book.quarantines import Quarantine
from tocsin.cases.garden_rules import Bar, Verdict, judge
from tocsin.cases.suspect import Ground, suspect_of
from tocsin.pipeline.config import Config
from tocsin.pipeline.house import House


def present_session(house: House, account: int) -> OpenSession | Doubt | None:
    """The only session that the login has open now, by the logs as far as they have been read."""
    age_max = house.config.garden.log_age_max
    return the_open_session(house.lake, house.config.logs, account, at=house.now, log_age_max=age_max)


def ground_of(config: Config) -> Ground:
    """What the configuration says to the rules."""
    return Ground(
        is_on=config.garden.enclose,
        sending=config.notices.send,
        inside_max=config.garden.inside_max,
        age_max=config.notices.age_max,
        trust=config.trust(),
    )


def verdict_on(
    tx: Transaction, config: Config, case: Case, account: int, *, at: datetime, stay: Quarantine | None = None
) -> Verdict:
    """What the rules say at this moment; `stay` is the one that is judged, where it has been asked for already."""
    return judge(suspect_of(tx, case, account, ground_of(config), at=at, stay=stay))


def objection(tx: Transaction, config: Config, mine: Quarantine, *, at: datetime, by_person: bool) -> str | None:
    """Which rule stands against this stay at this moment, in words; None where none does.

    A person's approval answers what the rules leave to a person, and nothing else.
    """
    case = book_cases.find(tx, mine.case)
    if case is None:
        return "the case is gone"
    verdict = verdict_on(tx, config, case, mine.account, at=at, stay=mine)
    allowed = verdict.bar is None or (verdict.bar is Bar.PERSON and by_person)
    return None if allowed else verdict.reason
