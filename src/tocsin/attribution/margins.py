"""Places: for each configured prefix what the resolver must know of an address whose longest such prefix it is.

Whether the address is ours, whether it is always shared, which logs cover it, how far their clocks are off, until when
they have been read, and where they are whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast
from uuid import UUID

import msgspec

from tocsin.attribution.config import AttributionConfig
from tocsin.attribution.reasons import REASONS
from tocsin.engine import Engine, table_of
from tocsin.lake import Lake
from tocsin.terms.addresses import parse_network, within
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment

Network = tuple[UUID, int]
Stretch = tuple[datetime, datetime]
_CoverageRow = tuple[str, UUID, int, datetime, list[datetime] | None, list[datetime] | None]
_V4_BITS = 96
_PLACE_COLUMNS = (
    ("place", "UINTEGER"),
    ("network", "UUID"),
    ("prefix_bits", "UTINYINT"),
    ("ours", "BOOLEAN"),
    ("shared", "BOOLEAN"),
    ("logs", "UINTEGER"),
    ("accuracy_s", "UINTEGER"),
    ("read_until", "TIMESTAMP"),
)
_SPAN_COLUMNS = (
    ("place", "UINTEGER"),
    ("starts_at", "TIMESTAMP"),
    ("next_at", "TIMESTAMP"),  # when the place's next stretch starts
    ("ends_at", "TIMESTAMP"),
)
_SOURCE_COLUMNS = (("source", "VARCHAR"), ("accuracy_s", "UINTEGER"))
_REASON_COLUMNS = (("reason", "VARCHAR"), ("outcome", "VARCHAR"))
_END = datetime.max.replace(tzinfo=UTC)


class Coverage(msgspec.Struct, frozen=True):
    """What a log says of one of its prefixes: until when it has been read, and where it is whole (in one window)."""

    log: str
    network: UUID
    prefix_bits: int
    read_until: datetime
    stretches: tuple[Stretch, ...]


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`read_until` is None when a covering log has never been read (or none covers it).

    `stretches` are those that every covering log covers, by their start; none of them lies within another.
    """

    network: UUID
    prefix_bits: int
    ours: bool
    shared: bool
    logs: tuple[str, ...]
    accuracy_s: int
    read_until: datetime | None
    stretches: tuple[Stretch, ...]

    def digest(self, window: Stretch) -> str:
        """Of what an answer for a span within `window` depends on: what lies past its ends does not count."""
        first, last = window
        spans = [f"{format_moment(max(a, first))}/{format_moment(min(b, last))}" for a, b in self.stretches]
        read = None if self.read_until is None else format_moment(min(self.read_until, last))
        words = (str(self.network), str(self.prefix_bits), str(self.ours), str(self.shared), str(self.accuracy_s))
        return digest(*words, read, *self.logs, "stretches", *spans)


def make_places(config: AttributionConfig, coverage: Iterable[Coverage]) -> list[Place]:
    """One place for each prefix that is configured anywhere, in the order of networks."""
    own = set(map(parse_network, config.prefixes))
    shared = set(map(parse_network, config.shared_prefixes))
    logs_by_network: dict[Network, set[str]] = defaultdict(set)
    for log in config.logs:
        for prefix in log.prefixes:
            logs_by_network[parse_network(prefix)].add(log.name)
    accuracy_by_log = {log.name: log.accuracy_s for log in config.logs}
    inside_by_log = {log.name: log.inside_logs for log in config.logs}
    known: dict[str, list[Coverage]] = defaultdict(list)
    for each in coverage:
        known[each.log].append(each)
    every = own | shared | set(logs_by_network)
    lengths = sorted({bits for _, bits in every})
    places = []
    for network, bits in sorted(every):
        around = list(_around((network, bits), lengths))
        logs = sorted(set().union(*(logs_by_network.get(each, ()) for each in around)))
        inside = sorted({name for log in logs for name in inside_by_log[log]}.difference(logs))
        told = [_of_log(known[log], (network, bits)) for log in logs]
        read_until, stretches = _whole([*told, *(_of_inside(known[log]) for log in inside)])
        places.append(
            Place(
                network=network,
                prefix_bits=bits,
                ours=not own.isdisjoint(around),
                shared=not shared.isdisjoint(around),
                logs=(*logs, *inside),
                accuracy_s=max((accuracy_by_log[log] for log in (*logs, *inside)), default=0),
                read_until=read_until,
                stretches=stretches,
            )
        )
    return places


def is_ipv4(network: UUID, bits: int) -> bool:
    return bits >= _V4_BITS and network.int >> 32 == 0xFFFF


