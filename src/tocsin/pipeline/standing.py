"""What is configured, and how it fares: sources with what they brought, logs, prefix tables. From the book alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.networks.versions import in_force, versions_of
from tocsin.book import Transaction, figures, manifest, runs, verdicts
from tocsin.book.runs import SIGNS
from tocsin.pipeline.config import Config, SourceSection
from tocsin.pipeline.freshness import FeedState, LogState, feed_states, log_states

BROUGHT_DAYS = 30
ARRIVAL_DAYS = 30


class SourceStanding(msgspec.Struct, frozen=True, kw_only=True):
    """A source as it is configured, what it brought in BROUGHT_DAYS days, and how often people found it wrong."""

    source: SourceSection
    feed: FeedState
    sightings: int
    outcomes: dict[str, int]  # most first
    wrong_cases: int
    queue: str  # where its queue is, without whoever signs in there


class LogStanding(msgspec.Struct, frozen=True):
    log: LogConfig
    state: LogState


class TableStanding(msgspec.Struct, frozen=True):
    """A prefix table: since when it holds, and how many claims it makes."""

    name: str
    since: datetime
    claims: int


def source_standings(tx: Transaction, config: Config, now: datetime) -> list[SourceStanding]:
    """In the order of the configuration."""
    arrivals = figures.arrivals(tx, now - timedelta(days=ARRIVAL_DAYS))
    feeds = {feed.name: feed for feed in feed_states(config, arrivals, now)}
    brought = _brought(runs.source_runs_since(tx, now - timedelta(days=BROUGHT_DAYS)))
    wrong = verdicts.by_source(tx)
    return [
        SourceStanding(
            source=source,
            feed=feeds[source.name],
            sightings=sum(brought.get(source.name, {}).values()),
            outcomes=dict(brought.get(source.name, Counter()).most_common()),
            wrong_cases=wrong[source.name].cases if source.name in wrong else 0,
            queue=_place(source.url),
        )
        for source in config.sources
    ]


def log_standings(tx: Transaction, config: Config, now: datetime) -> list[LogStanding]:
    """In the order of the configuration."""
    arrivals = figures.arrivals(tx, now - timedelta(days=ARRIVAL_DAYS))
    states = log_states(config, figures.reaches(tx), arrivals, now)
    return [LogStanding(log, state) for log, state in zip(config.logs, states, strict=True)]


def table_standings(tx: Transaction, now: datetime) -> list[TableStanding]:
    """Those in force, by name."""
    versions = in_force(versions_of(manifest.listed(tx, "prefix_claims")), now)
    return [TableStanding(each.name, each.since, each.file.rows) for each in versions]


def _brought(counted: Sequence[runs.SourceRun]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {}
    for each in counted:
        mix = found.setdefault(each.source, Counter())
        mix.update({outcome: count for outcome, count in each.outcomes.items() if outcome not in SIGNS})
    return found


def _place(url: str) -> str:
    """A queue's place, with nobody's name or password."""
    if not url:
        return ""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
