"""Whose network an address was in: prefix to origin AS and abuse contact, as they were at that moment.

Every table that is read holds from its date on; the one before keeps answering for the time before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

import msgspec

from tocsin.attribution.rows import BadRow, file_digest, read_lines, read_rows
from tocsin.attribution.subscribers import is_mail_address
from tocsin.engine import Value, table_of
from tocsin.engine.readers import reader_of
from tocsin.lake import UNDATED, Lake
from tocsin.lake.lake import Writing
from tocsin.terms.addresses import format_network, parse_address, parse_network
from tocsin.terms.identity import digest

COLUMNS = ("prefix", "origin", "country", "abuse_contact")
RULES = 1  # one more whenever a table may be read otherwise
BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_V4 = 0xFFFF << 32
_V4_FIRST, _V4_LAST = UUID(int=_V4), UUID(int=_V4 + (1 << 32) - 1)
_TSV_FIELDS = 5
_ORIGIN_MAX = (1 << 32) - 1  # RFC 6793
_ROWS_AT_ONCE = 50_000
_ROW_COLUMNS = (
    ("place", "UBIGINT"),
    ("network", "UUID"),
    ("prefix_bits", "UTINYINT"),
    ("origin", "UINTEGER"),
    ("country", "VARCHAR"),
    ("abuse_contact", "VARCHAR"),
)

_NETWORK_COLUMNS = ("network", "prefix_bits", "origin", "country", "abuse_contact")
_COLUMN_NAMES = ", ".join(_NETWORK_COLUMNS)

_Entry = tuple[UUID, int, int | None, str | None, str | None]


class NetworksRead(msgspec.Struct, frozen=True, kw_only=True):
    """What the files have brought: prefixes, from when on they hold, and the rows that were left out."""

    files: tuple[str, ...]
    prefixes: int = 0
    valid_from: datetime | None = None
    rejects: tuple[BadRow, ...] = ()
    already: bool = False  # these very files are the newest table; nothing was done


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The longest prefix that contained an address."""

    prefix: str
    origin: int | None
    country: str | None
    abuse_contact: str | None


def read_networks(
    writing: Writing, paths: Sequence[Path], *, at: datetime, valid_from: datetime | None = None
) -> NetworksRead:
    """Let these files together be the prefix table from `valid_from` on, unless they are so already.

    Each is the own CSV or, when its name has a suffix `.tsv`, iptoasn's table of ranges; where two name one prefix, the
    first file wins. Without `valid_from` the first table ever holds from the beginning, a later one from `at`; a table
    takes the place of one that holds from the same moment. Raises BadRequest when a file cannot be read.
    """
    lake = writing.lake
    names = tuple(path.name for path in paths)
    inputs = digest(str(RULES), *(part for path in paths for part in (_kind(path), file_digest(path))))
    known = lake.made_from("prefixes").get(UNDATED)
    if not paths or (known is not None and known.inputs == inputs):
        return NetworksRead(files=names, already=True)
    since = valid_from or (BEGINNING if known is None else at)
    rejects: list[BadRow] = []
    lake.engine.add("network_rows", reader_of(_ROW_COLUMNS, _chunks(_entries(paths, rejects))))
    try:
        lake.engine.run(
            "CREATE OR REPLACE TEMP TABLE network_table AS"
            " SELECT place, network::UUID AS network, prefix_bits, origin, country, abuse_contact FROM network_rows"
        )
    finally:
        lake.engine.drop("network_rows")
    version = f"prefixes-{since:%Y%m%d%H%M%S%f}-"
    batch = writing.batch(f"{version}{inputs[:9]}", kind="prefixes", at=at)
    batch.replace("prefixes", [UNDATED], keep=lambda file: f"/{version}" not in file.path)
    prefixes = batch.add("prefixes", UNDATED, _FIRST_OF_EACH, valid_from=since)
    batch.made("prefixes", UNDATED, inputs)
    batch.commit()
    lake.engine.run("DROP TABLE network_table")
    return NetworksRead(files=names, prefixes=prefixes, valid_from=since, rejects=tuple(rejects))


_FIRST_OF_EACH = """SELECT network, prefix_bits, first.origin AS origin, first.country AS country,
    first.abuse_contact AS abuse_contact, $valid_from AS valid_from
FROM (
    SELECT network, prefix_bits,
        arg_min({'origin': origin, 'country': country, 'abuse_contact': abuse_contact}, place) AS first
    FROM network_table GROUP BY network, prefix_bits
)"""


def find_network(lake: Lake, address: UUID, at: datetime) -> Found | None:
    """The longest prefix of the table in force at that moment that contains the address."""
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


def networks_of(lake: Lake, asked: str, only: UUID | None = None) -> str:
    """SQL: for each row (number, address, at) of `asked` its number and network, prefix_bits, origin, country,
    abuse_contact of the longest prefix, NULL where none contains it.

    One equi-join for each prefix length. With `only`, the one address that is asked for, a few rows are read.
    """
    table = lake.scan("prefixes", [UNDATED])
    lengths = [int(str(row[0])) for row in lake.engine.rows(f"SELECT DISTINCT prefix_bits FROM {table}")]
    lengths.sort(reverse=True)
    if only is not None:
        table = f"(SELECT {_COLUMN_NAMES}, valid_from FROM {table} WHERE network IN ({_masked(only, lengths)}))"
    if not lengths:
        return f"SELECT number, {', '.join(f'NULL AS {name}' for name in _NETWORK_COLUMNS)} FROM ({asked})"
    dates = "SELECT DISTINCT valid_from FROM " + lake.scan("prefixes", [UNDATED]) + " ORDER BY valid_from"
    version = _version([row[0] for row in lake.engine.rows(dates)])
    chosen = ", ".join(_chosen(lengths, name) for name in _NETWORK_COLUMNS)
    return (
        f"WITH dated AS NOT MATERIALIZED (SELECT number, address, {version} AS valid_from FROM ({asked}))"
        f" SELECT a.number, {chosen} FROM dated a {' '.join(_join(table, bits) for bits in lengths)}"
    )


