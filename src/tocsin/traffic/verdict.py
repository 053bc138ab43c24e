"""From findings to a verdict: one word for a host, an hour, a day. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.traffic.behaviours.table import BY_NAME

Verdict = Literal["infected", "suspicious", "clean", "unseen"]

SPECIFIC_FROM = 0.85  # what only somebody else's program does
COUNTS_FROM = 0.5  # a finding that may be one of two, or a suspicion
SHOWN_FROM = 0.3
OPENED_MIN = 20  # flows and look-ups of its own: with less nobody can be called clean
# Somebody may want these himself: they never make two of something.
_OWNERS_OWN = frozenset({"mining"})


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One behaviour of one host. `rows` are places, `FILE:LINE`, the first ones of `rows_total`."""

    name: str
    score: float
    text: str
    first_at: datetime
    last_at: datetime
    peers: tuple[str, ...] = ()
    peers_total: int = 0
    rows: tuple[str, ...] = ()
    rows_total: int = 0
    port: int | None = None
    protocol: str | None = None
    peer: str | None = None  # where it is about one alone
    address: str = ""  # of the device, the one that it was seen at
    numbers: dict[str, object] = {}
    hours: tuple[datetime, ...] = ()  # in which it shows


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """An hour or a day of a host."""

    starts_at: datetime
    ends_at: datetime
    verdict: Verdict
    score: float
    behaviours: tuple[str, ...]


def decide(findings: Iterable[Finding], opened: int, sampled: int = 1) -> tuple[Verdict, float]:
    """The verdict and a score from 0 to 1. Where one packet in `sampled` was seen, nothing found is never `clean`.

    `infected` takes one specific behaviour, or two that are independent: of different aspects, each a suspicion.
    """
    findings = tuple(findings)
    best: dict[str, float] = {}
    for each in findings:
        best[each.name] = max(best.get(each.name, 0.0), each.score)
    score = _together(best)
    if any(condemns(each) for each in findings):
        return "infected", max(score, SPECIFIC_FROM)
    counting = [name for name, value in best.items() if value >= COUNTS_FROM]
    aspects = {BY_NAME[name].aspect for name in counting if name not in _OWNERS_OWN}
    if len(aspects) >= 2:
        return "infected", score
    if counting:
        return "suspicious", score
    return ("clean" if opened >= OPENED_MIN and sampled == 1 else "unseen"), score


def condemns(finding: Finding) -> bool:
    """Whether it is enough by itself."""
    return BY_NAME[finding.name].is_specific and finding.score >= SPECIFIC_FROM


def _together(best: dict[str, float]) -> float:
    """Independent signs add up, one aspect counts once."""
    by_aspect: dict[str, float] = {}
    for name, value in best.items():
        aspect = BY_NAME[name].aspect
        by_aspect[aspect] = max(by_aspect.get(aspect, 0.0), value)
    doubt = 1.0
    for value in by_aspect.values():
        doubt *= 1 - value
    return round(1 - doubt, 3)


def windows(findings: Sequence[Finding], days: Iterable[datetime], opened: int, sampled: int = 1) -> tuple[Window, ...]:
    """Every hour in which something shows, and every day on which the host was seen."""
    hours = sorted({hour for each in findings for hour in each.hours})
    made = [_window(findings, hour, timedelta(hours=1), opened, sampled) for hour in hours]
    every = sorted({*days, *(hour.replace(hour=0) for hour in hours)})
    return (*made, *(_window(findings, day, timedelta(days=1), opened, sampled) for day in every))


def _window(findings: Sequence[Finding], starts: datetime, lasts: timedelta, opened: int, sampled: int) -> Window:
    inside = [each for each in findings if any(starts <= hour < starts + lasts for hour in each.hours)]
    verdict, score = decide(inside, opened, sampled)
    names = tuple(dict.fromkeys(each.name for each in inside))
    return Window(starts_at=starts, ends_at=starts + lasts, verdict=verdict, score=score, behaviours=names)
