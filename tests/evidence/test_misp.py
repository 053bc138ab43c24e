"""MISP events in: mostly indicators, and only what is said of an address itself condemns it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.evidence_world import Read
from tocsin.engine import Engine
from tocsin.evidence.formats import recognise
from tocsin.evidence.read import stage
from tocsin.evidence.readers.labels import kind_of, malware_of
from tocsin.evidence.readers.misp_attributes import SIGHTINGS_MAX
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Head

SEEN: dict[str, Any] = {"first_seen": "2026-11-23T10:00:00Z"}
INFECTED: dict[str, Any] = {"Tag": [{"name": 'rsit:malicious-code="infected-system"'}]}


def attribute(kind: str = "ip-src", value: str = "192.0.2.10", /, **more: Any) -> dict[str, object]:
    return {"uuid": "a-1", "type": kind, "value": value, "to_ids": True, "timestamp": "1795428000", **more}


def event(*attributes: object, indent: int | None = None, **more: Any) -> bytes:
    inside = {"uuid": "e-1", "info": "x", "Orgc": {"name": "EXAMPLE-CERT"}, "Attribute": attributes, **more}
    return json.dumps({"Event": inside}, indent=indent).encode()


@pytest.mark.parametrize(
    ("said", "tags", "role"),
    [
        (attribute(), {}, "lead"),
        (attribute(**SEEN), INFECTED, "lead"),
        (attribute(**INFECTED), {}, "lead"),
        (attribute(**INFECTED, **SEEN), {}, "infected"),
        (attribute("ip-dst", **INFECTED, **SEEN), {}, "infected"),
        (attribute("ip-dst"), INFECTED, "infrastructure"),
        (attribute("ip-dst", to_ids=False), {}, "lead"),
        (attribute("ip-dst", Tag=[{"name": "rsit:scanner"}], **SEEN), {}, "lead"),
        (attribute("ip-src", Tag=[{"name": 'rsit:malicious-code="c2-server"'}]), {}, "infrastructure"),
        (attribute(Tag=[{"name": "rsit:brute-force"}], **SEEN), {}, "lead"),
    ],
)
def test_an_address_is_infected_only_where_it_is_said_of_itself_with_a_time(
    read: Read, said: dict[str, object], tags: dict[str, Any], role: str
) -> None:
    [sighting] = read(event(said, **tags))
    assert sighting["role"] == role


def test_the_events_tags_name_the_malware_wherever_they_stand(read: Read) -> None:
    tags = [{"name": "tlp:amber"}, {"name": 'misp-galaxy:malpedia="Ramnit"'}]
    [first] = read(event(attribute("ip-dst"), Tag=tags))
    [second] = read(event(attribute("ip-dst"), Galaxy=[{"GalaxyCluster": [{"tag_name": tags[1]["name"]}]}]))
    assert (first["malware"], first["kind"]) == ("ramnit", "c2-server") == (second["malware"], second["kind"])
    assert first["observer"] == "EXAMPLE-CERT"


def test_each_sighting_of_an_attribute_is_one_up_to_the_newest_hundred(read: Read) -> None:
    sightings = [{"type": "0", "date_sighting": str(1795428000 + number)} for number in range(SIGHTINGS_MAX + 5)]
    found = read(event(attribute(Sighting=[*sightings, {"type": "1", "date_sighting": "1795400000"}])))
    assert len(found) == SIGHTINGS_MAX
    assert min(str(line["seen_at"]) for line in found) == "2026-11-23T10:00:05Z"


def test_names_are_rejects_and_hashes_a_warning(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "event.json"
    path.write_bytes(event(attribute("domain", "c2.example"), attribute("md5", "00"), attribute("md5", "01")))
    staged = stage(engine, measure(path), name="event.json", source="example")
    assert (staged.records, staged.rejects) == (0, 1)
    assert staged.warnings == ("event.json: 2 attributes are not about addresses (2 md5)",)
    staged.discard()
    assert engine.rows("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'misp%'") == [(0,)]


def test_a_connection_has_two_ends(read: Read) -> None:
    parts = {
        "ip-src": "192.0.2.10",
        "ip-dst": "198.51.100.7",
        "src-port": "40000",
        "dst-port": "443",
        "layer4-protocol": "TCP",
    }
    inside = [
        attribute(name if name.startswith("ip") else "text", value, object_relation=name)
        for name, value in parts.items()
    ]
    found = read(event(Object=[{"name": "network-connection", "Attribute": inside}], indent=1))
    assert [(line["address"], line["port"], line["role"], line.get("peer_address")) for line in found] == [
        ("192.0.2.10", 40000, "lead", "198.51.100.7"),
        ("198.51.100.7", 443, "infrastructure", None),
    ]


def test_an_event_that_is_cut_keeps_what_came_before(read: Read) -> None:
    content = event(attribute("ip-dst"), attribute("ip-dst", "192.0.2.11"), indent=1)
    found = read(content[: content.rindex(b"192.0.2.11")], "event.json")
    assert [line.get("address", line.get("reject")) for line in found] == [
        "192.0.2.10",
        "a quote that is not closed",
        "the document ends too early",
    ]
    assert found[0]["observer"] == "EXAMPLE-CERT"


def test_labels_name_kinds_and_malware() -> None:
    assert kind_of(["tlp:red", 'ecsirt:malicious-code="botnet-drone"']) == "infected-system"
    assert kind_of(["Infected-System"]) == "infected-system"
    assert kind_of(['admiralty-scale:x="spam"', "rsit:test", "other", "malware", ""]) == ""
    assert malware_of(['misp-galaxy:threat-actor="APT1"', 'misp-galaxy:mitre-malware="Emotet - S0367"']) == "Emotet"


def test_other_json_is_not_taken_for_events() -> None:
    assert recognise(Head("x.json", b'{"Event": {"System": {"EventID": 4625}}}')) is None
    assert recognise(Head("x.json", b'{"response": {"status": "ok"}}')) is None
    assert recognise(Head("x.json", event()[:200])) is not None


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["192.0.2.1", "192.0.2.1|443", "|"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "type", "value", "Attribute", "date_sighting", "GalaxyCluster"]), inner
        )
    ),
    max_leaves=6,
)
KEYS = [
    "type",
    "value",
    "Tag",
    "Galaxy",
    "Sighting",
    "Event",
    "first_seen",
    "last_seen",
    "timestamp",
    "deleted",
    "uuid",
]
ATTRIBUTES = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=5).map(lambda change: {**attribute(), **change})


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(ATTRIBUTES, max_size=5),
    st.dictionaries(
        st.sampled_from(["Object", "Tag", "Orgc", "Galaxy", "uuid"]), VALUES | st.lists(ATTRIBUTES, max_size=2)
    ),
    st.sampled_from([None, 1]),
    st.integers(0, 2000),
)
def test_whatever_an_event_says_it_is_read_in_order(
    read: Read, attributes: list[dict[str, object]], more: dict[str, Any], indent: int | None, cut: int
) -> None:
    found = read(event(*attributes, indent=indent, **more)[: cut or None], "event.json", reader="misp")
    numbers = [line["evidence_line"] for line in found]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    assert all(
        line.get("role", "lead") in {"lead", "infrastructure", "infected", "exposed", "attacker"} for line in found
    )
