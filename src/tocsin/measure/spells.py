"""A case's life cut into spells: a time without a notice, a time after a mail, after an SMS, in the garden. Pure.

Each spell begins when its channel first reached the subscriber and is broken off where the next one begins, so that no
channel is praised for the days before it, or for what the next one did. See docs/measure.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from tocsin.measure.survival import Times, times

NONE = "none"  # the arm of whoever has not been reached
SEEN_WITHIN = timedelta(days=2)  # a line that was not seen for so long before a notice was clean before it
PROMPT = timedelta(days=2)  # a notice within so long of the case's opening; only such are compared with the baseline
_DAY = timedelta(days=1)


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """Something that reached the subscriber, or was meant to: a notice, or the door of the garden."""

    at: datetime
    channel: str
    version: str = ""
    arrived: bool = True


class Life(msgspec.Struct, frozen=True, kw_only=True):
    """One case, as far as it is known. `is_over`: it went quiet, by the days that count.

    `clean_at`: when it could first have been seen again and was not, where that is later than its last sighting: after
    days without a source, or in the garden. Within those days nobody knows when it was clean.
    """

    case: str
    subscriber: int
    kind: str
    malware: str
    opened_at: datetime
    last_at: datetime
    is_over: bool
    reached: tuple[Reach, ...] = ()
    is_control: bool = False
    address: str = ""
    clean_at: datetime | None = None

    @property
    def ended_at(self) -> datetime:
        return self.last_at if self.clean_at is None else max(self.last_at, self.clean_at)


class Spell(msgspec.Struct, frozen=True, kw_only=True):
    """So many days in one arm; `ended`: the last sighting fell into it. `why` says why there was no notice."""

    life: Life
    arm: str
    days: float
    ended: bool
    version: str = ""
    why: str = ""
    is_prompt: bool = False


def all_spells(lives: Iterable[Life], horizon: datetime) -> list[Spell]:
    """Those of every life; see `spells`."""
    return [spell for life in lives for spell in spells(life, horizon)]


def spells(life: Life, horizon: datetime) -> Iterator[Spell]:
    """Up to the horizon: the last moment at which a last sighting can be known to be the last."""
    begun = _beginnings(life)
    clean_at = life.ended_at if life.is_over and life.ended_at <= horizon else None
    for place, here in enumerate(begun):
        if here.at >= horizon:
            return
        following = begun[place + 1].at if place + 1 < len(begun) else None
        ended = clean_at is not None and (following is None or life.last_at + SEEN_WITHIN <= following)
        until = clean_at if ended and clean_at is not None else following or _seen_until(life)
        if ended and following is not None:
            until = min(until, following)
        yield Spell(
            life=life,
            arm=here.channel,
            days=max((min(until, horizon) - here.at) / _DAY, 0.0),
            ended=ended,
            version=here.version,
            why=_why(life, following) if here.channel == NONE else "",
            is_prompt=here.channel == NONE or here.at - life.opened_at <= PROMPT,
        )
        if ended:
            return


def _seen_until(life: Life) -> datetime:
    """How long it is known to have been in trouble, or not to have been seen to be out of it."""
    return life.ended_at if life.is_over else life.last_at


def _beginnings(life: Life) -> list[Reach]:
    """Where each spell begins: without a notice first, then each channel from the first time that it reached him.

    Of one whom nothing reached, though it was meant to, the time runs from the moment at which it was.
    """
    arrived = sorted((each for each in life.reached if each.arrived), key=lambda each: each.at)
    meant = min((each.at for each in life.reached), default=life.opened_at)
    found = [Reach(at=life.opened_at if arrived else meant, channel=NONE)]
    for each in arrived:
        if each.channel not in {one.channel for one in found}:
            found.append(each)
    return found if len(found) == 1 or found[1].at - found[0].at > timedelta(0) else found[1:]


def _why(life: Life, following: datetime | None) -> str:
    if life.is_control:
        return "control"
    if any(not each.arrived for each in life.reached):
        return "bounced"
    return "late" if following is not None else "no notice"


def in_arm(found: Sequence[Spell], arm: str) -> Times:
    """The times of one arm; of those who were not told, and of the promptly told, these compare."""
    return as_times([spell for spell in found if spell.arm == arm])


def as_times(found: Sequence[Spell]) -> Times:
    return times([spell.days for spell in found], [spell.ended for spell in found])
