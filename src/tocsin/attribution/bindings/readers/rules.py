"""Rules by which public addresses and ports follow from the inside: deterministic NAT, MAP-E, lw4o6. No log is written.

A table of rules says every version of the configuration with its validity. What a rule gives to whom, `fold_mapped.sql`
works out from who held the inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tocsin.attribution.bindings.readers.table import number_of, span_of, stage_table
from tocsin.attribution.bindings.staging import Staging
from tocsin.terms.addresses import parse_network

DETERMINISTIC = ("inside", "outside", "port_first", "port_last", "ports_each", "order", "starts_at", "ends_at")
MAP_E = ("ipv6", "ipv4", "ea_bits", "psid_offset", "starts_at", "ends_at")
LW4O6 = ("b4", "ipv4", "psid_len", "psid", "psid_offset", "starts_at", "ends_at")
_ORDERS = ("sequential", "interleaved")
_PORT_FIRST, _PORT_LAST = 1024, 65_535  # RFC 7422 §2: the well-known ports are left out
_PSID_OFFSET = 6  # RFC 7597 §5.1


def stage_deterministic(staging: Staging) -> None:
    """RFC 7422. Raises BadRequest when the first line does not name the columns."""
    stage_table(
        staging,
        what="deterministic NAT rules",
        header=DETERMINISTIC,
        needed=("inside", "outside"),
        status="rule",
        parse=_deterministic,
    )


def stage_map_e(staging: Staging) -> None:
    """RFC 7597 §5: basic mapping rules. Raises BadRequest when the first line does not name the columns."""
    needed = ("ipv6", "ipv4", "ea_bits")
    stage_table(staging, what="MAP-E rules", header=MAP_E, needed=needed, status="rule", parse=_map_e)


def stage_lw4o6(staging: Staging) -> None:
    """RFC 7596 §5.1: the lwAFTR's binding table. Raises BadRequest when the first line does not name the columns."""
    needed = ("b4", "ipv4", "psid_len", "psid")
    stage_table(staging, what="lw4o6 bindings", header=LW4O6, needed=needed, status="rule", parse=_lw4o6)


def _deterministic(row: Mapping[str, str]) -> dict[str, object]:
    (inside, inside_bits), (outside, bits) = _network(row, "inside", 4), _network(row, "outside", 4)
    first = number_of(row, "port_first", 0, 65_535)
    last = number_of(row, "port_last", 0, 65_535)
    first, last = _PORT_FIRST if first is None else first, _PORT_LAST if last is None else last
    each = number_of(row, "ports_each", 1, 65_536)
    order = row["order"] or "sequential"
    if order not in _ORDERS:
        raise ValueError(f"order is {order[:20]!r}, allowed are {', '.join(_ORDERS)}")
    ports, sharing = last - first + 1, 1 << max(0, bits - inside_bits)
    if ports < 1 or (each or ports // sharing) < 1 or (each or 0) > ports:
        raise ValueError(f"{max(ports, 0)} ports of an address are too few for {sharing} hosts")
    named = {"network": outside, "prefix_bits": bits, "inside": inside, "inside_bits": inside_bits, "rule": order}
    return named | {"port_first": first, "port_last": last, "ports_each": each} | span_of(row)


def _map_e(row: Mapping[str, str]) -> dict[str, object]:
    (inside, inside_bits), (outside, bits) = _network(row, "ipv6", 6), _network(row, "ipv4", 4)
    ea_bits = number_of(row, "ea_bits", 0, 48)  # RFC 7597 §5.2
    if ea_bits is None:
        raise ValueError("ea_bits is missing")
    if inside_bits + ea_bits > 64:  # RFC 7597 §5.2: what a customer holds is a /64 or shorter
        raise ValueError(f"{inside_bits} bits of the rule and {ea_bits} of EA are more than 64")
    offset = _offset(row, max(0, ea_bits - (128 - bits)))
    named = {"network": outside, "prefix_bits": bits, "inside": inside, "inside_bits": inside_bits, "rule": "map-e"}
    return named | {"ea_bits": ea_bits, "psid_offset": offset} | span_of(row)


def _lw4o6(row: Mapping[str, str]) -> dict[str, object]:
    (inside, inside_bits), (outside, bits) = _network(row, "b4", 6), _network(row, "ipv4", 4)
    if bits != 128:
        raise ValueError("ipv4 is not one address")
    psid_len = number_of(row, "psid_len", 0, 16)
    psid = number_of(row, "psid", 0, (1 << (psid_len or 0)) - 1)
    if psid_len is None or psid is None:
        raise ValueError("psid_len or psid is missing")
    named = {"network": outside, "prefix_bits": bits, "inside": inside, "inside_bits": inside_bits, "rule": "lw4o6"}
    return named | {"ea_bits": psid_len, "ports_each": psid, "psid_offset": _offset(row, psid_len)} | span_of(row)


def _offset(row: Mapping[str, str], psid_bits: int) -> int:
    offset = number_of(row, "psid_offset", 0, 15)
    offset = _PSID_OFFSET if offset is None else offset
    if offset + psid_bits > 16:
        raise ValueError(f"psid_offset {offset} and a port set id of {psid_bits} bits are more than the 16 of a port")
    return offset


def _network(row: Mapping[str, str], name: str, family: int) -> tuple[UUID, int]:
    network, bits = parse_network(row[name])
    is_v4 = bits >= 96 and network.int >> 32 == 0xFFFF
    if is_v4 != (family == 4):
        raise ValueError(f"{name} is no IPv{family} network: {row[name][:60]!r}")
    return network, bits