def _around(network: Network, lengths: Sequence[int]) -> Iterator[Network]:
    """The networks of these lengths that contain it, itself among them. IPv6's short prefixes contain no IPv4."""
    first, bits = network
    shortest = _V4_BITS if is_ipv4(first, bits) else 0
    for length in lengths:
        if shortest <= length <= bits:
            yield UUID(int=first.int >> (128 - length) << (128 - length)), length


def _of_log(coverage: list[Coverage], network: Network) -> tuple[datetime | None, tuple[Stretch, ...]]:
    """What one log says of a place: only what it says of a prefix that contains the whole of it."""
    first, bits = network
    shortest = _V4_BITS if is_ipv4(first, bits) else 0
    found = [
        each
        for each in coverage
        if shortest <= each.prefix_bits <= bits and within(first, each.network, each.prefix_bits)
    ]
    stretches = {stretch for each in found for stretch in each.stretches}
    return max((each.read_until for each in found), default=None), _outermost(stretches)


def _of_inside(coverage: list[Coverage]) -> tuple[datetime | None, tuple[Stretch, ...]]:
    """What a log says that is asked for inside addresses: whatever they are, it must be whole."""
    stretches = {stretch for each in coverage for stretch in each.stretches}
    return max((each.read_until for each in coverage), default=None), _outermost(stretches)


def _whole(
    logs: Sequence[tuple[datetime | None, tuple[Stretch, ...]]],
) -> tuple[datetime | None, tuple[Stretch, ...]]:
    """Until when all the logs have been read, and the stretches that all of them cover."""
    if not logs:
        return None, ()
    reads = [read_until for read_until, _ in logs]
    whole = logs[0][1]
    for _, stretches in logs[1:]:
        both = {(max(a[0], b[0]), min(a[1], b[1])) for a in whole for b in stretches}
        whole = _outermost({(first, last) for first, last in both if first < last})
    return None if None in reads else min(read for read in reads if read is not None), whole


def _outermost(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Without those that lie within another: then the later a stretch starts, the later it ends."""
    kept: list[Stretch] = []
    for first, last in sorted(stretches, key=lambda each: (each[0], -each[1].timestamp())):
        if not kept or last > kept[-1][1]:
            kept.append((first, last))
    return tuple(kept)


def coverage_in(lake: Lake, window: Stretch) -> list[Coverage]:
    """What the logs say of their prefixes, with the stretches that touch the window."""
    rows = lake.engine.rows(
        "SELECT log, network, prefix_bits, max(ends_at),"
        " list(starts_at) FILTER (ends_at > $first AND starts_at <= $last),"
        " list(ends_at) FILTER (ends_at > $first AND starts_at <= $last)"
        f" FROM {lake.scan('coverage')} GROUP BY ALL",
        first=window[0],
        last=window[1],
    )
    found = []
    for log, network, bits, read_until, starts, ends in cast("list[_CoverageRow]", rows):
        stretches = zip(map(_utc, starts or ()), map(_utc, ends or ()), strict=True)
        found.append(Coverage(log, network, bits, read_until, tuple(stretches)))
    return found


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)  # moments within a list come without their zone


@contextmanager
def places_loaded(engine: Engine, config: AttributionConfig, places: Sequence[Place]) -> Iterator[None]:
    """The small tables that resolve.sql joins."""
    rows = [
        (number, p.network, p.prefix_bits, p.ours, p.shared, len(p.logs), p.accuracy_s, p.read_until)
        for number, p in enumerate(places)
    ]
    spans = [
        (number, first, later, last)
        for number, place in enumerate(places)
        for (first, last), (later, _) in zip(place.stretches, (*place.stretches[1:], (_END, _END)), strict=False)
    ]
    tables: dict[str, tuple[Sequence[tuple[str, str]], Sequence[Sequence[object]]]] = {
        "resolver_places": (_PLACE_COLUMNS, rows),
        "resolver_spans": (_SPAN_COLUMNS, spans),
        "resolver_sources": (_SOURCE_COLUMNS, sorted(config.accuracy_by_source.items())),
        "resolver_reasons": (_REASON_COLUMNS, [(reason.code, reason.outcome.value) for reason in REASONS]),
    }
    for name, (columns, listed) in tables.items():
        values = [[row[place] for row in listed] for place in range(len(columns))]
        engine.add(f"{name}_rows", table_of(columns, values))
        casts = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns)
        engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {casts} FROM {name}_rows")
        engine.drop(f"{name}_rows")
    try:
        yield
    finally:
        for name in tables:
            engine.run(f"DROP TABLE {name}")
