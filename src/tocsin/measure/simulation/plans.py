"""What is done about trouble: the provider's own rules for notices, and the steps that follow one another."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tocsin.cases.policy import Policy
from tocsin.terms.errors import BadRequest

GARDEN = "garden"
STEPS_MAX = 12


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """So many days after the step before it (the first: after the case was opened), if the line was seen since then."""

    channel: str
    after_days: int = 0


class Garden(msgspec.Struct, frozen=True, kw_only=True):
    """The garden's own bounds."""

    share_max: float = 0.01  # of all subscribers, at once
    days_max: int = 30  # then it opens by itself
    approval_days: int = 1  # until a person has decided on a line's first stay
    self_releases: int = 2  # then only by a clerk


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A name, the `[notices]` rules, and the steps; the last step is repeated for as long as the line is seen."""

    name: str
    policy: Policy
    steps: tuple[Step, ...]
    garden: Garden = Garden()

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= STEPS_MAX:
            raise BadRequest(f"{len(self.steps)} steps, 1 to {STEPS_MAX} can be simulated")


def plans_of(policy: Policy) -> Mapping[str, Plan]:
    """Plans to compare, each with these rules but for the one thing that its name says."""
    sending = msgspec.structs.replace(policy, send=True)
    mail = (Step(channel="mail"),)
    week = policy.rest_days
    ladder = (*mail, Step(channel="sms", after_days=week), Step(channel=GARDEN, after_days=week))
    return {
        plan.name: plan
        for plan in (
            Plan(name="nobody is told", policy=msgspec.structs.replace(policy, send=False), steps=mail),
            Plan(name="mail", policy=sending, steps=mail),
            Plan(name="mail, sms, garden", policy=sending, steps=ladder),
            Plan(name="garden at once", policy=sending, steps=(Step(channel=GARDEN), Step(channel=GARDEN))),
        )
    }
