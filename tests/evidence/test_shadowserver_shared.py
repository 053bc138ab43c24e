"""Genuine reports of every type that we have, against what IntelMQ's own parser makes of the same rows."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tocsin.engine import Engine
from tocsin.evidence.read import stage
from tocsin.evidence.readers.shadowserver_reports import REPORTS, report_named, report_of_header
from tocsin.evidence.store import measure
from tocsin.evidence.writers.intelmq import intelmq_lines

COMPARED = (
    *("source.ip", "source.port", "source.network", "time.source", "destination.ip", "destination.port"),
    *("protocol.transport", "protocol.application", "malware.name"),
    *("classification.type", "classification.taxonomy", "classification.identifier"),
)
# Rows (their line) that are no sighting here and an event there.
REFUSED = {("event4_honeypot_ddos_amp", 6): "not an IP address"}
# Reports whose rows are sightings here and no event there: the current mapping demands a column that they lack.
NO_EVENTS = {"malware_url"}
SAMPLES = 63

Event = dict[str, object]


def samples(shared: Path) -> list[Path]:
    return sorted((shared / "feeds/shadowserver").glob("*.csv"))


def compared(event: Event) -> Event:
    return {key: event.get(key) for key in COMPARED}


@pytest.mark.shared
def test_every_genuine_report_becomes_the_events_that_intelmq_makes(engine: Engine, shared: Path) -> None:
    paths = samples(shared)
    assert len(paths) == SAMPLES
    for path in paths:
        golden_file = shared / "feeds/golden_intelmq" / f"{path.stem}.jsonl"
        golden = [json.loads(line) for line in golden_file.read_text().splitlines()] if golden_file.exists() else []
        refused: dict[int, str] = {}
        # IntelMQ's own tests call them so.
        staged = stage(engine, measure(path), name=f"2021-03-25-{path.stem}-test-test.csv", source="Shadowserver")
        lines = intelmq_lines(
            engine, staged, observed_at=datetime(2026, 3, 5, tzinfo=UTC), on_reject=refused.__setitem__
        )
        made = [json.loads(line) for line in lines]
        staged.discard()
        assert not staged.warnings, path.name
        with path.open(newline="") as file:
            rows = list(csv.reader(file))[1:]
        assert len(rows) == len(made) + len(refused), f"{path.name}: a row was lost"
        assert all(reason.startswith(REFUSED[path.stem, line]) for line, reason in refused.items()), path.name
        if path.stem in NO_EVENTS:
            assert not golden
            continue
        expected = [event for number, event in enumerate(golden) if number + 2 not in refused]
        assert list(map(compared, made)) == list(map(compared, expected)), path.name


@pytest.mark.shared
def test_every_type_of_their_schema_is_in_our_tables(shared: Path) -> None:
    reports = msgspec.json.decode((shared / "feeds/schema/reports.json").read_bytes(), type=dict[str, Event])
    assert len(reports) == 170
    ours = {report.name: report for report in REPORTS}
    assert set(reports) <= set(ours)
    for name, stated in reports.items():
        columns = msgspec.convert(stated["fields"], set[str])
        assert not ours[name].missing(columns), name
        assert ours[name].signature <= columns, name
        found = report_of_header(columns)
        if found is not None and found.name != name:  # twins have one header; then they say the same of an address
            assert (found.kind, found.role, found.proof) == (ours[name].kind, ours[name].role, ours[name].proof), name


@pytest.mark.shared
def test_every_type_is_classified_as_intelmq_classifies_it(shared: Path) -> None:
    mapping = msgspec.json.decode((shared / "feeds/schema/intelmq.json").read_bytes(), type=dict[str, Event])
    del mapping["_meta"]
    for name, stated in mapping.items():
        report = report_named(name)
        assert report is not None, name
        constants = msgspec.convert(stated["constant_fields"], dict[str, str])
        if "classification.type" in constants:
            assert (report.intelmq_kind or report.kind) == constants["classification.type"], name
        for key, ours in (
            ("classification.identifier", report.identifier),
            ("protocol.application", report.application),
            ("protocol.transport", report.transport),
        ):
            assert ours == constants.get(key, "") or key not in constants, (name, key)
            assert ours.startswith("=") or key in constants or not ours or report.tagged, (name, key)


@pytest.mark.shared
def test_a_header_that_is_recognised_is_recognised_right(shared: Path) -> None:
    for path in samples(shared):
        with path.open(newline="") as file:
            found = report_of_header(set(next(csv.reader(file))))
        report = report_named(path.stem)
        assert report is not None
        if found is not None:
            assert (found.kind, found.role, found.proof, found.layout) == (
                report.kind,
                report.role,
                report.proof,
                report.layout,
            ), path.name
