"""The roster, from the book: what those inside are told, and how each is let out. It names nobody."""

from __future__ import annotations

from tocsin.book import Transaction, accounts, case_days, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.quarantines import Quarantine
from tocsin.cases.freeze import masked
from tocsin.cases.suspect import present_contract
from tocsin.garden.roster import Inside, Roster
from tocsin.pipeline.garden_phone import self_left
from tocsin.pipeline.house import House


def roster_of(tx: Transaction, house: House) -> Roster:
    """Everybody to whom it may have been done and who is not known to be out."""
    touched = [each for each in quarantines.in_state(tx, *quarantines.OPEN) if each.session is not None]
    lines = (_line(tx, house, each) for each in touched)
    return Roster(made_at=house.now, inside=tuple(each for each in lines if each is not None))


def _line(tx: Transaction, house: House, mine: Quarantine) -> Inside | None:
    case, contract = book_cases.find(tx, mine.case), present_contract(tx, mine.subscriber, mine.account, at=house.now)
    days = case_days.days_of_case(tx, mine.case)
    config, garden = house.config, house.config.garden
    if case is None or mine.nas is None or mine.session is None or mine.address is None:
        return None
    since = mine.starts_at or mine.asked_at
    last = max(days, key=lambda day: day.last_at) if days else None
    return Inside(
        quarantine=mine.quarantine,
        since=since,
        ends_at=mine.ends_at or since + garden.stay_max,
        role=case.role,
        kind=case.kind,
        malware=case.malware,
        seen_at=case.last_at,
        source=config.titles().get(last.source, last.source) if last else "",
        language=contract.language if contract else config.issuer.language,
        zone=contract.zone if contract else config.issuer.zone,
        line=masked(contract.line) if contract else "",
        self_left=self_left(tx, config, mine, at=house.now),
        nas=mine.nas,
        session=mine.session,
        login=accounts.name_of(tx, mine.account) or "",
        address=mine.address,
    )
