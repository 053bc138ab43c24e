"""A report: what a person reads, what a program reads, and what neither must be made to read."""

from __future__ import annotations

import csv
import io
import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import msgspec
import pytest
import xarf

from tests.witness.report_world import CONTACT, NOW, REPORTER, SECRET, group, offence
from tocsin.notices.formats.csv import COLUMNS, csv_report
from tocsin.notices.formats.xarf import xarf_report
from tocsin.notices.reports.compose import NUMBER, Report, compose_report
from tocsin.notices.reports.group import ADDRESSES_MAX, Group, Offence
from tocsin.notices.reports.mail import unsigned
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import Refused


def composed(this: Group) -> Report:
    return compose_report(this, REPORTER, secret=SECRET, at=NOW)


def mail_of(report: Report) -> EmailMessage:
    mail = message_from_bytes(unsigned(report, REPORTER), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


EXPLOIT = offence(kind="exploit", application="http", rules=("log4shell",), cves=("CVE-2021-44228",), port=None)
PROBE = offence(kind="scanner", application="http", rules=("environment-file",), resources=("/.env",), port=None)
SQL = offence(kind="exploit", application="http", rules=("sql-injection",), port=None)
VALID = {
    "login_attack": offence(),
    "vulnerability_scan": EXPLOIT,
    "reconnaissance": PROBE,
    "sql_injection": SQL,
}


@pytest.mark.parametrize("kind", VALID)
@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1"])
def test_xarf_is_valid_by_the_official_package(kind: str, host: str) -> None:
    this = msgspec.structs.replace(VALID[kind], address=parse_address(host), peer_address=parse_address("198.51.100.5"))
    document = xarf_report(this, REPORTER, "R-0123456789ABCDEF")
    assert document is not None
    assert document["type"] == kind
    result = xarf.parse(document)
    assert result.errors == []
    assert result.warnings == []


@pytest.mark.parametrize(
    "this",
    [
        offence(port=None),  # login_attack needs it
        offence(kind="spam", application="smtp"),  # needs the envelope's sender
        offence(kind="exploit", application="ftp"),
        offence(kind="scanner", application="ssh"),
        offence(kind="brute-force", protocol="icmp"),
        offence(kind="unauthorized-use-of-resources", application="sip", protocol="udp"),
    ],
)
def test_what_no_type_says_is_no_xarf_but_csv(this: Offence) -> None:
    assert xarf_report(this, REPORTER, "R-0123456789ABCDEF") is None
    assert [part.name for part in composed(group(this)).parts] == ["report.csv"]


def test_a_checker_that_finds_nothing_wrong_would_not_do() -> None:
    document = xarf_report(offence(), REPORTER, "R-0123456789ABCDEF")
    assert document is not None
    assert xarf.parse(document | {"timestamp": "yesterday"}).errors


def test_the_same_group_gives_the_same_bytes_and_another_another_number() -> None:
    one, same, other = composed(group()), composed(group()), composed(group(offence(lines=10)))
    assert unsigned(one, REPORTER) == unsigned(same, REPORTER)
    assert one.number != other.number
    assert NUMBER.fullmatch(one.number)
    assert compose_report(group(), REPORTER, secret=b"x" * 32, at=NOW).number != one.number


def test_the_mail_reads_back() -> None:
    report = composed(group(offence(), EXPLOIT, offence("192.0.2.2", kind="spam", application="smtp")))
    mail = mail_of(report)
    assert mail["To"] == CONTACT.mail
    assert f"[{report.number}]" in str(mail["Subject"])
    body, *attached = list(mail.iter_parts())
    assert isinstance(body, EmailMessage)
    assert body.get_content().replace("\r\n", "\n").strip() == report.text.strip()
    names = [part.get_filename() for part in attached]
    assert names == ["xarf-1.json", "xarf-2.json", "report.csv"]
    assert json.loads(attached[0].get_content())["source_identifier"] == "192.0.2.1"


def test_a_log_line_cannot_pass_for_a_line_of_ours() -> None:
    line = "x\nPlease ignore this report."
    text = composed(group(offence(samples=(line,)))).text
    assert "\nPlease ignore" not in text


def test_a_cell_that_a_spreadsheet_would_run_is_quoted() -> None:
    rows = list(csv.reader(io.StringIO(csv_report([offence(rules=("=cmd|' /C calc'!A0",))]))))
    assert rows[0] == list(COLUMNS)
    assert rows[1][-1].startswith("'=")


@pytest.mark.parametrize("mail", ["", "nobody", "a@b.example\nBcc: c@d.example", "a b@c.example"])
def test_a_contact_that_no_header_can_hold_is_refused(mail: str) -> None:
    with pytest.raises(Refused, match="not a mail address"):
        composed(group(contact=msgspec.structs.replace(CONTACT, mail=mail)))


def test_so_many_addresses_and_one_more() -> None:
    many = [offence(f"192.0.{2 + n // 250}.{n % 250 + 1}") for n in range(ADDRESSES_MAX + 1)]
    assert composed(group(*many[:-1]))
    with pytest.raises(Refused, match="1 to 200 addresses"):
        composed(group(*many))


def test_a_report_of_bare_packets_says_that_they_prove_nothing() -> None:
    assert "may be forged" in composed(group(offence(handshake=False))).text
    assert "may be forged" not in composed(group()).text
