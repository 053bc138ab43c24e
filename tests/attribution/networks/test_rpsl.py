"""The registries' databases: whom to write to, by the objects that name each other."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.attribution.networks.networks_world import answer, claims, read_named, read_paths
from tocsin.attribution.networks.readers.rpsl import OBJECT_BYTES_MAX
from tocsin.lake import Lake

NETWORK = "inetnum: 192.0.2.0 - 192.0.2.255\ncountry: DE\n"
ROLE = "role: Abuse\nnic-hdl: AR1-RIPE\nabuse-mailbox: abuse@isp.example\n"
OTHER_ROLE = "role: Abuse\nnic-hdl: AR2-RIPE\nabuse-mailbox: abuse@customer.example\n"
ORG = "organisation: ORG-1-RIPE\nabuse-c: AR1-RIPE\n"


def said(lake: Lake, folder: Path, *objects: str) -> list[str]:
    read_named(lake, folder, "\n".join(objects), of="rpsl")
    return claims(lake)


@pytest.mark.parametrize(
    ("objects", "contact"),
    [
        ((NETWORK + "abuse-c: AR1-RIPE\n", ROLE), "abuse@isp.example"),
        ((NETWORK + "abuse-c: ar1-ripe\n", ROLE), "abuse@isp.example"),
        ((NETWORK + "org: ORG-1-RIPE\n", ORG, ROLE), "abuse@isp.example"),
        ((NETWORK + "org: ORG-1-RIPE\nabuse-c: AR2-RIPE\n", ORG, ROLE, OTHER_ROLE), "abuse@customer.example"),
        ((NETWORK + "org: ORG-1-RIPE\nabuse-c: GONE-RIPE\n", ORG, ROLE), "abuse@isp.example"),
        ((NETWORK + "abuse-mailbox: own@isp.example\n",), "own@isp.example"),
        ((NETWORK + "mnt-irt: IRT-1\n", "irt: IRT-1\nabuse-mailbox: irt@isp.example\n"), "irt@isp.example"),
        (
            (NETWORK + "org: ORG-2\n", "organisation: ORG-2\nabuse-mailbox: org@isp.example\n"),
            "org@isp.example",
        ),
        ((NETWORK + "abuse-c: AR3\n", "role: X\nnic-hdl: AR3\nabuse-mailbox: not an address\n"), "-"),
        ((NETWORK + "org: ORG-9\n", ORG, ROLE), "-"),
    ],
)
def test_the_contact_is_found_through_the_objects(
    lake: Lake, tmp_path: Path, objects: tuple[str, ...], contact: str
) -> None:
    assert said(lake, tmp_path, *objects) == [f"192.0.2.0/24 - DE {contact}"]


def test_a_network_that_names_nobody_has_the_next_wider_ones_contact(lake: Lake, tmp_path: Path) -> None:
    inner = "inetnum: 192.0.2.64 - 192.0.2.127\ncountry: NL\n"
    said(lake, tmp_path, NETWORK + "abuse-c: AR1-RIPE\n", inner, ROLE, "route: 192.0.2.0/24\norigin: AS64500\n")
    assert answer(lake, "192.0.2.70") == ("192.0.2.0/24", 64500, "NL", "abuse@isp.example")


def test_values_go_on_over_lines_and_comments_end_them(lake: Lake, tmp_path: Path) -> None:
    objects = (
        "inetnum: 192.0.2.0\n+        - 192.0.2.127 # half\ncountry: # nothing\n\tDE # Germany\n  abuse-c: no\n"
        "abuse-c:\n+ AR1-RIPE\n",
        ROLE,
    )
    assert said(lake, tmp_path, *objects) == ["192.0.2.0/25 - DE abuse@isp.example"]


def test_a_range_that_is_no_prefix_becomes_several(lake: Lake, tmp_path: Path) -> None:
    assert said(lake, tmp_path, "inetnum: 192.0.2.5 - 192.0.2.10\ncountry: DE\n") == [
        f"{prefix} - DE -" for prefix in ("192.0.2.5/32", "192.0.2.6/31", "192.0.2.8/31", "192.0.2.10/32")
    ]


def test_objects_for_the_whole_world_say_nothing(lake: Lake, tmp_path: Path) -> None:
    world = "inetnum: 0.0.0.0 - 255.255.255.255\nnetname: IANA-BLK\ncountry: EU\n"
    other = "inetnum: 198.51.100.0 - 198.51.100.255\nnetname: NON-RIPE-NCC-MANAGED-ADDRESS-BLOCK\ncountry: EU\n"
    assert said(lake, tmp_path, world, other, NETWORK) == ["192.0.2.0/24 - DE -"]


def test_text_in_latin_1_crlf_and_comments_between_do_no_harm(lake: Lake, tmp_path: Path) -> None:
    text = (
        f"# Bedingungen f\xfcr alle\r\n#\r\n\r\n% more\r\n{NETWORK}descr: M\xfcnchen\r\n\r\n\r\n{ROLE}\r\nmntner: X\r\n"
    )
    read = read_named(lake, tmp_path, text.replace("\r\n", "\n").replace("\n", "\r\n").encode("latin-1"), of="rpsl")
    assert (claims(lake), read.rejected) == (["192.0.2.0/24 - DE -"], 0)


def test_files_of_one_registry_are_one_table(lake: Lake, tmp_path: Path) -> None:
    for name, text in (("inetnum", NETWORK + "org: ORG-1-RIPE\n"), ("organisation", ORG), ("role", ROLE)):
        (tmp_path / f"ripe.db.{name}.gz").write_bytes(gzip.compress(b"#\n# Terms\n\n" + text.encode()))
    read = read_paths(lake, sorted(tmp_path.glob("*.gz")))
    assert read.tables == ("rpsl",)
    assert claims(lake) == ["192.0.2.0/24 - DE abuse@isp.example"]


def test_bad_objects_are_left_out_with_their_line(lake: Lake, tmp_path: Path) -> None:
    objects = (
        "# comment\n",
        "inetnum: 192.0.2.9 - 192.0.2.1\ncountry: DE\n",
        NETWORK,
        "inet6num: 2001:db8::1/32\ncountry: DE\n",
        "route: 198.51.100.0/24\norigin: nobody\n",
        "route6: 2001:db8::/200\norigin: AS64500\n",
    )
    read = read_named(lake, tmp_path, "\n".join(objects), of="rpsl")
    assert claims(lake) == ["192.0.2.0/24 - DE -"]
    assert [(bad.line, bad.reason) for bad in read.rejects] == [
        (3, "the range ends before it starts"),
        (9, "bits set past the prefix length"),
        (12, "not an AS number"),
        (15, "not a prefix length"),
    ]


def test_an_object_that_is_too_long_is_left_out_and_not_held(lake: Lake, tmp_path: Path) -> None:
    long = "descr: " + "x" * (OBJECT_BYTES_MAX + 1)
    one_line = "remarks: " + "y" * (9 << 20)  # more than two blocks
    after = "inetnum: 198.51.100.0 - 198.51.100.255\ncountry: NL\n"
    text = f"{NETWORK}{long}\n\n{after}\n\n{one_line}\nmore: 1\n\n{after.replace('198.51.100', '203.0.113')}"
    read = read_named(lake, tmp_path, text, of="rpsl")
    assert claims(lake) == ["198.51.100.0/24 - NL -", "203.0.113.0/24 - NL -"]
    assert [(bad.line, bad.reason.partition(" than ")[0]) for bad in read.rejects] == [
        (1, "the object is longer"),
        (9, "the object is longer"),
    ]
    bad = read_named(lake, tmp_path, text + "\n\ninetnum: nothing\n", of="rpsl").rejects[-1]
    assert bad.line == text.count("\n") + 3


def test_nul_bytes_are_only_bytes(lake: Lake, tmp_path: Path) -> None:
    read = read_named(lake, tmp_path, f"\0\0\n\n\n{NETWORK}descr: \0\n\ninetnum: \0\n", of="rpsl")
    assert claims(lake) == ["192.0.2.0/24 - DE -"]
    assert [bad.line for bad in read.rejects] == [8]
