"""The sightings of some addresses in a span of time, a page at a time, for programs; never a subscriber."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast
from uuid import UUID

import msgspec

from tocsin.engine import read_sql
from tocsin.lake import Lake
from tocsin.pipeline.reach import Reach
from tocsin.terms.addresses import format_address
from tocsin.terms.markings import TLPS, Tlp
from tocsin.terms.moments import utc_day

_EVERYWHERE = ([UUID(int=0)], [UUID(int=(1 << 128) - 1)])


class Marked(msgspec.Struct, frozen=True, kw_only=True):
    """Only what bears one of these markings (TLP 2.0, or none), and no source that is marked higher."""

    tlps: tuple[str, ...]
    unread: tuple[str, ...]

    @classmethod
    def up_to(cls, highest: Tlp, sources: Mapping[str, Tlp]) -> Marked:
        """What may be read by whoever may read `highest`; `sources` are marked so."""
        allowed = TLPS[: TLPS.index(highest) + 1]
        unread = tuple(name for name, tlp in sources.items() if tlp not in allowed)
        return cls(tlps=(*allowed, "WHITE"), unread=unread)  # TLP 1 called CLEAR so


class Sought(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: `since <= seen_at < until`, within `where`, and of that only what `own` holds."""

    where: Reach
    own: Reach
    since: datetime
    until: datetime
    kind: str | None = None
    source: str | None = None
    marked: Marked | None = None  # absent: whatever it is marked


class SeenPlace(msgspec.Struct, frozen=True):
    """Where a page ends."""

    seen_at: datetime
    id: UUID


class SeenRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sighting."""

    id: UUID
    seen_at: datetime
    seen_until: datetime | None
    role: str
    source: str
    address: str
    kind: str
    taxonomy: str
    source_ref: str | None = None
    observer: str | None = None
    port: int | None = None
    protocol: str | None = None
    peer_address: str | None = None
    peer_port: int | None = None
    peer_name: str | None = None
    malware: str | None = None
    confidence: int | None = None


def seen_page(lake: Lake, sought: Sought, *, after: SeenPlace | None, rows: int) -> list[SeenRow]:
    """The next rows, the oldest first; one more than asked for says that there are more."""
    (firsts, lasts), (own_firsts, own_lasts) = _bounds(sought.where), _bounds(sought.own)
    start, end = utc_day(after.seen_at if after else sought.since), utc_day(sought.until)
    found: list[SeenRow] = []
    for day in (day for day in lake.days("sightings") if start <= day <= end):
        sql = read_sql(__package__, "seen").replace("{sightings}", lake.scan("sightings", [day]))
        asked = lake.engine.batches(
            sql,
            firsts=firsts,
            lasts=lasts,
            own_firsts=own_firsts,
            own_lasts=own_lasts,
            own_domains=list(sought.own.domains),
            since=sought.since,
            until=sought.until,
            kind=sought.kind,
            source=sought.source,
            after_at=after.seen_at if after else None,
            after_id=after.id if after else None,
            tlps=list(sought.marked.tlps) if sought.marked else None,
            unread=list(sought.marked.unread) if sought.marked else [],
            rows_max=rows + 1 - len(found),
        )
        found.extend(_row(cast("dict[str, object]", row)) for batch in asked for row in batch)
        if len(found) > rows:
            break
    return found


def withheld(row: SeenRow, own: Reach) -> SeenRow:
    """As whoever is accused may see it: without who saw it first and whom it struck, unless that is his own."""
    name = (row.peer_name or "").lower().rstrip(".")
    is_theirs = any(f".{name}".endswith(f".{domain}") for domain in own.domains)
    peer = {} if is_theirs else {"peer_address": None, "peer_name": None}
    return msgspec.structs.replace(row, observer=None, **peer)


def _bounds(reach: Reach) -> tuple[list[UUID], list[UUID]]:
    return _EVERYWHERE if reach.is_all else reach.bounds()


def _row(row: dict[str, object]) -> SeenRow:
    for name in ("address", "peer_address"):
        value = row[name]
        row[name] = format_address(value) if isinstance(value, UUID) else None
    return msgspec.convert(row, SeenRow)
