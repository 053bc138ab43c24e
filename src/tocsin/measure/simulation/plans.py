"""What is done about trouble: the provider's own rules for notices, and the steps that follow one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tocsin.cases.followup import DEFAULT, FollowUp, Step
from tocsin.cases.policy import Policy

GARDEN: Final = "garden"
NAME_MAX = 40  # characters


class Garden(msgspec.Struct, frozen=True, kw_only=True):
    """The garden's own bounds."""

    share_max: float = 0.01  # of all subscribers, at once
    days_max: int = 30  # then it opens by itself
    approval_days: int = 1  # until a person has decided on a line's first stay
    self_releases: int = 2  # then only by a clerk


USUAL = Garden()


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A name, the `[notices]` rules, and the steps: the very structs that the house is configured with."""

    name: str
    policy: Policy
    follow_up: FollowUp
    garden: Garden = USUAL


_TELL = Step(channel="mail", when="seen")
_AGAIN = Step(channel=GARDEN, after_days=1, when="resighted")


def plans_of(policy: Policy, own: Sequence[FollowUp] = (), garden: Garden = USUAL) -> Mapping[str, Plan]:
    """Plans to compare, each with these rules but for the one thing that its name says; then one's own."""
    sending = msgspec.structs.replace(policy, send=True)
    week = policy.rest_days
    ladder = (Step(channel="sms", after_days=week), Step(channel=GARDEN, after_days=week), _AGAIN)
    found = [
        Plan(name="nobody is told", policy=msgspec.structs.replace(policy, send=False), follow_up=DEFAULT),
        Plan(name="mail", policy=sending, follow_up=DEFAULT),
        Plan(name="mail, sms, garden", policy=sending, follow_up=FollowUp(steps=(_TELL, *ladder))),
        Plan(
            name="garden at once",
            policy=sending,
            follow_up=FollowUp(steps=(_TELL, _AGAIN)),
        ),
    ]
    found += [Plan(name=f"yours: {', '.join(each.kinds)}"[:NAME_MAX], policy=sending, follow_up=each) for each in own]
    return {plan.name: msgspec.structs.replace(plan, garden=garden) for plan in found}
