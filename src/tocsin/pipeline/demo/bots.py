"""The two bots among the provider's own lines: who plays them, the truth about them, and whether they were found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random

import msgspec

from tocsin.pipeline.demo.homes import Sensor, caller_of_made_up_names, ordinary, scanner
from tocsin.pipeline.demo.planning import Timetable
from tocsin.pipeline.demo.score import Answer, Key
from tocsin.pipeline.demo.truth import moment_text
from tocsin.pipeline.demo.world import Session
from tocsin.terms.moments import parse_moment

OWN_SOURCE = "own-flows"  # the name of what the provider itself has seen
_WATCHED_S = 10_800  # so long the sensor has written
_ACTIVE_S = 4_800
_HOMES_MAX = 240
_STAY_S_MIN = 1_800
_PLAYS: tuple[tuple[str, Callable[[Sensor, str, int, int], None]], ...] = (
    ("scanner", scanner),
    ("infected-system", caller_of_made_up_names),
)


class Stay(msgspec.Struct, frozen=True):
    """A session that the logs know well, and the span in which nobody doubts whose it is. Seconds since 1970."""

    session: Session
    first: int
    last: int


class Bot(msgspec.Struct, frozen=True, kw_only=True):
    """One line of `bots.jsonl`: that address was a bot's in that span, and whose line it was."""

    address: str
    kind: str  # RSIT
    starts_at: str
    ends_at: str
    holder: str  # the customer number


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """What came of the provider's own detection. `wrong`: answers that named a household which has no bot."""

    found: dict[str, Bot]  # by address
    bots: tuple[Bot, ...]
    wrong: int


def write_flows(
    folder: Path, stays: Iterable[Stay], times: Timetable, rng: Random, *, told_of: frozenset[str]
) -> tuple[Bot, ...]:
    """`flows/*.log` and `bots.jsonl`. `told_of`: households of which the feed speaks play no bot where others can."""
    starts_at = times.begins_at + (times.ends_at - times.begins_at) * 76 // 100
    ends_at = min(starts_at + _WATCHED_S, *times.cuts.values())
    sensor = Sensor(rng)
    watched = [each for each in stays if min(each.last, ends_at) - max(each.first, starts_at) >= _STAY_S_MIN]
    rng.shuffle(watched)
    bots = tuple(_play(sensor, _cast(watched, starts_at, told_of)))
    for stay in watched[:_HOMES_MAX]:
        ordinary(sensor, stay.session.address, max(stay.first, starts_at), min(stay.last, ends_at))
    sensor.write(folder / "flows")
    (folder / "bots.jsonl").write_bytes(b"".join(msgspec.json.encode(bot) + b"\n" for bot in bots))
    return bots


def _cast(stays: Sequence[Stay], starts_at: int, told_of: frozenset[str]) -> list[tuple[Session, int]]:
    """Who can be a bot: there all the time, the same household to this day; those first of whom nobody has told."""
    at = starts_at + 600
    able = [
        each.session
        for each in stays
        if each.first <= at and at + _ACTIVE_S <= each.last and not each.session.account.change
    ]
    able.sort(key=lambda session: _holder(session, at) in told_of)
    return [(session, at) for session in able[: len(_PLAYS)]]


def _holder(session: Session, at: int) -> str:
    tenant = session.line.tenant(at)
    return tenant.number if tenant else ""


def _play(sensor: Sensor, cast: Sequence[tuple[Session, int]]) -> Iterable[Bot]:
    for (kind, play), (session, at) in zip(_PLAYS, cast, strict=False):
        ends_at = at + _ACTIVE_S
        play(sensor, session.address, at, ends_at)
        yield Bot(
            address=session.address,
            kind=kind,
            starts_at=moment_text(at),
            ends_at=moment_text(ends_at),
            holder=_holder(session, at),
        )


def read_bots(path: Path) -> tuple[Bot, ...]:
    return tuple(msgspec.json.decode(line, type=Bot) for line in path.read_bytes().splitlines())


def mark_bots(bots: Sequence[Bot], answers: Mapping[Key, Answer]) -> Marked:
    """A bot is found when a sighting of our own, within its span, was attributed to its household."""
    found: dict[str, Bot] = {}
    wrong = 0
    for key, answer in answers.items():
        if key.source == OWN_SOURCE and answer.outcome == "subscriber":
            bot = next((each for each in bots if was_in(each, key.address, parse_moment(key.seen_at))), None)
            if bot is not None and answer.subscriber == bot.holder:
                found[bot.address] = bot
            else:
                wrong += 1
    return Marked(found=found, bots=tuple(bots), wrong=wrong)


def was_in(bot: Bot, address: str, moment: datetime) -> bool:
    """Whether that address was this bot's at that moment."""
    within = parse_moment(bot.starts_at) <= moment < parse_moment(bot.ends_at)
    return within and bot.address == address
