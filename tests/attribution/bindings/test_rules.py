"""Rules without a log: deterministic NAT, MAP-E and lw4o6, each against its published example and a slow oracle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import cast
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.bindings.provider import NOON, ask, config_of, derive, read, sign_contracts
from tocsin.attribution.bindings import LogConfig
from tocsin.lake import Lake
from tocsin.terms.addresses import format_network
from tocsin.terms.errors import BadRequest

INSIDE = LogConfig(name="inside", reader="static", prefixes=("10.0.0.0/8", "2001:db8::/32"), accuracy_s=0)
DET = LogConfig(name="det", reader="deterministic", prefixes=("192.0.2.0/24",), accuracy_s=0, inside_logs=("inside",))
MAP = LogConfig(name="map", reader="map-e", prefixes=("192.0.2.0/24",), accuracy_s=0, inside_logs=("inside",))
LW = LogConfig(name="lw", reader="lw4o6", prefixes=("192.0.2.0/24",), accuracy_s=0, inside_logs=("inside",))
DET_HEADER = "inside,outside,port_first,port_last,ports_each,order,starts_at,ends_at\n"


def hold(lake: Lake, networks: Sequence[str]) -> None:
    """Each network is held by the account of its own name."""
    read(lake, INSIDE, "network,account\n" + "".join(f"{network},{network}\n" for network in networks))
    sign_contracts(lake, networks)


def holder(lake: Lake, rules: LogConfig, address: str, port: int | None, at_s: int = 0) -> str:
    logs = (INSIDE, rules)
    at = NOON + timedelta(seconds=at_s)
    answer = ask(lake, config_of(logs, ["192.0.2.0/24"]), address, at=at, port=port, protocol="tcp")
    return answer.subscriber or answer.reason


def ranges_of(lake: Lake, log: str) -> list[tuple[str, int, int]]:
    """(network, first port, last port) of each of the log's bindings, in order."""
    rows = lake.engine.rows(
        f"SELECT network, prefix_bits, port_first, port_last FROM {lake.scan('bindings', [NOON.date()])}"
        " WHERE log = $log ORDER BY ALL",
        log=log,
    )
    found = cast("list[tuple[UUID, int, int, int]]", rows)
    return [(format_network(network, bits), first, last) for network, bits, first, last in found]


def test_fdios_example_is_worked_out_exactly(lake: Lake) -> None:
    hold(lake, ["10.0.0.2/32", "10.0.16.16/32"])
    read(lake, DET, DET_HEADER + "10.0.0.0/18,192.0.2.0/30,,,,,,\n")
    derive(lake, (INSIDE, DET))
    assert ranges_of(lake, "det") == [("192.0.2.0/32", 1054, 1068), ("192.0.2.1/32", 1264, 1278)]
    assert holder(lake, DET, "192.0.2.0", 1054) == holder(lake, DET, "192.0.2.0", 1068) == "10.0.0.2/32"
    assert holder(lake, DET, "192.0.2.1", 1276) == "10.0.16.16/32"
    assert holder(lake, DET, "192.0.2.1", 1279) == "port-outside-every-range"
    assert holder(lake, DET, "192.0.2.0", None) == "no-port"


def test_each_version_of_the_configuration_holds_for_its_time(lake: Lake) -> None:
    hold(lake, ["10.0.0.0/32", "10.0.0.1/32"])
    changed = "2026-11-24T12:00:00Z"
    read(lake, DET, f"{DET_HEADER}10.0.0.0/31,192.0.2.0/32,,,,,,{changed}\n10.0.0.0/30,192.0.2.0/32,,,,,{changed},\n")
    derive(lake, (INSIDE, DET))
    assert holder(lake, DET, "192.0.2.0", 1024 + 16_200, at_s=-60) == "10.0.0.0/32"
    assert holder(lake, DET, "192.0.2.0", 1024 + 16_200, at_s=60) == "10.0.0.1/32"
    unsure = msgspec.structs.replace(DET, accuracy_s=2)
    assert holder(lake, unsure, "192.0.2.0", 1024 + 16_200, at_s=1) == "another-held-it-within-the-margin"


def test_map_es_published_example_is_worked_out_exactly(lake: Lake) -> None:
    """RFC 7597 Appendix A, example 1."""
    hold(lake, ["2001:db8:12:3400::/56"])
    read(lake, MAP, "ipv6,ipv4,ea_bits,psid_offset\n2001:db8::/40,192.0.2.0/24,16,6\n")
    derive(lake, (INSIDE, MAP))
    found = ranges_of(lake, "map")
    ranges = [(first, last) for _, first, last in found]
    assert {network for network, _, _ in found} == {"192.0.2.18/32"}
    assert (ranges[0], ranges[1], ranges[-2], ranges[-1], len(ranges)) == (
        (1232, 1235),
        (2256, 2259),
        (63_696, 63_699),
        (64_720, 64_723),
        63,
    )
    assert holder(lake, MAP, "192.0.2.18", 2257) == "2001:db8:12:3400::/56"
    assert holder(lake, MAP, "192.0.2.18", 2260) == "port-outside-every-range"


def test_a_rule_without_sharing_gives_the_whole_address(lake: Lake) -> None:
    hold(lake, ["2001:db8:0:1200::/56"])
    read(lake, MAP, "ipv6,ipv4,ea_bits\n2001:db8::/48,192.0.2.0/24,8\n")
    derive(lake, (INSIDE, MAP))
    assert holder(lake, MAP, "192.0.2.18", None) == "2001:db8:0:1200::/56"


