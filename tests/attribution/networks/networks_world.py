"""Prefix tables in a lake that is there for one test, and what they say, as text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from tocsin.attribution.networks import TABLES, NetworksRead, PrefixTable, find_network, read_networks, read_tables
from tocsin.lake import UNDATED, Lake
from tocsin.terms.addresses import format_network, parse_address

NOW = datetime(2026, 11, 24, tzinfo=UTC)


def forget(lake: Lake) -> None:
    """As if no table had ever been read."""
    with lake.writing(*TABLES) as writing:
        empty = writing.batch("empty", kind="test", at=NOW)
        for table in TABLES:
            empty.replace(table)
        empty.made("prefixes", UNDATED, "")
        empty.commit()


def read_paths(lake: Lake, paths: Sequence[Path], *, at: datetime = NOW) -> NetworksRead:
    with lake.writing(*TABLES) as writing:
        return read_networks(writing, paths, at=at, valid_from=at)


def read_named(
    lake: Lake, folder: Path, content: bytes | str, *, of: str, name: str | None = None, at: datetime = NOW
) -> NetworksRead:
    """The content as the table of that name (else of the format's) from `at` on."""
    path = folder / f"table.{of}"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = PrefixTable(name=name or of, paths=(path,), format=of)
    with lake.writing(*TABLES) as writing:
        return read_tables(writing, [table], at=at, valid_from=at)


def claims(lake: Lake) -> list[str]:
    """`prefix origin country contact`, `-` where nothing is said, in the order of addresses."""
    rows = lake.engine.rows(
        "SELECT network, prefix_bits, origin, country, abuse_contact"
        f" FROM {lake.scan('prefix_claims')} ORDER BY network, prefix_bits, said_by, format"
    )
    return [_line(*row) for row in rows]


def _line(network: object, bits: object, *fields: object) -> str:
    assert isinstance(network, UUID)
    return " ".join(
        (format_network(network, int(str(bits))), *("-" if field is None else str(field) for field in fields))
    )


def answer(lake: Lake, address: str, at: datetime = NOW) -> tuple[str, int | None, str | None, str | None] | None:
    found = find_network(lake, parse_address(address), at)
    return (found.prefix, found.origin, found.country, found.abuse_contact) if found else None
