"""Steps that no notice is written for: those that reach nobody, and those that ask for the garden."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.book import Transaction, audit, quarantines
from tocsin.book import cases as book_cases
from tocsin.book import steps as book_steps
from tocsin.book.cases import Move
from tocsin.book.quarantines import Quarantine, Wish
from tocsin.book.steps import Step
from tocsin.cases.decide import Decision
from tocsin.cases.follow import ACTOR
from tocsin.cases.garden_rules import Bar, Suspect, judge
from tocsin.cases.moves import State
from tocsin.cases.rules import Gate, View
from tocsin.cases.suspect import Ground, suspect_of
from tocsin.cases.turns import CaseStep, Enclosure

POLICY = "policy"  # who asks, in the quarantine and in the audit
_SHUT = Gate(is_on=False, inside_max=lambda _: 0)


def write_told(tx: Transaction, decisions: Sequence[Decision], *, at: datetime) -> None:
    """The steps that these notices were decided for."""
    rows = [_row(step, each.channel, at, each.facts.notice) for each in decisions for step in each.steps]
    book_steps.add(tx, rows)


def pass_over(tx: Transaction, steps: Sequence[CaseStep], *, at: datetime) -> None:
    """Steps that can reach nobody: each is written, and noted in its case.

    The last step of a policy comes again and again: for the same reason it is passed over once.
    """
    known = book_steps.taken_of(tx, [step.case for step in steps])
    states = book_cases.states_of(tx, [step.case for step in steps])
    fresh = [step for step in steps if not (step.due.repeats and _is_same(step, known.get(step.case, ())))]
    book_steps.add(tx, [_row(step, step.due.step.channel, at) for step in fresh])
    book_cases.remark(tx, [_line(step.case, states[step.case], _said(step), at) for step in fresh])


def enclose(tx: Transaction, wanted: Sequence[Enclosure], view: View) -> None:
    """Ask for the garden where its rules allow it; they look at the book as it is now.

    What is forbidden is passed over, what a person must decide waits for one, and while the garden is full, or the
    line is in it already, nothing is done.
    """
    gate = view.gate or _SHUT
    ground = Ground(
        is_on=gate.is_on,
        sending=view.policy.send,
        inside_max=gate.inside_max,
        age_max=view.policy.age_max,
        trust=view.trust,
    )
    for each in wanted:
        suspect = suspect_of(tx, each.case, each.account, ground, at=view.at)
        verdict = judge(suspect)
        if suspect.in_garden:
            continue
        if verdict.bar is Bar.FORBIDDEN:
            no = CaseStep(case=each.case.case, due=each.due, reason=f"passed over: {verdict.reason}")
            pass_over(tx, [no], at=view.at)
        elif verdict.bar is Bar.FULL:
            _note_once(tx, each, f"step {each.due.number} by garden waits: {verdict.reason}", view.at)
        else:
            _ask(tx, each, suspect, verdict.reason, view.at, automatic=verdict.bar is None)


def _ask(
    tx: Transaction, wanted: Enclosure, suspect: Suspect, said: str, at: datetime, *, automatic: bool
) -> Quarantine:
    case, due = wanted.case, wanted.due
    wish = Wish(
        case=case.case,
        subscriber=case.subscriber,
        account=wanted.account,
        by=POLICY,
        reason=due.reason,
        automatic=automatic,
    )
    mine = quarantines.ask(tx, wish, at=at, inside_max=suspect.inside_max)
    words = f"{due.reason}; {mine.quarantine} is {mine.state}: {said}"
    book_steps.add(tx, [_row(CaseStep(case=case.case, due=due, reason=words), "garden", at)])
    book_cases.move(tx, [_line(case.case, State.ESCALATED, words, at)])
    audit.append(
        tx,
        at=at,
        actor=POLICY,
        action=f"garden {mine.state}",
        object=mine.quarantine,
        reason=words,
        subscriber=case.subscriber,
    )
    return mine


def _note_once(tx: Transaction, wanted: Enclosure, said: str, at: datetime) -> None:
    case = wanted.case.case
    if said not in [move.reason for move in book_cases.moves_of(tx, [case])]:
        book_cases.remark(tx, [_line(case, book_cases.states_of(tx, [case])[case], said, at)])


def _row(step: CaseStep, channel: str, at: datetime, notice: str | None = None) -> Step:
    return Step(
        case=step.case,
        step=step.due.number,
        channel=channel,
        due_at=step.due.due_at,
        decided_at=at,
        reason=step.reason,
        notice=notice,
    )


def _is_same(step: CaseStep, taken: Sequence[book_steps.Taken]) -> bool:
    last = taken[-1].step if taken else None
    return last is not None and last.notice is None and last.reason == step.reason


def _said(step: CaseStep) -> str:
    return f"step {step.due.number} by {step.due.step.channel} is {step.reason}"


def _line(case: str, state: str, said: str, at: datetime) -> Move:
    return Move(case=case, at=at, state=state, actor=ACTOR, reason=said)
