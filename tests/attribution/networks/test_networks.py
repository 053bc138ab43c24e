"""The prefix table: the longest match, as it was at the moment; an old answer never changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.attribution.networks import TABLES, NetworksRead, find_network, networks_of, read_networks
from tocsin.lake import UNDATED, Lake
from tocsin.terms.addresses import format_network, parse_address
from tocsin.terms.errors import BadRequest

NOW = datetime(2026, 11, 24, tzinfo=UTC)
FILE = "prefixes.csv"
HEADER = "prefix,origin,country,abuse_contact"
PREFIXES = ("192.0.2.0/24", "192.0.2.128/25", "192.0.2.1/32", "0.0.0.0/0", "2001:db8::/32", "2001:db8:0:1::/64", "::/0")
ADDRESSES = ("192.0.2.1", "192.0.2.129", "192.0.2.2", "203.0.113.1", "2001:db8::1", "2001:db8:0:1::1", "2001:db9::1")


def read(
    lake: Lake,
    folder: Path,
    *rows: str,
    at: datetime = NOW,
    valid_from: datetime | None = None,
    name: str = "prefixes.csv",
) -> NetworksRead:
    path = folder / name
    path.write_text("\n".join((HEADER, *rows) if name.endswith(".csv") else rows) + "\n")
    with lake.writing(*TABLES) as writing:
        return read_networks(writing, [path], at=at, valid_from=valid_from)


def prefix_of(lake: Lake, address: str, at: datetime = NOW) -> str | None:
    found = find_network(lake, parse_address(address), at)
    return found.prefix if found else None


def test_the_longest_prefix_answers(lake: Lake, tmp_path: Path) -> None:
    rows = ("192.0.2.0/24,AS64500,JP,abuse@wide.example", "192.0.2.128/25,64501,de,")
    assert read(lake, tmp_path, *rows).prefixes == 2
    wide, narrow = (find_network(lake, parse_address(text), NOW) for text in ("192.0.2.1", "192.0.2.200"))
    assert wide is not None
    assert narrow is not None
    assert (wide.prefix, wide.origin, wide.country, wide.abuse_contact) == (
        "192.0.2.0/24",
        64500,
        "JP",
        "abuse@wide.example",
    )
    assert (narrow.prefix, narrow.origin, narrow.country, narrow.abuse_contact) == (
        "192.0.2.128/25",
        64501,
        "DE",
        "abuse@wide.example",  # the longest prefix that says one
    )
    assert prefix_of(lake, "198.51.100.1") is None


def test_without_a_table_nothing_is_known(lake: Lake) -> None:
    assert find_network(lake, parse_address("192.0.2.1"), NOW) is None


def test_a_later_table_does_not_rewrite_the_past(lake: Lake, tmp_path: Path) -> None:
    read(lake, tmp_path, "192.0.2.0/24,64500,,", at=NOW)
    read(lake, tmp_path, "192.0.2.0/25,64501,,", at=NOW + timedelta(days=2))
    assert prefix_of(lake, "192.0.2.1", NOW - timedelta(days=900)) == "192.0.2.0/24"
    assert prefix_of(lake, "192.0.2.1", NOW + timedelta(days=2, seconds=-1)) == "192.0.2.0/24"
    assert prefix_of(lake, "192.0.2.1", NOW + timedelta(days=2)) == "192.0.2.0/25"
    assert prefix_of(lake, "192.0.2.200", NOW + timedelta(days=2)) is None


def test_the_same_table_again_does_nothing(lake: Lake, tmp_path: Path) -> None:
    read(lake, tmp_path, "192.0.2.0/24,64500,,")
    assert read(lake, tmp_path, "192.0.2.0/24,64500,,", at=NOW + timedelta(days=1)).already


def test_a_table_of_the_same_date_takes_the_place_of_the_other(lake: Lake, tmp_path: Path) -> None:
    read(lake, tmp_path, "192.0.2.0/24,64500,,", valid_from=NOW)
    read(lake, tmp_path, "192.0.2.0/24,64501,,", valid_from=NOW)
    found = find_network(lake, parse_address("192.0.2.1"), NOW)
    assert found is not None
    assert found.origin == 64501
    assert prefix_of(lake, "192.0.2.1", NOW - timedelta(seconds=1)) is None


def test_bad_rows_are_left_out_with_file_line_and_value(lake: Lake, tmp_path: Path) -> None:
    rows = (
        "192.0.2.1/24,1,,",
        "192.0.2.0/24,AS4294967296,,",
        "192.0.2.0/24,1,Japan,",
        "192.0.2.0/24,1,,abuse",
    )
    found = read(lake, tmp_path, *rows, "::1/128,1,,")
    assert found.prefixes == 1
    assert [(reject.file, reject.line, reject.value) for reject in found.rejects] == [
        ("prefixes.csv", line, row) for line, row in enumerate(rows, 2)
    ]


def test_ranges_of_iptoasn_become_prefixes(lake: Lake, tmp_path: Path) -> None:
    rows = (
        "192.0.2.0\t192.0.2.191\t64500\tJP\tEXAMPLE-AS Example",
        "192.0.2.192\t192.0.2.255\t0\tNone\tNot routed",
        "2001:db8::\t2001:db8:0:ffff:ffff:ffff:ffff:ffff\t64501\tDE\tOTHER",
        "192.0.2.9\t192.0.2.1\t1\tJP\tBACKWARDS",
        "192.0.2.9",
    )
    found = read(lake, tmp_path, *rows, name="ip2asn.tsv")
    assert [reject.line for reject in found.rejects] == [4, 5]
    assert prefix_of(lake, "192.0.2.100") == "192.0.2.0/25"
    assert prefix_of(lake, "192.0.2.190") == "192.0.2.128/26"
    assert prefix_of(lake, "192.0.2.200") is None
    assert prefix_of(lake, "2001:db8::1") == "2001:db8::/48"


def test_of_two_files_the_first_wins(lake: Lake, tmp_path: Path) -> None:
    own, world = tmp_path / "own.csv", tmp_path / "world.tsv"
    own.write_text(f"{HEADER}\n192.0.2.0/24,64500,,abuse@own.example\n")
    world.write_text("192.0.2.0\t192.0.2.255\t64501\tUS\tX\n198.51.100.0\t198.51.100.255\t64501\tUS\tX\n")
    with lake.writing(*TABLES) as writing:
        assert read_networks(writing, [own, world], at=NOW).prefixes == 3
    found = find_network(lake, parse_address("192.0.2.7"), NOW)
    assert found is not None
    assert (found.origin, found.country, found.abuse_contact) == (64500, "US", "abuse@own.example")


def test_a_file_that_is_not_there_is_refused(lake: Lake, tmp_path: Path) -> None:
    with lake.writing(*TABLES) as writing, pytest.raises(BadRequest, match="cannot read it"):
        read_networks(writing, [tmp_path / "absent.csv"], at=NOW)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=st.lists(st.sets(st.sampled_from(PREFIXES)), min_size=1, max_size=3), asked_day=st.integers(-1, 3))
def test_columns_get_the_match_that_was_found_the_slow_way(
    lake: Lake, tmp_path: Path, tables: Sequence[set[str]], asked_day: int
) -> None:
    with lake.writing(*TABLES) as writing:
        empty = writing.batch("empty", kind="test", at=NOW)
        empty.replace("prefixes")
        empty.replace("prefix_claims")
        empty.made("prefixes", UNDATED, "")  # or the same table would count as read in the example before
        empty.commit()
    for day, prefixes in enumerate(tables):
        rows = [f"{prefix},{day + 1},," for prefix in sorted(prefixes)]
        read(lake, tmp_path, *rows, at=NOW + timedelta(days=day), valid_from=NOW + timedelta(days=day))
    in_force = tables[min(asked_day, len(tables) - 1)] if asked_day >= 0 else set()
    # A day whose table is empty has no rows in the lake, and the one before it goes on.
    while not in_force and asked_day > 0:
        asked_day -= 1
        in_force = tables[min(asked_day, len(tables) - 1)]
    at = NOW + timedelta(days=asked_day)
    values = ", ".join(f"({place}, '{parse_address(text)}'::UUID)" for place, text in enumerate(ADDRESSES))
    asked = f"SELECT number, address, TIMESTAMP '{at:%Y-%m-%d}' AS \"at\" FROM (VALUES {values}) t(number, address)"
    found = {row[0]: row[1:3] for row in lake.engine.rows(networks_of(lake, asked))}
    for place, text in enumerate(ADDRESSES):
        network, bits = found[place]
        said = format_network(network, bits) if network is not None else None  # type: ignore[arg-type]
        assert said == _slow_match(in_force, text)


def _slow_match(prefixes: set[str], text: str) -> str | None:
    address = ip_address(text)
    around = [net for net in map(ip_network, prefixes) if net.version == address.version and address in net]
    return str(max(around, key=lambda net: net.prefixlen)) if around else None
