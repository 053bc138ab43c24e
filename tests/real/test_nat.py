"""Linux's own conntrack on a router, and nfdump on NAT events: what they print is read as what happened."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.attribution.bindings.nat.nat_lines import read_lines
from tests.real.translators import Fields, conntrack_events, netflow_v9, nfdump_prints
from tocsin.attribution.bindings.read import READERS
from tocsin.engine import Engine

# Event time in ms, natEvent, protocol, source, translated, ports, destination twice, ports, VRF; the same of a block.
PORT: Fields = [
    *((323, 8), (230, 1), (4, 1), (8, 4), (225, 4), (7, 2), (227, 2)),
    *((12, 4), (226, 4), (11, 2), (228, 2), (234, 4)),
]
BLOCK: Fields = [(323, 8), (230, 1), (8, 4), (225, 4), (361, 2), (362, 2), (363, 2), (364, 2), (234, 4)]
NOON_MS = 1_795_521_600_000  # 2026-11-24T12:00:00Z


@pytest.mark.parametrize("form", ["timestamp", "timestamp,id", "timestamp,extended", "timestamp,extended,id"])
def test_what_conntrack_prints_of_a_real_router(engine: Engine, tmp_path: Path, form: str) -> None:
    text = conntrack_events(tmp_path, form)
    if text is None:
        pytest.skip("needs root, network namespaces, iptables and conntrack")
    found = read_lines(engine, READERS["conntrack"].stage, text)
    assert found.rejects == []
    assert [(m.status, m.inside, m.network, m.protocol) for m in found.mappings] == [
        ("start", "10.0.0.5", "203.0.113.1", "udp"),
        ("stop", "10.0.0.5", "203.0.113.1", "udp"),
    ]
    seen = re.search(r"src=10\.0\.0\.5 .* dport=(20[01][0-9])", text)
    assert seen is not None
    assert {m.ports for m in found.mappings} == {seen[1]}
    assert len(set(found.sessions)) == 1


def nat_events() -> bytes:
    def port(after_s: int, event: int, protocol: int, inside: str, public: int, vrf: int) -> tuple[int | str, ...]:
        peer = "198.51.100.9"
        return (
            NOON_MS + after_s * 1000,
            event,
            protocol,
            inside,
            "203.0.113.7",
            40_000,
            public,
            peer,
            peer,
            443,
            443,
            vrf,
        )

    def block(after_s: int, event: int, first: int, vrf: int) -> tuple[int | str, ...]:
        return (
            NOON_MS + after_s * 1000,
            event,
            "10.0.0.7",
            "203.0.113.7",
            first,
            first + 1023 if first else 0,
            1,
            1024,
            vrf,
        )

    records = [(256, port(0, 1, 6, "10.0.0.5", 1025, 0)), (256, port(5, 2, 6, "10.0.0.5", 1025, 0))]
    records += [(256, port(6, 4, 17, "10.0.0.6", 1026, 7)), (256, port(7, 12, 17, "10.0.0.6", 1026, 7))]
    records += [(257, block(8, 16, 2048, 0)), (257, block(9, 15, 2048, 0)), (257, block(10, 14, 0, 0))]
    return netflow_v9({256: PORT, 257: BLOCK}, records)


@pytest.mark.skipif(shutil.which("nfcapd") is None, reason="needs nfdump")
def test_what_nfdump_prints_as_json(engine: Engine, tmp_path: Path) -> None:
    text = nfdump_prints(tmp_path, nat_events(), "json")
    found = read_lines(engine, READERS["nel"].stage, text)
    assert found.rejects == []
    assert [(m.status, m.at[11:19], m.inside, m.ports, m.protocol, m.vrf) for m in found.mappings] == [
        ("start", "12:00:00", "10.0.0.5", "1025", "tcp", None),
        ("stop", "12:00:05", "10.0.0.5", "1025", "tcp", None),
        ("start", "12:00:06", "10.0.0.6", "1026", "udp", "7"),
        ("start", "12:00:08", "10.0.0.7", "2048-3071", None, None),
        ("stop", "12:00:09", "10.0.0.7", "2048-3071", None, None),
    ]
    assert {m.network for m in found.mappings} == {"203.0.113.7"}
    assert {m.nas for m in found.mappings} == {"127.0.0.1"}
    assert found.sessions[0] == found.sessions[1]
    assert found.sessions[3] == found.sessions[4]
    assert text.split("\n")[found.mappings[2].line - 1] == "{"


@pytest.mark.skipif(shutil.which("nfcapd") is None, reason="needs nfdump")
@pytest.mark.parametrize("form", ["nel", "nsel", "fmt:%nevt %pr %sap %dap %nsap %ndap %pbstart %tevt"])
def test_what_nfdump_prints_as_text(engine: Engine, tmp_path: Path, form: str) -> None:
    text = nfdump_prints(tmp_path, nat_events(), form)
    found = read_lines(engine, READERS["nel"].stage, text)
    assert [(m.line, m.status, m.inside, m.ports, m.protocol) for m in found.mappings] == [
        (2, "start", "10.0.0.5", "1025", "tcp"),
        (3, "stop", "10.0.0.5", "1025", "tcp"),
    ]
    assert found.refused == [4, 5, 6, 7, 8]  # events that nfdump does not name in text
    assert all("-o json" in reason for _, reason in found.rejects)
