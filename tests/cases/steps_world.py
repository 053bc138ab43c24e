"""A household that can be reached in every way, and policies for it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from tests.cases.case_world import DAY
from tests.cases.provider import Provider
from tocsin.book import Book
from tocsin.cases.decide import Decision
from tocsin.cases.followup import Channel, FollowUp, Step, When
from tocsin.cases.rules import Gate, Ways

ALL = frozenset({"mail", "sms", "letter", "call", "webhook"})
PHONE, HOME = "+4915112345678", "Musterweg 12\n12345 Musterstadt"
WEEK = 7 * DAY


def ways(*steps: tuple[Channel, When] | tuple[Channel, When, int], inside_max: int = 5, **more: object) -> Ways:
    """Mail, and then these steps, each a week after the one before unless it says otherwise."""
    later = [Step(channel=s[0], when=s[1], after_days=s[2] if len(s) == 3 else 7) for s in steps]
    policy = FollowUp(steps=(Step(channel="mail", when="seen"), *later))
    gate = Gate(is_on=True, inside_max=lambda _: inside_max)
    return msgspec.structs.replace(Ways(followups=(policy,), channels=ALL, gate=gate), **more)


def provider_with(book: Book, *steps: tuple[Channel, When], **more: object) -> Provider:
    provider = Provider(book, ways=ways(*steps, **more))  # type: ignore[arg-type]
    harmless = {"line_kind": "private", "care_alarm": False, "medical": False}
    provider.contract(1, phone=PHONE, postal_address=HOME, **harmless)
    return provider


def told(provider: Provider, at: datetime) -> Decision:
    """The only notice of a run at that moment; it leaves at once."""
    [decision] = provider.run(at)
    provider.send(decision.facts.notice, at)
    return decision


def case_of(provider: Provider) -> str:
    [case] = provider.cases()
    return case.case


def state(provider: Provider) -> str:
    [case] = provider.cases()
    return case.state
