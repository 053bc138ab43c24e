"""Routing table dumps: whose is a prefix, by what most peers saw."""

from __future__ import annotations

import bz2
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.attribution.networks.mrt_writer import PEERS, attributes, peer_table, record, rib, sequence, table_dump
from tests.attribution.networks.networks_world import answer, claims, read_named, read_paths
from tocsin.attribution.networks.readers.mrt import RECORD_BYTES_MAX
from tocsin.lake import Lake

ROUTE = attributes(sequence(64496, 64500))


def said(lake: Lake, folder: Path, *records: bytes) -> list[str]:
    read_named(lake, folder, b"".join(records), of="mrt")
    return claims(lake)


def test_the_origin_is_the_last_of_the_path(lake: Lake, tmp_path: Path) -> None:
    found = said(lake, tmp_path, peer_table(), rib("192.0.2.0/24", ROUTE), rib("2001:db8::/32", ROUTE))
    assert found == ["192.0.2.0/24 64500 - -", "2001:db8::/32 64500 - -"]


def test_of_several_origins_the_one_that_most_peers_saw(lake: Lake, tmp_path: Path) -> None:
    other = attributes(sequence(64496, 64501))
    found = said(lake, tmp_path, rib("192.0.2.0/24", ROUTE, other, other), rib("198.51.100.0/24", other, ROUTE))
    assert found == ["192.0.2.0/24 64501 - -", "198.51.100.0/24 64500 - -"]  # of equals the lowest


def test_a_set_is_no_origin_but_one_of_one_is(lake: Lake, tmp_path: Path) -> None:
    two = attributes([(2, (64496, 64502)), (1, (64500, 64501))])
    one = attributes([(2, (64496,)), (1, (64501,))])
    read = read_named(lake, tmp_path, rib("192.0.2.0/24", two, one) + rib("198.51.100.0/24", two, two), of="mrt")
    assert claims(lake) == ["192.0.2.0/24 64501 - -"]
    assert [(bad.line, bad.reason) for bad in read.rejects] == [(2, "no peer saw a public origin")]


def test_a_private_origin_does_not_count(lake: Lake, tmp_path: Path) -> None:
    leak = attributes(sequence(64496, 64512))
    assert said(lake, tmp_path, rib("192.0.2.0/24", leak, leak, ROUTE)) == ["192.0.2.0/24 64500 - -"]


def test_four_bytes_and_long_attributes_and_path_ids(lake: Lake, tmp_path: Path) -> None:
    big = attributes(sequence(64496, 65536), long=True)
    found = said(lake, tmp_path, rib("192.0.2.0/24", big), rib("2001:db8::/32", big, path_ids=True))
    assert found == ["192.0.2.0/24 65536 - -", "2001:db8::/32 65536 - -"]


def test_a_default_route_and_a_host_route(lake: Lake, tmp_path: Path) -> None:
    assert said(lake, tmp_path, rib("0.0.0.0/0", ROUTE), rib("192.0.2.1/32", ROUTE), rib("::/0", ROUTE)) == [
        "::/0 64500 - -",
        "0.0.0.0/0 64500 - -",
        "192.0.2.1/32 64500 - -",
    ]
    assert answer(lake, "203.0.113.1") == ("0.0.0.0/0", 64500, None, None)
    assert answer(lake, "2001:db8::1") == ("::/0", 64500, None, None)


def test_the_older_dump_has_a_record_for_each_peer(lake: Lake, tmp_path: Path) -> None:
    def route(*path: int, as4: tuple[int, ...] = ()) -> bytes:
        return attributes(sequence(*path), asn_bytes=2, as4=sequence(*as4) if as4 else ())

    found = said(
        lake,
        tmp_path,
        table_dump("192.0.2.0/24", PEERS[0], route(64496, 64500)),
        table_dump("192.0.2.0/24", PEERS[1], route(64496, 64501)),
        table_dump("192.0.2.0/24", PEERS[2], route(64496, 64501)),
        table_dump("198.51.100.0/24", PEERS[0], route(64496, 23456, as4=(64496, 65537))),
        table_dump("2001:db8::/32", PEERS[3], route(64496, 64502)),
    )
    assert found == ["192.0.2.0/24 64501 - -", "198.51.100.0/24 65537 - -", "2001:db8::/32 64502 - -"]


