"""Which step is due for which case of one subscriber, and which days it may rest on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.cases.follow import Key, present_days
from tocsin.cases.followup import REMINDING, Channel, Due, next_step, policy_of
from tocsin.cases.moves import NOTIFIABLE, REMINDABLE, State
from tocsin.cases.reasons import SENTENCES, Reason
from tocsin.cases.rules import OF_MAIL, OF_NEWS, Standing, View, believed, forbidden, holder

NAMES = {"sms": "telephone number", "call": "telephone number", "letter": "postal address"}  # where they go


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A case, its days, each with the rule that forbids resting on it, and the step that is due, if one is."""

    case: Case
    days: tuple[CaseDay, ...]
    verdicts: tuple[Reason | None, ...]
    due: Due | None

    @property
    def allowed(self) -> list[CaseDay]:
        return [day for day, no in zip(self.days, self.verdicts, strict=True) if no is None]

    @property
    def channel(self) -> Channel:
        return self.due.step.channel if self.due else "mail"

    @property
    def is_reminder(self) -> bool:
        """Whether the step waits for no new sighting."""
        return self.due is not None and self.due.step.when in REMINDING


class CaseStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of one case's policy that is taken, or passed over, and why."""

    case: str
    due: Due
    reason: str

    @property
    def name(self) -> str:
        return self.case


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A step that asks for the garden; whether it may be is judged when it is written (`garden_rules`)."""

    case: Case
    due: Due
    days: tuple[CaseDay, ...]
    account: int
    contract: Contract

    @property
    def name(self) -> str:
        return self.case.case


def turns(standing: Standing, view: View) -> list[Turn]:
    """One for each case that may have its next step."""
    found = []
    for case in standing.cases:
        due = _due(case, standing, view)
        reminds = due is not None and due.step.when in REMINDING
        if case.state in NOTIFIABLE or (case.state in (*REMINDABLE, State.CONFIRMED) and reminds):
            days = days_of(case, standing)
            but = _exempt(due)
            verdicts = tuple(forbidden(day, standing, view, but=but) for day in days)
            found.append(Turn(case=case, days=tuple(days), verdicts=verdicts, due=due))
    return found


def _due(case: Case, standing: Standing, view: View) -> Due | None:
    return next_step(
        policy_of(view.followups, case.kind),
        standing.taken.get(case.case, ()),
        opened_at=case.opened_at,
        last_at=case.last_at,
        is_read=case.case in standing.read,
        at=view.at,
    )


def _exempt(due: Due | None) -> frozenset[Reason]:
    if due is None:
        return frozenset()
    of_mail = OF_MAIL if due.step.channel != "mail" else frozenset()
    return of_mail | (OF_NEWS if due.step.when in REMINDING else frozenset())


def recipient_of(channel: str, contract: Contract) -> str:
    """Where a notice by that channel goes; empty where the contract does not say."""
    if channel in ("sms", "call"):
        return contract.phone or ""
    return (contract.postal_address or "") if channel == "letter" else contract.email


def unreachable(channel: str, contract: Contract, standing: Standing, view: View) -> str | None:
    """Why this contract cannot be reached so; None where it can."""
    if channel not in view.channels:
        return f"no way is configured for {channel}"
    to = recipient_of(channel, contract)
    if channel in NAMES and not to:
        return f"the contract names no {NAMES[channel]}"
    if channel in NAMES and to.lower() in standing.dead_addresses:
        return f"a notice to the {NAMES[channel]} came back"
    return None


def passed_over(found: Sequence[Turn], standing: Standing, view: View) -> list[CaseStep]:
    """The steps that are due and can reach nobody."""
    passes = []
    for turn in found:
        reason = _no_way(turn, standing, view)
        if turn.due is not None and reason is not None:
            passes.append(CaseStep(case=turn.case.case, due=turn.due, reason=f"passed over: {reason}"))
    return passes


def _no_way(turn: Turn, standing: Standing, view: View) -> str | None:
    """Why the step of a case that has something to say can reach nobody."""
    if turn.channel == "mail":
        return _no_mail(turn, view)
    basis = believed(turn.allowed, view.trust) if turn.channel != "garden" else []
    contract = holder(max(basis, key=lambda day: day.last_at), standing) if basis else None
    return unreachable(turn.channel, contract, standing, view) if contract else None


def _no_mail(turn: Turn, view: View) -> str | None:
    """Where mail is the only channel there is nothing to go on to: the reason stands with the subscriber instead."""
    others = any(step.channel != "mail" for step in policy_of(view.followups, turn.case.kind).steps)
    barred = [(day, no) for day, no in zip(turn.days, turn.verdicts, strict=True) if no in OF_MAIL]
    if turn.allowed or not others or not believed([day for day, _ in barred], view.trust):
        return None
    _, last = max(barred, key=lambda each: each[0].last_at)
    return SENTENCES[last] if last else None


def enclosures(found: Sequence[Turn], standing: Standing, view: View) -> list[Enclosure]:
    """The steps that ask for the garden, of what may be rested on."""
    wanted = []
    for turn in found:
        basis = believed(turn.allowed, view.trust) if turn.channel == "garden" else []
        last = max(basis, key=lambda day: day.last_at, default=None)
        contract = holder(last, standing) if last else None
        if turn.due is not None and last is not None and contract is not None:
            wanted.append(
                Enclosure(case=turn.case, due=turn.due, days=tuple(basis), account=last.account, contract=contract)
            )
    return wanted


def days_of(case: Case, standing: Standing) -> list[CaseDay]:
    key = _key(case)
    return present_days([c for c in standing.cases if _key(c) == key], [d for d in standing.days if _key(d) == key])


def _key(thing: Case | CaseDay) -> Key:
    return thing.subscriber, thing.kind, thing.malware, thing.role
