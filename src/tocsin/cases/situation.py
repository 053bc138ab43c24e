"""All that a plan is made from, read from the book in one view of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from tocsin.book import Transaction, evidence, quarantines, runs
from tocsin.book import case_days as book_days
from tocsin.book import cases as book_cases
from tocsin.book import holds as book_holds
from tocsin.book import notices as book_notices
from tocsin.book import steps as book_steps
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.book.holds import Hold
from tocsin.book.parts import in_parts
from tocsin.book.quarantines import Quarantine
from tocsin.cases.followup import REMINDING, FollowUp, Taken
from tocsin.cases.moves import NOTIFIABLE, REMINDABLE, State
from tocsin.cases.rules import Standing

_T = TypeVar("_T", Case, CaseDay, Contract)


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules and the brakes look at."""

    standings: tuple[Standing, ...]
    subscribers: int
    seasoned: frozenset[str]
    since: datetime | None  # the last run that reached its end
    history: tuple[runs.SourceRun, ...]
    holds: tuple[Hold, ...]


def read_situation(
    tx: Transaction, at: datetime, followups: Sequence[FollowUp] = (), *, only: Collection[int] | None = None
) -> Situation:
    """All of it, or of these subscribers only; what the brakes look at is always whole."""
    finished = [run for run in runs.finished(tx) if run < at]
    since = finished[-1] if finished else None
    met = evidence.first_met(tx)
    return Situation(
        standings=tuple(standings_of(tx, followups, only)),
        subscribers=book_cases.count_subscribers(tx),
        seasoned=frozenset(name for name, first_at in met.items() if since is not None and first_at <= since),
        since=since,
        history=tuple(runs.source_runs(tx)),
        holds=tuple(book_holds.every(tx)),
    )


def standings_of(
    tx: Transaction, followups: Sequence[FollowUp], only: Collection[int] | None = None
) -> Iterator[Standing]:
    """One for each subscriber (of these) who has a case that may ask for its next step."""
    numbers = book_cases.subscribers_in(tx, _asking(followups), only)
    cases, days = _by_subscriber(book_cases.cases_of(tx, numbers)), _by_subscriber(book_days.days_of(tx, numbers))
    accounts = {day.account for found in days.values() for day in found}
    contracts: dict[int, list[Contract]] = {}
    for contract in book_cases.contracts_of(tx, accounts):
        contracts.setdefault(contract.account, []).append(contract)
    refs, last = book_cases.refs_of(tx, numbers), book_notices.last_decided(tx, numbers)
    decided, dead = frozenset(book_notices.refs_of(tx, numbers)), book_notices.dead_addresses(tx, numbers)
    taken, read = _steps(tx, [case.case for found in cases.values() for case in found])
    for number in sorted(numbers):
        mine = days.get(number, [])
        names = [case.case for case in cases[number]]
        yield Standing(
            subscriber=number,
            ref=refs[number],
            cases=cases[number],
            days=mine,
            contracts=[each for account in sorted({d.account for d in mine}) for each in contracts.get(account, ())],
            last_at=last.get(number),
            notices=decided,
            dead_addresses=frozenset(dead.get(number, ())),
            taken={name: taken[name] for name in names if name in taken},
            read=read & frozenset(names),
        )


def _asking(followups: Sequence[FollowUp]) -> tuple[State, ...]:
    """The states in which a case may ask; those of who has been told only where a policy reminds."""
    reminds = any(step.when in REMINDING for policy in followups for step in policy.steps)
    return (*NOTIFIABLE, *REMINDABLE, State.CONFIRMED) if reminds else NOTIFIABLE


def _steps(tx: Transaction, cases: Collection[str]) -> tuple[Mapping[str, Sequence[Taken]], frozenset[str]]:
    """What was taken, by case, and the cases of which somebody has the newest notice."""
    rows, read_at = book_steps.taken_of(tx, cases), book_steps.read_of(tx, cases)
    stays: dict[str, list[Quarantine]] = {}
    for part in in_parts(cases):
        for stay in quarantines.of_cases(tx, part):
            stays.setdefault(stay.case, []).append(stay)
    taken = {case: taken_in(rows.get(case, ()), stays.get(case, ())) for case in {*rows, *stays}}
    return taken, frozenset(case for case, at in read_at.items() if _is_newest(at, rows.get(case, ())))


def _is_newest(at: datetime, rows: Sequence[book_steps.Taken]) -> bool:
    """Whether a notice of that moment is the one of the last step that told, or a later one."""
    told = [row.step.decided_at for row in rows if row.step.notice and row.state not in book_notices.UNREACHED]
    return at >= max(told, default=at)


def taken_in(rows: Sequence[book_steps.Taken], stays: Sequence[Quarantine]) -> list[Taken]:
    """The steps of one case, in order. A stay that a person asked for stands beside the step before it."""
    found, others = [], list(stays)
    for row in rows:
        stay = next((each for each in others if _is_of(each, row.step)), None)
        if stay is not None:
            others.remove(stay)
        found.append(_taken(row, stay))
    for stay in others:
        before = max((row.step.step for row in rows if row.step.decided_at <= stay.asked_at), default=0)
        found.append(_stay(before, stay))
    return found


def _is_of(stay: Quarantine, step: book_steps.Step) -> bool:
    """A step asks for its stay in the moment in which it is decided."""
    return step.channel == "garden" and stay.asked_at == step.decided_at


def _taken(row: book_steps.Taken, stay: Quarantine | None) -> Taken:
    step = row.step
    if stay is not None:
        return _stay(step.step, stay)
    if step.notice is None:
        return Taken(step=step.step, channel=step.channel, at=step.due_at, is_done=False)
    reached = row.state not in book_notices.UNREACHED
    return Taken(step=step.step, channel=step.channel, at=step.decided_at, is_done=reached)


def _stay(step: int, stay: Quarantine) -> Taken:
    is_open = stay.state in quarantines.OPEN
    at = stay.released_at or stay.asked_at
    return Taken(step=step, channel="garden", at=at, is_done=stay.starts_at is not None, is_open=is_open)


def _by_subscriber(things: Iterable[_T]) -> dict[int, list[_T]]:
    found: dict[int, list[_T]] = {}
    for thing in things:
        found.setdefault(thing.subscriber, []).append(thing)
    return found
