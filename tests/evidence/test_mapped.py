"""Feeds that the configuration describes."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.evidence_world import Rows
from tocsin.engine import Engine
from tocsin.evidence.mapping import Mapping
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Settings
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.pipeline.config import SourceSection
from tocsin.terms.errors import BadConfig, BadRequest

COLUMNS: dict[str, str | int] = {"seen_at": "time", "address": "ip", "port": "sport"}
ROW = "2026-11-23 10:00:00,192.0.2.10,40000,x"


class Mapped:
    def __init__(self, engine: Engine, folder: Path) -> None:
        self._engine, self._path = engine, folder / "feed"

    def read(self, content: str | bytes, mapping: Mapping | None, reader: str = "csv") -> Rows:
        self._path.write_bytes(content if isinstance(content, bytes) else content.encode())
        told = Settings(mapping=mapping)
        staged = stage(self._engine, measure(self._path), name="feed", source="example", reader=reader, settings=told)
        lines: Rows = [msgspec.json.decode(line) for line in jsonl_lines(self._engine, staged)]
        staged.discard()
        return lines


@pytest.fixture
def mapped(engine: Engine, tmp_path: Path) -> Mapped:
    return Mapped(engine, tmp_path)


def seen_at(mapped: Mapped, texts: list[str], **more: object) -> list[object]:
    mapping = msgspec.convert({"columns": COLUMNS, "delimiter": "|", **more}, Mapping)
    lines = mapped.read("\n".join(["time|ip|sport", *(f"{text}|192.0.2.10|1" for text in texts)]), mapping)
    return [line.get("seen_at", line.get("reject")) for line in lines]


def test_times_are_read_in_the_form_that_is_said_and_in_no_other(mapped: Mapped) -> None:
    other = " is of another form"
    assert seen_at(
        mapped, ["1795428000", "1795428000.25", "1795428000.0", "-1", "1e9", "2026-11-23 10:00:00"], time="epoch"
    ) == [
        "2026-11-23T10:00:00Z",
        "2026-11-23T10:00:00.25Z",
        "2026-11-23T10:00:00Z",
        "not a moment: -1",
        "not a moment: 1e9",
        f"not a moment: 2026-11-23 10:00:00{other}",
    ]
    assert seen_at(mapped, ["1795428000250", "9" * 14, "9" * 30], time="epoch-ms")[0] == "2026-11-23T10:00:00.25Z"
    assert seen_at(
        mapped, ["23/Nov/2026:15:30:00 +0530", "23/Nov/2026", "31/Feb/2026:15:30:00 +0530"], time="%d/%b/%Y:%H:%M:%S %z"
    ) == [
        "2026-11-23T10:00:00Z",
        "not a moment: 23/Nov/2026",
        "not a moment: 31/Feb/2026:15:30:00 +0530",
    ]
    assert seen_at(mapped, ["11/23/26 10:00 PM", "2026-11-23T10:00:00Z"], time="%m/%d/%y %I:%M %p") == [
        "2026-11-23T22:00:00Z",
        f"not a moment: 2026-11-23T10:00:00Z{other}",
    ]


def test_a_zones_clock_is_read_but_for_the_hours_that_it_never_had_or_had_twice(mapped: Mapped) -> None:
    texts = [
        "2026-07-01 12:00:00",
        "2026-10-25 02:59:59",
        "2026-03-29 02:00:00",
        "2026-07-01T12:00:00Z",
        "2026-10-25 03:00:00.5",
    ]
    assert seen_at(mapped, texts, zone="Europe/Berlin") == [
        "2026-07-01T10:00:00Z",
        "not a moment: 2026-10-25 02:59:59, which the zone had twice",
        "not a moment: 2026-03-29 02:00:00, which the zone never had",
        "2026-07-01T12:00:00Z",
        "2026-10-25T02:00:00.5Z",
    ]
    assert seen_at(mapped, ["2026-11-23 15:30"], zone="Asia/Kolkata", time="%Y-%m-%d %H:%M") == ["2026-11-23T10:00:00Z"]
    assert "twice" in str(seen_at(mapped, ["2026-04-05 01:45:00"], zone="Australia/Lord_Howe"))  # half an hour back


def test_a_feed_cannot_talk_somebody_guilty_over_bare_packets(mapped: Mapped) -> None:
    mapping = Mapping(columns={**COLUMNS, "role": "role", "protocol": "proto"})
    roles = ("infected", "attacker", "exposed", "INFECTED", "guilty", "")
    rows = [f"2026-11-23 10:00:00,192.0.2.10,1,{role},{proto}" for proto in ("tcp", "udp", "") for role in roles]
    lines = mapped.read("\n".join(["time,ip,sport,role,proto", *rows]), mapping)
    assert [line["role"] for line in lines] == [
        *("infected", "attacker", "exposed", "infected", "lead", "lead"),
        *("lead", "lead", "exposed", "lead", "lead", "lead"),
        *("infected", "lead", "exposed", "infected", "lead", "lead"),
    ]
    assert lines[4]["extra"] == {"role": "guilty"}


def test_a_kind_is_rsits_an_older_name_the_mappings_own_or_undetermined(mapped: Mapped) -> None:
    mapping = Mapping(columns={**COLUMNS, "kind": 'what\'s "it"'}, kinds={"Zombie": "infected-system"})
    rows = [f"2026-11-23 10:00:00,192.0.2.10,1,{kind}" for kind in ("spam", "C&C", "zombie", "it's odd", "")]
    lines = mapped.read("\n".join(['time,ip,sport,"what\'s ""it"""', *rows]), mapping)
    assert [line["kind"] for line in lines] == ["spam", "c2-server", "infected-system", "undetermined", "undetermined"]
    assert [line["taxonomy"] for line in lines][:2] == ["abusive-content", "malicious-code"]
    assert lines[3]["extra"] == {'what\'s "it"': "it's odd"}


