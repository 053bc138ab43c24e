"""What is written reads back: the same sightings, in every format that is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.evidence.golden_files import OBSERVED_AT, VARIANTS, inputs, reader_of, settings_of
from tests.evidence.test_intelmq import EVENT
from tocsin.engine import Engine
from tocsin.evidence.formats import writer
from tocsin.evidence.read import stage
from tocsin.evidence.staged import Output, Staged
from tocsin.evidence.store import measure
from tocsin.evidence.writers.harmonization import KEYS
from tocsin.evidence.writers.jsonl import staged_rows
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

SAME = (
    *("id", "seen_at", "seen_until", "precision_s", "role", "source_ref", "address", "port", "protocol"),
    *("peer_address", "peer_port", "peer_name", "kind", "taxonomy", "malware", "confidence", "source", "observer"),
)
Row = dict[str, object]
WrittenAs = Callable[[Path, str], tuple[list[Row], list[Row], bytes]]


def sightings(engine: Engine, staged: Staged) -> list[Row]:
    return [{name: row.get(name) for name in SAME} for row in staged_rows(engine, staged) if "id" in row]


@pytest.fixture
def written_as(engine: Engine, tmp_path: Path) -> WrittenAs:
    """The sightings of a file, those of what it was written as, and that."""

    def go(path: Path, target: str) -> tuple[list[Row], list[Row], bytes]:
        settings = settings_of(path)
        reader = reader_of(path) if settings.mapping or path.parent.name in VARIANTS else None
        staged = stage(engine, measure(path), name=path.name, source="example", reader=reader, settings=settings)
        first = sightings(engine, staged)
        lines = list(writer(target)(Output(engine, staged, OBSERVED_AT, lambda *_: None)))
        staged.discard()
        content = b"\n".join(lines)
        other = tmp_path / "written"
        other.write_bytes(content)
        staged = stage(engine, measure(other), name="written", source="example", reader=target)
        second = sightings(engine, staged)
        staged.discard()
        return first, second, content

    return go


def is_ipv4(row: Row) -> bool:
    return int(str(row["address"]).replace("-", ""), 16) >> 32 == 0xFFFF


@pytest.mark.parametrize("target", ["jsonl", "intelmq", "n6"])
@pytest.mark.parametrize("path", inputs(), ids=lambda path: path.name)
def test_every_golden_file_reads_back(written_as: WrittenAs, path: Path, target: str) -> None:
    first, second, _ = written_as(path, target)
    if target == "n6":
        first = [row for row in first if is_ipv4(row)]
    assert second == first


MOMENTS = st.datetimes(datetime(2026, 11, 1), datetime(2026, 11, 23), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp"]), min_size=1, max_size=8)
SIGHTINGS = st.fixed_dictionaries(
    {
        "id": st.just("x"),
        "seen_at": MOMENTS.map(lambda moment: moment.isoformat().replace("+00:00", "Z")),
        "role": st.sampled_from([str(role) for role in Role]),
        "address": st.sampled_from(["192.0.2.10", "203.0.113.9", "2001:db8::10"]),
        "kind": st.sampled_from(sorted(TAXONOMY_BY_KIND)),
    },
    optional={
        "precision_s": st.sampled_from([0, 1]),
        "port": st.integers(0, 65535),
        "protocol": st.sampled_from(["tcp", "udp", "icmp", "sctp", "udplite", "ipv6-icmp"]),
        "peer_address": st.sampled_from(["198.51.100.7", "2001:db8::53"]),
        "peer_port": st.integers(0, 65535),
        "peer_name": st.sampled_from(["sinkhole.example", "Sinkhole.Example.", "two words"]) | WORDS,
        "malware": st.sampled_from(["ramnit", "-", "N/A", "schädling"]) | WORDS,
        "confidence": st.integers(0, 100),
        "source_ref": WORDS | st.just("0123456789abcdef0123456789abcdef"),
        "observer": WORDS | st.just("provider.channel"),
        "extra": st.dictionaries(st.sampled_from([*sorted(KEYS), "a", "X-Y", "..", "name", "tocsin"]) | WORDS, WORDS),
    },
)


@hypothesis_settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SIGHTINGS, min_size=1, max_size=12), st.sampled_from(["jsonl", "intelmq", "n6"]))
def test_every_sighting_reads_back(written_as: WrittenAs, tmp_path: Path, told: list[Row], target: str) -> None:
    path = tmp_path / "sightings.json"
    path.write_bytes(b"\n".join(map(msgspec.json.encode, told)))
    first, second, content = written_as(path, target)
    assert len(first) == len(told)
    if target == "n6":
        first = [row for row in first if is_ipv4(row)]
    assert second == first
    if target == "intelmq":
        for event in map(json.loads, content.splitlines()):
            assert {key for key in event if not key.startswith("extra.")} <= KEYS
            assert all(value not in ("", "-", "N/A", None) for key, value in event.items() if "tocsin" not in key)


def rules(path: Path) -> Iterator[tuple[str, dict[str, object]]]:
    yield from json.loads(path.read_text())["event"].items()


def test_a_protocol_that_intelmq_does_not_know_is_carried_along(written_as: WrittenAs, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps(EVENT | {"protocol.transport": "udplite"}))
    first, second, content = written_as(path, "intelmq")
    assert "protocol.transport" not in json.loads(content)
    assert second == first
    assert first[0]["protocol"] == "udplite"


@pytest.mark.shared
def test_the_keys_are_those_of_intelmq_3_5(shared: Path) -> None:
    assert {key for key, _ in rules(shared / "feeds/schema/harmonization.conf")} - {"extra"} == KEYS


def test_an_event_that_was_read_from_intelmq_is_written_as_it_came(written_as: WrittenAs, tmp_path: Path) -> None:
    path = tmp_path / "events.json"
    path.write_text(json.dumps(EVENT))
    assert json.loads(written_as(path, "intelmq")[2]) == EVENT | {"time.observation": "2026-11-24T06:00:00+00:00"}
