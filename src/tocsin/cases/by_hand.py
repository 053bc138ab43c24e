"""What a person does to a case: hold, close, reopen, call it a false positive; and ask for a notice now.

Each is a move of the one table, with the person's name and reason. None of them goes round a rule: a notice that is
asked for is decided by the very rules and brakes of a run.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import msgspec

from tocsin.book import Book, Transaction, audit, verdicts
from tocsin.book import case_days as book_days
from tocsin.book import cases as book_cases
from tocsin.book import notices as book_notices
from tocsin.book.cases import Case, Move
from tocsin.book.verdicts import FALSE, Verdict
from tocsin.cases.brakes import run_trips
from tocsin.cases.decide import Withheld
from tocsin.cases.freeze import Sender
from tocsin.cases.moves import MOVES, OVER, State
from tocsin.cases.outbox import refuse
from tocsin.cases.plan import Plan, plan
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import Reason
from tocsin.cases.rules import MAIL_ALONE, View, Ways
from tocsin.cases.situation import read_situation
from tocsin.terms.errors import Refused
from tocsin.terms.roles import Trust


class Action(msgspec.Struct, frozen=True):
    """What a person may do: where it leads, the word for it in the audit."""

    to: State
    done: str


ACTIONS: Mapping[str, Action] = {
    "hold": Action(State.HELD, "case held"),
    "close": Action(State.CLOSED, "case closed"),
    "reopen": Action(State.REOPENED, "case reopened"),
    "false-positive": Action(State.FALSE, "case called a false positive"),
}


def allowed(case: Case) -> list[str]:
    """What may be done to a case in its state, in the table's order."""
    return [name for name, action in ACTIONS.items() if action.to in MOVES[State(case.state)]]


def act(tx: Transaction, case: Case, action: str, *, at: datetime, actor: str, reason: str) -> Move:
    """Do it, with everything that follows from it, and write it down. Refused when the case may not move so."""
    done = ACTIONS[action]
    if done.to not in MOVES[State(case.state)]:
        raise Refused(f"{case.case} is {case.state}: it cannot become {done.to}")
    if done.to is State.REOPENED and case.state == State.CLOSED:
        _demand_alone(tx, case)
    if done.to is not State.REOPENED:
        _stop_notices(tx, case, reason=f"the case is {done.to}", at=at)
    move = Move(case=case.case, at=at, state=done.to, actor=actor, reason=reason)
    book_cases.move(tx, [move])
    if done.to is State.FALSE:
        verdicts.give(tx, _verdicts(tx, case, at=at, actor=actor, reason=reason))
    elif case.state == State.FALSE and done.to is State.REOPENED:
        verdicts.lift(tx, case.case, at)
    audit.append(tx, at=at, actor=actor, action=done.done, object=case.case, reason=reason)
    return move


def _demand_alone(tx: Transaction, case: Case) -> None:
    """A closed case comes back only while it is the last word on its trouble, and while what it rests on is kept."""
    for other in book_cases.cases_of(tx, [case.subscriber]):
        same = (other.kind, other.malware, other.role) == (case.kind, case.malware, case.role)
        if same and other.opened_at > case.opened_at and other.state != State.WITHDRAWN:
            raise Refused(f"{case.case} stays closed: {other.case} is the newer case of the same trouble")
    if not book_days.days_of_case(tx, case.case):
        raise Refused(f"{case.case} stays closed: what it rested on is no longer kept")


def _stop_notices(tx: Transaction, case: Case, *, reason: str, at: datetime) -> None:
    """What has been decided about the case and has not left stays here."""
    for notice in book_notices.of_cases(tx, [case.case]).get(case.case, ()):
        if notice.state in book_notices.WAITING and notice.dot_at is None:
            refuse(tx, notice.notice, reason=reason, at=at)


def _verdicts(tx: Transaction, case: Case, *, at: datetime, actor: str, reason: str) -> list[Verdict]:
    """One for each source that the case rests on."""
    found: dict[str, Verdict] = {}
    for day in book_days.days_of_case(tx, case.case):  # the last day of each source is the last word on its reference
        before = found[day.source].sightings if day.source in found else 0
        found[day.source] = Verdict(
            case=case.case,
            source=day.source,
            verdict=FALSE,
            sightings=before + day.sightings,
            source_ref=day.source_ref,
            at=at,
            actor=actor[:100],
            reason=reason[:300],
        )
    return list(found.values())


# --- a notice now ------------------------------------------------------------------------------------------------


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What became of asking for a notice about one case: its notice, or why there is none."""

    case: str
    notice: str | None = None
    reason: Reason | None = None


def plan_for(
    book: Book,
    subscribers: Collection[int],
    *,
    at: datetime,
    policy: Policy,
    sender: Sender,
    trust: Mapping[str, Trust],
    titles: Mapping[str, str],
    ways: Ways = MAIL_ALONE,
) -> Plan:
    """What `take` would write for these subscribers now. Rest, rules and brakes hold as in a run.

    Many small asks are one large one: what was decided since the last run counts for the run's brakes, and no release
    of a brake is used up, or taken advantage of.
    """
    with book.read() as tx:
        situation = read_situation(tx, at, ways.followups, only=subscribers)
        before = book_notices.count_decided(tx, situation.since)
    view = View(at=at, policy=policy, trust=trust, titles=titles, seasoned=situation.seasoned)
    planned = plan(situation, view.by(ways), sender)
    decisions, withheld = planned.decisions, planned.withheld
    if decisions and run_trips(len(decisions) + before, situation.subscribers, at=at, policy=policy):
        held = [Withheld(subscriber=each.subscriber, reason=Reason.HELD) for each in decisions]
        decisions, withheld = (), (*withheld, *held)
        planned = msgspec.structs.replace(planned, passed=(), enclosures=())
    of_sources = tuple(hold for hold in planned.holds if hold.source is not None)
    return msgspec.structs.replace(planned, decisions=decisions, withheld=withheld, holds=of_sources, spent=())


def answers(planned: Plan, taken: Sequence[str], asked: Sequence[Case]) -> list[Asked]:
    """What became of each case: `taken` are the notices that were written."""
    notice_by_case = {c: each.facts.notice for each in planned.decisions for c in each.cases}
    reason_by_subscriber = {each.subscriber: each.reason for each in planned.withheld}
    found = []
    for case in asked:
        notice = notice_by_case.get(case.case)
        if notice is not None and notice in taken:
            found.append(Asked(case=case.case, notice=notice))
        else:
            otherwise = Reason.TOLD if notice is None else Reason.REST
            found.append(Asked(case=case.case, reason=reason_by_subscriber.get(case.subscriber, otherwise)))
    return found


def may_ask(case: Case) -> bool:
    """Whether a notice about it can be asked for at all."""
    return case.state not in OVER and State.NOTIFIED in MOVES[State(case.state)]
