"""TLP 2.0 and severity: what a contact may not read, or does not want, is never sent to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from tests.reports.test_identity import FORMS, readable
from tests.reports.test_report import CONFIG, all_mails, run, sighting
from tests.witness.report_world import NOW, REPORTER, offence
from tocsin.cli.main import tocsin
from tocsin.notices.formats.intelmq import intelmq_report
from tocsin.notices.reports.group import Form
from tocsin.terms.markings import TLPS, Tlp, severity_of

NETWORKS = "prefix,origin,country,abuse_contact\n192.0.2.0/24,64500,IN,abuse@one.example\n"
MOMENT = NOW.isoformat().replace("+00:00", "Z")


def world(folder: Path, wishes: str, *rows: str, form: Form = "csv", source: str = "") -> None:
    config = CONFIG.partition("[[reports.contacts]]")[0].replace('trust = "known"', f'trust = "known"\n{source}')
    wished = f'[reports]\nform = "{form}"\n[[reports.contacts]]\nmail = "abuse@one.example"\n{wishes}\n'
    (folder / "tocsin.toml").write_text(f"{config}\n{wished}")
    (folder / "networks.csv").write_text(NETWORKS)
    (folder / "feed.jsonl").write_text("\n".join(rows) + "\n")
    run(folder, "init")
    run(folder, "networks", "update", str(folder / "networks.csv"), "--valid-from", "2026-01-01T00:00:00Z")
    run(folder, "read", str(folder / "feed.jsonl"), "--source", "sinkhole")


def sent(folder: Path) -> str:
    run(folder, "report", "--send")
    outbox = folder / "data/outbox/new"
    return "\n".join(map(readable, all_mails(folder))) if outbox.exists() else ""


@pytest.mark.parametrize("accepted", TLPS)
def test_what_is_above_what_a_contact_may_read_is_never_sent(accepted: Tlp, tmp_path: Path) -> None:
    rows = [sighting(f"192.0.2.{place}", extra={"tlp": tlp}) for place, tlp in enumerate(TLPS, 11)]
    world(tmp_path, f'tlp = "{accepted}"', *rows, source='tlp = "CLEAR"')
    where = ["--config", str(tmp_path / "tocsin.toml"), "--data", str(tmp_path / "data"), "--now", MOMENT]
    said = CliRunner().invoke(tocsin, ["report", *where], catch_exceptions=False).stderr
    above = len(TLPS) - 1 - TLPS.index(accepted)
    assert f"{above} marked above what their contact may read" in said
    text = sent(tmp_path)
    for place, tlp in enumerate(TLPS, 11):
        assert (f"192.0.2.{place}" in text) == (TLPS.index(tlp) <= TLPS.index(accepted)), tlp
    assert f"tlp:{accepted.lower()}:" in text
    assert f"(tlp:{accepted.lower()})" in text.replace("\n", "")


def test_the_sources_marking_counts_where_it_is_higher_and_an_unknown_one_is_red(tmp_path: Path) -> None:
    rows = [sighting("192.0.2.11", extra={"tlp": "TLP:WHITE"}), sighting("192.0.2.12", extra={"tlp": "PURPLE"})]
    world(tmp_path, 'tlp = "AMBER"', *rows, source='tlp = "AMBER"')
    text = sent(tmp_path)
    assert "192.0.2.11" in text
    assert "192.0.2.12" not in text
    assert "tlp:amber:" in text


def test_amber_is_the_most_that_goes_to_whom_nobody_named(tmp_path: Path) -> None:
    world(tmp_path, "", sighting("192.0.2.11"), source='tlp = "AMBER+STRICT"')
    assert "192.0.2.11" not in sent(tmp_path)


def test_only_what_is_as_severe_as_the_contact_wants_is_sent(tmp_path: Path) -> None:
    rows = [
        sighting("192.0.2.11", extra={"severity": "low"}),
        sighting("192.0.2.12", extra={"severity": "critical"}),
        sighting("192.0.2.13"),  # infected: high
        sighting("192.0.2.14", kind="brute-force", taxonomy="intrusion-attempts", role="attacker", extra={}),
    ]
    world(tmp_path, 'severity = "high"', *rows)
    text = sent(tmp_path)
    assert set(re.findall(r"192\.0\.2\.1[1-4]", text)) == {"192.0.2.12", "192.0.2.13"}


def test_a_severity_that_nobody_knows_is_that_of_the_kind() -> None:
    assert severity_of("scanner", "dire") == "medium"
    assert severity_of("scanner", "info") == "info"
    assert severity_of("exploit", None) == "high"


MARKED = {
    "xarf": '"tlp:amber"',
    "iodef": 'restriction="amber"',
    "intelmq": '"tlp":"amber"',
    "stix": "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("named", [True, False])
def test_a_source_is_named_only_where_it_agreed(form: Form, named: bool, tmp_path: Path) -> None:
    source = 'title = "Acme Hospital"\ntlp = "AMBER"' + ("\nnamed = true" if named else "")
    world(tmp_path, "", sighting("192.0.2.11"), form=form, source=source)
    text = sent(tmp_path)
    assert "192.0.2.11" in text
    assert ("acme hospital" in text) == named
    assert MARKED.get(form, "") in text


def test_what_intelmq_is_told_of_the_marking_is_read_back(tmp_path: Path) -> None:
    marked = msgspec.structs.replace(offence(), tlp="AMBER", severity="critical")
    (tmp_path / "told.jsonl").write_text(intelmq_report([marked], REPORTER, "R-1", MOMENT))
    asked = ["read", str(tmp_path / "told.jsonl"), "--as", "intelmq", "--to", "jsonl", "--now", MOMENT]
    said = CliRunner().invoke(tocsin, asked, catch_exceptions=False)
    [line] = said.stdout.splitlines()
    assert json.loads(line)["extra"]["tlp"] == "AMBER"
    assert json.loads(line)["extra"]["severity"] == "critical"


def test_ctips_spelling_of_the_marking_counts_too(tmp_path: Path) -> None:
    world(tmp_path, "", sighting("192.0.2.11", extra={"TLP": "red"}), sighting("192.0.2.12"))
    text = sent(tmp_path)
    assert "192.0.2.12" in text
    assert "192.0.2.11" not in text
