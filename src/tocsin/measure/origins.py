"""How each network that is reported to fares: what is seen of it, how soon it is quiet, whether anybody reads there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from tocsin.measure.survival import Times, estimate


class OriginCount(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen of an autonomous system over some days. Of IPv6 an address is a network of 64 bits."""

    origin: int
    sightings: int
    ipv4_sightings: int
    addresses: int
    country: str | None = None
    contacts: tuple[str, ...] = ()


class SpellCount(msgspec.Struct, frozen=True):
    """How many addresses were in one trouble for so many days, and whether that was its end."""

    origin: int
    days: float
    ended: bool
    many: int


class Outcome(msgspec.Struct, frozen=True):
    """What became of the reports to a contact."""

    reports: int = 0
    bounces: int = 0
    replies: int = 0


class OriginCard(msgspec.Struct, frozen=True, kw_only=True):
    """`per_1000`: IPv4 sightings a day for each 1,000 addresses of its own; absent where no table says how many."""

    origin: int
    country: str | None
    size: int  # IPv4 addresses
    sightings: int
    addresses: int
    per_1000: float | None
    median_days: float | None  # until half of its addresses were quiet; absent where more than half are not
    reports: int
    bounces: int
    replies: int


def origin_cards(
    counts: Sequence[OriginCount],
    spells: Iterable[SpellCount],
    sizes: Mapping[int, int],
    outcomes: Mapping[str, Outcome],
    days: int,
) -> list[OriginCard]:
    """In the order of the counts."""
    by_origin: dict[int, list[SpellCount]] = {}
    for spell in spells:
        by_origin.setdefault(spell.origin, []).append(spell)
    found = []
    for each in counts:
        size = sizes.get(each.origin, 0)
        told = [outcomes.get(contact, Outcome()) for contact in each.contacts]
        found.append(
            OriginCard(
                origin=each.origin,
                country=each.country,
                size=size,
                sightings=each.sightings,
                addresses=each.addresses,
                per_1000=1000 * each.ipv4_sightings / size / days if size else None,
                median_days=estimate(f"AS{each.origin}", _times(by_origin.get(each.origin, []))).median_days,
                reports=sum(one.reports for one in told),
                bounces=sum(one.bounces for one in told),
                replies=sum(one.replies for one in told),
            )
        )
    return found


def _times(spells: Sequence[SpellCount]) -> Times:
    many = [each.many for each in spells]
    days, ended = np.array([each.days for each in spells], float), np.array([each.ended for each in spells], bool)
    return Times(np.repeat(days, many), np.repeat(ended, many))
