"""What the house measures: the report of the last days, gathered from book and lake."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from tocsin.book import Book, figures, measured, report_post, runs
from tocsin.book.measured import Objections
from tocsin.pipeline.config import Config
from tocsin.pipeline.house import House
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import utc_day

if TYPE_CHECKING:
    from tocsin.measure.lives import Lives
    from tocsin.measure.report import Report

DAYS = 180
DAYS_MAX = 400
CARD_DAYS_MAX = 30  # of the lake that scorecards look at
_DAY = timedelta(days=1)


def measure_book(book: Book, config: Config, now: datetime, *, days: int = DAYS) -> Report:
    """All but what only the lake knows: delays of sources, sightings in networks.

    BadRequest where SciPy is missing, or for days outside 1 to DAYS_MAX.
    """
    return _gather(book, config, now, days)[0]


def measure(house: House, *, days: int = DAYS) -> Report:
    """The whole report. BadRequest as `measure_book`."""
    found, lives, objections = _gather(house.book, house.config, house.now, days)
    from tocsin.measure.asked import count_networks, measure_delays  # noqa: PLC0415
    from tocsin.measure.scorecards import network_cards, source_cards  # noqa: PLC0415
    from tocsin.measure.spells import all_spells  # noqa: PLC0415

    looked = min(days, CARD_DAYS_MAX)
    these = [utc_day(house.now) - number * _DAY for number in range(looked)]
    counts = count_networks(house.lake, house.config.provider.prefixes, these)
    delays = measure_delays(house.lake, these)
    from tocsin.pipeline.origins import score_origins  # noqa: PLC0415 - which asks the same of this file

    return msgspec.structs.replace(
        found,
        sources=tuple(source_cards(objections, delays)),
        origins=tuple(score_origins(house, days=looked)) if is_reporting(house) else (),
        networks=tuple(network_cards(counts, all_spells(lives.lives, found.horizon), looked)),
    )


def is_reporting(house: House) -> bool:
    """Whether networks are reported to from here: then they have scorecards too."""
    with house.book.read() as tx:
        return report_post.is_any(tx)


def _gather(book: Book, config: Config, now: datetime, days: int) -> tuple[Report, Lives, dict[str, Objections]]:
    if not 1 <= days <= DAYS_MAX:
        raise BadRequest(f"{days} days cannot be measured, 1 to {DAYS_MAX} can")
    demand_scipy()
    from tocsin.measure.lives import read_lives  # noqa: PLC0415 - SciPy takes half a second, and is an extra
    from tocsin.measure.report import report  # noqa: PLC0415
    from tocsin.measure.scorecards import log_cards, source_cards  # noqa: PLC0415

    since = now - days * _DAY
    with book.read() as tx:
        lives = read_lives(tx, since)
        objections = measured.objections(tx, since)
        reaches = figures.reaches(tx)
    found = report(lives, at=now, since=since, horizon=now - config.notices.quiet_days * _DAY)
    asked = config.measure.control
    cards = msgspec.structs.replace(
        found,
        control=f"{asked.share:.0%} of subscribers until {asked.until}, {asked.words}" if asked.share else "",
        sources=tuple(source_cards(objections, {})),
        logs=tuple(log_cards(reaches, max(since, now - CARD_DAYS_MAX * _DAY), now)),
    )
    return cards, lives, objections


class Reports:
    """Makes them. Only a run and a day's passing change them: each is kept until then."""

    def __init__(self) -> None:
        self._kept: tuple[object, Report] | None = None

    def of(self, house: House) -> Report:
        """The report of DAYS days. BadRequest as `measure_book`."""
        with house.book.read() as tx:
            key = (house.data, runs.last_finished(tx), utc_day(house.now))
        kept = self._kept
        if kept is None or kept[0] != key:
            kept = self._kept = key, measure(house)
        return kept[1]


def demand_scipy() -> None:
    """BadRequest, with what to do, where the extra is not installed."""
    try:
        import scipy  # noqa: F401, PLC0415
    except ImportError as error:
        raise BadRequest("measuring needs SciPy", remedy="pip install 'tocsin[measure]'") from error
