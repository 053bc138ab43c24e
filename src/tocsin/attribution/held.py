"""What is held on an address: the sightings themselves, never a subscriber."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from tocsin.engine import read_sql
from tocsin.lake import Lake
from tocsin.terms.moments import utc_day


class Held(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sighting that is held."""

    id: UUID
    seen_at: datetime
    address: UUID
    source: str
    kind: str
    source_ref: str | None = None
    malware: str | None = None


def held(lake: Lake, network: tuple[UUID, int], *, since: datetime, until: datetime) -> Iterator[Held]:
    """The sightings of a network's addresses seen in `since <= t < until`, the oldest first, some at a time.

    A network is its first address and its length out of 128 (`terms.addresses.parse_network`); one address is 128 long.
    """
    first, bits = network
    last = UUID(int=first.int | ((1 << (128 - bits)) - 1))
    earliest, latest = utc_day(since), utc_day(until)
    for day in (day for day in lake.days("sightings") if earliest <= day <= latest):
        asked = f"WITH sightings AS NOT MATERIALIZED {lake.scan('sightings', [day])} {read_sql(__package__, 'held')}"
        for rows in lake.engine.batches(asked, first=first, last=last, since=since, until=until):
            for row in rows:
                yield Held(**cast("dict[str, str]", row))  # type: ignore[arg-type]
