"""The notices of one run: planned over all subscribers, braked, and taken down in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from tocsin.book import Book, Transaction, audit, evidence, runs
from tocsin.book import case_days as book_days
from tocsin.book import cases as book_cases
from tocsin.book import holds as book_holds
from tocsin.book import notices as book_notices
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract, Move
from tocsin.book.holds import Hold
from tocsin.book.notices import Notice
from tocsin.cases.brakes import holding, new_holds, run_trips, source_trips
from tocsin.cases.control import ACTOR as CONTROL_ACTOR
from tocsin.cases.control import Control
from tocsin.cases.decide import Decision, Withheld, decide
from tocsin.cases.follow import ACTOR
from tocsin.cases.freeze import Sender
from tocsin.cases.moves import NOTIFIABLE, State
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import Reason
from tocsin.cases.rules import Standing, View
from tocsin.proof.canonical import canonical
from tocsin.terms.roles import Trust

REASON_MAX = 300  # characters of the audit's reason
_T = TypeVar("_T", Case, CaseDay, Contract)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one run is to write, what it is not and why, and the brakes that stand in its way."""

    at: datetime
    rest: timedelta
    decisions: tuple[Decision, ...]
    withheld: tuple[Withheld, ...]
    holds: tuple[Hold, ...]  # new ones
    waiting: tuple[Hold, ...]  # older ones that nobody has released
    spent: tuple[str, ...]  # releases that this plan uses up
    control: str = ""  # who answers for the control group, where there is one

    def reasons(self) -> dict[Reason, int]:
        """How many subscribers get no notice, by reason."""
        return dict(Counter(each.reason for each in self.withheld))


class Situation(msgspec.Struct, frozen=True, kw_only=True):
    """All that a plan is made from, read in one view of the book."""

    standings: tuple[Standing, ...]
    subscribers: int
    seasoned: frozenset[str]
    since: datetime | None  # the last run that reached its end
    history: tuple[runs.SourceRun, ...]
    holds: tuple[Hold, ...]


def plan_notices(
    book: Book,
    *,
    at: datetime,
    policy: Policy,
    sender: Sender,
    trust: Mapping[str, Trust],
    titles: Mapping[str, str],
    control: Control | None = None,
) -> Plan:
    """What `take` would write at this moment. Changes nothing; `trust` and `titles` are by source."""
    with book.read() as tx:
        situation = read_situation(tx, at)
    view = View(at=at, policy=policy, trust=trust, titles=titles, seasoned=situation.seasoned, control=control)
    return plan(situation, view, sender)


def plan(situation: Situation, view: View, sender: Sender) -> Plan:
    """Sources that a brake holds are out before anybody is decided on; the run's own brakes come last."""
    at, policy, waiting = view.at, view.policy, [hold for hold in situation.holds if hold.released_at is None]
    trips = source_trips(situation.history, since=situation.since, at=at, policy=policy)
    trips = holding(trips, situation.holds)
    held = {trip.source for trip in trips} | {hold.source for hold in waiting}
    view = msgspec.structs.replace(view, held=frozenset(source for source in held if source is not None))
    verdicts = [decide(standing, view, sender) for standing in situation.standings]
    decisions = [verdict for verdict in verdicts if isinstance(verdict, Decision)]
    withheld = [verdict for verdict in verdicts if isinstance(verdict, Withheld)]
    run_wide = holding(run_trips(len(decisions), situation.subscribers, at=at, policy=policy), situation.holds)
    is_held = bool(run_wide) or any(hold.source is None for hold in waiting)
    stopped: Counter[str | None] = Counter(source for each in withheld for source in each.sources)
    stopped[None] = len(decisions)
    if is_held:
        withheld += [Withheld(subscriber=each.subscriber, reason=Reason.HELD) for each in decisions]
        decisions = []
    released = [h.hold for h in situation.holds if h.source is None and h.released_at and not h.spent_at]
    return Plan(
        at=at,
        rest=policy.rest,
        decisions=tuple(decisions),
        withheld=tuple(withheld),
        holds=tuple(new_holds([*trips, *run_wide], situation.holds, stopped)),
        waiting=tuple(waiting),
        spent=() if is_held else tuple(released),
        control=view.control.config.words if view.control else "",
    )


