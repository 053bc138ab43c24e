"""How good the sources, the networks and the binding logs are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from tocsin.book.figures import Reach
from tocsin.book.measured import Objections
from tocsin.measure.spells import NONE, Spell, as_times
from tocsin.measure.survival import At, estimate, share_of
from tocsin.terms.addresses import parse_address, parse_network

DAY = timedelta(days=1)


class Delay(msgspec.Struct, frozen=True, kw_only=True):
    """How long after a sighting its evidence came, in hours: the middle one, and the one that nine in ten beat."""

    source: str
    sightings: int
    median_h: float
    ninth_h: float


class SourceCard(msgspec.Struct, frozen=True, kw_only=True):
    """A source: what became of its word, and how late it comes."""

    source: str
    cases: int
    objected: int
    wrong: int  # found by a person to be so
    wrong_share: At | None
    delay: Delay | None


class NetworkCount(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen in one network over some days."""

    network: str
    sightings: int
    addresses: int  # different ones that were seen in trouble; of IPv6, networks of 64 bits


class NetworkCard(msgspec.Struct, frozen=True, kw_only=True):
    """`per_1000`: sightings for each 1,000 addresses a day; absent of IPv6, whose addresses nobody can count."""

    network: str
    size: int  # addresses; of IPv6, networks of 64 bits
    sightings: int
    addresses: int
    per_1000: float | None
    cases: int
    median_days: float | None  # to quiet


class LogCard(msgspec.Struct, frozen=True, kw_only=True):
    """A binding log: how much of the time it covered, and its silences."""

    log: str
    days: float  # looked at
    covered: float  # of them, 0 to 1
    gaps: int
    longest_h: float


def source_cards(objections: Mapping[str, Objections], delays: Mapping[str, Delay]) -> list[SourceCard]:
    """By name; sources that spoke of no case and sent nothing are absent."""
    found = []
    for name in sorted({*objections, *delays}):
        said = objections.get(name, Objections(source=name, cases=0, objected=0, wrong=0))
        found.append(
            SourceCard(
                source=name,
                cases=said.cases,
                objected=said.objected,
                wrong=said.wrong,
                wrong_share=share_of(said.wrong, said.cases),
                delay=delays.get(name),
            )
        )
    return found


def log_cards(reaches: Mapping[str, Reach], since: datetime, now: datetime) -> list[LogCard]:
    """By name; a list that holds for all of time has no silences and is absent.

    Before a log was first read it is not said to have been silent; after its last line it is.
    """
    found = []
    for name in sorted(reaches):
        reach = reaches[name]
        if reach.read_from is None or reach.read_until is None:
            continue
        first = max(since, reach.read_from)
        if first >= now:
            continue
        silent = [(max(a, first), min(b, now)) for a, b in (*reach.gaps, (reach.read_until, now))]
        silent = [(a, b) for a, b in silent if b > a]
        missing = sum(((b - a) for a, b in silent), timedelta(0))
        found.append(
            LogCard(
                log=name,
                days=(now - first) / DAY,
                covered=1 - missing / (now - first),
                gaps=len(silent),
                longest_h=max(((b - a) for a, b in silent), default=timedelta(0)) / timedelta(hours=1),
            )
        )
    return found


def network_cards(counts: Sequence[NetworkCount], spells: Sequence[Spell], days: int) -> list[NetworkCard]:
    """In the order of the counts. A case belongs to the longest of these networks that holds its last address."""
    spans = {each.network: span_of(each.network) for each in counts}
    last = {spell.life.case: spell for spell in spells if spell.ended or spell.arm == NONE}
    by_network: dict[str, list[Spell]] = {}
    for spell in last.values():
        network = _network_of(spell.life.address, spans)
        if network is not None:
            by_network.setdefault(network, []).append(spell)
    found = []
    for each in counts:
        size, is_v6 = _size(each.network)
        mine = by_network.get(each.network, [])
        found.append(
            NetworkCard(
                network=each.network,
                size=size,
                sightings=each.sightings,
                addresses=each.addresses,
                per_1000=None if is_v6 else 1000 * each.sightings / size / days,
                cases=len(mine),
                median_days=estimate(each.network, as_times(mine)).median_days,
            )
        )
    return found


def span_of(network: str) -> tuple[int, int]:
    """Its first and last address."""
    first, bits = parse_network(network)
    return first.int, first.int | ((1 << (128 - bits)) - 1)


def _network_of(address: str, spans: Mapping[str, tuple[int, int]]) -> str | None:
    if not address:
        return None
    number = parse_address(address).int
    holding = [(last - first, name) for name, (first, last) in spans.items() if first <= number <= last]
    return min(holding)[1] if holding else None


def _size(network: str) -> tuple[int, bool]:
    bits = int(network.partition("/")[2])
    if ":" in network:
        return 1 << max(64 - bits, 0), True
    return 1 << (32 - bits), False
