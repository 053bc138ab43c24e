"""How fresh each feed and each binding log is, and what it does to the answers when one is not. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import READERS
from tocsin.book.figures import Arrivals, Reach
from tocsin.pipeline.config import Config, SourceSection

ARRIVALS_MIN = 4  # before a feed has come so often, nothing is usual
LATE_FACTOR = 3  # times the usual pause
LATE_MIN = timedelta(minutes=30)
GAPS_TOLD = timedelta(days=7)

State = Literal["good", "open", "bad", "quiet"]


class FeedState(msgspec.Struct, frozen=True, kw_only=True):
    """A source: when it last came, how often it usually comes, and whether that is late."""

    name: str
    title: str
    trust: str
    state: State
    words: str
    last_at: datetime | None = None
    last_name: str = ""
    usual: timedelta | None = None


class LogState(msgspec.Struct, frozen=True, kw_only=True):
    """A binding log: how far it has been read, its silences, and what they do."""

    name: str
    reader: str
    state: State
    words: str
    first_at: datetime | None = None  # of its first line
    last_at: datetime | None = None  # of its last line
    read_at: datetime | None = None  # when a file of it last came
    is_standing: bool = False  # a list, or a journal: silence is no gap
    gaps: tuple[tuple[datetime, datetime], ...] = ()


def feed_states(config: Config, arrivals: Mapping[str, Arrivals], now: datetime) -> list[FeedState]:
    """In the order of the configuration."""
    return [_feed(source, arrivals.get(source.name), now) for source in config.sources]


def _feed(source: SourceSection, came: Arrivals | None, now: datetime) -> FeedState:
    state: State = "quiet"
    usual = None
    if came is None:
        words = "Nothing has come yet."
    else:
        usual = usual_pause(came.since)
        late = usual is not None and now - came.last_at > max(usual * LATE_FACTOR, LATE_MIN)
        state = "open" if late else "good" if usual is not None else "quiet"
        words = "Late: it usually comes more often. What it would have seen is missing, not clean." if late else ""
    return FeedState(
        name=source.name,
        title=source.title or source.name,
        trust=str(source.trust),
        state=state,
        words=words,
        last_at=came.last_at if came else None,
        last_name=came.last_name if came else "",
        usual=usual,
    )


def usual_pause(moments: Sequence[datetime]) -> timedelta | None:
    """The median time between two arrivals; None before anything is usual."""
    if len(moments) < ARRIVALS_MIN:
        return None
    return timedelta(seconds=median((after - before).total_seconds() for before, after in pairwise(moments)))


def log_states(
    config: Config, reaches: Mapping[str, Reach], arrivals: Mapping[str, Arrivals], now: datetime
) -> list[LogState]:
    """In the order of the configuration."""
    return [_log(log, reaches.get(log.name), arrivals.get(log.name), now) for log in config.logs]


def _log(log: LogConfig, reach: Reach | None, came: Arrivals | None, now: datetime) -> LogState:
    reader = READERS[log.reader]
    standing = reader.snapshot or reader.journal
    gaps = reach.gaps if reach and not standing else ()
    state, words = _judged(log, reach, now, standing=standing)
    return LogState(
        name=log.name,
        reader=log.reader,
        state=state,
        words=words,
        first_at=reach.read_from if reach else None,
        last_at=reach.read_until if reach else None,
        read_at=came.last_at if came else None,
        is_standing=standing,
        gaps=gaps,
    )


def _judged(log: LogConfig, reach: Reach | None, now: datetime, *, standing: bool) -> tuple[State, str]:
    if not log.prefixes:
        return "quiet", "It answers for no network: nothing rests on it alone."
    if reach is None:
        return "bad", "It has never been read. Nobody in its networks is named; what was seen there waits."
    if reach.read_until is None:
        return "good", "A list that holds until a newer one is read."
    silent = now - reach.read_until
    if silent > timedelta(seconds=log.gap_s_max):
        return _silent(silent, log, standing=standing)
    if not standing and any(until > now - GAPS_TOLD for _, until in reach.gaps):
        return "open", "It was silent for a while. Nobody is named for what was seen then."
    return "good", ""


def _silent(silent: timedelta, log: LogConfig, *, standing: bool) -> tuple[State, str]:
    said = "What was seen since then waits, and names nobody."
    if standing:
        return "quiet", said
    return "bad" if silent > timedelta(seconds=4 * log.gap_s_max) else "open", f"Silent for too long. {said}"