def take(book: Book, plan: Plan) -> list[Decision]:
    """Write the plan down: in one transaction the decisions, their cases' moves, and the holds. Those written.

    A case is notified when its notice has been decided, since from then on the outbox will bring it out. What another
    process has done since the plan was made counts: nobody is written to twice, and no case that has gone is told of.
    """
    with book.write() as tx:
        decisions = list(_still_right(tx, plan))
        cases_by_notice = {each.facts.notice: each.cases for each in decisions}
        book_notices.add(tx, [_notice(each, plan.at) for each in decisions], cases_by_notice)
        book_cases.move(tx, [_told(case, each, plan.at) for each in decisions for case in each.cases])
        book_holds.add(tx, plan.holds)
        book_holds.spend(tx, plan.spent, plan.at)
        _note_control(tx, plan)
    return decisions


def read_situation(tx: Transaction, at: datetime, *, only: Collection[int] | None = None) -> Situation:
    """All of it, or of these subscribers only; what the brakes look at is always whole."""
    finished = [run for run in runs.finished(tx) if run < at]
    since = finished[-1] if finished else None
    met = evidence.first_met(tx)
    return Situation(
        standings=tuple(_standings(tx, only)),
        subscribers=book_cases.count_subscribers(tx),
        seasoned=frozenset(name for name, first_at in met.items() if since is not None and first_at <= since),
        since=since,
        history=tuple(runs.source_runs(tx)),
        holds=tuple(book_holds.every(tx)),
    )


def _standings(tx: Transaction, only: Collection[int] | None) -> Iterable[Standing]:
    """One for each subscriber who has a case that may ask for a notice."""
    numbers = book_cases.subscribers_in(tx, NOTIFIABLE, only)
    cases, days = _by_subscriber(book_cases.cases_of(tx, numbers)), _by_subscriber(book_days.days_of(tx, numbers))
    accounts = {day.account for found in days.values() for day in found}
    contracts: dict[int, list[Contract]] = {}
    for contract in book_cases.contracts_of(tx, accounts):
        contracts.setdefault(contract.account, []).append(contract)
    refs, last = book_cases.refs_of(tx, numbers), book_notices.last_decided(tx, numbers)
    decided, dead = frozenset(book_notices.refs_of(tx, numbers)), book_notices.dead_addresses(tx, numbers)
    for number in sorted(numbers):
        mine = days.get(number, [])
        yield Standing(
            subscriber=number,
            ref=refs[number],
            cases=cases[number],
            days=mine,
            contracts=[each for account in sorted({d.account for d in mine}) for each in contracts.get(account, ())],
            last_at=last.get(number),
            notices=decided,
            dead_addresses=frozenset(dead.get(number, ())),
        )


def _by_subscriber(things: Iterable[_T]) -> dict[int, list[_T]]:
    found: dict[int, list[_T]] = {}
    for thing in things:
        found.setdefault(thing.subscriber, []).append(thing)
    return found


def _still_right(tx: Transaction, plan: Plan) -> Iterable[Decision]:
    last = book_notices.last_decided(tx, [each.subscriber for each in plan.decisions])
    decided = book_notices.refs_of(tx, [each.subscriber for each in plan.decisions])
    states = book_cases.states_of(tx, [case for each in plan.decisions for case in each.cases])
    for each in plan.decisions:
        before = last.get(each.subscriber)
        rested = before is None or plan.at >= before + plan.rest
        if rested and each.facts.notice not in decided and all(states.get(c) in NOTIFIABLE for c in each.cases):
            yield each


def _note_control(tx: Transaction, plan: Plan) -> None:
    """Each case that waits for the control group's sake says so, once; who answers for it stands in the audit."""
    waiting = [case for each in plan.withheld if each.reason is Reason.CONTROL for case in each.cases]
    noted = {move.case for move in book_cases.moves_of(tx, waiting) if move.actor == CONTROL_ACTOR}
    states = book_cases.states_of(tx, [case for case in waiting if case not in noted])
    said = "by chance its first notice waits"
    moves = [
        Move(case=case, at=plan.at, state=state, actor=CONTROL_ACTOR, reason=said)
        for case, state in sorted(states.items())
    ]
    book_cases.remark(tx, moves)
    for move in moves:
        audit.append(
            tx, at=plan.at, actor=ACTOR, action="control group", object=move.case, reason=plan.control[:REASON_MAX]
        )


def _notice(decision: Decision, at: datetime) -> Notice:
    return Notice(
        notice=decision.facts.notice,
        subscriber=decision.subscriber,
        decided_at=at,
        expires_at=decision.facts.expires_at,
        facts=canonical(decision.facts).decode(),
        code_sha256=decision.facts.code_sha256,
        state="decided",
    )


def _told(case: str, decision: Decision, at: datetime) -> Move:
    return Move(case=case, at=at, state=State.NOTIFIED, actor=ACTOR, reason=f"{decision.facts.notice} was decided")
