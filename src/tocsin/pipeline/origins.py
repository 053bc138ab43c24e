"""Scorecards of the networks that a clearing house reports to, the worst first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import msgspec

from tocsin.book import report_post
from tocsin.engine import read_sql
from tocsin.pipeline.house import House
from tocsin.pipeline.measuring import CARD_DAYS_MAX, demand_scipy
from tocsin.pipeline.reach import spans_that_say
from tocsin.pipeline.reported import reported
from tocsin.terms.errors import BadRequest

if TYPE_CHECKING:
    from tocsin.measure.origins import OriginCard

ORIGINS_MAX = 200
CONTACTS_MAX = 5  # of one network
_IPV4 = range(0xFFFF << 32, (0xFFFF << 32) + (1 << 32))


def score_origins(house: House, *, days: int = CARD_DAYS_MAX) -> list[OriginCard]:
    """At most ORIGINS_MAX autonomous systems, by what was seen of them in so many days.

    BadRequest where SciPy is missing, or for days outside 1 to CARD_DAYS_MAX.
    """
    if not 1 <= days <= CARD_DAYS_MAX:
        raise BadRequest(f"{days} days cannot be scored, 1 to {CARD_DAYS_MAX} can")
    demand_scipy()
    from tocsin.measure.origins import OriginCount, Outcome, SpellCount, origin_cards  # noqa: PLC0415 - SciPy

    section = msgspec.structs.replace(house.config.reports, age_days=days)
    with reported(house, section, with_mails=False) as found:
        counts = [
            msgspec.convert(_present(row), OriginCount)
            for row in found.ask(read_sql(__package__, "origins"), rows_max=ORIGINS_MAX, contacts_max=CONTACTS_MAX)
        ]
        origins = [each.origin for each in counts]
        horizon = house.now - timedelta(days=house.config.notices.quiet_days)
        asked = found.ask(read_sql(__package__, "origin_spells"), origins=origins, horizon=horizon)
        spells = [msgspec.convert(row, SpellCount, strict=False) for row in asked]
    contacts = sorted({contact for each in counts for contact in each.contacts})
    with house.book.read() as tx:
        outcomes = report_post.outcomes(tx, contacts, house.now - timedelta(days=days))
    told = {contact: Outcome(*numbers) for contact, numbers in outcomes.items()}
    return origin_cards(counts, spells, _sizes(house, origins), told, days)


def _sizes(house: House, origins: Sequence[int]) -> dict[int, int]:
    """How many IPv4 addresses the tables in force say are each one's; none of one with too many prefixes to ask."""
    sizes: dict[int, int] = {}
    for origin in origins:
        try:
            spans = spans_that_say(house.lake, origin, house.now)
        except BadRequest:
            continue
        sizes[origin] = sum(last - first + 1 for first, last in spans if first in _IPV4)
    return sizes


def _present(row: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if value is not None}