def test_a_binding_table_names_who_holds_the_b4(lake: Lake) -> None:
    hold(lake, ["2001:db8:7::/64", "2001:db8:8::/64"])
    read(
        lake,
        LW,
        "b4,ipv4,psid_len,psid,psid_offset\n2001:db8:7::/64,192.0.2.9,8,52,0\n2001:db8:8::/64,192.0.2.9,8,53,0\n",
    )
    derive(lake, (INSIDE, LW))
    assert holder(lake, LW, "192.0.2.9", 52 * 256) == "2001:db8:7::/64"
    assert holder(lake, LW, "192.0.2.9", 53 * 256 + 255) == "2001:db8:8::/64"
    assert holder(lake, LW, "192.0.2.9", 54 * 256) == "port-outside-every-range"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    outside_bits=st.integers(0, 3),
    more_bits=st.integers(0, 6),
    ports_each=st.none() | st.integers(1, 4_000),
    order=st.sampled_from(("sequential", "interleaved")),
    first=st.sampled_from((0, 1024, 5000)),
    place=st.integers(0, 511),
)
def test_every_port_is_the_hosts_whose_block_it_is_in(
    lake: Lake, outside_bits: int, more_bits: int, ports_each: int | None, order: str, first: int, place: int
) -> None:
    """The slow way: deal the blocks out one by one."""
    inside = IPv4Network(f"10.0.0.0/{32 - outside_bits - more_bits}")
    outside = IPv4Network(f"192.0.2.0/{32 - outside_bits}")
    host = inside[place % inside.num_addresses]
    each = ports_each or (65_536 - first) // (inside.num_addresses // outside.num_addresses)
    dealt = _dealt(inside, outside, each, order, first, (65_536 - first) // each if ports_each else None)
    hold(lake, [f"{host}/32"])
    read(lake, DET, f"{DET_HEADER}{inside},{outside},{first},65535,{ports_each or ''},{order},,\n")
    derive(lake, (INSIDE, DET))
    assert ranges_of(lake, "det") == ([(f"{dealt[host][0]}/32", *dealt[host][1:])] if host in dealt else [])


def _dealt(
    inside: IPv4Network, outside: IPv4Network, each: int, order: str, first: int, sharing: int | None
) -> dict[IPv4Address, tuple[IPv4Address, int, int]]:
    sharing = sharing or inside.num_addresses // outside.num_addresses
    slots = [(address, slot) for address in outside for slot in range(sharing)]
    if order == "interleaved":
        slots = [(address, slot) for slot in range(sharing) for address in outside]
    return {
        host: (address, first + slot * each, first + slot * each + each - 1)
        for host, (address, slot) in zip(inside, slots, strict=False)
    }


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(psid_bits=st.integers(1, 8), suffix_bits=st.integers(0, 8), offset=st.integers(0, 6), ea=st.integers(0, 65_535))
def test_every_port_set_is_dealt_as_the_rfc_says(
    lake: Lake, psid_bits: int, suffix_bits: int, offset: int, ea: int
) -> None:
    """The slow way: look at the bits of each of the 65,536 ports (RFC 7597 §5.1)."""
    ea_bits = psid_bits + suffix_bits
    ea %= 1 << ea_bits
    psid, suffix = ea % (1 << psid_bits), ea >> psid_bits
    customer = IPv6Network((int(IPv6Network("2001:db8::/40")[0]) | ea << (128 - 40 - ea_bits), 40 + ea_bits))
    hold(lake, [str(customer)])
    read(
        lake,
        MAP,
        f"ipv6,ipv4,ea_bits,psid_offset\n2001:db8::/40,192.0.2.0/{32 - suffix_bits},{ea_bits},{offset}\n",
    )
    derive(lake, (INSIDE, MAP))
    rest = 16 - offset - psid_bits
    theirs = {
        port
        for port in range(65_536)
        if (offset == 0 or port >> (16 - offset) > 0) and (port >> rest) % (1 << psid_bits) == psid
    }
    found = ranges_of(lake, "map")
    assert {network for network, _, _ in found} == {f"{IPv4Address('192.0.2.0') + suffix}/32"}
    assert sorted(port for _, low, high in found for port in range(low, high + 1)) == sorted(theirs)


@pytest.mark.parametrize(
    ("log", "text"),
    [
        (DET, DET_HEADER + "10.0.0.0/8,192.0.2.0/32,,,,,,\n"),  # 64,512 ports for 16 million
        (DET, DET_HEADER + "10.0.0.0/24,192.0.2.0/30,,,,backwards,,\n"),
        (DET, DET_HEADER + "10.0.0.0/24,2001:db8::/64,,,,,,\n"),
        (DET, DET_HEADER + "10.0.0.0/24,192.0.2.0/30,9,3,,,,\n"),
        (MAP, "ipv6,ipv4,ea_bits,psid_offset\n2001:db8::/40,192.0.2.0/24,32,6\n"),
        (MAP, "ipv6,ipv4,ea_bits,psid_offset\n2001:db8::/40,192.0.2.0/24,16,9\n"),
        (MAP, "ipv6,ipv4,ea_bits,psid_offset\n2001:db8::/40,192.0.2.0/24,,6\n"),
        (LW, "b4,ipv4,psid_len,psid\n2001:db8:7::/64,192.0.2.0/24,8,1\n"),
        (LW, "b4,ipv4,psid_len,psid\n2001:db8:7::/64,192.0.2.1,4,16\n"),
    ],
)
def test_a_rule_that_cannot_be_is_a_reject(lake: Lake, log: LogConfig, text: str) -> None:
    found = read(lake, log, text)
    assert (found.events, found.rejects) == (0, 1)


@pytest.mark.parametrize("log", [DET, MAP, LW])
def test_a_table_without_its_columns_is_refused(lake: Lake, log: LogConfig) -> None:
    with pytest.raises(BadRequest, match="does not name its columns"):
        read(lake, log, "a,b\n1,2\n")
