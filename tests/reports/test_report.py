"""The clearing house: each network its own, by who was responsible then, in the form that it wants, once a rest."""

from __future__ import annotations

import email
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.reports.complaints import arf
from tests.witness.report_world import CONTACT, NOW, REPORTER, SECRET, group, offence
from tocsin.cli.main import tocsin
from tocsin.engine import Engine
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.notices.formats.abusehub import abusehub_name
from tocsin.notices.reports.compose import compose_report
from tocsin.notices.reports.group import Contact, Form
from tocsin.pipeline.reportsection import Constituent, ReportSection, Wish
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import BadConfig

CONFIG = """
[issuer]
name = "Example CERT"
domain = "cert.example"
mail_from = "reports@cert.example"

[provider]
prefixes = ["198.18.0.0/15"]

[[sources]]
name = "sinkhole"
trust = "known"
paths = []

[[reports.contacts]]
mail = "abuse@two.example"
form = "iodef"
confidence = 60

[[reports.contacts]]
mail = "abuse@silent.example"
silent = true

[[reports.constituents]]
name = "A ministry"
mail = "soc@ministry.example"
prefixes = ["192.0.2.0/25"]
form = "intelmq"
"""
NETWORKS = """prefix,origin,country,abuse_contact
192.0.2.0/24,64500,IN,abuse@one.example
198.51.100.0/24,64501,DE,abuse@two.example
203.0.113.0/25,64502,JP,abuse@silent.example
203.0.113.128/25,64503,JP,
"""


def sighting(address: str, **changes: object) -> str:
    told = {
        "id": "00000000-0000-0000-0000-000000000000",  # as our own lines have one; it is made anew
        "seen_at": "2026-11-23T10:00:00Z",
        "seen_until": "2026-11-23T10:00:00Z",
        "role": "infected",
        "address": address,
        "port": 40001,
        "protocol": "tcp",
        "kind": "infected-system",
        "taxonomy": "malicious-code",
        "source": "elsewhere",
        "reader": "jsonl",
        "malware": "mirai",
        "source_ref": "S-1",
        "observer": "secret-complainant.example",
        "extra": {"note": "from victim.example"},
    }
    return json.dumps(told | changes)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    (tmp_path / "networks.csv").write_text(NETWORKS)
    rows = [
        sighting("192.0.2.10"),
        sighting("192.0.2.10", seen_at="2026-11-23T11:00:00Z", seen_until="2026-11-23T11:00:00Z"),
        sighting(
            "192.0.2.200", kind="potentially-unwanted-accessible", role="exposed", port=53, protocol="udp", malware=""
        ),
        sighting("198.51.100.7", confidence=80),
        sighting("198.51.100.8", confidence=10),
        sighting("203.0.113.5"),
        sighting("203.0.113.200"),
        sighting("192.0.2.77", role="lead"),
        sighting("192.0.2.78", seen_at="2026-11-10T10:00:00Z", seen_until="2026-11-10T10:00:00Z"),
    ]
    (tmp_path / "feed.jsonl").write_text("\n".join(rows) + "\n")
    run(tmp_path, "init")
    run(tmp_path, "networks", "update", str(tmp_path / "networks.csv"), "--valid-from", "2026-01-01T00:00:00Z")
    run(tmp_path, "read", str(tmp_path / "feed.jsonl"), "--source", "sinkhole")
    return tmp_path


def run(folder: Path, *arguments: str, at: timedelta = timedelta()) -> str:
    moment = (NOW + at).isoformat().replace("+00:00", "Z")
    where = ["--config", str(folder / "tocsin.toml"), "--data", str(folder / "data")]
    timed = [] if arguments[0] == "init" else ["--now", moment]
    result = CliRunner().invoke(tocsin, [*arguments, *where, *timed], standalone_mode=False, catch_exceptions=False)
    return result.stdout


def reports(folder: Path) -> dict[str, dict[str, object]]:
    return {line["contact"]: line for line in map(json.loads, run(folder, "report", "--json").splitlines())}


def all_mails(folder: Path) -> list[email.message.Message]:
    return [email.message_from_bytes(path.read_bytes()) for path in sorted((folder / "data/outbox/new").iterdir())]


