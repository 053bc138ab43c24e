"""What is done about a case, step by step: policies for each kind of trouble, and which step comes next. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

import msgspec

from tocsin.terms.errors import BadConfig

Channel = Literal["mail", "sms", "letter", "call", "webhook", "garden"]
When = Literal["seen", "resighted", "unread", "unreached", "still"]
WHENS: dict[When, str] = {  # what must be true besides the wait
    "seen": "nobody has been told yet",
    "resighted": "it was seen again after the step before",
    "unread": "nobody has shown that they have the notice",
    "unreached": "the notice of the step before did not reach anybody",
    "still": "it is not quiet yet",
}
REMINDING: frozenset[When] = frozenset({"unread", "unreached", "still"})  # they wait for no new sighting
STEPS_MAX = 12
WAIT_DAYS_MAX = 365
ANY = "*"


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One step: by which channel, how long after the step before (the first: after the case was opened), and when."""

    channel: Channel
    after_days: int = 0
    when: When = "resighted"

    def __post_init__(self) -> None:
        if not 0 <= self.after_days <= WAIT_DAYS_MAX:
            what = f"{self.after_days} is not allowed, 0 to {WAIT_DAYS_MAX} is"
            raise BadConfig(what, where="followup.steps.after_days")


class FollowUp(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A `[[followup]]` table: the steps for these kinds (RSIT types, `*` for all others).

    The next step is the first after those that were taken whose wait is over and whose condition holds: a reminder for
    whoever has not read is left out where somebody has. When all are used up the last one comes again, as long as its
    condition holds and the rest allows it; a garden comes again only `after_days` after the line was released.
    """

    kinds: tuple[str, ...] = (ANY,)
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        if not self.kinds:
            raise BadConfig("it is for no kind", where="followup.kinds", remedy='name kinds, or "*" for all others')
        if not 1 <= len(self.steps) <= STEPS_MAX:
            raise BadConfig(f"{len(self.steps)} steps, 1 to {STEPS_MAX} are allowed", where="followup.steps")
        first = self.steps[0]
        if first.when != "seen" or first.channel == "garden":
            remedy = 'begin with a channel that tells, and when = "seen"'
            raise BadConfig("nobody is enclosed, or reminded, before being told", where="followup.steps", remedy=remedy)
        if any(step.when == "seen" for step in self.steps[1:]):
            raise BadConfig("only the first step waits for the first sighting", where="followup.steps")

    def step(self, number: int) -> Step:
        """The step of that number, from 1; past the end the last one again."""
        return self.steps[min(number, len(self.steps)) - 1]


# Safe by default: mail alone, again whenever it is seen again after the rest. No other channel, nobody is enclosed.
DEFAULT = FollowUp(steps=(Step(channel="mail", when="seen"), Step(channel="mail")))


def policy_of(policies: Sequence[FollowUp], kind: str) -> FollowUp:
    """The first policy that names the kind, else the first for all others, else the default."""
    named = (policy for policy in policies if kind in policy.kinds)
    others = (policy for policy in policies if ANY in policy.kinds)
    return next(named, next(others, DEFAULT))


def check_policies(policies: Sequence[FollowUp]) -> None:
    """BadConfig where two policies are for one kind: the second would never be used."""
    kinds = [kind for policy in policies for kind in policy.kinds]
    twice = sorted({kind for kind in kinds if kinds.count(kind) > 1})
    if twice:
        raise BadConfig(f"two policies are for {twice[0]!r}", where="followup.kinds", remedy="keep one of them")


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A step that has been decided. `reached` is False where its notice was refused or came back."""

    step: int  # its number in the policy, or past its end
    channel: str
    at: datetime  # when it was decided, or due where it was passed over; of a garden, when the line was released
    is_done: bool = True  # False: it was passed over, or nobody was reached
    is_open: bool = False  # a garden that has not ended: nothing else is done meanwhile


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """The step that comes next, and from when on."""

    number: int
    step: Step
    due_at: datetime
    reason: str
    repeats: bool = False  # the policy is used up, and its last step comes again
    escalates: bool = False  # a later step than the first: a reminder, or another channel


def next_step(
    policy: FollowUp, taken: Sequence[Taken], *, opened_at: datetime, last_at: datetime, is_read: bool, at: datetime
) -> Due | None:
    """Which step is due now; None while it waits, or while its condition does not hold.

    `last_at` is the last sighting that may be rested on, `is_read` whether anybody has shown to have a notice of the
    case since the last step that told.
    """
    if any(each.is_open for each in taken):
        return None
    last, before = max((each.step for each in taken), default=0), max((each.at for each in taken), default=opened_at)
    for number in range(last + 1, max(len(policy.steps), last + 1) + 1):
        step = policy.step(number)
        due_at = before + timedelta(days=step.after_days)
        if at >= due_at and _holds(step.when, taken, before, last_at, is_read):
            return Due(
                number=number,
                step=step,
                due_at=due_at,
                reason=f"step {number}: {WHENS[step.when]}",
                repeats=number > len(policy.steps),
                escalates=number > 1 and (step.when in REMINDING or step.channel != policy.steps[0].channel),
            )
        if number == 1:  # whatever else holds, the first step is the first
            return None
    return None


def _holds(when: When, taken: Sequence[Taken], before: datetime, last_at: datetime, is_read: bool) -> bool:
    told = any(each.is_done for each in taken)
    if when == "resighted":  # where nobody has been told so far, the first sighting is as good as a second
        return last_at > before or not told
    if when == "unread":
        return not is_read
    if when == "unreached":
        return bool(taken) and not max(taken, key=lambda each: (each.step, each.at)).is_done
    return True
