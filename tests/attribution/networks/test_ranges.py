"""A range of addresses is the fewest networks that are it together: what the standard library finds, too."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, summarize_address_range
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tocsin.attribution.networks import staging
from tocsin.attribution.networks.staging import Rejects, Staging, make_ranges
from tocsin.engine import Engine, read_sql
from tocsin.terms.addresses import format_network, parse_address

_ROWS = read_sql("tocsin.attribution.networks", "ranges")
_ENDS = (0, 1, 2, 255, 256, 257, 2**31, 2**32 - 2, 2**32 - 1)
_v4 = st.one_of(st.integers(0, 2**32 - 1), st.sampled_from(_ENDS)).map(IPv4Address)
# IPv6 proper: what lies in ::ffff:0:0/96 is IPv4 here.
_v6 = st.one_of(
    st.integers(2**64, 2**128 - 1), st.integers(2**128 - 5, 2**128 - 1), st.integers(2**64, 2**64 + 300)
).map(IPv6Address)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(tmp_path_factory.mktemp("ranges")) as opened:
        yield opened


def covered(engine: Engine, ranges: list[tuple[UUID, UUID]]) -> dict[int, list[str]]:
    make_ranges(engine)
    rows: list[list[object]] = [list(range(len(ranges))), [a for a, _ in ranges], [b for _, b in ranges]]
    nothing: list[object] = [None] * len(ranges)
    Staging(engine, "csv", (), Rejects(), lambda name, done: None).add_ranges([[*rows, nothing, nothing, nothing]])
    found: dict[int, list[str]] = {place: [] for place, _ in enumerate(ranges)}
    for place, network, bits in engine.rows(
        f"SELECT place, network, prefix_bits FROM ({_ROWS}) ORDER BY place, network"
    ):
        assert isinstance(network, UUID)
        found[int(str(place))].append(format_network(network, int(str(bits))))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.tuples(_v4, _v4), st.tuples(_v6, _v6)), min_size=1, max_size=40))
def test_ranges_are_covered_as_the_standard_library_covers_them(
    engine: Engine, ends: list[tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address]]
) -> None:
    ranges = [sorted(pair) for pair in ends]  # the two of a pair are of one family
    found = covered(engine, [(parse_address(str(first)), parse_address(str(last))) for first, last in ranges])
    for place, (first, last) in enumerate(ranges):
        assert found[place] == [str(network) for network in summarize_address_range(first, last)]


def test_the_whole_of_either_family_is_one_network(engine: Engine) -> None:
    v4 = (parse_address("0.0.0.0"), parse_address("255.255.255.255"))
    v6 = (UUID(int=0), UUID(int=2**128 - 1))
    assert covered(engine, [v4, v6]) == {0: ["0.0.0.0/0"], 1: ["::/0"]}


def test_places_of_files_do_not_overlap() -> None:
    assert staging.FILE_PLACES > 10**12 // 2  # more lines than any file has