def mails(folder: Path) -> dict[str, email.message.Message]:
    return {str(mail["To"]): mail for mail in all_mails(folder)}


def test_each_network_is_told_its_own_and_nobody_elses(folder: Path) -> None:
    found = reports(folder)
    assert set(found) == {"abuse@one.example", "abuse@two.example", "soc@ministry.example"}
    text = run(folder, "report")
    one = text.partition("To: abuse@two.example")[0]
    assert "192.0.2.10" in one
    assert "198.51.100" not in one


def test_leads_old_sightings_doubtful_ones_and_the_silent_are_left_out(folder: Path) -> None:
    text = run(folder, "report")
    for address in ("192.0.2.77", "192.0.2.78", "198.51.100.8", "203.0.113.5"):
        assert address not in text


def test_who_told_us_is_not_named(folder: Path) -> None:
    text = run(folder, "report")
    assert "secret-complainant" not in text
    assert "victim.example" not in text
    run(folder, "report", "--send")
    for mail in mails(folder).values():
        assert b"secret-complainant" not in mail.as_bytes()


def test_a_constituent_gets_its_prefixes_whoever_their_contact_is(folder: Path) -> None:
    run(folder, "report", "--send")
    mail = mails(folder)["soc@ministry.example"]
    events = [
        json.loads(line)
        for part in mail.walk()
        if part.get_content_type() == "application/json"
        for line in (part.get_payload(decode=True) or b"").splitlines()  # type: ignore[union-attr]
    ]
    assert [event["source.ip"] for event in events] == ["192.0.2.10"]
    assert events[0]["classification.type"] == "infected-system"
    assert events[0]["extra.count"] == 2


def test_once_a_rest_and_nothing_twice(folder: Path) -> None:
    run(folder, "report", "--send")
    before = len(mails(folder))
    run(folder, "report", "--send", at=timedelta(hours=1))
    assert len(mails(folder)) == before == 3


def test_reports_are_written_as_files(folder: Path, tmp_path: Path) -> None:
    run(folder, "report", "--files", str(tmp_path / "out"))
    assert len(list((tmp_path / "out").glob("R-*.eml"))) == 3


def test_who_wants_arf_gets_each_mail_that_was_kept_and_the_rest_as_csv(folder: Path) -> None:
    config = (folder / "tocsin.toml").read_text().replace('form = "iodef"\nconfidence = 60', 'form = "arf"')
    (folder / "tocsin.toml").write_text(config)
    (folder / "complaint.eml").write_bytes(arf().replace(b"192.0.2.66", b"198.51.100.66"))
    run(folder, "read", str(folder / "complaint.eml"), "--source", "sinkhole")
    run(folder, "report", "--send", at=timedelta(hours=1))
    mine = [mail for mail in all_mails(folder) if mail["To"] == "abuse@two.example"]
    by_kind = {mail.get_content_type(): mail for mail in mine}
    assert sorted(by_kind) == ["multipart/mixed", "multipart/report"]
    assert len(mine) == 2
    assert "198.51.100.66" in by_kind["multipart/report"].as_string()
    others = by_kind["multipart/mixed"].get_payload()[1].get_payload(decode=True)  # type: ignore[index,union-attr]
    assert b"198.51.100.7" in others
    assert b"198.51.100.66" not in others
    run(folder, "report", "--send", at=timedelta(hours=30))
    assert len(all_mails(folder)) == 4


FORMS: tuple[Form, ...] = ("iodef", "abusehub", "intelmq", "stix")


@pytest.mark.parametrize("form", FORMS)
def test_what_we_write_we_read_back(form: Form, engine: Engine, tmp_path: Path) -> None:
    """Address, moment, kind, and what each form has a place for: port, protocol, peer, malware."""
    told = offence(
        kind="infected-system",
        taxonomy="malicious-code",
        application="",
        malware="mirai",
        peer_address=parse_address("203.0.113.9"),
        peer_port=23,
    )
    whom = Contact(mail=CONTACT.mail, form=form, origin=64500)
    report = compose_report(group(told, contact=whom), REPORTER, secret=SECRET, at=NOW)
    [part] = report.parts
    path = tmp_path / part.name
    path.write_text(part.text)
    staged = stage(engine, measure(path), name=part.name, source="peer")
    [line] = [json.loads(each) for each in jsonl_lines(engine, staged)]
    assert line["address"] == "192.0.2.1"
    assert line["seen_at"] == "2026-11-24T04:00:00Z"
    assert (line["kind"], line["role"]) == ("infected-system", "infected")
    assert (line["port"], line["protocol"], line["malware"]) == (1001, "tcp", "mirai")
    assert (line["peer_address"], line["peer_port"]) == ("203.0.113.9", 23)


