"""Reports that come as mails: who is believed to have sent what, when it was, and what is no report at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.containers_world import zipped
from tests.evidence.golden_files import GOLDEN
from tocsin.engine import Engine
from tocsin.evidence.containers import unpacking
from tocsin.evidence.formats import recognise
from tocsin.evidence.mailed.mail import fields_of_text, read_mail
from tocsin.evidence.mailed.moments import iso_moment, mail_moment
from tocsin.evidence.mailed.told import TOLD_MAX
from tocsin.evidence.mails import MAIL_BYTES_MAX
from tocsin.evidence.read import stage
from tocsin.evidence.store import measure
from tocsin.evidence.texts import Head
from tocsin.evidence.writers.jsonl import jsonl_lines

FBL = (GOLDEN / "arf" / "complaint.eml").read_bytes()
SHARED = Path(__file__).parents[3] / "shared" / "data" / "abuse_mails" / "abuseio"


def rows(engine: Engine, tmp_path: Path, content: bytes) -> list[dict[str, object]]:
    import msgspec

    path = tmp_path / "report.eml"
    path.write_bytes(content)
    staged = stage(engine, measure(path), name=path.name, source="mail")
    lines = [msgspec.json.decode(line) for line in jsonl_lines(engine, staged)]
    staged.discard()
    return lines


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("Sun, 22 Nov 2026 23:30:00 -0500", "2026-11-22T23:30:00-05:00"),
        ("Sun, 22 Nov 2026 23:30:00 -0500 (EST)", "2026-11-22T23:30:00-05:00"),
        ("22 Nov 2026 23:30:00 GMT", "2026-11-22T23:30:00+00:00"),
        ("Sun, 22 Nov 2026 23:30:00 -0000", "2026-11-22T23:30:00+00:00"),
        ("2026-11-22 23:30:00 +0100", "2026-11-22T23:30:00+01:00"),
        ("2026-11-22T23:30:00Z", "2026-11-22T23:30:00+00:00"),
        ("Sun, 22 Nov 2026 23:30:00", ""),  # no zone
        ("Sun, 22 Nov 2026 23:30:00 IST", ""),  # India's, Israel's or Ireland's
        ("2026-11-22 23:30:00", ""),
        ("Sun, 31 Feb 2026 23:30:00 GMT", ""),
        ("yesterday", ""),
        ("", ""),
    ],
)
def test_a_moment_without_a_zone_is_none(text: str, moment: str) -> None:
    assert mail_moment(text) == moment


def test_a_zone_that_the_mail_names_elsewhere_is_used_only_where_the_text_has_none() -> None:
    assert iso_moment("2026-11-22 23:30:00", "+0530") == "2026-11-22T23:30:00+05:30"
    assert iso_moment("2026-11-22 23:30:00Z", "+0530") == "2026-11-22T23:30:00+00:00"


def test_the_time_of_the_complaint_is_never_taken_for_the_time_of_the_mail(engine: Engine, tmp_path: Path) -> None:
    without = FBL.replace(b"Arrival-Date: Sun, 22 Nov 2026 23:30:00 -0500\n", b"")
    [line] = rows(engine, tmp_path, without.replace(b"Received: from sender", b"X-Was: from sender"))
    assert "no moment" in str(line["reject"])


def test_a_forged_header_of_the_complained_mail_says_nothing_about_the_report(engine: Engine, tmp_path: Path) -> None:
    forged = FBL.replace(
        b"\n\nFrom: <bulk@sender.example>\n", b"\n\nFrom: <x@sender.example>\nSource-IP: 198.51.100.9\n"
    )
    [line] = rows(engine, tmp_path, forged)
    assert line["address"] == "192.0.2.73"


def test_each_report_in_a_mailbox_is_read_whole(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    one = b"From fbl@mail.example Mon Nov 23 09:00:00 2026\n" + FBL + b"\n"
    path.write_bytes(one + one.replace(b"192.0.2.73", b"192.0.2.74"))
    box = unpacking(path, path.name, engine.work_dir, None)
    assert box is not None
    assert box.kind == "mbox"
    taken = [recognise(Head(member.name, member.path.read_bytes())) for member in box.members()]
    assert [choice.format.name for choice in taken if choice] == ["arf", "arf"]


def test_reports_in_an_archive_are_read(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "reports.zip"
    path.write_bytes(zipped({"a.eml": FBL, "b.eml": (GOLDEN / "spamcop" / "report.eml").read_bytes()}))
    archive = unpacking(path, path.name, engine.work_dir, None)
    assert archive is not None
    assert len(list(archive.members())) == 2


def test_a_mail_that_carries_a_feed_is_still_taken_apart(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "feed.eml"
    path.write_bytes(FBL)
    assert unpacking(path, path.name, engine.work_dir, "shadowserver") is not None
    assert unpacking(path, path.name, engine.work_dir, None) is None


def test_bytes_of_no_charset_are_let_pass(engine: Engine, tmp_path: Path) -> None:
    [line] = rows(engine, tmp_path, FBL.replace(b"Now!", b"Jetzt g\xfcnstig\0!"))
    assert line["address"] == "192.0.2.73"


@pytest.mark.parametrize("kind", ["not-spam", "auth-failure", "opt-out"])
def test_a_report_that_accuses_nobody_makes_no_sighting(engine: Engine, tmp_path: Path, kind: str) -> None:
    [line] = rows(engine, tmp_path, FBL.replace(b"Feedback-Type: abuse", b"Feedback-Type: " + kind.encode()))
    assert "reject" in line


def test_a_mail_without_end_is_refused() -> None:
    from tocsin.evidence.lines import Lines

    line = b"x" * (MAIL_BYTES_MAX // 2)
    assert read_mail([Lines(1, 1, line), Lines(2, 1, line), Lines(3, 1, line)]) == (
        f"a mail is longer than {MAIL_BYTES_MAX} bytes"
    )


def test_a_mail_that_tells_too_much_is_cut(engine: Engine, tmp_path: Path) -> None:
    head = (GOLDEN / "spamcop" / "report.eml").read_bytes().partition(b"\n\n")[0]
    told = b"Email from 192.0.2.80 / Mon, 23 Nov 2026 17:04:13 -0400\n" * (TOLD_MAX + 1)
    lines = rows(engine, tmp_path, head + b"\n\n" + told)
    assert len(lines) == TOLD_MAX + 1
    assert "more than" in str(lines[0]["reject"])


@pytest.mark.parametrize(
    "hostile",
    [
        b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;&b;">]>',
        b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>',
        b'<!DOCTYPE a SYSTEM "http://192.0.2.1/a.dtd">',
    ],
)
def test_xml_that_declares_entities_is_refused_unread(engine: Engine, tmp_path: Path, hostile: bytes) -> None:
    document = (
        (GOLDEN / "iodef" / "version2.xml").read_bytes().replace(b"<IODEF-Document", hostile + b"<IODEF-Document")
    )
    import msgspec

    path = tmp_path / "report.xml"
    path.write_bytes(document)
    staged = stage(engine, measure(path), name=path.name, source="mail", reader="iodef")
    [line] = [msgspec.json.decode(line) for line in jsonl_lines(engine, staged)]
    assert "not an XML document that may be read" in line["reject"]


def test_a_log_line_of_somebody_else_is_not_blamed_on_the_address(engine: Engine, tmp_path: Path) -> None:
    mail = (
        (GOLDEN / "fail2ban" / "complaint.eml")
        .read_bytes()
        .replace(b"from 192.0.2.7 port", b"from 192.0.2.79.evil port")
    )
    assert 51114 not in {line.get("port") for line in rows(engine, tmp_path, mail)}


def test_flat_fields_are_read_and_nothing_is_executed() -> None:
    text = "---\nDate: Mon\nSource: 'a'\nList:\n- !!python/object:os.system\nFolded: one\n  two\n"
    assert dict(fields_of_text(text)) == {"date": "Mon", "source": "a", "list": "", "folded": "one two"}


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared: no data beside the checkout")
def test_the_mails_of_abuse_desks_are_read(engine: Engine, tmp_path: Path) -> None:
    """Those of which nothing is read name no address, or no time: of a monitor that tells days, and of a bare URL."""
    silent = []
    for path in sorted(SHARED.rglob("*.eml")):
        box = unpacking(path, path.name, tmp_path, None)
        paths = [(member.path.read_bytes(), member.name) for member in box.members()] if box else [(b"", "")]
        found = []
        for content, name in paths:
            part = tmp_path / "part"
            part.write_bytes(content or path.read_bytes())
            staged = stage(engine, measure(part), name=name or path.name, source="mail")
            found.append(staged.records)
            staged.discard()
        if not sum(found):
            silent.append(path.name)
    assert silent == [
        "Netcraft_Example_4.eml",
        "Projecthoneypot_Example_free_1.eml",
        "Projecthoneypot_Example_free_2.eml",
        "2019-01-06-scan_afp-sample-ip.csv.zip.eml",  # 127.0.6.59
    ]
