"""n6's records in and out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from tests.evidence.evidence_world import Read
from tests.evidence.golden_files import GOLDEN, OBSERVED_AT
from tocsin.engine import Engine
from tocsin.evidence.formats import recognise, writer
from tocsin.evidence.read import stage
from tocsin.evidence.readers.n6_categories import CATEGORIES, CATEGORY_BY_KIND
from tocsin.evidence.staged import Output
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Head
from tocsin.terms.kinds import TAXONOMY_BY_KIND

RECORD: dict[str, object] = {
    "id": "0123456789abcdef0123456789abcdef",
    "source": "provider.channel",
    "restriction": "need-to-know",
    "confidence": "medium",
    "category": "bots",
    "modified": "2026-11-23T11:00:00Z",
    "time": "2026-11-23T10:00:00Z",
    "address": [{"ip": "192.0.2.10"}],
    "proto": "tcp",
    "sport": 40000,
    "dport": 80,
}
MANDATORY = {"id", "source", "restriction", "confidence", "category", "modified", "time"}


def records(*changes: Mapping[str, object]) -> bytes:
    return "\n".join(json.dumps({**RECORD, **change}) for change in changes or ({},)).encode()


def written(engine: Engine, path: Path) -> tuple[list[dict[str, object]], list[tuple[int, str]]]:
    staged = stage(engine, measure(path), name=path.name, source="example-source")
    refused: list[tuple[int, str]] = []
    lines = writer("n6")(Output(engine, staged, OBSERVED_AT, lambda line, why: refused.append((line, why))))
    found = [json.loads(line) for line in lines]
    staged.discard()
    return found, refused


def test_there_are_twenty_seven_categories_and_each_has_a_kind() -> None:
    assert len(CATEGORIES) == 27
    assert {each.kind for each in CATEGORIES.values()} <= set(TAXONOMY_BY_KIND)
    assert set(CATEGORY_BY_KIND.values()) <= set(CATEGORIES)


@pytest.mark.parametrize("category", sorted(CATEGORIES))
def test_each_category_is_read(read: Read, category: str) -> None:
    [sighting] = read(records({"category": category}))
    assert sighting["kind"] == CATEGORIES[category].kind
    assert sighting["extra"]["category"] == category  # type: ignore[index]
    assert (sighting["port"], sighting["peer_port"]) == ((80, 40000) if CATEGORIES[category].is_server else (40000, 80))


@pytest.mark.parametrize("category", ["bots", "scanning", "server-exploit", "dos-attacker", "spam", "flow"])
def test_bare_packets_never_condemn(read: Read, category: str) -> None:
    [sighting] = read(records({"category": category, "proto": "udp", "origin": "honeypot"}))
    assert sighting["role"] == "lead"


@pytest.mark.parametrize(("origin", "role"), [("sinkhole", "infected"), ("darknet", "lead"), ("sandbox", "lead")])
def test_where_a_bot_was_seen_counts(read: Read, origin: str, role: str) -> None:
    [sighting] = read(records({"origin": origin}))
    assert sighting["role"] == role


@pytest.mark.parametrize(("origin", "role"), [(None, "lead"), ("darknet", "lead"), ("honeypot", "attacker")])
def test_a_scan_is_believed_where_somebody_answered(read: Read, origin: str | None, role: str) -> None:
    [sighting] = read(records({"category": "scanning"} | ({"origin": origin} if origin else {})))
    assert sighting["role"] == role


def test_a_record_is_a_sighting_for_each_of_its_addresses(read: Read) -> None:
    found = read(records({"address": [{"ip": "192.0.2.1", "cc": "XX", "asn": 64500}, {"ip": "192.0.2.2"}]}))
    found.sort(key=lambda line: str(line["address"]))
    assert [(line["address"], line["evidence_line"]) for line in found] == [("192.0.2.1", 1), ("192.0.2.2", 1)]
    assert found[0]["extra"]["address.asn"] == 64500  # type: ignore[index]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"address": None}, "no address: nothing there"),
        ({"address": [], "fqdn": "x.example"}, "no address: fqdn alone is on nobody's line"),
        ({"address": None, "url": "http://x.example/"}, "no address: url alone is on nobody's line"),
        ({"address": "192.0.2.1"}, "not a list of addresses: 192.0.2.1"),
        ({"address": ["192.0.2.1"]}, 'not a list of addresses: ["192.0.2.1"]'),
        ({"address": [{"ip": "192.0.2.1"}] * 1001}, "1001 addresses in one record, at most 1000 are read"),
        ({"address": [{"cc": "XX"}]}, "not an IP address: nothing there"),
        ({"time": None}, "not a moment: nothing there"),
        ({"time": {"a": 1}}, 'not a moment: {"a":1}'),
        ({"sport": "x"}, "not a port: x"),
    ],
)
def test_what_is_no_sighting_is_a_reject_and_the_rest_goes_on(
    read: Read, change: dict[str, object], reason: str
) -> None:
    found = read(records({}, change, {"sport": 40001}), reader="n6")
    assert [line.get("reject") for line in found] == [None, reason, None]


def test_what_it_says_is_kept(read: Read) -> None:
    [sighting] = read(records({"until": "2026-11-23T12:00:00Z", "count": 7, "name": "Mirai", "dip": "198.51.100.7"}))
    assert sighting["seen_until"] == "2026-11-23T12:00:00Z"
    assert (sighting["confidence"], sighting["source_ref"], sighting["observer"], sighting["malware"]) == (
        *(50, RECORD["id"], "provider.channel"),
        "mirai",
    )
    assert sighting["peer_address"] == "198.51.100.7"
    assert sighting["extra"] == {
        **{"restriction": "need-to-know", "confidence": "medium", "category": "bots", "count": 7},
        "modified": "2026-11-23T11:00:00Z",
    }


def test_other_json_is_not_taken_for_records() -> None:
    assert recognise(Head("x.json", b'{"category": "bots", "time": 1}')) is None
    known = recognise(Head("x.json", b"[\n" + records() + b"\n]"))
    assert known is not None
    assert known.format.name == "n6"


def test_a_written_record_has_what_n6_always_has(engine: Engine) -> None:
    for path in [GOLDEN / "shadowserver/2026-11-23-scan_telnet-example-asn.csv", GOLDEN / "intelmq/events.json"]:
        found, refused = written(engine, path)
        assert found
        assert all(each.keys() >= MANDATORY | {"address"} for each in found)
        assert all(each["category"] in CATEGORIES for each in found)
        assert {why for _, why in refused} >= ({"n6 has no IPv6 addresses"} if path.stem == "events" else set())


def test_a_record_of_n6_is_written_as_it_came(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "records.json"
    path.write_bytes(records({"name": "mirai", "origin": "sinkhole", "count": 3}))
    assert written(engine, path)[0] == [json.loads(path.read_bytes())]


@pytest.mark.shared
def test_no_record_of_n6s_own_tests_is_lost(read: Read, shared: Path) -> None:
    files = sorted((shared / "feeds/n6_json").glob("*.json"))
    assert len(files) == 82
    sightings = 0
    for file in files:
        told = json.loads(file.read_text())
        for number, each in enumerate(told["expected"] or ()):
            record = {"source": told["source"], **told["constant_items"], **each}
            record |= {"id": sha256(f"{file.name}{number}".encode()).hexdigest()[:32]}
            found = read(json.dumps(record).encode())
            wanted = len(each.get("address", ()))
            assert len(found) == max(wanted, 1), file.name
            assert all("id" in line for line in found) or not wanted, (file.name, found)
            sightings += wanted
    assert sightings == 106
