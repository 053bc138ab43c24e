"""All that is measured, in one value: curves by kind, channel and language, the baseline, the scorecards. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from tocsin.measure.draw import CURVES_MAX, Mark, mark
from tocsin.measure.lives import Lives
from tocsin.measure.origins import OriginCard
from tocsin.measure.published import MIRAI_ALONE, MIRAI_GARDEN
from tocsin.measure.scorecards import LogCard, NetworkCard, SourceCard
from tocsin.measure.spells import NONE, Spell, all_spells, as_times
from tocsin.measure.survival import At, Curve, differ, estimate, share_of

SUBJECTS_MIN = 5  # fewer are no curve, and could be told apart
KINDS_MAX = 8
AFTER_DAYS = (7, 14, 30)
_MARK_DAY = 14.0


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """The log-rank test of two curves: small p, hardly by chance. It says nothing of the cause; see docs/measure.md."""

    one: str
    other: str
    p: float


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Curves that belong on one drawing, those that were left out for being too few, and what to draw beside them."""

    name: str
    title: str
    curves: tuple[Curve, ...]
    compared: tuple[Compared, ...]
    too_few: dict[str, int]
    marks: tuple[Mark, ...] = ()


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """Of the cases that were over: whose line was seen with the same trouble again, in another case."""

    over: int
    again: int
    share: At | None


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What is known at a moment. `horizon`: no end later than it can be told from a pause."""

    at: datetime
    since: datetime
    horizon: datetime
    cases: int
    left_out: dict[str, int]  # false positives and withdrawn ones, by state
    baseline: dict[str, int]  # spells without a notice, by why there was none
    charts: tuple[Chart, ...]
    again: Again
    sources: tuple[SourceCard, ...] = ()
    networks: tuple[NetworkCard, ...] = ()
    logs: tuple[LogCard, ...] = ()
    origins: tuple[OriginCard, ...] = ()  # networks that are reported to
    control: str = ""  # who agreed to a control group and why; empty where there is none


def report(measured: Lives, *, at: datetime, since: datetime, horizon: datetime) -> Report:
    """Without scorecards; the caller adds them."""
    found = all_spells(measured.lives, horizon)
    return Report(
        at=at,
        since=since,
        horizon=horizon,
        cases=len(measured.lives),
        left_out=measured.left_out,
        baseline=dict(Counter(spell.why for spell in found if spell.arm == NONE)),
        charts=tuple(_charts(found)),
        again=_again(measured),
    )


def _charts(found: Sequence[Spell]) -> list[Chart]:
    prompt = [spell for spell in found if spell.is_prompt]
    charts = [_chart("all", "Every kind: with a notice and without", prompt, _told)]
    kinds = Counter(spell.life.kind for spell in prompt)
    for number, (kind, _) in enumerate(sorted(kinds.items(), key=lambda pair: (-pair[1], pair[0]))[:KINDS_MAX], 1):
        mine = [spell for spell in prompt if spell.life.kind == kind]
        charts.append(_chart(f"kind-{number}", f"{kind}: with a notice and without", mine, _told))
    mirai = [spell for spell in prompt if spell.life.malware.casefold().startswith("mirai")]
    if mirai:
        drawn = _chart("mirai", "Mirai: with a notice and without", mirai, _told)
        beside = (mark(MIRAI_ALONE, _MARK_DAY), mark(MIRAI_GARDEN, _MARK_DAY))
        charts.append(msgspec.structs.replace(drawn, marks=beside))
    if any(spell.why == "control" for spell in prompt):
        drawn_by_lot = [spell for spell in prompt if spell.why == "control" or spell.arm != NONE]
        charts.append(_chart("control", "By lot: told at once, or later", drawn_by_lot, _told))
    charts.append(_chart("channel", "Since each channel first reached them", found, lambda spell: spell.arm))
    told = [spell for spell in found if spell.version]
    charts.append(_chart("version", "By the notice's version", told, lambda spell: f"{spell.arm}, {spell.version}"))
    return [chart for chart in charts if chart.curves or chart.too_few]


def _told(spell: Spell) -> str:
    return "without a notice" if spell.arm == NONE else "with a notice"


def _chart(name: str, title: str, found: Sequence[Spell], arm_of: Callable[[Spell], str]) -> Chart:
    """The biggest arms first; each is compared with the first, the one without a notice if there is one."""
    arms: dict[str, list[Spell]] = {}
    for spell in found:
        arms.setdefault(arm_of(spell), []).append(spell)
    first = {NONE, "without a notice"}
    order = sorted(arms, key=lambda arm: (arm not in first, -len(arms[arm]), arm))
    shown = [arm for arm in order if len(arms[arm]) >= SUBJECTS_MIN][:CURVES_MAX]
    seen = {arm: as_times(arms[arm]) for arm in shown}
    tests = [(arm, differ(seen[shown[0]], seen[arm])) for arm in shown[1:]]
    return Chart(
        name=name,
        title=title,
        curves=tuple(estimate(arm, seen[arm]) for arm in shown),
        compared=tuple(Compared(one=shown[0], other=arm, p=p) for arm, p in tests if p is not None),
        too_few={arm: len(arms[arm]) for arm in order if arm not in seen},
    )


def _again(measured: Lives) -> Again:
    """A case that is over, and another of the same subscriber and kind that was opened later."""
    opened: dict[tuple[int, str], list[datetime]] = {}
    for life in measured.lives:
        opened.setdefault((life.subscriber, life.kind), []).append(life.opened_at)
    over = [life for life in measured.lives if life.is_over]
    again = sum(any(at > life.last_at for at in opened[(life.subscriber, life.kind)]) for life in over)
    return Again(over=len(over), again=again, share=share_of(again, len(over)))