def test_other_records_are_passed_over(lake: Lake, tmp_path: Path) -> None:
    message, multicast = record(16, 4, b"\0" * 20), record(13, 3, b"\xff" * 9)
    assert said(lake, tmp_path, message, multicast, rib("192.0.2.0/24", ROUTE)) == ["192.0.2.0/24 64500 - -"]


@pytest.mark.parametrize(
    "bad",
    [
        record(13, 2, b""),
        record(13, 2, b"\0\0\0\0\x21\xc0\0\x02\0\0\0\x01"),  # 33 bits
        record(13, 2, b"\0\0\0\0\x17\xc0\0\x03\0\x00"),  # bits past the length
        record(13, 2, b"\0\0\0\0\x18\xc0\0\x02\0\x05"),  # five routes, and none there
        rib("198.51.100.0/24", ROUTE[:-9]),
        rib("198.51.100.0/24", b"\x40\x02\x06\x02\x09\0\0\xfb\xf4"),  # a segment longer than the path
        record(12, 1, b"\0\0\0\0\xc0"),
    ],
)
def test_a_damaged_record_is_left_out_and_the_next_one_read(lake: Lake, tmp_path: Path, bad: bytes) -> None:
    read = read_named(lake, tmp_path, bad + rib("192.0.2.0/24", ROUTE), of="mrt")
    assert claims(lake) == ["192.0.2.0/24 64500 - -"]
    assert [each.line for each in read.rejects] == [1]


def test_after_a_record_of_impossible_length_nothing_is_guessed(lake: Lake, tmp_path: Path) -> None:
    lie = record(13, 2, b"")[:8] + (RECORD_BYTES_MAX + 1).to_bytes(4, "big")
    read = read_named(lake, tmp_path, rib("192.0.2.0/24", ROUTE) + lie + rib("198.51.100.0/24", ROUTE), of="mrt")
    assert claims(lake) == ["192.0.2.0/24 64500 - -"]
    assert ["no MRT from here on" in bad.reason for bad in read.rejects] == [True]


def test_a_file_that_ends_within_a_record(lake: Lake, tmp_path: Path) -> None:
    whole = rib("192.0.2.0/24", ROUTE) + rib("198.51.100.0/24", ROUTE)
    read = read_named(lake, tmp_path, whole[:-3], of="mrt")
    assert claims(lake) == ["192.0.2.0/24 64500 - -"]
    assert [bad.reason for bad in read.rejects] == ["the file ends within a record"]


@pytest.mark.skipif(shutil.which("bgpdump") is None, reason="bgpdump is not installed")
def test_bgpdump_reads_the_same_origins(lake: Lake, tmp_path: Path) -> None:
    dump = tmp_path / "rib.20261124.0000.bz2"
    routes = [rib(f"192.0.2.{step * 16}/28", attributes(sequence(64496, 64500 + step))) for step in range(9)]
    routes += [rib(f"2001:db8:{step}::/48", attributes(sequence(64496, 65600 + step), long=True)) for step in range(9)]
    dump.write_bytes(bz2.compress(peer_table() + b"".join(routes)))
    assert read_paths(lake, [dump]).tables == ("mrt",)
    told = subprocess.run(["bgpdump", "-m", str(dump)], capture_output=True, text=True, check=True).stdout
    theirs = {line.split("|")[5]: int(line.split("|")[6].split()[-1]) for line in told.splitlines()}
    ours = {line.split()[0]: int(line.split()[1]) for line in claims(lake)}
    assert len(ours) == 18
    assert ours == theirs