@pytest.mark.parametrize("form", FORMS)
def test_hostile_words_break_no_form(form: Form, engine: Engine, tmp_path: Path) -> None:
    told = offence(kind="infected-system", taxonomy="malicious-code", malware='x"><script>&\r\n=cmd|', application="")
    whom = Contact(mail=CONTACT.mail, form=form, origin=64500)
    [part] = compose_report(group(told, contact=whom), REPORTER, secret=SECRET, at=NOW).parts
    path = tmp_path / part.name
    path.write_text(part.text, newline="")
    staged = stage(engine, measure(path), name=part.name, source="peer")
    assert staged.records == 1


def test_the_same_report_has_the_same_bytes(engine: Engine) -> None:
    made = [compose_report(group(), REPORTER, secret=SECRET, at=NOW) for _ in range(2)]
    assert made[0] == made[1]
    assert abusehub_name("2026-11-24T06:00:00Z").endswith("+00:00.csv")


def test_bots_and_open_services_are_valid_xarf() -> None:
    from tocsin.notices.formats.xarf import xarf_json, xarf_report

    xarf = pytest.importorskip("xarf")
    bot = offence(kind="infected-system", taxonomy="malicious-code", application="", malware="mirai")
    door = offence(
        kind="potentially-unwanted-accessible", taxonomy="vulnerable", application="dns", port=53, protocol="udp"
    )
    for this, named in ((bot, ("infrastructure", "botnet")), (door, ("vulnerability", "open_service"))):
        fields = xarf_report(this, REPORTER, "R-0000000000000000")
        assert fields is not None
        assert (fields["category"], fields["type"]) == named
        assert not xarf.parse(xarf_json(fields)).errors


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("first_seen", "yesterday"),
        ("first_seen", "2026-01-01T00:00:00"),
        ("timestamp", "2026-02-30T00:00:00Z"),
        ("reporter", {"org": "X", "contact": "a@b.example", "domain": "!!"}),
        ("reporter", {"org": "X", "contact": "nobody", "domain": "b.example"}),
    ],
)
def test_the_official_package_checks_dates_and_hosts_here(field: str, value: object) -> None:
    """Without rfc3339-validator and fqdn it takes any text for a date or a host."""
    from tocsin.notices.formats.xarf import xarf_report

    xarf = pytest.importorskip("xarf")
    fields = xarf_report(offence(kind="brute-force", port=40001, protocol="tcp"), REPORTER, "R-0000000000000000")
    assert fields is not None
    assert not xarf.parse(json.dumps(fields)).errors
    assert xarf.parse(json.dumps(fields | {field: value})).errors


def test_a_wish_fills_in_from_the_section() -> None:
    section = ReportSection(form="csv", rest_hours=5, contacts=(Wish(mail="a@b.example", form="stix"),))
    assert section.wish_of("A@b.example").form == "stix"
    assert section.wish_of("a@b.example").rest_hours == 5
    assert section.wish_of("c@d.example").form == "csv"


@pytest.mark.parametrize(
    "make",
    [
        lambda: ReportSection(age_days=91),
        lambda: ReportSection(confidence=101),
        lambda: ReportSection(roles=("lead",)),
        lambda: ReportSection(rest_hours=-1),
        lambda: Wish(mail="nobody"),
        lambda: Constituent(name="x", mail="a@b.example"),
        lambda: Constituent(name="x", mail="a@b.example", prefixes=("192.0.2.0/33",)),
        lambda: Constituent(name="x", mail="a@b.example", countries=("India",)),
        lambda: Constituent(name="x", mail="a@b.example", domains=("Example",)),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(make: object) -> None:
    with pytest.raises(BadConfig):
        make()  # type: ignore[operator]
