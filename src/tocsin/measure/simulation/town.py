"""The town: how many lines there are, how many are in trouble, how well they are seen. Columns, a row a line."""

from __future__ import annotations

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.terms.errors import BadRequest

SUBSCRIBERS_MAX = 2_000_000
DAYS_MIN, DAYS_MAX = 30, 400
NEVER = -1
Ints = npt.NDArray[np.int32]
Flags = npt.NDArray[np.bool_]
Dice = npt.NDArray[np.float32]


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """Shares are 0 to 1. On `blind_days` the sources were silent, or the binding log was: nobody is named."""

    subscribers: int = 100_000
    days: int = 60
    seed: int = 1
    sick_share: float = 0.005  # in trouble on the first day
    new_a_day: float = 0.0001
    seen_a_day: float = 0.7  # of the lines in trouble
    bounced_share: float = 0.03  # whose mail address takes no mail
    confirms_share: float = 0.2  # of those whom a notice reached: they show that they have it
    excluded_share: float = 0.05  # business, care alarm, doctor: never put into the garden by a rule
    blind_days: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.subscribers <= SUBSCRIBERS_MAX:
            raise BadRequest(f"{self.subscribers} subscribers cannot be simulated, 1 to {SUBSCRIBERS_MAX} can")
        if not DAYS_MIN <= self.days <= DAYS_MAX:
            raise BadRequest(f"{self.days} days cannot be simulated, {DAYS_MIN} to {DAYS_MAX} can")
        for name in ("sick_share", "new_a_day", "seen_a_day", "bounced_share", "confirms_share", "excluded_share"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadRequest(f"{name} is {getattr(self, name)}, 0 to 1 is allowed")


class Lines:
    """The state of every line today. What is not so yet is NEVER; `stays` counts the times in the garden."""

    def __init__(self, town: Town, dice: np.random.Generator) -> None:
        count = town.subscribers
        self.sick: Flags = dice.random(count) < town.sick_share
        self.was_sick: Flags = self.sick.copy()
        self.bounces: Flags = dice.random(count) < town.bounced_share
        self.confirms: Flags = dice.random(count) < town.confirms_share
        self.excluded: Flags = dice.random(count) < town.excluded_share
        self.heed: Dice = dice.random(count, dtype=np.float32)  # who does not heed one notice heeds no other
        self.healed_on, self.acts_on = _never(count), _never(count)
        self.opened_on, self.seen_on, self.told_on = _never(count), _never(count), _never(count)
        self.reached_on, self.bounced_on, self.garden_on = _never(count), _never(count), _never(count)
        self.last_failed: Flags = np.zeros(count, np.bool_)
        self.step, self.stepped_on = np.zeros(count, np.int32), _never(count)
        self.quiet_days, self.clean_on = np.zeros(count, np.int32), _never(count)
        self.inside: Flags = np.zeros(count, np.bool_)
        self.enters_on, self.leaves_on, self.way = _never(count), _never(count), _never(count)
        self.will_be_clean: Flags = np.zeros(count, np.bool_)
        self.stays = np.zeros(count, np.int32)

    def heal(self, those: Flags, day: int) -> None:
        self.sick[those] = False
        self.healed_on[those] = day

    def forget_case(self, those: Flags) -> None:
        """What has been closed is over; what happens next is another case."""
        for column in (self.opened_on, self.told_on, self.reached_on, self.bounced_on, self.garden_on, self.stepped_on):
            column[those] = NEVER
        self.last_failed[those] = False
        self.step[those] = 0
        self.quiet_days[those] = 0


def _never(count: int) -> Ints:
    return np.full(count, NEVER, np.int32)
