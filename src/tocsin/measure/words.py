"""The report's numbers in words, as tables that the screen, the page and the file all show alike. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.measure.origins import OriginCard
from tocsin.measure.report import AFTER_DAYS, Chart, Report
from tocsin.measure.survival import At, Curve

NOTHING = "\N{EN DASH}"


class Table(msgspec.Struct, frozen=True):
    """A heading, the columns' names (the first one names the row), and rows of words."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def curve_table(chart: Chart) -> Table:
    """A row a curve."""
    heads = ("", "followed", "clean", "half after", *(f"clean at {day} days" for day in AFTER_DAYS))
    return Table(chart.title, heads, tuple(_curve(curve) for curve in chart.curves))


def _curve(curve: Curve) -> tuple[str, ...]:
    shares = (clean(curve.at(day)) for day in AFTER_DAYS)
    return curve.name, f"{curve.subjects:,}", f"{curve.ended:,}", _days(curve.median_days), *shares


def remarks(chart: Chart) -> list[str]:
    """What stands below a drawing, in sentences."""
    return [
        *(f"Beside it: {each.low:.0%} to {each.high:.0%} {each.what} ({each.source})." for each in chart.marks),
        *(f"{each.one} against {each.other}: log-rank p = {each.p:.3g}." for each in chart.compared),
        *(f"{arm}: {count:,}, too few for a curve." for arm, count in chart.too_few.items()),
    ]


def card_tables(found: Report) -> list[Table]:
    """Sources, networks, logs; those that are empty too, so that a page can say so."""
    sources = tuple(
        (
            each.source,
            f"{each.cases:,}",
            f"{each.objected:,}",
            share(each.wrong_share, each.wrong),
            _hours(each.delay.median_h if each.delay else None),
            _hours(each.delay.ninth_h if each.delay else None),
        )
        for each in found.sources
    )
    networks = tuple(
        (
            each.network,
            f"{each.sightings:,}",
            f"{each.addresses:,}",
            NOTHING if each.per_1000 is None else f"{each.per_1000:.2f}",
            f"{each.cases:,}",
            _days(each.median_days),
        )
        for each in found.networks
    )
    logs = tuple(
        (each.log, f"{each.days:.0f}", f"{each.covered:.1%}", f"{each.gaps:,}", _hours(each.longest_h))
        for each in found.logs
    )
    return [
        Table("Sources", ("", "cases", "objected to", "found wrong", "delay, median", "9 in 10 within"), sources),
        Table(
            "Networks",
            ("", "sightings", "addresses", "a day, for 1,000 addresses", "cases", "half quiet after"),
            networks,
        ),
        Table("Binding logs", ("", "days", "covered", "silences", "longest"), logs),
        origin_table(found.origins),
    ]


def origin_table(cards: Sequence[OriginCard]) -> Table:
    """Networks that are reported to, the worst first."""
    heads = ("", "sightings", "addresses", "a day, for 1,000 addresses", "half quiet after")
    rows = tuple(
        (
            f"AS{each.origin}{f' {each.country}' if each.country else ''}",
            f"{each.sightings:,}",
            f"{each.addresses:,}",
            NOTHING if each.per_1000 is None else f"{each.per_1000:.2f}",
            _days(each.median_days),
            *(f"{each.reports:,}", f"{each.bounces:,}", f"{each.replies:,}"),
        )
        for each in cards
    )
    return Table("Networks reported to", (*heads, "reports", "came back", "replies"), rows)


def baseline_words(found: Report) -> str:
    """Of whom the curve without a notice is made."""
    if not any(chart.curves or chart.too_few for chart in found.charts):
        return "Nothing is known yet: only a line that was quiet for long enough is known to be clean."
    if not found.baseline:
        return "Nobody was without a notice: there is nothing to compare with."
    parts = (f"{count:,} {_WHY[why]}" for why, count in sorted(found.baseline.items(), key=lambda p: (-p[1], p[0])))
    return "Without a notice: " + ", ".join(parts) + "."


_WHY = {
    "bounced": "whose notice came back",
    "late": "until a notice reached them",
    "no notice": "who got none",
    "control": "in the control group",
}


def again_words(found: Report) -> str:
    """How many came back."""
    if found.again.share is None:
        return "No case is over yet."
    return (
        f"Of {found.again.over:,} cases that are over, {share(found.again.share, found.again.again)} came back later."
    )


def clean(at: At | None) -> str:
    """The share that is clean by then, and its band."""
    return NOTHING if at is None else f"{1 - at.share:.0%} ({1 - at.high:.0%}{NOTHING}{1 - at.low:.0%})"


def share(of: At | None, count: int) -> str:
    """A count with its share and interval."""
    return f"{count:,}" if of is None else f"{count:,} ({of.share:.1%}, {of.low:.1%}{NOTHING}{of.high:.1%})"


def _days(days: float | None) -> str:
    return NOTHING if days is None else f"{days:.1f} days"


def _hours(hours: float | None) -> str:
    return NOTHING if hours is None else f"{hours:.1f} h"
