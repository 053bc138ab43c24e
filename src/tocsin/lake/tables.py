"""The lake's tables: their columns, and the order in which each file's rows are kept."""

from __future__ import annotations

from datetime import date

import msgspec

UNDATED = date(1, 1, 1)  # the day of what holds for no day in particular: static assignments, prefixes


class Table(msgspec.Struct, frozen=True):
    """Columns (name, SQL type), the sort order within a file (none: as written), and the number of this schema."""

    columns: tuple[tuple[str, str], ...]
    order: str
    schema_number: int = 1


TABLES: dict[str, Table] = {
    "sightings": Table(
        (
            ("id", "UUID"),
            ("seen_at", "TIMESTAMP"),
            ("seen_until", "TIMESTAMP"),
            ("precision_s", "UINTEGER"),
            ("role", "VARCHAR"),
            ("source_ref", "VARCHAR"),
            ("address", "UUID"),
            ("port", "USMALLINT"),
            ("protocol", "VARCHAR"),
            ("peer_address", "UUID"),
            ("peer_port", "USMALLINT"),
            ("peer_name", "VARCHAR"),
            ("kind", "VARCHAR"),
            ("taxonomy", "VARCHAR"),
            ("malware", "VARCHAR"),
            ("confidence", "UTINYINT"),
            ("source", "VARCHAR"),
            ("observer", "VARCHAR"),  # who saw it first, where the source passes on what others saw
            ("reader", "VARCHAR"),
            ("extra", "VARCHAR"),  # JSON: columns the reader does not know
        ),
        "",  # as they came: sorting a feed of a million wide rows costs more than any look-up gains
    ),
    "pieces": Table(
        (
            ("sighting", "UUID"),
            ("seen_at", "TIMESTAMP"),
            ("evidence_sha256", "VARCHAR"),
            ("evidence_line", "UBIGINT"),
        ),
        "",
    ),
    "rejects": Table(
        (
            ("evidence_sha256", "VARCHAR"),
            ("evidence_line", "UBIGINT"),
            ("reject", "VARCHAR"),
            ("excerpt", "VARCHAR"),
            ("source", "VARCHAR"),
            ("reader", "VARCHAR"),
        ),
        "evidence_sha256, evidence_line, reject",
    ),
    "lease_events": Table(
        (
            ("at", "TIMESTAMP"),
            ("log", "VARCHAR"),
            ("nas", "VARCHAR"),
            ("session", "VARCHAR"),
            ("status", "VARCHAR"),  # start, interim, stop, lease, release, nas-on, nas-off, assigned, rule
            ("account", "UINTEGER"),
            ("line", "UBIGINT"),  # a hash of the line's identifiers; absent where the log names none
            ("network", "UUID"),
            ("prefix_bits", "UTINYINT"),
            ("port_first", "USMALLINT"),
            ("port_last", "USMALLINT"),
            ("protocol", "VARCHAR"),
            ("session_s", "UINTEGER"),
            ("session_max_s", "UINTEGER"),
            ("interim_s", "UINTEGER"),
            ("until", "TIMESTAMP"),
            ("evidence_sha256", "VARCHAR"),
            ("evidence_line", "UBIGINT"),
            ("inside", "UUID"),  # of a mapping: the private network it was made for
            ("inside_bits", "UTINYINT"),
            ("vrf", "VARCHAR"),
            ("rule", "VARCHAR"),  # of a rule (status `rule`): how public addresses and ports follow from the inside
            ("ports_each", "UINTEGER"),
            ("ea_bits", "UTINYINT"),
            ("psid_offset", "UTINYINT"),
        ),
        'log, nas, session, network, "at", status',
        2,
    ),
    "bindings": Table(
        (
            ("binding", "UUID"),
            ("binding_kind", "VARCHAR"),  # session | lease | mapping | assignment
            ("log", "VARCHAR"),
            ("account", "UINTEGER"),
            ("network", "UUID"),
            ("prefix_bits", "UTINYINT"),
            ("port_first", "USMALLINT"),
            ("port_last", "USMALLINT"),
            ("protocol", "VARCHAR"),
            ("starts_at", "TIMESTAMP"),
            ("ends_at", "TIMESTAMP"),  # trusted until then
            ("doubt_until", "TIMESTAMP"),  # from ends_at to here nobody knows
            ("end_reason", "VARCHAR"),
            ("doubt", "VARCHAR"),
            ("first_evidence", "VARCHAR"),
            ("first_line", "UBIGINT"),
            ("last_evidence", "VARCHAR"),
            ("last_line", "UBIGINT"),
        ),
        "network, starts_at, binding",
    ),
    "coverage": Table(
        (
            ("log", "VARCHAR"),
            ("network", "UUID"),
            ("prefix_bits", "UTINYINT"),
            ("starts_at", "TIMESTAMP"),
            ("ends_at", "TIMESTAMP"),
        ),
        "log, network, starts_at",
    ),
    "attributions": Table(
        (
            ("sighting", "UUID"),
            ("seen_at", "TIMESTAMP"),
            ("outcome", "VARCHAR"),
            ("reason", "VARCHAR"),
            ("subscriber", "UINTEGER"),
            ("account", "UINTEGER"),
            ("binding", "UUID"),
            ("bindings", "UUID[]"),
            ("sharers", "UINTEGER"),
            ("margin_s", "UINTEGER"),
            ("generation", "VARCHAR"),
        ),
        "",
    ),
    "flows": Table(  # the flows behind a sighting of our own detection; of nobody else
        (
            ("sighting", "UUID"),
            ("at", "TIMESTAMP"),
            ("caller", "UUID"),
            ("caller_port", "USMALLINT"),
            ("called", "UUID"),
            ("called_port", "USMALLINT"),
            ("protocol", "VARCHAR"),
            ("service", "VARCHAR"),
            ("state", "VARCHAR"),
            ("duration_s", "DOUBLE"),
            ("bytes_out", "UBIGINT"),
            ("bytes_in", "UBIGINT"),
            ("packets_out", "UBIGINT"),
            ("packets_in", "UBIGINT"),
            ("sampled", "UINTEGER"),  # one packet in so many was seen
            ("file", "VARCHAR"),  # where it was read
            ("line", "UBIGINT"),
        ),
        'sighting, "at", file, line, caller_port',
    ),
    "prefixes": Table(
        (
            ("network", "UUID"),
            ("prefix_bits", "UTINYINT"),
            ("origin", "UINTEGER"),
            ("country", "VARCHAR"),
            ("abuse_contact", "VARCHAR"),
            ("valid_from", "TIMESTAMP"),
            ("origin_bits", "UTINYINT"),  # the length of the prefix that says the origin, where one does
        ),
        "network, prefix_bits, valid_from",
        2,
    ),
    "prefix_claims": Table(  # what each table says by itself; `prefixes` is what follows from all of them together
        (
            ("said_by", "VARCHAR"),  # the table's name: a later one of that name takes its place
            ("format", "VARCHAR"),
            ("network", "UUID"),
            ("prefix_bits", "UTINYINT"),
            ("origin", "UINTEGER"),
            ("country", "VARCHAR"),
            ("abuse_contact", "VARCHAR"),
            ("valid_from", "TIMESTAMP"),
        ),
        "network, prefix_bits",
    ),
}
