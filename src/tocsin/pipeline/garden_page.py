"""What a person is shown of the garden: who is inside, who waits for a decision, who wants out, how full it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.book import Book, Transaction, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.cases import Case
from tocsin.book.quarantines import Quarantine
from tocsin.cases.garden_rules import Bar, Verdict
from tocsin.cases.moves import OVER
from tocsin.garden.queue import Wish, wishes
from tocsin.pipeline.config import Config
from tocsin.pipeline.garden_acts import line_of
from tocsin.pipeline.garden_check import verdict_on
from tocsin.terms.errors import Refused

SHOWN_MAX = 100  # of each list
JUDGED_MAX = 50  # of those that wait: what the rules say of each is asked anew


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A stay, of what and of whom, and what the rules say of it where it waits for a person."""

    stay: Quarantine
    ref: str
    kind: str
    malware: str
    rules: str = ""
    is_wished: bool = False  # the queue holds a wish of theirs


class GardenFigures(msgspec.Struct, frozen=True, kw_only=True):
    """`inside` counts those on their way in and out too, as the share does."""

    is_there: bool
    is_on: bool
    inside: int
    inside_max: int
    subscribers: int
    waiting: int  # for a person: asked for, or failed
    leaving: int

    @property
    def share(self) -> float:
        """Of the greatest number, 0 to 1."""
        return min(1.0, self.inside / self.inside_max) if self.inside_max else 0.0


class GardenPage(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; each list at most SHOWN_MAX long, the oldest first, `ended` the newest."""

    figures: GardenFigures
    waiting: tuple[Shown, ...]
    inside: tuple[Shown, ...]
    leaving: tuple[Shown, ...]
    ended: tuple[Shown, ...]
    wishes: tuple[Wish, ...]  # the queue


class GardenOfCase(msgspec.Struct, frozen=True, kw_only=True):
    """A case's stays, the newest first; `verdict` is what the rules say to another, absent while one goes on."""

    is_there: bool
    stays: tuple[Shown, ...]
    verdict: Verdict | None

    @property
    def may_ask(self) -> bool:
        return self.verdict is not None and self.verdict.bar is not Bar.FORBIDDEN


def figures_of(tx: Transaction, config: Config) -> GardenFigures:
    """How full it is, and how much waits."""
    subscribers = book_cases.count_subscribers(tx)
    counts = quarantines.count_states(tx)
    return GardenFigures(
        is_there=bool(config.garden.nas or counts),
        is_on=config.garden.enclose,
        inside=sum(counts.get(state, 0) for state in quarantines.INSIDE),
        inside_max=config.garden.inside_max(subscribers),
        subscribers=subscribers,
        waiting=counts.get("asked", 0) + counts.get("failed", 0),
        leaving=counts.get("releasing", 0),
    )


def garden_page(book: Book, config: Config, data: Path, *, at: datetime) -> GardenPage:
    """As it is at this moment."""
    queue = wishes(data)
    wished = {each.quarantine for each in queue}
    with book.read() as tx:
        waiting = quarantines.in_state(tx, "asked", "failed")[:SHOWN_MAX]
        ended = [each for each in quarantines.newest(tx, SHOWN_MAX) if each.state not in quarantines.OPEN]
        inside = quarantines.in_state(tx, "approved", "sent", "active")[:SHOWN_MAX]
        leaving = quarantines.in_state(tx, "releasing")[:SHOWN_MAX]
        cases = book_cases.find_all(tx, {each.case for each in (*waiting, *ended, *inside, *leaving)})
        refs = book_cases.refs_of(tx, {case.subscriber for case in cases.values()})
        rules = {
            each.quarantine: verdict_on(tx, config, cases[each.case], each.account, at=at, stay=each).reason
            for each in waiting[:JUDGED_MAX]
        }

        def shown(stays: Iterable[Quarantine]) -> tuple[Shown, ...]:
            return tuple(_shown(each, cases[each.case], refs, rules, wished) for each in stays)

        return GardenPage(
            figures=figures_of(tx, config),
            waiting=shown(waiting),
            inside=shown(inside),
            leaving=shown(leaving),
            ended=shown(ended),
            wishes=tuple(queue[:SHOWN_MAX]),
        )


def garden_of_case(tx: Transaction, config: Config, case: Case, data: Path, *, at: datetime) -> GardenOfCase:
    """What the case's page shows of it."""
    stays = quarantines.of_cases(tx, [case.case])
    refs = book_cases.refs_of(tx, [case.subscriber])
    wished = {each.quarantine for each in wishes(data)}
    rules = {
        each.quarantine: verdict_on(tx, config, case, each.account, at=at, stay=each).reason
        for each in stays
        if each.state in ("asked", "failed")
    }
    return GardenOfCase(
        is_there=bool(config.garden.nas or stays),
        stays=tuple(_shown(each, case, refs, rules, wished) for each in reversed(stays)),
        verdict=_verdict(tx, config, case, stays, at),
    )


def _verdict(tx: Transaction, config: Config, case: Case, stays: Sequence[Quarantine], at: datetime) -> Verdict | None:
    if case.state in OVER or any(each.state in quarantines.OPEN for each in stays):
        return None
    try:
        return verdict_on(tx, config, case, line_of(tx, config, case.case), at=at)
    except Refused as error:
        return Verdict(Bar.FORBIDDEN, error.what)


def _shown(stay: Quarantine, case: Case, refs: dict[int, str], rules: dict[str, str], wished: set[str]) -> Shown:
    return Shown(
        stay=stay,
        ref=refs[case.subscriber],
        kind=case.kind,
        malware=case.malware,
        rules=rules.get(stay.quarantine, ""),
        is_wished=stay.quarantine in wished,
    )
