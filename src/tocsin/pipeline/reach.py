"""How far a key's eyes reach: spans of addresses (prefixes, autonomous systems, countries), and domains."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tocsin.engine import Value, read_sql
from tocsin.lake import UNDATED, Lake
from tocsin.pipeline.api_keys import asn_of, country_of, domain_of
from tocsin.pipeline.house import House
from tocsin.terms.addresses import parse_address, parse_network
from tocsin.terms.errors import BadRequest

PREFIXES_MAX = 200_000  # of one question
Span = tuple[int, int]  # first and last address


class Reach(msgspec.Struct, frozen=True):
    """Disjoint spans in order. `is_all`: nothing is kept back. `domains`: sightings of peers with these names, and
    names below them, belong to it too, wherever the address is."""

    spans: tuple[Span, ...] = ()
    is_all: bool = False
    domains: tuple[str, ...] = ()

    def holds(self, address: UUID) -> bool:
        """Whether the address is within it."""
        if self.is_all:
            return True
        place = bisect_right(self.spans, (address.int, 1 << 129)) - 1
        return place >= 0 and self.spans[place][0] <= address.int <= self.spans[place][1]

    def holds_text(self, address: str) -> bool:
        """The same of an address as it is written."""
        return self.holds(parse_address(address))

    def bounds(self) -> tuple[list[UUID], list[UUID]]:
        """First and last addresses, for a query."""
        return [UUID(int=first) for first, _ in self.spans], [UUID(int=last) for _, last in self.spans]


ALL = Reach(is_all=True)


def needs_lake(words: Iterable[str]) -> bool:
    """Whether it takes the prefix tables to know."""
    return any(asn_of(word) is not None or country_of(word) is not None for word in words)


def reach_of(words: Sequence[str], house: House | None, at: datetime) -> Reach:
    """What those prefixes, systems and countries span at that moment; everything where there are no words."""
    if not words:
        return ALL
    spans: list[Span] = []
    domains: list[str] = []
    for word in words:
        said: int | str | None = asn_of(word) or country_of(word)
        domain = domain_of(word)
        if said is not None:
            assert house is not None, "an autonomous system or country is looked up in the lake"
            spans.extend(spans_that_say(house.lake, said, at))
        elif domain is not None:
            domains.append(domain)
        else:
            spans.append(span_of(*parse_network(word)))
    return Reach(_joined(spans), domains=tuple(domains))


def span_of(first: UUID, bits: int) -> Span:
    return first.int, first.int | ((1 << (128 - bits)) - 1)


def spans_that_say(lake: Lake, said: int | str, at: datetime) -> list[Span]:
    """Whatever the tables in force say is of that system or country: of two prefixes the longer one has the word."""
    column = "origin" if isinstance(said, int) else "country"
    prefixes = lake.scan("prefixes", [UNDATED])
    own = (
        f"SELECT network, prefix_bits FROM {prefixes} WHERE {column} = $said AND valid_from <= $moment LIMIT $rows_max"
    )
    spans = _joined(span_of(*_network(row)) for row in _few(lake, own, said=said, moment=at))
    if not spans:
        return []
    firsts, lasts = Reach(spans).bounds()
    inside = read_sql(__package__, "reach_of_asn").replace("{prefixes}", prefixes).replace("{said}", column)
    rows = _few(lake, inside, moment=at, firsts=firsts, lasts=lasts)
    return _swept([(*span_of(*_network(row)), row[2] == said) for row in rows])


def _few(lake: Lake, sql: str, **params: Value) -> Sequence[tuple[object, ...]]:
    rows = lake.engine.rows(sql, rows_max=PREFIXES_MAX + 1, **params)
    if len(rows) > PREFIXES_MAX:
        raise BadRequest("it has too many prefixes for one question", remedy="name prefixes instead")
    return rows


def _network(row: tuple[object, ...]) -> tuple[UUID, int]:
    network, bits = row[0], row[1]
    assert isinstance(network, UUID)
    return network, int(str(bits))


def _swept(prefixes: Iterable[tuple[int, int, bool]]) -> list[Span]:
    """What is theirs of (first, last, whether it is theirs), a shorter prefix before those within it."""
    found: list[Span] = []
    open_: list[tuple[int, bool]] = []  # the prefixes around the place, the longest last
    place = 0

    def walk(to: int) -> None:
        """As far as before `to`, closing what ends on the way."""
        nonlocal place
        while open_ and open_[-1][0] < to:
            last, is_theirs = open_.pop()
            if is_theirs and place <= last:
                found.append((place, last))
            place = max(place, last + 1)
        if open_ and open_[-1][1] and place < to:
            found.append((place, to - 1))
        place = max(place, to)

    for first, last, is_theirs in prefixes:
        walk(first)
        open_.append((last, is_theirs))
    walk(1 << 129)
    return found


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    joined: list[Span] = []
    for first, last in sorted(spans):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)
