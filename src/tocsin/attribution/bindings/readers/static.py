"""Static assignments: the provider's CSV of who has which network (and ports) for good, as lease events."""

from __future__ import annotations

from collections.abc import Mapping

from tocsin.attribution.bindings.readers.table import account_of, span_of, stage_table
from tocsin.attribution.bindings.staging import Staging
from tocsin.terms.addresses import parse_network

HEADER = ("network", "account", "port_first", "port_last", "protocol", "starts_at", "ends_at")
_PROTOCOLS = ("tcp", "udp", "sctp", "dccp", "icmp")


def stage(staging: Staging) -> None:
    """Read the CSV into `staged_events` and `staged_rejects` (staging.py says their columns).

    A row that is wrong is a reject. Raises BadRequest when the first line does not name the columns.
    """
    stage_table(
        staging,
        what="static assignments",
        header=HEADER,
        needed=("network", "account"),
        status="assigned",
        parse=_row,
    )


def _row(row: Mapping[str, str]) -> dict[str, object]:
    network, bits = parse_network(row["network"])
    account = account_of(row["account"])
    first, last = _ports(row["port_first"], row["port_last"])
    protocol = row["protocol"].lower()
    if protocol and protocol not in _PROTOCOLS:
        raise ValueError(f"not a protocol: {protocol[:60]!r}")
    named = {"account_name": account, "network": network, "prefix_bits": bits, "protocol": protocol or None}
    return named | {"port_first": first, "port_last": last} | span_of(row)


def _ports(first: str, last: str) -> tuple[int | None, int | None]:
    if not first and not last:
        return None, None
    ports = [int(text) if text.isascii() and text.isdigit() and len(text) <= 5 else -1 for text in (first, last)]
    if not 0 <= ports[0] <= ports[1] <= 65_535:
        raise ValueError(f"not a range of ports: {first[:20]!r} to {last[:20]!r}")
    return ports[0], ports[1]
