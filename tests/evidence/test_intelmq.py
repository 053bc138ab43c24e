"""IntelMQ's events in and out."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.evidence_world import Read
from tocsin.engine import Engine
from tocsin.evidence.formats import recognise
from tocsin.evidence.json_records import decoded
from tocsin.evidence.read import stage
from tocsin.evidence.readers.intelmq import ROLE_BY_KIND
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Head
from tocsin.evidence.writers.intelmq import intelmq_lines
from tocsin.terms.kinds import KIND_BY_OLD_NAME, TAXONOMY_BY_KIND

EVENT: dict[str, object] = {
    "source.ip": "192.0.2.10",
    "source.port": 40000,
    "time.source": "2026-11-23T10:00:00+00:00",
    "classification.type": "infected-system",
    "classification.taxonomy": "malicious-code",
    "protocol.transport": "tcp",
    "malware.name": "ramnit",
    "feed.name": "example",
}
COMPARED = [
    *("source.ip", "source.port", "time.source", "destination.ip", "destination.port", "protocol.transport"),
    *("classification.type", "classification.taxonomy", "malware.name"),
]


def events(*changes: dict[str, object]) -> bytes:
    merged = ({**EVENT, **change} for change in changes or ({},))
    return b"".join(msgspec.json.encode({k: v for k, v in event.items() if v is not None}) + b"\n" for event in merged)


def written(engine: Engine, path: Path, name: str = "events.json", source: str = "example") -> list[dict[str, object]]:
    staged = stage(engine, measure(path), name=name, source=source)
    lines = list(intelmq_lines(engine, staged, observed_at=datetime(2026, 3, 5, tzinfo=UTC), on_reject=lambda *_: None))
    staged.discard()
    return [json.loads(line) for line in lines]


@pytest.mark.parametrize("kind", sorted(TAXONOMY_BY_KIND))
def test_only_the_roles_of_the_table_are_more_than_a_lead(read: Read, kind: str) -> None:
    [sighting] = read(events({"classification.type": kind, "protocol.application": "ssh"}))
    expected = ROLE_BY_KIND.get(kind)
    assert sighting["role"] == (str(expected[0]) if expected else "lead")
    assert sighting["taxonomy"] == TAXONOMY_BY_KIND[kind]


@pytest.mark.parametrize("kind", ["infected-system", "brute-force", "exploit", "scanner"])
def test_bare_packets_never_condemn(read: Read, kind: str) -> None:
    [sighting] = read(events({"classification.type": kind, "protocol.transport": "udp", "protocol.application": "x"}))
    assert sighting["role"] == "lead"


def test_a_scan_without_an_application_may_be_a_forged_syn(read: Read) -> None:
    [sighting] = read(events({"classification.type": "scanner"}))
    assert sighting["role"] == "lead"


def test_the_source_of_a_ddos_may_be_its_victim(read: Read) -> None:
    [sighting] = read(events({"classification.type": "ddos"}))
    assert sighting["role"] == "lead"


@pytest.mark.parametrize("old", sorted(KIND_BY_OLD_NAME))
def test_old_names_are_read(read: Read, old: str) -> None:
    [sighting] = read(events({"classification.type": old}))
    assert sighting["kind"] == KIND_BY_OLD_NAME[old]


def test_nested_events_are_the_same_sighting_as_flat_ones(read: Read) -> None:
    nested: dict[str, dict[str, object]] = {}
    for key, value in EVENT.items():
        room, _, name = key.partition(".")
        nested.setdefault(room, {})[name] = value
    [flat] = read(events())
    [other] = read(msgspec.json.encode({"__type": "Event", **nested}))
    assert {**other, "evidence_sha256": ""} == {**flat, "evidence_sha256": ""}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (events({"time.source": None}), "not a moment: nothing there"),
        (events({"source.ip": None}), "not an IP address: nothing there"),
        (
            b'{"__type":"Report","raw":"AA"}',
            "not an event but a Report: a raw feed that its parser has not read, put Tocsin behind the parser",
        ),
        (b"[1]", "not a JSON object"),
        (b'{"a":', "not a JSON object"),
        (b"[" * 100_000, "not a JSON object"),
        (b'{"source.ip":' + b'{"a":' * 50_000, "not a JSON object"),
        (b'{"source.ip":"\\ud800"}', "not a JSON object"),
    ],
)
def test_what_is_no_event_is_a_reject(read: Read, line: bytes, reason: str) -> None:
    lines = read(events() + line + b"\n" + events({"source.port": 40001}), "events.json")
    assert [found.get("reject") for found in lines] == [None, reason, None]


def test_what_was_written_reads_back(read: Read, engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(
        events(
            {"extra.family": "x", "source.asn": 64500, "feed.accuracy": 70.0, "extra.event_id": "9"},
            {"source.port": None},
        )
    )
    first = written(engine, path)
    assert first[0] == {
        **EVENT,
        "extra.family": "x",
        "source.asn": 64500,
        "feed.accuracy": 70.0,
        "extra.event_id": "9",
        "time.observation": "2026-03-05T00:00:00+00:00",
    }
    path.write_text("\n".join(map(json.dumps, first)))
    assert written(engine, path) == first


def test_absent_values_are_absent_keys(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_bytes(events({"malware.name": "", "extra.a": None, "extra.b": "-", "source.port": 0}))
    [event] = written(engine, path)
    assert not {"malware.name", "extra.a", "extra.b", "source.port"} & set(event)


def test_other_json_is_not_taken_for_events() -> None:
    assert recognise(Head("x.json", b'{"timestamp": 1, "message": "hello"}\n')) is None
    assert recognise(Head("x.json", b'{"source": {"ip": "192.0.2.1"}}\n')) is not None


@pytest.mark.shared
@pytest.mark.parametrize("report", ["event4_sinkhole", "event4_honeypot_brute_force", "scan_telnet"])
def test_genuine_reports_become_the_events_that_intelmq_makes(engine: Engine, shared: Path, report: str) -> None:
    golden = [
        json.loads(line) for line in (shared / "feeds/golden_intelmq" / f"{report}.jsonl").read_text().splitlines()
    ]
    made = written(engine, shared / "feeds/shadowserver" / f"{report}.csv", f"{report}.csv", "Shadowserver")
    assert golden
    assert [{key: event.get(key) for key in COMPARED} for event in made] == [
        {key: event.get(key) for key in COMPARED} for event in golden
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*EVENT, "source", "ip", "extra", "__type", ""]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40), min_size=1, max_size=40))
def test_whatever_the_lines_are_each_is_a_sighting_a_reject_or_blank(read: Read, lines: list[bytes]) -> None:
    content = b"\n".join(line.replace(b"\n", b" ") for line in lines)
    found = read(content, reader="intelmq")
    numbers = [line["evidence_line"] for line in found]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    split = content.split(b"\n")
    alone = [number for number, line in enumerate(split, 1) if line[:1] == b"{" and isinstance(decoded(line), dict)]
    assert [numbers.count(number) for number in alone] == [1] * len(alone)
