"""Plans side by side in one town: what each would do to the lines, and to the people. Pure but for the dice."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from tocsin.measure.draw import Mark, mark
from tocsin.measure.published import MIRAI_ALONE, MIRAI_GARDEN
from tocsin.measure.report import AFTER_DAYS, Chart, Compared
from tocsin.measure.simulation.plans import GARDEN, Plan
from tocsin.measure.simulation.run import Done, simulate
from tocsin.measure.simulation.threats import Threat
from tocsin.measure.simulation.town import Town
from tocsin.measure.survival import At, Curve, Times, differ, estimate
from tocsin.measure.words import NOTHING, Table, clean

MARK_DAY = 14


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What one plan did. `truth` is when lines were clean; `curve`, when they were last seen: what a house can know."""

    plan: str
    cases: int
    curve: Curve
    truth: Curve
    told: dict[str, int]
    held_runs: int
    inside_max: int
    inside_days: int
    clean_inside: int


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Every plan in the same town; the first is what the others are tested against."""

    threat: str
    town: Town
    results: tuple[Result, ...]
    chart: Chart


def compare(threat: Threat, plans: Iterable[Plan], town: Town) -> Comparison:
    """Run each plan. Ends are known up to the town's last day less the plan's quiet days."""
    done = [simulate(threat, plan, town) for plan in plans]
    seen = [_measured(each) for each in done]
    results = tuple(_result(each, times) for each, times in zip(done, seen, strict=True))
    tests = [(each.plan.name, differ(seen[0], times)) for each, times in zip(done[1:], seen[1:], strict=True)]
    title = f"{threat.name}: {town.subscribers:,} lines, {town.days} days, simulated"
    chart = Chart(
        name="simulated",
        title=title,
        curves=tuple(each.curve for each in results),
        compared=tuple(Compared(one=done[0].plan.name, other=name, p=p) for name, p in tests if p is not None),
        too_few={},
        marks=_marks(threat),
    )
    return Comparison(threat=threat.name, town=town, results=results, chart=chart)


def _marks(threat: Threat) -> tuple[Mark, ...]:
    return (mark(MIRAI_ALONE, MARK_DAY), mark(MIRAI_GARDEN, MARK_DAY)) if threat.name == "mirai" else ()


def horizon_of(done: Done) -> int:
    """The last day on which a last sighting can be known to be the last; at least the first."""
    return max(done.town.days - done.plan.policy.quiet_days, 1)


def _measured(done: Done) -> Times:
    return done.cases.measured(horizon_of(done))


def _result(done: Done, seen: Times) -> Result:
    return Result(
        plan=done.plan.name,
        cases=len(done.cases),
        curve=estimate(done.plan.name, seen),
        truth=estimate(done.plan.name, done.cases.true(horizon_of(done))),
        told={channel: count for channel, count in done.told.items() if count},
        held_runs=done.held_runs,
        inside_max=done.inside_max,
        inside_days=done.inside_days,
        clean_inside=done.clean_inside,
    )


def result_table(found: Comparison) -> Table:
    """A row a plan: what it reached, and what it cost people."""
    heads = (
        "",
        "cases",
        *(f"clean at {day} days" for day in AFTER_DAYS),
        f"truly clean at {MARK_DAY}",
        "notices",
        "stays in the garden",
        "at once, most",
        "days inside",
        "inside though clean",
        "runs held",
    )
    rows = tuple(
        (
            each.plan,
            f"{each.cases:,}",
            *(clean(each.curve.at(day)) for day in AFTER_DAYS),
            _share(each.truth.at(MARK_DAY)),
            f"{sum(count for channel, count in each.told.items() if channel != GARDEN):,}",
            f"{each.told.get(GARDEN, 0):,}",
            f"{each.inside_max:,}",
            f"{each.inside_days:,}",
            f"{each.clean_inside:,}",
            f"{each.held_runs:,}",
        )
        for each in found.results
    )
    return Table(found.chart.title, heads, rows)


def _share(at: At | None) -> str:
    return NOTHING if at is None else f"{1 - at.share:.0%}"
