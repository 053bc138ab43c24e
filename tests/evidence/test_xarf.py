"""XARF reports in."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evidence.evidence_world import Read
from tocsin.evidence.formats import recognise
from tocsin.evidence.readers.xarf_types import TYPE_BY_NAME, TYPE_BY_OLD_NAME
from tocsin.evidence.rows import EXTRA_BYTES_MAX
from tocsin.evidence.texts import Head
from tocsin.terms.kinds import TAXONOMY_BY_KIND

REPORT: dict[str, object] = {
    "xarf_version": "4.2.0",
    "report_id": "r-1",
    "timestamp": "2026-11-23T10:00:00Z",
    "reporter": {"org": "Example Watch", "domain": "watch.example"},
    "source_identifier": "192.0.2.10",
    "source_port": 40000,
    "category": "infrastructure",
    "type": "botnet",
}


def report(**changes: object) -> bytes:
    return msgspec.json.encode({key: value for key, value in {**REPORT, **changes}.items() if value is not None})


def test_an_infected_subscriber_is_reported_as_a_botnet(read: Read) -> None:
    [sighting] = read(report(malware_family="Mirai", protocol="tcp"))
    assert (sighting["role"], sighting["kind"], sighting["malware"]) == ("infected", "infected-system", "mirai")
    assert (sighting["source_ref"], sighting["observer"]) == ("r-1", "watch.example")


@pytest.mark.parametrize("name", sorted(TYPE_BY_NAME))
def test_over_bare_packets_nobody_is_infected_or_an_attacker(read: Read, name: str) -> None:
    category, _, type_name = name.partition("/")
    [sighting] = read(report(category=category, type=type_name, protocol="udp"))
    assert sighting["role"] in {"lead", "exposed", "infrastructure"}
    assert sighting["taxonomy"] == TAXONOMY_BY_KIND[TYPE_BY_NAME[name].kind]


def test_types_are_known_with_hyphens_and_capitals_too(read: Read) -> None:
    [sighting] = read(report(category="Connection", type="login-attack", protocol="tcp"))
    assert (sighting["kind"], sighting["role"]) == ("brute-force", "attacker")


def test_a_crawler_is_not_infected(read: Read) -> None:
    [sighting] = read(report(category="connection", type="infected_host", protocol="tcp", bot_type="search_engine"))
    assert (sighting["kind"], sighting["role"]) == ("other", "lead")


def test_a_scan_without_a_conversation_may_be_a_forged_syn(read: Read) -> None:
    scan = {"category": "connection", "type": "port_scan", "protocol": "tcp"}
    lines = read(report(**scan) + b"\n" + report(**scan, source_port=40001, service="ssh"))
    assert [line["role"] for line in lines] == ["lead", "attacker"]


@pytest.mark.parametrize(
    ("first", "last", "seen"),
    [
        (None, None, ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z")),
        ("2026-11-23T09:00:00Z", None, ("2026-11-23T09:00:00Z", "2026-11-23T10:00:00Z")),
        ("2026-11-23T09:00:00Z", "2026-11-23T09:30:00Z", ("2026-11-23T09:00:00Z", "2026-11-23T09:30:00Z")),
        (None, "2026-11-23T10:30:00Z", ("2026-11-23T10:00:00Z", "2026-11-23T10:30:00Z")),
        ("2026-11-23T11:00:00Z", None, ("2026-11-23T10:00:00Z", "2026-11-23T11:00:00Z")),
        ("2025-01-01T00:00:00Z", None, ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z")),
        ("2025-01-01T00:00:00Z", "2026-11-23T08:00:00Z", ("2026-11-23T08:00:00Z", "2026-11-23T08:00:00Z")),
        ("2026-11-23T09:00:00Z", "2026-11-23T08:00:00Z", ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z")),
        ("0001-01-01T00:00:00+14:00", None, ("2026-11-23T10:00:00Z", "2026-11-23T10:00:00Z")),
    ],
)
def test_what_went_on_for_months_was_seen_at_its_last_moment(
    read: Read, first: str | None, last: str | None, seen: tuple[str, str]
) -> None:
    [sighting] = read(report(first_seen=first, last_seen=last))
    assert (sighting["seen_at"], sighting["seen_until"]) == seen


def test_a_domain_or_a_url_alone_is_a_reject_that_says_so(read: Read) -> None:
    lines = read(
        report(source_identifier="shop.example") + b"\n" + report(source_identifier=None, url="https://shop.example/")
    )
    assert [line["reject"] for line in lines] == [
        "not an IP address: shop.example",
        "not an IP address: https://shop.example/",
    ]


def test_payloads_stay_in_the_evidence(read: Read) -> None:
    payload = "QUJD" * 10_000
    more = {f"key_{number}": "x" * 1500 for number in range(40)}
    [sighting] = read(report(evidence=[{"payload": payload}], notes=payload, **more))
    extra = sighting["extra"]
    assert isinstance(extra, dict)
    assert "evidence" not in extra
    assert extra["notes"].endswith("… (40002 bytes)")
    assert len(msgspec.json.encode(extra)) < EXTRA_BYTES_MAX + 2000
    assert "key_39" in extra["left_out"]


@pytest.mark.parametrize("name", sorted(TYPE_BY_OLD_NAME))
def test_version_three_is_read_in_both_dialects(read: Read, name: str) -> None:
    report_type, _, subtype = name.partition("/")
    head = {"ReportType": report_type.title(), "ReportSubType": subtype, "Date": "2026-11-23T10:00:00Z"}
    flat = {"Report": {**head, "SourceIp": "192.0.2.10", "SourcePort": 40000, "TransportProtocol": "udp"}}
    nested = {
        "Report": {**head, "Source": {"IP": "192.0.2.10", "Port": 40000}, "AdditionalInfo": {"Protocol": "udp"}},
    }
    first, second = read(b"[%s,%s]" % (msgspec.json.encode({"ReporterInfo": {}, **flat}), msgspec.json.encode(nested)))
    assert {**first, "id": "", "extra": {}} == {**second, "id": "", "extra": {}}
    assert first["kind"] == TYPE_BY_OLD_NAME[name].kind


def test_other_json_is_not_taken_for_reports() -> None:
    assert recognise(Head("x.json", b'{"category": "a", "type": "b"}')) is None
    assert recognise(Head("x.json", b'{"text": "\\"xarf_version\\": \\"category\\" \\"type\\""}')) is None
    assert recognise(Head("x.json", b"[\n\n " + report())) is not None


@pytest.mark.shared
def test_every_genuine_sample_is_a_sighting_or_says_that_it_has_no_address(read: Read, shared: Path) -> None:
    samples = sorted((shared / "xarf").rglob("*.json"))
    assert len(samples) == 65
    for sample in samples:
        [line] = read(sample.read_bytes(), sample.name)
        if "reject" in line:
            assert str(line["reject"]).startswith("not an IP address: "), sample
            assert "nothing there" not in str(line["reject"]), sample


ODD = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*REPORT, "Source", "IP"]), inner),
    max_leaves=8,
)


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.dictionaries(st.sampled_from([*REPORT, "first_seen", "Report", "ReporterInfo"]), ODD), max_size=8),
    st.sampled_from([None, 1]),
)
def test_whatever_the_reports_say_each_is_a_sighting_or_a_reject(
    read: Read, changes: list[dict[str, object]], indent: int | None
) -> None:
    text = msgspec.json.encode([{**REPORT, **change} for change in changes])
    found = read(text if indent is None else msgspec.json.format(text, indent=indent), reader="xarf")
    assert len(found) == len(changes)