def _chosen(lengths: Sequence[int], name: str) -> str:
    cases = (f"WHEN p{bits}.network IS NOT NULL THEN p{bits}.{name}" for bits in lengths)
    return f"CASE {' '.join(cases)} END AS {name}"


def _join(table: str, bits: int) -> str:
    # IPv4 lives in ::ffff:0:0/96: only networks of its own family contain it.
    family = "" if bits >= 96 else f" AND a.address NOT BETWEEN '{_V4_FIRST}'::UUID AND '{_V4_LAST}'::UUID"
    return (
        f"LEFT JOIN (SELECT {_COLUMN_NAMES}, valid_from FROM {table} WHERE prefix_bits = {bits}) p{bits}"
        f" ON p{bits}.network = network_of(a.address, {bits}) AND p{bits}.valid_from = a.valid_from{family}"
    )


def _masked(address: UUID, lengths: Sequence[int]) -> str:
    networks = {UUID(int=address.int >> (128 - bits) << (128 - bits)) for bits in lengths} or {address}
    return ", ".join(f"'{network}'::UUID" for network in sorted(networks))


def _version(versions: Sequence[Value]) -> str:
    """The table in force at `at`: the newest that had begun."""
    cases = [
        f"WHEN \"at\" >= TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}' THEN TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}'"
        for moment in reversed(versions)
        if isinstance(moment, datetime)
    ]
    return f"CASE {' '.join(cases)} END" if cases else "NULL::TIMESTAMP"


def _kind(path: Path) -> str:
    return "tsv" if ".tsv" in path.suffixes else "csv"


def _chunks(entries: Iterator[_Entry]) -> Iterator[list[tuple[object, ...]]]:
    place = 0
    while chunk := list(islice(entries, _ROWS_AT_ONCE)):
        yield [tuple(range(place, place + len(chunk))), *zip(*chunk, strict=True)]
        place += len(chunk)


def _entries(paths: Sequence[Path], rejects: list[BadRow]) -> Iterator[_Entry]:
    for path in paths:
        yield from _ranges(path, rejects) if _kind(path) == "tsv" else _prefixes(path, rejects)


def _prefixes(path: Path, rejects: list[BadRow]) -> Iterator[_Entry]:
    for row in read_rows(path, ("prefix",), rejects):
        try:
            network, bits = parse_network(row["prefix"])
            yield network, bits, _origin(row["origin"]), _country(row["country"]), _contact(row["abuse_contact"])
        except ValueError as error:
            rejects.append(BadRow(path.name, row.line, str(error)[:200], row.text[:200]))


def _ranges(path: Path, rejects: list[BadRow]) -> Iterator[_Entry]:
    """iptoasn's `range_start range_end AS country name`, tabs between; AS 0 is space that nobody announces."""
    for line, text in read_lines(path, rejects):
        fields = text.split("\t")
        try:
            if len(fields) != _TSV_FIELDS:
                raise ValueError(f"{len(fields)} fields, wanted {_TSV_FIELDS}")
            networks = cover(parse_address(fields[0]), parse_address(fields[1]))
            origin, country = _origin(fields[2]), _country("" if fields[3] == "None" else fields[3])
        except ValueError as error:
            rejects.append(BadRow(path.name, line, str(error)[:200], text[:200]))
            continue
        if origin:
            yield from ((network, bits, origin, country, None) for network, bits in networks)


def cover(first: UUID, last: UUID) -> list[tuple[UUID, int]]:
    """The fewest networks that together are first..last; at most 254. Raises ValueError when it is no range."""
    start, end = first.int, last.int
    if start > end or (start >> 32 == 0xFFFF) != (end >> 32 == 0xFFFF):
        raise ValueError("the range ends before it starts, or in another family")
    networks = []
    while start <= end:
        aligned = (start & -start).bit_length() - 1 if start else 128
        fitting = (end - start + 1).bit_length() - 1
        host_bits = min(aligned, fitting)
        networks.append((UUID(int=start), 128 - host_bits))
        start += 1 << host_bits
    return networks


def _origin(text: str) -> int | None:
    digits = text.upper().removeprefix("AS")
    if not digits:
        return None
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10 and int(digits) <= _ORIGIN_MAX):
        raise ValueError(f"not an AS number: {text[:40]!r}")
    return int(digits)


def _country(text: str) -> str | None:
    if not text:
        return None
    if not (len(text) == 2 and text.isascii() and text.isalpha()):
        raise ValueError(f"not a country of two letters: {text[:40]!r}")
    return text.upper()


def _contact(text: str) -> str | None:
    if text and not is_mail_address(text):
        raise ValueError(f"not a mail address: {text[:60]!r}")
    return text or None
