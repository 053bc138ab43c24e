"""The sightings of addresses, prefixes and autonomous systems in a span of time; never a subscriber."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

import msgspec
from litestar import Request, get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from tocsin.pipeline.config import Config
from tocsin.pipeline.house import House
from tocsin.pipeline.reach import Reach, reach_of, span_of
from tocsin.pipeline.seen import Marked, SeenPlace, SeenRow, Sought, seen_page, withheld
from tocsin.web.api import parts
from tocsin.web.api.cursors import read_cursor, write_cursor
from tocsin.web.api.keys import needs, reach
from tocsin.web.api.problems import bad
from tocsin.web.shared.site import Site

SPAN_MAX = timedelta(days=31)


class Sightings(msgspec.Struct, frozen=True, kw_only=True):
    """A page, the oldest first; `next` where there are more."""

    items: list[SeenRow]
    next: str | None


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
    since: datetime
    until: datetime


@get("/sightings", guards=[needs("sightings:read")], sync_to_thread=True)
def sightings(  # noqa: PLR0913, PLR0917 - the framework reads the question's parts from the arguments
    request: Request[Any, Any, Any],
    site: NamedDependency[Site],
    time_min: Annotated[
        str, QueryParameter(name="time.min", max_length=40, format="date-time", description="Seen at or after.")
    ],
    time_max: Annotated[
        str | None, QueryParameter(name="time.max", max_length=40, format="date-time", description="Seen at or before.")
    ] = None,
    time_until: Annotated[
        str | None,
        QueryParameter(name="time.until", max_length=40, format="date-time", description="Seen before; or `time.max`."),
    ] = None,
    address: Annotated[str | None, QueryParameter(max_length=45, description="One address.")] = None,
    prefix: Annotated[str | None, QueryParameter(max_length=50, description="As 192.0.2.0/24.")] = None,
    asn: Annotated[int | None, QueryParameter(ge=1, le=2**32 - 1, description="An autonomous system.")] = None,
    kind: parts.Word = None,
    source: parts.Word = None,
    limit: parts.OptLimit = parts.ROWS,
    cursor: parts.Cursor = None,
) -> Sightings:
    """Sightings by address, prefix or autonomous system, and time, as n6 asks for them.

    At most one of `address`, `prefix` and `asn`; at most 31 days. Without `time.max` and `time.until` up to now.
    """
    span = _span(site, time_min, time_max, time_until)
    if sum(each is not None for each in (address, prefix, asn)) > 1:
        raise bad("address", "one of address, prefix and asn")
    after = read_cursor(request, site, cursor, SeenPlace)
    own = reach(request, site)
    with site.house() as house:
        where = _where(house, site, address, prefix, asn)
        marked = None if own.is_all else _marked(house.config)
        sought = Sought(
            where=where, own=own, since=span.since, until=span.until, kind=kind, source=source, marked=marked
        )
        found = seen_page(house.lake, sought, after=after, rows=limit)
    items = found[:limit] if own.is_all else [withheld(row, own) for row in found[:limit]]
    is_more = len(found) > limit
    last = write_cursor(request, site, SeenPlace(items[-1].seen_at, items[-1].id)) if is_more else None
    return Sightings(items=items, next=last)


def _marked(config: Config) -> Marked:
    """What goes to whoever is not ourselves, as in reports."""
    return Marked.up_to(config.reports.tlp, {each.name: each.tlp for each in config.sources})


def _span(site: Site, time_min: str, time_max: str | None, time_until: str | None) -> _Asked:
    since = parts.moment("time.min", time_min)
    assert since is not None
    highest, until = parts.moment("time.max", time_max), parts.moment("time.until", time_until)
    if highest is not None and until is not None:
        raise bad("time.until", "time.max or time.until, not both")
    if highest is not None:
        until = highest + timedelta(microseconds=1) if highest.year < 9999 else highest
    until = until or max(since, site.clock())
    if until < since:
        raise bad("time.min", "later than the end")
    if until - since > SPAN_MAX:
        raise bad("time.min", f"more than {SPAN_MAX.days} days at once")
    return _Asked(since=since, until=until)


def _where(house: House, site: Site, address: str | None, prefix: str | None, asn: int | None) -> Reach:
    if address is not None:
        return Reach((span_of(parts.address("address", address), 128),))
    if prefix is not None:
        return parts.prefix("prefix", prefix)
    return reach_of([f"AS{asn}"] if asn is not None else [], house, site.clock())


ROUTES: list[Any] = [sightings]
