"""ARF out: only for spam, only with the mail, and nobody in it who complained."""

from __future__ import annotations

import email
import email.policy
import json
import re
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.reports.complaints import ACCUSED, IDENTITY, OFFENDING, arf
from tests.witness.report_world import CONTACT, NOW, REPORTER, SECRET, group, offence
from tocsin.engine import Engine
from tocsin.evidence.mailed.offending import offending_mail
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.notices.reports.compose import compose_report
from tocsin.notices.reports.group import Contact, Original
from tocsin.notices.reports.mail import unsigned
from tocsin.notices.reports.redacted_mail import NAMES_MAX, redacted_mail
from tocsin.terms.addresses import parse_address

# https://www.iana.org/assignments/marf-parameters: feedback types, and fields with how often they may stand.
TYPES = {"abuse", "auth-failure", "fraud", "not-spam", "other", "virus"}
ONCE = {"feedback-type", "user-agent", "version", "arrival-date", "source-ip", "source-port", "incidents"}
REQUIRED = ("feedback-type", "user-agent", "version")  # RFC 5965 §3.1
WISH = Contact(mail=CONTACT.mail, form="arf")


def original(tmp_path: Path, raw: bytes, address: str = ACCUSED) -> Original | None:
    path = tmp_path / "complaint.eml"
    path.write_bytes(raw)
    found = offending_mail(path, parse_address(address))
    if found is None:
        return None
    return redacted_mail(found.raw, is_whole=found.is_whole, around=found.around, address=address, secret=SECRET)


def report(shown: Original | None, **changes: object) -> bytes:
    fields: dict[str, object] = {"kind": "spam", "taxonomy": "abusive-content", "application": "smtp", "port": 2525}
    fields |= {"samples": (), "rules": (), "lines": 3, "original": shown}
    told = offence(ACCUSED, **fields | changes)
    return unsigned(compose_report(group(told, contact=WISH), REPORTER, secret=SECRET, at=NOW), REPORTER)


def parts_of(raw: bytes) -> tuple[EmailMessage, list[EmailMessage]]:
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    return mail, list(mail.iter_parts())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "out"), [("message/rfc822", "message/rfc822"), ("text/rfc822-headers", "text/rfc822-headers")]
)
def test_it_has_the_three_parts_and_the_fields_that_the_standard_asks_for(kind: str, out: str, tmp_path: Path) -> None:
    mail, parts = parts_of(report(original(tmp_path, arf(kind=kind))))
    assert mail.get_content_type() == "multipart/report"
    assert mail.get_param("report-type") == "feedback-report"
    assert [part.get_content_type() for part in parts] == ["text/plain", "message/feedback-report", out]
    assert not mail.defects
    assert not any(part.defects for part in parts)
    assert re.match(r"\[R-[0-9A-Z]{16}\] ", str(mail["Subject"]))
    fields = email.message_from_string(str(parts[1].get_payload(0)))
    names = [name.lower() for name in fields]
    assert set(REQUIRED) <= set(names)
    assert set(names) <= ONCE
    assert len(names) == len(set(names))
    assert fields["Feedback-Type"] in TYPES
    assert re.fullmatch(r"Tocsin/[0-9.]+", fields["User-Agent"])
    assert (fields["Version"], fields["Source-IP"], fields["Source-Port"]) == ("1", ACCUSED, "2525")
    assert fields["Incidents"] == "3"


@pytest.mark.parametrize("kind", ["message/rfc822", "text/rfc822-headers"])
def test_nobody_who_complained_is_in_it(kind: str, tmp_path: Path) -> None:
    shown = original(tmp_path, arf(kind=kind))
    assert shown is not None
    mail, _ = parts_of(report(shown))
    readable = mail.as_string().lower()
    for part in mail.walk():
        payload = part.get_payload(decode=True)
        readable += payload.decode(errors="replace").lower() if isinstance(payload, bytes) else ""
        readable += "".join(f"{name}: {value}\n" for name, value in part.items()).lower()
    for name in IDENTITY:
        assert name not in readable, name


