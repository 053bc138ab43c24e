"""STIX bundles in: nobody is infected because malware was seen in traffic that he took part in."""

from __future__ import annotations

import itertools
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
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Head

AT = "2026-11-23T10:00:00Z"


def ref(kind: str, number: int = 1) -> str:
    return f"{kind}--00000000-0000-4000-8000-{number:012d}"


def thing(kind: str, number: int = 1, /, **more: Any) -> dict[str, Any]:
    return {"type": kind, "spec_version": "2.1", "id": ref(kind, number), "modified": AT, **more}


SOURCE = thing("ipv4-addr", 1, value="192.0.2.10")
TARGET = thing("ipv4-addr", 2, value="198.51.100.7")
TRAFFIC = thing(
    "network-traffic", src_ref=SOURCE["id"], dst_ref=TARGET["id"], src_port=40000, dst_port=443, protocols=["tcp"]
)
MALWARE = thing("malware", name="Ramnit")
ALONE = [ref("ipv4-addr", 1)]
BOTH = [ref("ipv4-addr", 1), ref("ipv4-addr", 2), ref("network-traffic")]


def observed(refs: list[str], number: int = 1, /, **more: Any) -> dict[str, Any]:
    return thing("observed-data", number, first_observed=AT, last_observed=AT, object_refs=refs, **more)


def sighting(of: dict[str, Any], number: int = 1, /, **more: Any) -> dict[str, Any]:
    return thing(
        "sighting", number, **{"sighting_of_ref": of["id"], "observed_data_refs": [ref("observed-data")], **more}
    )


def indicator(pattern: str = "[file:name = 'x']", /, **more: Any) -> dict[str, Any]:
    return thing("indicator", pattern=pattern, valid_from=AT, **more)


def bundle(*objects: dict[str, Any], indent: int | None = 1) -> bytes:
    return json.dumps({"type": "bundle", "id": ref("bundle"), "objects": objects}, indent=indent).encode()


COMPROMISED = indicator(indicator_types=["compromised"])
THE_TARGETS = indicator("[ipv4-addr:value = '198.51.100.7']", indicator_types=["compromised"])
THE_SOURCES = indicator("[ipv4-addr:value = '192.0.2.10']", indicator_types=["compromised"])
LABEL = {"labels": ['rsit:malicious-code="infected-system"']}


@pytest.mark.parametrize(
    ("objects", "said"),
    [
        ([observed(BOTH)], ("lead", "undetermined")),
        ([observed(BOTH), sighting(MALWARE)], ("lead", "infected-system")),
        ([observed(ALONE), sighting(MALWARE)], ("lead", "infected-system")),
        ([observed(BOTH), sighting(COMPROMISED), COMPROMISED], ("infected", "infected-system")),
        ([observed(BOTH), sighting(THE_SOURCES), THE_SOURCES], ("infected", "infected-system")),
        ([observed(BOTH), sighting(THE_TARGETS), THE_TARGETS], ("lead", "infected-system")),
        ([observed(BOTH, **LABEL)], ("infected", "infected-system")),
        ([observed(BOTH), sighting(MALWARE, **LABEL)], ("infected", "infected-system")),
        ([observed(BOTH, labels=["rsit:c2-server"])], ("lead", "undetermined")),
        ([observed(ALONE, labels=["c2-server"])], ("infrastructure", "c2-server")),
        ([observed(BOTH, labels=["scanner"])], ("lead", "scanner")),
        ([observed(BOTH, labels=["nonsense", 7])], ("lead", "undetermined")),
    ],
)
def test_infected_takes_a_statement_about_the_address(
    read: Read, objects: list[dict[str, Any]], said: tuple[str, str]
) -> None:
    [line] = read(bundle(*objects, SOURCE, TARGET, TRAFFIC, MALWARE))
    assert (line["role"], line["kind"], line["address"]) == (*said, "192.0.2.10")


def test_a_statement_over_bare_packets_is_a_lead(read: Read) -> None:
    for protocol in ("udp", "icmp"):
        [line] = read(bundle(observed(BOTH, **LABEL), SOURCE, TARGET, {**TRAFFIC, "protocols": ["ipv4", protocol]}))
        assert (line["role"], line["protocol"]) == ("lead", protocol)


def test_the_objects_may_stand_in_any_order(read: Read) -> None:
    objects = [observed(BOTH), sighting(THE_SOURCES), THE_SOURCES, SOURCE, TRAFFIC]
    answers = set()
    for some in itertools.islice(itertools.permutations(objects), 0, 120, 17):
        [line] = read(bundle(*some, TARGET, MALWARE))
        answers.add(json.dumps({key: line[key] for key in ("id", "role", "kind", "port", "peer_port", "source_ref")}))
    assert len(answers) == 1


def test_a_server_is_infrastructure_where_it_is_said_to_be_one(read: Read) -> None:
    server = thing("infrastructure", name="x", infrastructure_types=["command-and-control"])
    consists = thing("relationship", relationship_type="consists-of", source_ref=server["id"], target_ref=TARGET["id"])
    [line] = read(bundle(observed([TARGET["id"]]), TARGET, server, consists))
    assert (line["address"], line["role"], line["kind"]) == ("198.51.100.7", "infrastructure", "c2-server")


