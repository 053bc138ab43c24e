"""Several tables, field by field and moment by moment: the answer is what a person would read out of the files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.networks.networks_world import NOW, answer, forget, read_named
from tocsin.attribution.networks import claims_on, flatten, networks_of
from tocsin.lake import Lake
from tocsin.terms.addresses import format_network, parse_address

PREFIXES = (
    "0.0.0.0/0",
    "192.0.2.0/24",
    "192.0.2.0/25",
    "192.0.2.128/26",
    "192.0.2.1/32",
    "2001:db8::/32",
    "2001:db8::/48",
)
ADDRESSES = (
    "192.0.2.1",
    "192.0.2.2",
    "192.0.2.130",
    "192.0.2.250",
    "203.0.113.1",
    "2001:db8::1",
    "2001:db8:1::1",
    "2001:db9::1",
)
RANKS = {  # the table in docs/networks.md
    "origin": (("csv",), ("pfx2as",), ("rpsl",)),
    "country": (("csv",), ("rpsl", "delegated")),
    "contact": (("csv",), ("rpsl",)),
}


class Row(NamedTuple):
    prefix: str
    origin: int | None
    country: str | None
    contact: str | None


class Table(NamedTuple):
    of: str
    day: int
    rows: tuple[Row, ...]


def written(table: Table) -> str:
    lines = {"csv": _csv, "pfx2as": _pfx2as, "delegated": _delegated, "rpsl": _rpsl}[table.of]
    return "".join(f"{line}\n" for line in lines(table.rows))


def _csv(rows: Sequence[Row]) -> Iterator[str]:
    yield "prefix,origin,country,abuse_contact"
    for row in rows:
        yield ",".join(str(value or "") for value in row)


def _pfx2as(rows: Sequence[Row]) -> Iterator[str]:
    return (f"{row.prefix.replace('/', chr(9))}\t{row.origin}" for row in rows)


def _delegated(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        net = ip_network(row.prefix)
        amount = net.num_addresses if net.version == 4 else net.prefixlen
        yield f"ripencc|{row.country}|ipv{net.version}|{net[0]}|{amount}|20260101|allocated|x"


def _rpsl(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        net = ip_network(row.prefix)
        head = f"inetnum: {net[0]} - {net[-1]}" if net.version == 4 else f"inet6num: {net}"
        yield head
        if row.country:
            yield f"country: {row.country}"
        if row.contact:
            yield f"abuse-mailbox: {row.contact}"
        yield ""
        if row.origin:
            yield f"route{6 if net.version == 6 else ''}: {net}\norigin: AS{row.origin}\n"


def slow(tables: Sequence[Table], address: str, day: int) -> tuple[str, int | None, str | None, str | None] | None:
    """Of each table the newest that had begun; of each field the first rank whose longest prefix says it."""
    newest = {
        table.of: table for table in sorted(tables, key=lambda table: table.day) if table.day <= day and table.rows
    }
    around = [
        (of, row, ip_network(row.prefix).prefixlen)
        for of, table in newest.items()
        for row in table.rows
        if ip_address(address) in ip_network(row.prefix)
    ]
    if not around:
        return None
    said: dict[str, tuple[object, str | None]] = {}
    for field, ranks in RANKS.items():
        said[field] = next((best for rank in ranks if (best := _best(around, field, rank)) is not None), (None, None))
    longest = max(around, key=lambda each: each[2])[1].prefix
    return said["origin"][1] or longest, said["origin"][0], said["country"][0], said["contact"][0]  # type: ignore[return-value]


def _best(around: Sequence[tuple[str, Row, int]], field: str, rank: Sequence[str]) -> tuple[object, str] | None:
    saying = [each for each in around if each[0] in rank and getattr(each[1], field) is not None]
    if not saying:
        return None
    best = min(saying, key=lambda each: (-each[2], rank.index(each[0])))
    return getattr(best[1], field), best[1].prefix


def _rows(of: str) -> st.SearchStrategy[tuple[Row, ...]]:
    origin, country = st.integers(64500, 64504), st.sampled_from(["DE", "NL", "JP"])
    contact = st.sampled_from(["a@x.example", "b@x.example"])
    row = {
        "csv": st.builds(Row, st.sampled_from(PREFIXES), st.none() | origin, st.none() | country, st.none() | contact),
        "rpsl": st.builds(Row, st.sampled_from(PREFIXES), st.none() | origin, st.none() | country, st.none() | contact),
        "pfx2as": st.builds(Row, st.sampled_from(PREFIXES), origin, st.none(), st.none()),
        "delegated": st.builds(Row, st.sampled_from(PREFIXES), st.none(), country, st.none()),
    }[of]
    # An object that says nothing at all makes no claim: it is not asked about here.
    rows = st.lists(row, max_size=5, unique_by=lambda row: row.prefix).map(tuple)
    return rows.map(lambda rows: tuple(row for row in rows if of != "rpsl" or any(row[1:])))


_tables = st.lists(
    st.sampled_from(["csv", "pfx2as", "rpsl", "delegated"]).flatmap(
        lambda of: st.builds(Table, st.just(of), st.integers(0, 2), _rows(of))
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda table: (table.of, table.day),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=_tables, day=st.integers(-1, 3), bucket_rows=st.sampled_from([1, 3, 1_000_000]))
def test_every_answer_is_what_the_slow_way_finds(
    lake: Lake, tmp_path: Path, tables: list[Table], day: int, bucket_rows: int
) -> None:
    forget(lake)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flatten, "BUCKET_ROWS", bucket_rows)
        for table in tables:  # in whatever order they come, an early one after a late one, too
            read_named(lake, tmp_path, written(table), of=table.of, at=NOW + timedelta(days=table.day))
    at = NOW + timedelta(days=day)
    values = ", ".join(f"({place}, '{parse_address(text)}'::UUID)" for place, text in enumerate(ADDRESSES))
    asked = f"SELECT number, address, TIMESTAMP '{at:%Y-%m-%d}' AS \"at\" FROM (VALUES {values}) t(number, address)"
    for span in (None, (at, at)):
        for row in lake.engine.rows(networks_of(lake, asked, span=span)):
            place, network, bits, *fields = row
            found = None if network is None else (format_network(network, int(str(bits))), *fields)  # type: ignore[arg-type]
            assert found == slow(tables, ADDRESSES[int(str(place))], day)
    assert answer(lake, ADDRESSES[0], at) == slow(tables, ADDRESSES[0], day)


def read(lake: Lake, folder: Path, of: str, text: str, at: datetime = NOW, name: str | None = None) -> None:
    read_named(lake, folder, text, of=of, at=at, name=name)


def test_own_words_go_before_longer_prefixes_of_others(lake: Lake, tmp_path: Path) -> None:
    read(lake, tmp_path, "csv", "prefix,abuse_contact\n192.0.2.0/24,me@own.example\n")
    read(lake, tmp_path, "rpsl", "inetnum: 192.0.2.0 - 192.0.2.15\ncountry: DE\nabuse-mailbox: x@isp.example\n")
    read(lake, tmp_path, "pfx2as", "192.0.2.0\t25\t64500\n")
    assert answer(lake, "192.0.2.1") == ("192.0.2.0/25", 64500, "DE", "me@own.example")
    assert answer(lake, "192.0.2.200") == ("192.0.2.0/24", None, None, "me@own.example")


def test_iptoasn_says_the_country_only_where_no_registry_does(lake: Lake, tmp_path: Path) -> None:
    read(lake, tmp_path, "iptoasn", "192.0.2.0\t192.0.2.255\t64500\tUS\tX\n198.51.100.0\t198.51.100.9\t64500\tUS\tX\n")
    read(lake, tmp_path, "delegated", "apnic|JP|ipv4|192.0.0.0|65536|20200101|allocated\n")
    assert answer(lake, "192.0.2.1") == ("192.0.2.0/24", 64500, "JP", None)
    assert answer(lake, "198.51.100.9") == ("198.51.100.8/31", 64500, "US", None)


def test_a_table_takes_the_place_only_of_the_one_of_its_name(lake: Lake, tmp_path: Path) -> None:
    later = NOW + timedelta(days=1)
    read(lake, tmp_path, "rpsl", "inetnum: 192.0.2.0 - 192.0.2.255\ncountry: DE\n", name="ripe")
    read(lake, tmp_path, "rpsl", "inetnum: 198.51.100.0 - 198.51.100.255\ncountry: JP\n", name="apnic")
    read(lake, tmp_path, "rpsl", "inetnum: 192.0.2.0 - 192.0.2.127\ncountry: NL\n", name="ripe", at=later)
    assert [answer(lake, "192.0.2.1", at) for at in (NOW, later)] == [
        ("192.0.2.0/24", None, "DE", None),
        ("192.0.2.0/25", None, "NL", None),
    ]
    assert answer(lake, "192.0.2.200", later) is None
    assert answer(lake, "198.51.100.1", later) == ("198.51.100.0/24", None, "JP", None)
    assert [claim.said_by for claim in claims_on(lake, parse_address("198.51.100.1"), later)] == ["apnic"]


def test_a_table_of_an_earlier_date_is_seen_in_all_that_follow(lake: Lake, tmp_path: Path) -> None:
    read(lake, tmp_path, "pfx2as", "192.0.2.0\t24\t64500\n", at=NOW)
    read(lake, tmp_path, "delegated", "ripencc|DE|ipv4|192.0.2.0|256|20200101|allocated\n", at=NOW - timedelta(days=9))
    assert answer(lake, "192.0.2.1", NOW - timedelta(days=9)) == ("192.0.2.0/24", None, "DE", None)
    assert answer(lake, "192.0.2.1", NOW) == ("192.0.2.0/24", 64500, "DE", None)


def test_ipv6_of_every_length_contains_no_ipv4(lake: Lake, tmp_path: Path) -> None:
    read(lake, tmp_path, "csv", "prefix,origin\n::/0,64500\n::/64,64501\n")
    assert answer(lake, "192.0.2.1") is None
    assert answer(lake, "::1") == ("::/64", 64501, None, None)
    assert claims_on(lake, parse_address("192.0.2.1"), NOW) == []
