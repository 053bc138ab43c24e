"""The bindings that an answer rests on, as a person can read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import msgspec

from tocsin.lake import UNDATED, Lake
from tocsin.terms.addresses import format_network

NAMED_MAX = 50
_ENDLESS_YEAR = 9999  # of a list that holds for all of time


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """One binding: what it is, which log says so, which network (and ports) it gave to whom, and for which span.

    Absent moments are those of a binding without a beginning or an end.
    """

    binding: UUID
    kind: str  # session | lease | mapping | assignment
    log: str
    network: str
    account: int | None
    port_first: int | None
    port_last: int | None
    protocol: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    doubt_until: datetime | None


def name_bindings(lake: Lake, bindings: Sequence[UUID], at: datetime, margin: timedelta) -> list[Named]:
    """Those of the bindings that stand in the days around the moment, by their start; at most NAMED_MAX."""
    if not bindings:
        return []
    first, last = (at - margin).date(), (at + margin).date()
    days = [day for day in lake.days("bindings") if first <= day <= last or day == UNDATED]
    rows = lake.engine.rows(
        "SELECT DISTINCT binding, binding_kind, log, network, prefix_bits, account, port_first, port_last, protocol,"
        f" starts_at, ends_at, doubt_until FROM {lake.scan('bindings', days)}"
        " WHERE list_contains($bindings, binding) ORDER BY starts_at, log, binding LIMIT $rows_max",
        bindings=list(bindings),
        rows_max=NAMED_MAX,
    )
    return [_named(row) for row in rows]


def _named(row: tuple[object, ...]) -> Named:
    binding, kind, log, network, bits, account, port_first, port_last, protocol, *moments = row
    starts_at, ends_at, doubt_until = (_bounded(cast("datetime | None", moment)) for moment in moments)
    values = {
        "binding": binding,
        "kind": kind,
        "log": log,
        "network": format_network(cast(UUID, network), int(str(bits))),
        "account": account,
        "port_first": port_first,
        "port_last": port_last,
        "protocol": protocol,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "doubt_until": doubt_until,
    }
    return msgspec.convert(values, Named)


def _bounded(moment: datetime | None) -> datetime | None:
    return moment if moment is not None and 1 < moment.year < _ENDLESS_YEAR else None