def test_an_indicator_is_no_sighting_of_an_infected_machine(read: Read) -> None:
    pattern = "[ipv4-addr:value = '192.0.2.10'] OR [network-traffic:src_ref.value='2001:db8::1']"
    lines = read(bundle(indicator(pattern, indicator_types=["compromised"])))
    assert [(line["address"], line["role"]) for line in lines] == [("192.0.2.10", "lead"), ("2001:db8::1", "lead")]
    [sighted] = read(bundle(THE_SOURCES, sighting(THE_SOURCES, observed_data_refs=[], first_seen=AT, last_seen=AT)))
    assert sighted["role"] == "infected"


def test_the_later_version_of_an_object_counts(read: Read) -> None:
    older = {**SOURCE, "value": "192.0.2.99", "modified": "2026-11-22T00:00:00Z"}
    for both in ([SOURCE, older], [older, SOURCE]):
        [line] = read(bundle(observed(ALONE), *both))
        assert line["address"] == "192.0.2.10"


def test_of_many_sightings_of_one_observation_eight_are_read(read: Read) -> None:
    many = [sighting(MALWARE, number) for number in range(1, 20)]
    lines = read(bundle(observed(ALONE), SOURCE, MALWARE, *many))
    assert len(lines) == 8
    assert len({str(line["id"]) for line in lines}) == 1  # one sighting of ours, with eight references


def test_what_has_no_address_says_so(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    names = [
        thing("domain-name", value="c2.example"),
        observed([ref("domain-name")]),
        sighting(MALWARE, observed_data_refs=[]),
    ]
    path.write_bytes(bundle(*names, MALWARE, indicator()))
    staged = stage(engine, measure(path), name="bundle.json", source="example")
    reasons = [row[0] for row in engine.rows(f"SELECT reject FROM {staged.rejected()} ORDER BY evidence_line")]
    assert reasons == ["not an IP address: c2.example", "not an IP address: a sighting of Ramnit"]
    assert staged.warnings == ("bundle.json: passed over: 1 indicators without an address or a name",)
    staged.discard()
    assert engine.rows("SELECT count(*) FROM duckdb_tables() WHERE table_name LIKE 'stix%'") == [(0,)]


def test_one_line_and_a_cut_bundle_are_read_as_far_as_they_go(read: Read) -> None:
    whole = bundle(observed(ALONE), SOURCE, MALWARE, indent=None)
    assert [line["address"] for line in read(whole)] == ["192.0.2.10"]
    cut = read(whole[:-80], "bundle.json")
    assert [line.get("address", line.get("reject")) for line in cut] == [
        "192.0.2.10",
        "a quote that is not closed",
        "the document ends too early",
    ]


def test_other_json_is_not_taken_for_stix() -> None:
    assert recognise(Head("x.json", b'{"type": "bundle", "id": "npm-7", "objects": []}')) is None
    assert recognise(Head("x.json", b'{"objects": [{"id": "7"}]}')) is None
    assert recognise(Head("x.json", b'{"type": "sighting", "id": "7"}')) is None
    assert recognise(Head("x.json", json.dumps(MALWARE).encode())) is not None
    assert recognise(Head("x.json", json.dumps({"more": False, "objects": [MALWARE]}).encode())) is not None


REFS = st.sampled_from(
    [ref(kind) for kind in ("ipv4-addr", "network-traffic", "malware", "observed-data", "indicator", "sighting")]
)
ODD = st.recursive(
    st.none()
    | st.integers()
    | st.text(max_size=5)
    | REFS
    | st.sampled_from([AT, "192.0.2.1", "[ipv4-addr:value = '192.0.2.3']"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["0", "type", "src_ref", "value"]), inner)
    ),
    max_leaves=5,
)
KEYS = [
    *(
        "id",
        "value",
        "object_refs",
        "objects",
        "src_ref",
        "dst_ref",
        "src_port",
        "protocols",
        "first_observed",
        "last_observed",
    ),
    *(
        "sighting_of_ref",
        "observed_data_refs",
        "pattern",
        "labels",
        "created_by_ref",
        "relationship_type",
        "source_ref",
        "target_ref",
    ),
]
TYPES = [
    "ipv4-addr",
    "network-traffic",
    "observed-data",
    "sighting",
    "indicator",
    "malware",
    "relationship",
    "identity",
    "",
    "x",
]
OBJECTS = st.builds(
    lambda kind, more: {**thing(kind), **more},
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(KEYS), ODD, max_size=5),
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OBJECTS, max_size=8), st.sampled_from([None, 1]), st.integers(0, 3000))
def test_whatever_a_bundle_says_it_is_read_in_order(
    read: Read, objects: list[dict[str, Any]], indent: int | None, cut: int
) -> None:
    found = read(bundle(*objects, indent=indent)[: cut or None], "bundle.json", reader="stix")
    numbers = [line["evidence_line"] for line in found]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    assert all(("id" in line) != ("reject" in line) for line in found)