def test_who_sent_it_is_still_there(tmp_path: Path) -> None:
    shown = original(tmp_path, arf())
    assert shown is not None
    inner = email.message_from_string(shown.text, policy=email.policy.default)
    assert str(inner["From"]) == "Cheap Pills <offers@spam.example>"
    assert inner["Message-ID"] == "<20261124.4711@cheap.spam.example>"
    assert inner["X-Mailer"] == "BulkSend 3"
    hops = inner.get_all("Received")
    assert hops is not None
    assert len(hops) == 2  # those of the recipient's own servers are gone
    assert ACCUSED in hops[0]
    assert "03:16:38" in hops[0]
    body = inner.get_content()
    assert "https://shop.spam.example/[redacted]" in body
    assert "pills" in str(inner["Subject"])


def test_the_same_name_has_the_same_token_and_another_key_another_one(tmp_path: Path) -> None:
    shown = original(tmp_path, arf())
    assert shown is not None
    again = original(tmp_path, arf())
    assert shown == again
    path = tmp_path / "complaint.eml"
    found = offending_mail(path, parse_address(ACCUSED))
    assert found is not None
    other = redacted_mail(found.raw, is_whole=True, around=found.around, address=ACCUSED, secret=b"x" * 32)
    assert other is not None
    assert other.text != shown.text


def test_what_we_write_we_read_back(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "out.eml"
    path.write_bytes(report(original(tmp_path, arf())))
    staged = stage(engine, measure(path), name=path.name, source="peer")
    [line] = [json.loads(each) for each in jsonl_lines(engine, staged)]
    assert (line["address"], line["port"], line["kind"]) == (ACCUSED, 2525, "spam")
    assert line["seen_at"] == "2026-11-24T05:00:00Z"
    assert (line["role"], line["reader"]) == ("attacker", "arf")
    assert line["extra"]["incidents"] == "3"


@pytest.mark.parametrize(
    "changes", [{"original": None}, {"kind": "brute-force"}, {"kind": "infected-system", "original": None}]
)
def test_without_a_mail_or_of_anything_else_it_is_plain_mail_with_csv(
    changes: dict[str, object], tmp_path: Path
) -> None:
    mail, parts = parts_of(report(original(tmp_path, arf()), **changes))
    assert mail.get_content_type() == "multipart/mixed"
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/csv"]


@pytest.mark.parametrize(
    "raw",
    [
        arf(source="192.0.2.99"),  # the report is about another address
        arf().replace(b"Source-IP: 192.0.2.66\n", b"").replace(b"[192.0.2.66]", b"[192.0.2.99]"),
        arf(kind="text/plain"),  # no mail in it
        b"",
        b"--part1\n" * 20_000,
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: message/rfc822\n\n",
        bytes(range(256)) * 50,
    ],
    ids=["another", "no hop", "no mail", "empty", "bushy", "cut", "noise"],
)
def test_a_mail_that_is_not_known_to_be_from_that_address_is_not_carried(raw: bytes, tmp_path: Path) -> None:
    assert original(tmp_path, raw) is None


def test_evidence_that_is_gone_shows_nothing(tmp_path: Path) -> None:
    assert offending_mail(tmp_path / "gone", parse_address(ACCUSED)) is None


@pytest.mark.parametrize(("recipients", "is_carried"), [(40, True), (NAMES_MAX + 1, False)])
def test_a_mail_with_too_many_to_hide_is_not_carried(recipients: int, *, is_carried: bool, tmp_path: Path) -> None:
    many = ", ".join(f"p{number}@victim.example" for number in range(recipients))
    shown = original(tmp_path, arf(OFFENDING.replace("Cc: other.person@victim.example", f"Cc: {many}")))
    assert (shown is not None) is is_carried


@pytest.mark.parametrize("subject", ["=?utf-8?b?" + "w6Qg" * 200 + "?=", "\x00\x1b[31m", "x" * 5_000, "é ü"])
def test_hostile_headers_stay_ascii_and_short(subject: str, tmp_path: Path) -> None:
    raw = arf(OFFENDING.replace("=?utf-8?q?Robin=2C_your_pills_are_waiting?=", subject))
    shown = original(tmp_path, raw)
    assert shown is not None
    assert shown.text.isascii()
    assert max(map(len, shown.text.split("\r\n"))) <= 998
    assert "\x1b" not in shown.text
