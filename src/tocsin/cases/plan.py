"""The notices of one run: planned over all subscribers, braked, and taken down in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from tocsin.book import Book, Transaction, audit
from tocsin.book import cases as book_cases
from tocsin.book import holds as book_holds
from tocsin.book import notices as book_notices
from tocsin.book.cases import Move
from tocsin.book.holds import Hold
from tocsin.book.notices import Notice
from tocsin.cases.brakes import holding, new_holds, run_trips, source_trips
from tocsin.cases.control import ACTOR as CONTROL_ACTOR
from tocsin.cases.control import Control
from tocsin.cases.decide import Decision, Withheld, decide
from tocsin.cases.follow import ACTOR
from tocsin.cases.freeze import Sender
from tocsin.cases.moves import State
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import Reason
from tocsin.cases.rules import MAIL_ALONE, Standing, View, Ways
from tocsin.cases.situation import Situation, read_situation, standings_of
from tocsin.cases.turns import CaseStep, Enclosure, Turn, enclosures, passed_over, turns
from tocsin.cases.wishes import enclose, pass_over, write_told
from tocsin.proof.canonical import canonical
from tocsin.terms.roles import Trust

REASON_MAX = 300  # characters of the audit's reason
_T = TypeVar("_T", CaseStep, Enclosure)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What one run is to write, what it is not and why, and the brakes that stand in its way."""

    view: View  # what it was decided by
    decisions: tuple[Decision, ...]
    withheld: tuple[Withheld, ...]
    holds: tuple[Hold, ...]  # new ones
    waiting: tuple[Hold, ...]  # older ones that nobody has released
    spent: tuple[str, ...]  # releases that this plan uses up
    passed: tuple[CaseStep, ...] = ()  # steps that can reach nobody
    enclosures: tuple[Enclosure, ...] = ()  # steps that ask for the garden
    touched: frozenset[int] = frozenset()  # the subscribers of all these

    @property
    def at(self) -> datetime:
        return self.view.at

    def reasons(self) -> dict[Reason, int]:
        """How many subscribers get no notice, by reason."""
        return dict(Counter(each.reason for each in self.withheld))


def plan_notices(
    book: Book,
    *,
    at: datetime,
    policy: Policy,
    sender: Sender,
    trust: Mapping[str, Trust],
    titles: Mapping[str, str],
    control: Control | None = None,
    ways: Ways = MAIL_ALONE,
) -> Plan:
    """What `take` would write at this moment. Changes nothing; `trust` and `titles` are by source."""
    with book.read() as tx:
        situation = read_situation(tx, at, ways.followups)
    view = View(at=at, policy=policy, trust=trust, titles=titles, seasoned=situation.seasoned, control=control)
    return plan(situation, view.by(ways), sender)


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
    acting = [] if is_held or not policy.send else verdicts
    return Plan(
        view=view,
        decisions=tuple(decisions),
        withheld=tuple(withheld),
        holds=tuple(new_holds([*trips, *run_wide], situation.holds, stopped)),
        waiting=tuple(waiting),
        spent=() if is_held else tuple(released),
        passed=tuple(step for each in acting for step in each.passed),
        enclosures=tuple(each for verdict in acting for each in verdict.enclosures),
        touched=frozenset(each.subscriber for each in verdicts if isinstance(each, Decision) or each.does_more),
    )


def take(book: Book, plan: Plan) -> list[Decision]:
    """Write the plan down in one transaction: the decisions, their cases' moves and steps, the holds. Those written.

    A case is notified when its notice has been decided, since from then on the outbox will bring it out. What another
    process has done since the plan was made counts: each step is asked for again as the book is now. Nobody is written
    to twice, no step is taken twice, and no case that has gone is told of.
    """
    with book.write() as tx:
        present = {each.subscriber: each for each in standings_of(tx, plan.view.followups, plan.touched)}
        asking = {number: turns(each, plan.view) for number, each in present.items() if _is_rested(each, plan.view)}
        decisions = list(_still_right(plan, present, asking))
        cases_by_notice = {each.facts.notice: each.cases for each in decisions}
        book_notices.add(tx, [_notice(each, plan.at) for each in decisions], cases_by_notice)
        write_told(tx, decisions, at=plan.at)
        book_cases.move(tx, [_told(step, each, plan.at) for each in decisions for step in each.steps])
        for number, found in asking.items():
            pass_over(tx, _planned(passed_over(found, present[number], plan.view), plan.passed), at=plan.at)
            enclose(tx, _planned(enclosures(found, present[number], plan.view), plan.enclosures), plan.view)
        book_holds.add(tx, plan.holds)
        book_holds.spend(tx, plan.spent, plan.at)
        _note_control(tx, plan)
    return decisions


def _is_rested(standing: Standing, view: View) -> bool:
    return standing.last_at is None or view.at >= standing.last_at + view.policy.rest


def _still_right(
    plan: Plan, present: Mapping[int, Standing], asking: Mapping[int, Sequence[Turn]]
) -> Iterable[Decision]:
    """Those whose every step is due as the book is now."""
    for each in plan.decisions:
        due = {turn.case.case: turn.due for turn in asking.get(each.subscriber, ())}
        is_new = each.subscriber in present and each.facts.notice not in present[each.subscriber].notices
        if is_new and each.steps and all(due.get(step.case) == step.due for step in each.steps):
            yield each


def _planned(found: Sequence[_T], planned: Sequence[_T]) -> list[_T]:
    """Of what is due now, what was due for the same reason when the plan was made."""
    known = {(each.name, each.due) for each in planned}
    return [each for each in found if (each.name, each.due) in known]


def _note_control(tx: Transaction, plan: Plan) -> None:
    """Each case that waits for the control group's sake says so, once; who answers for it stands in the audit."""
    waiting = [case for each in plan.withheld if each.reason is Reason.CONTROL for case in each.cases]
    noted = {move.case for move in book_cases.moves_of(tx, waiting) if move.actor == CONTROL_ACTOR}
    states = book_cases.states_of(tx, [case for case in waiting if case not in noted])
    said, words = "by chance its first notice waits", plan.view.control.config.words if plan.view.control else ""
    moves = [
        Move(case=case, at=plan.at, state=state, actor=CONTROL_ACTOR, reason=said)
        for case, state in sorted(states.items())
    ]
    book_cases.remark(tx, moves)
    for move in moves:
        audit.append(tx, at=plan.at, actor=ACTOR, action="control group", object=move.case, reason=words[:REASON_MAX])


def _notice(decision: Decision, at: datetime) -> Notice:
    return Notice(
        notice=decision.facts.notice,
        subscriber=decision.subscriber,
        decided_at=at,
        expires_at=decision.facts.expires_at,
        facts=canonical(decision.facts).decode(),
        code_sha256=decision.facts.code_sha256,
        state="decided",
        channel=decision.channel,
    )


def _told(step: CaseStep, decision: Decision, at: datetime) -> Move:
    said = f"{decision.facts.notice} was decided"
    if step.due.escalates:
        return Move(
            case=step.case,
            at=at,
            state=State.ESCALATED,
            actor=ACTOR,
            reason=f"{said} by {decision.channel}, {step.reason}",
        )
    return Move(case=step.case, at=at, state=State.NOTIFIED, actor=ACTOR, reason=said)
