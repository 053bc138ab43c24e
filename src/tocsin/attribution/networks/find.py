"""What the tables that were in force at a moment say of an address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from tocsin.attribution.networks.match import Match, lengths_of, masked
from tocsin.attribution.networks.versions import in_force, versions_of
from tocsin.engine import Value, table_of
from tocsin.lake import UNDATED, Lake
from tocsin.terms.addresses import format_network

_NETWORK_COLUMNS = ("network", "prefix_bits", "origin", "country", "abuse_contact", "origin_bits")
_ALL_LENGTHS = tuple(range(129))


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The prefix that says whose an address was: the one with its origin, else the longest that says anything."""

    prefix: str
    origin: int | None
    country: str | None
    abuse_contact: str | None


class Claim(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one table says of one prefix around an address."""

    said_by: str
    format: str
    prefix: str
    valid_from: datetime
    origin: int | None = None
    country: str | None = None
    abuse_contact: str | None = None


def find_network(lake: Lake, address: UUID, at: datetime) -> Found | None:
    """What was known of the address at that moment; None where no table names a prefix around it."""
    lake.engine.add("network_asked", table_of((("address", "UUID"), ("at", "TIMESTAMP")), ([address], [at])))
    try:
        asked = 'SELECT 0 AS number, address::UUID AS address, "at" FROM network_asked'
        rows = lake.engine.rows(networks_of(lake, asked, address))
    finally:
        lake.engine.drop("network_asked")
    _, network, bits, origin, country, abuse_contact = rows[0]
    if not isinstance(network, UUID):
        return None
    return msgspec.convert(
        {
            "prefix": format_network(network, int(str(bits))),
            "origin": origin,
            "country": country,
            "abuse_contact": abuse_contact,
        },
        Found,
    )


def claims_on(lake: Lake, address: UUID, at: datetime) -> list[Claim]:
    """What each table in force at that moment says of it, the longest prefixes first."""
    versions = in_force(versions_of(lake.files("prefix_claims")), at)
    claims = lake.relation("prefix_claims", [version.file for version in versions])
    rows = lake.engine.rows(
        "SELECT said_by, format, network, prefix_bits, valid_from, origin, country, abuse_contact"
        f" FROM {claims} WHERE network IN ({masked(address, _ALL_LENGTHS)})"
        " ORDER BY prefix_bits DESC, said_by, format"
    )
    is_v4 = address.int >> 32 == 0xFFFF
    found = []
    for said_by, of, network, bits, valid_from, origin, country, abuse_contact in rows:
        assert isinstance(network, UUID)
        length = int(str(bits))
        if (is_v4 and length < 96) or address.int >> (128 - length) << (128 - length) != network.int:
            continue
        values = {"said_by": said_by, "format": of, "prefix": format_network(network, length), "valid_from": valid_from}
        values |= {"origin": origin, "country": country, "abuse_contact": abuse_contact}
        found.append(msgspec.convert(values, Claim))
    return found


def networks_of(lake: Lake, asked: str, only: UUID | None = None, span: tuple[datetime, datetime] | None = None) -> str:
    """SQL: for each row (number, address, at) of `asked` its number and network, prefix_bits, origin, country,
    abuse_contact, NULL where no prefix contains it.

    One equi-join for each prefix length. With `only`, the one address that is asked for, a few rows are read; with
    `span`, in which every `at` lies, only the tables that were in force then.
    """
    table = lake.scan("prefixes", [UNDATED])
    moments = _moments(lake.engine.rows(f"SELECT DISTINCT valid_from FROM {table} ORDER BY valid_from"), span)
    columns = f"{', '.join(_NETWORK_COLUMNS)}, valid_from"
    if span is not None:
        table = f"(SELECT {columns} FROM {table} WHERE valid_from IN ({', '.join(map(_literal, moments)) or 'NULL'}))"
    if only is not None:
        table = f"(SELECT {columns} FROM {table} WHERE network IN ({masked(only, _ALL_LENGTHS)}))"
    match = Match(
        asked=_dated(asked, moments),
        keys=("number", "address"),
        table=table,
        columns=_NETWORK_COLUMNS,
        lengths=lengths_of(lake.engine, table),
        only="p.valid_from = a.valid_from" if len(moments) > 1 else "",
    )
    # The prefix that says the origin may be shorter than the longest of all.
    return (
        "SELECT number, CASE WHEN coalesce(origin_bits, prefix_bits) = prefix_bits THEN network"
        " ELSE network_of(address, origin_bits) END AS network,"
        f" coalesce(origin_bits, prefix_bits) AS prefix_bits, origin, country, abuse_contact FROM ({match.sql()})"
    )


def _moments(rows: Sequence[tuple[Value, ...]], span: tuple[datetime, datetime] | None) -> list[datetime]:
    """From when on the tables hold; those that held at some time of the span."""
    moments = [row[0] for row in rows if isinstance(row[0], datetime)]
    if span is None:
        return moments
    before = [moment for moment in moments if moment <= span[0]]
    return [*before[-1:], *(moment for moment in moments if span[0] < moment <= span[1])]


def _literal(moment: datetime) -> str:
    return f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'"


def _dated(asked: str, moments: Sequence[datetime]) -> str:
    """With the table that was in force at `at`; before the only table there is none for the address to be found in."""
    if len(moments) == 1:
        return f'SELECT number, CASE WHEN "at" >= {_literal(moments[0])} THEN address END AS address FROM ({asked})'
    return f"SELECT number, address, {_version(moments)} AS valid_from FROM ({asked})"


def _version(moments: Sequence[datetime]) -> str:
    """The newest table that had begun."""
    cases = [f'WHEN "at" >= {_literal(moment)} THEN {_literal(moment)}' for moment in reversed(moments)]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::TIMESTAMP"