def test_a_span_has_a_start_and_an_end(mapped: Mapped) -> None:
    mapping = Mapping(columns={"seen_from": 1, "seen_until": 2, "address": 3}, header=False)
    [line] = mapped.read("2026-11-23 10:00:00,2026-11-23 11:00:00,192.0.2.10\n", mapping)
    assert (line["seen_at"], line["seen_until"]) == ("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z")


def test_comments_and_blank_lines_keep_the_count_of_lines(mapped: Mapped) -> None:
    mapping = Mapping(columns=COLUMNS, comment="//")
    content = f"// one\n\n  // two\ntime,ip,sport,note\n{ROW}\n//{ROW}\n\n{ROW}//no\n"
    assert [line["evidence_line"] for line in mapped.read(content, mapping)] == [5, 8]


def test_a_column_that_is_not_there_stops_the_file(mapped: Mapped) -> None:
    with pytest.raises(BadRequest, match=r"no column 'sport' \(there are time, ip"):
        mapped.read("time,ip,port,note\n" + ROW, Mapping(columns=COLUMNS))
    with pytest.raises(BadRequest, match=r"no column 9 \(there are 4 columns"):
        mapped.read(ROW, Mapping(columns={"seen_at": 1, "address": 9}, header=False))


def test_without_a_mapping_nothing_is_guessed(mapped: Mapped) -> None:
    for reader in ("csv", "json"):
        with pytest.raises(BadRequest, match="does not know which column is which"):
            mapped.read(ROW, None, reader)


def test_nothing_there_is_no_sighting(mapped: Mapped) -> None:
    for content in ("", "\n\n", "# nothing\n", "time,ip,sport\n"):
        assert mapped.read(content, Mapping(columns=COLUMNS, comment="#")) == []


