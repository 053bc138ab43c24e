"""Whether one subscriber gets a notice now: a pure decision, with the reason where the answer is no."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.cases.freeze import Sender, code_hash, masked, notice_ref, told_zone, trouble
from tocsin.cases.reasons import Reason, furthest
from tocsin.cases.rules import FOR_COUNTING, OF_MAIL, Standing, View, believed, forbidden, holder
from tocsin.cases.turns import CaseStep, Enclosure, Turn, enclosures, passed_over, recipient_of, turns
from tocsin.proof.facts import TROUBLES_TOLD_MAX, Facts

_COUNTING = FOR_COUNTING | OF_MAIL


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A notice is to be written. The facts are frozen here; nothing later adds to them."""

    subscriber: int
    facts: Facts
    cases: tuple[str, ...]  # those that the notice tells of
    sources: tuple[str, ...]  # those that it rests on
    channel: str = "mail"
    steps: tuple[CaseStep, ...] = ()  # which step it is to each of those cases
    passed: tuple[CaseStep, ...] = ()  # steps that can reach nobody
    enclosures: tuple[Enclosure, ...] = ()  # that are asked for besides


class Withheld(msgspec.Struct, frozen=True, kw_only=True):
    """No notice, and what stood in its way last."""

    subscriber: int
    reason: Reason
    sources: tuple[str, ...] = ()  # that a brake holds, where that is the reason
    cases: tuple[str, ...] = ()  # that wait, where a control group is the reason
    passed: tuple[CaseStep, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()

    @property
    def does_more(self) -> bool:
        """Whether something is written of it all the same."""
        return bool(self.passed or self.enclosures)


class Matter(msgspec.Struct, frozen=True):
    """A case that has something to say: the days it rests on, and those that may be counted besides."""

    case: Case
    basis: tuple[CaseDay, ...]
    counted: tuple[CaseDay, ...]
    turn: Turn

    @property
    def last(self) -> CaseDay:
        """The sighting that the notice rests on."""
        return max(self.basis, key=lambda day: (day.last_at, day.last_sighting))

    @property
    def told(self) -> tuple[str, str, int]:
        """What a notice says of it, as far as its reference goes."""
        return self.case.case, self.last.last_sighting, sum(day.sightings for day in self.counted)


def decide(standing: Standing, view: View, sender: Sender) -> Decision | Withheld:
    """One notice over all that the subscriber's cases have to say of one line, or the reason why none."""
    if standing.last_at is not None and view.at < standing.last_at + view.policy.rest:
        return Withheld(subscriber=standing.subscriber, reason=Reason.REST)
    found = turns(standing, view)
    passed, wanted = passed_over(found, standing, view), enclosures(found, standing, view)
    skipped = {step.case for step in passed}
    telling = [turn for turn in found if turn.channel != "garden" and turn.case.case not in skipped]
    verdict = _tell(telling, found, standing, view, sender)
    return msgspec.structs.replace(verdict, passed=tuple(passed), enclosures=tuple(wanted))


def _tell(
    telling: Sequence[Turn], found: Sequence[Turn], standing: Standing, view: View, sender: Sender
) -> Decision | Withheld:
    days = [day for turn in telling if turn.due is not None for day in turn.allowed]
    contracts = {held.number: held for day in days if (held := holder(day, standing))}
    lines = [(contract, list(_matters(telling, contract, standing, view))) for contract in contracts.values()]
    lines = [(contract, matters) for contract, matters in lines if matters]
    if not lines:
        return _withheld(standing, found, view)
    # A notice names one line. Where two lines of one subscriber are in trouble, the one seen last comes first.
    contract, matters = max(lines, key=lambda line: (max(each.last.last_at for each in line[1]), -line[0].number))
    return _decision(standing, view, sender, contract, matters)


def _matters(found: Sequence[Turn], contract: Contract, standing: Standing, view: View) -> Iterator[Matter]:
    """The cases that have something to say of this contract's line."""
    for turn in found:
        if turn.due is None:
            continue
        ours = [day for day in turn.days if holder(day, standing) == contract]
        allowed = {day.last_sighting for day in turn.allowed}
        basis = believed([day for day in ours if day.last_sighting in allowed], view.trust)
        if basis:
            sources = {day.source for day in basis}
            counted = [
                day for day in ours if day.source in sources and not forbidden(day, standing, view, but=_COUNTING)
            ]
            yield Matter(turn.case, tuple(basis), tuple(counted), turn)


def _withheld(standing: Standing, found: Sequence[Turn], view: View) -> Withheld:
    """What is allowed day by day and still no notice was not believed, or its step is not due."""
    verdicts = [(day, no) for turn in found for day, no in zip(turn.days, turn.verdicts, strict=True)]
    reasons = {no for _, no in verdicts if no is not None}
    for turn in found:
        if turn.allowed:
            waits = (turn.due is None or turn.channel == "garden") and believed(turn.allowed, view.trust)
            reasons.add(Reason.STEP_WAITS if waits else Reason.STRANGER)
    reason = furthest(reasons) if reasons else Reason.TOLD
    held = {day.source for day, no in verdicts if no is Reason.SOURCE_HELD and reason is no}
    return Withheld(subscriber=standing.subscriber, reason=reason, sources=tuple(sorted(held)))


def _decision(
    standing: Standing, view: View, sender: Sender, contract: Contract, matters: Sequence[Matter]
) -> Decision | Withheld:
    ordered = sorted(matters, key=lambda each: (each.last.last_at, each.case.case), reverse=True)[:TROUBLES_TOLD_MAX]
    leading = max(ordered, key=lambda each: (each.turn.due.number if each.turn.due else 0, each.last.last_at))
    channel = leading.turn.channel
    recipient = recipient_of(channel, contract)
    if not recipient and channel != "webhook":  # another line of the subscriber's has one
        return Withheld(subscriber=standing.subscriber, reason=Reason.NO_ADDRESS)
    ref = notice_ref(sender, standing.ref, [each.told for each in ordered], turn=_told_again(leading.turn))
    if ref in standing.notices:
        return Withheld(subscriber=standing.subscriber, reason=Reason.DECIDED_BEFORE)
    if not view.policy.send:
        return Withheld(subscriber=standing.subscriber, reason=Reason.SENDING_OFF)
    told = [each.case for each in ordered]
    if view.control and standing.last_at is None and view.control.waits(standing.ref, contract, told, view.at):
        waiting = tuple(sorted(case.case for case in told))
        return Withheld(subscriber=standing.subscriber, reason=Reason.CONTROL, cases=waiting)
    facts = Facts(
        notice=ref,
        issuer=sender.domain,
        issuer_name=sender.name,
        recipient=recipient,
        name=contract.name,
        line=masked(contract.line),
        language=contract.language if contract.language in sender.languages else sender.language,
        zone=told_zone(contract.zone, sender.zone),
        troubles=tuple(trouble(each.last, each.counted, view.titles) for each in ordered),
        issued_at=view.at.replace(microsecond=0),
        expires_at=view.at.replace(microsecond=0) + view.policy.valid,
        code_sha256=code_hash(sender, ref),
    )
    return Decision(
        subscriber=standing.subscriber,
        facts=facts,
        cases=tuple(sorted(each.case.case for each in ordered)),
        sources=tuple(sorted({day.source for each in ordered for day in each.basis})),
        channel=channel,
        steps=tuple(_step(each.turn, leading.turn) for each in ordered if each.turn.due is not None),
    )


def _told_again(turn: Turn) -> str:
    """What tells a notice from an earlier one that says the same: the step and its channel."""
    if turn.due is None or (turn.channel == "mail" and not turn.is_reminder):
        return ""
    return f"{turn.channel} {turn.due.number}"


def _step(turn: Turn, leading: Turn) -> CaseStep:
    assert turn.due is not None
    along = "" if turn is leading else f", told along with {leading.case.case}"
    return CaseStep(case=turn.case.case, due=turn.due, reason=turn.due.reason + along)
