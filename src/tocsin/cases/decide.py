"""Whether one subscriber gets a notice now: a pure decision, with the reason where the answer is no."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.cases.follow import Key, present_days
from tocsin.cases.freeze import Sender, code_hash, masked, notice_ref, told_zone, trouble
from tocsin.cases.moves import NOTIFIABLE
from tocsin.cases.reasons import Reason, furthest
from tocsin.cases.rules import FOR_COUNTING, Standing, View, believed, forbidden, holder
from tocsin.proof.facts import TROUBLES_TOLD_MAX, Facts


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A notice is to be written. The facts are frozen here; nothing later adds to them."""

    subscriber: int
    facts: Facts
    cases: tuple[str, ...]  # those that the notice tells of
    sources: tuple[str, ...]  # those that it rests on


class Withheld(msgspec.Struct, frozen=True, kw_only=True):
    """No notice, and what stood in its way last."""

    subscriber: int
    reason: Reason
    sources: tuple[str, ...] = ()  # that a brake holds, where that is the reason
    cases: tuple[str, ...] = ()  # that wait, where a control group is the reason


class Matter(msgspec.Struct, frozen=True):
    """A case that has something to say: the days it rests on, and those that may be counted besides."""

    case: Case
    basis: tuple[CaseDay, ...]
    counted: tuple[CaseDay, ...]

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
    days_by_case = [(case, _days_of(case, standing)) for case in standing.cases if case.state in NOTIFIABLE]
    verdicts = [(day, forbidden(day, standing, view)) for _, days in days_by_case for day in days]
    contracts = {found.number: found for day, no in verdicts if no is None and (found := holder(day, standing))}
    lines = [(contract, list(_matters(days_by_case, contract, standing, view))) for contract in contracts.values()]
    lines = [(contract, matters) for contract, matters in lines if matters]
    if not lines:
        return _withheld(standing, verdicts)
    # A notice names one line. Where two lines of one subscriber are in trouble, the one seen last comes first.
    contract, matters = max(lines, key=lambda line: (max(each.last.last_at for each in line[1]), -line[0].number))
    return _decision(standing, view, sender, contract, matters)


def _days_of(case: Case, standing: Standing) -> list[CaseDay]:
    key = _key(case)
    return present_days([c for c in standing.cases if _key(c) == key], [d for d in standing.days if _key(d) == key])


def _key(thing: Case | CaseDay) -> Key:
    return thing.subscriber, thing.kind, thing.malware, thing.role


def _matters(
    days_by_case: Sequence[tuple[Case, Sequence[CaseDay]]], contract: Contract, standing: Standing, view: View
) -> Iterator[Matter]:
    """The cases that have something to say of this contract's line."""
    for case, days in days_by_case:
        ours = [day for day in days if holder(day, standing) == contract]
        basis = believed([day for day in ours if forbidden(day, standing, view) is None], view.trust)
        if basis:
            sources = {day.source for day in basis}
            counted = [
                day for day in ours if day.source in sources and not forbidden(day, standing, view, but=FOR_COUNTING)
            ]
            yield Matter(case, tuple(basis), tuple(counted))


def _withheld(standing: Standing, verdicts: Sequence[tuple[CaseDay, Reason | None]]) -> Withheld:
    """What is allowed day by day and still no notice was not believed."""
    reason = furthest({no or Reason.STRANGER for _, no in verdicts}) if verdicts else Reason.TOLD
    held = {day.source for day, no in verdicts if no is Reason.SOURCE_HELD and reason is no}
    return Withheld(subscriber=standing.subscriber, reason=reason, sources=tuple(sorted(held)))


def _decision(
    standing: Standing, view: View, sender: Sender, contract: Contract, matters: Sequence[Matter]
) -> Decision | Withheld:
    ordered = sorted(matters, key=lambda each: (each.last.last_at, each.case.case), reverse=True)[:TROUBLES_TOLD_MAX]
    ref = notice_ref(sender, standing.ref, [each.told for each in ordered])
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
        recipient=contract.email,
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
    )