def test_json_keys_may_be_nested_have_dots_or_lie_inside_of_a_document(mapped: Mapped) -> None:
    columns: dict[str, str | int] = {"seen_at": "t", "address": "client.ip", "port": "client.port"}
    flat = b'{"t":"2026-11-23T10:00:00Z","client.ip":"192.0.2.10","client.port":1,"more":[1]}'
    nested = b'{"t":"2026-11-23T10:00:00Z","client":{"ip":"192.0.2.10","port":"1"},"more":[1]}'
    kept = [{"more": [1]}, {"client": {}, "more": [1]}]
    for content, records in (
        (flat + b"\n" + nested, ""),
        (b"[" + flat + b",\n" + nested + b"]", ""),
        (b'{"a":{"b":[' + flat + b",\n" + nested + b"]}}", "a.b[]"),
    ):
        lines = mapped.read(content, Mapping(columns=columns, records=records), "json")
        assert [(line["address"], line["port"]) for line in lines] == [("192.0.2.10", 1)] * 2
        assert [line["extra"] for line in lines] in (kept, [{"more": [1]}] * 2)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("columns", {"columns": {"adress": "ip"}}),
        ("columns", {"columns": {"address": 0}}),
        ("columns", {"columns": {"address": "ip", "seen_at": "t"}, "header": False}),
        ("kind", {"kind": "virus"}),
        ("kinds", {"kinds": {"x": "virus"}}),
        ("kind", {"kind": "spam", "columns": {"kind": "k"}}),
        ("malware", {"malware": "x", "columns": {"malware": "k"}}),
        ("delimiter", {"delimiter": ";;"}),
        ("delimiter", {"delimiter": '"'}),
        ("comment", {"comment": "\n"}),
        ("time", {"time": "iso"}),
        ("time", {"time": "%d/%m/%Y"}),
        ("time", {"time": "%H:%M:%S"}),
        ("time", {"time": "%d/%m/%Y %H:%M:%S %Z"}),
        ("time", {"time": "%G-%V-%u %H:%M"}),
        ("zone", {"zone": "IST"}),
        ("zone", {"zone": "../etc/passwd"}),
    ],
)
def test_a_mistake_in_the_mapping_is_named_by_its_field(field: str, said: dict[str, object]) -> None:
    with pytest.raises(BadConfig) as caught:
        msgspec.convert(said, Mapping)
    assert caught.value.where == f"sources.mapping.{field}"


@pytest.mark.parametrize(
    ("reader", "columns", "what"),
    [
        ("csv", {}, "needs address and seen_at"),
        ("csv", {"address": "ip"}, "needs address and seen_at"),
        ("json", {"address": 1, "seen_at": "t"}, "JSON has keys"),
        ("intelmq", COLUMNS, "'intelmq' takes no mapping"),
        (None, COLUMNS, "takes no mapping"),
    ],
)
def test_a_mapping_and_its_reader_go_together(reader: str | None, columns: dict[str, str | int], what: str) -> None:
    with pytest.raises(BadConfig, match=what) as caught:
        Mapping(columns=columns).check_for(reader, "proxy")
    assert caught.value.where == "sources.proxy.mapping.columns"
    Mapping().check_for("shadowserver", "x")


def test_another_mapping_is_another_reader() -> None:
    first = SourceSection(name="proxy", reader="csv", mapping=Mapping(columns=COLUMNS))
    second = msgspec.structs.replace(first, mapping=Mapping(columns=COLUMNS, zone="Asia/Kolkata"))
    assert first.full_reader() == f"csv:{Mapping(columns=dict(reversed(COLUMNS.items()))).digest()}"
    assert first.full_reader() != second.full_reader()
    assert SourceSection(name="x", reader="intelmq").full_reader() == "intelmq"


SCRAPS = st.sampled_from(['"', '""', ",", "\r", "\0", "é", "#", "'", "{", ROW, ROW[:30], "192.0.2.1", "9" * 40])
LINES = st.lists(st.one_of(st.just(ROW), st.lists(SCRAPS, max_size=5).map("".join), st.text(max_size=20)), max_size=20)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    LINES, st.sampled_from(["rfc3339", "epoch", "epoch-ms", "%d/%m/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"]), st.booleans()
)
def test_hostile_rows_end_as_sightings_rejects_or_blanks(
    mapped: Mapped, lines: list[str], time: str, with_zone: bool
) -> None:
    mapping = Mapping(columns=COLUMNS, time=time, zone="Europe/Berlin" if with_zone else "", comment="#")
    content = "\n".join(["time,ip,sport,note", *lines])
    found = mapped.read(content.encode(errors="replace"), mapping)
    numbers = [line["evidence_line"] for line in found]
    assert numbers == sorted(numbers)  # type: ignore[type-var]
    assert all(("id" in line) != ("reject" in line) for line in found)
    assert len(found) >= content.split("\n").count(ROW) - content.count('"')
