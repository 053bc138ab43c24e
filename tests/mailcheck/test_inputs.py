"""What people hand in: told apart by content, each mail for itself, however much there is."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mailcheck.mail_world import KNOWN, notice, signed
from tests.mailcheck.outlook_file import Tree, message, outlook_file
from tocsin.mailcheck import outlook
from tocsin.mailcheck.check import check
from tocsin.mailcheck.inputs import Given, Unread, given_mails
from tocsin.mailcheck.limits import MAIL_BYTES_MAX
from tocsin.mailcheck.setup import Setup

MAIL = b"From: a@shop.example\nTo: b@mail.example\nSubject: Sale\nMessage-ID: <1@shop.example>\n\nCome and buy.\n"
HEAD, _, _ = MAIL.partition(b"\n\n")
LINE = b"From a@shop.example Tue Nov 24 05:00:00 2026\n"


def of(raw: bytes, name: str = "-") -> list[Given | Unread]:
    return list(given_mails(Path(name), BytesIO(raw)))


def one(raw: bytes) -> Given:
    (only,) = of(raw)
    assert isinstance(only, Given), only
    return only


def unread(raw: bytes) -> Unread:
    (only,) = of(raw)
    assert isinstance(only, Unread), only
    return only


def codes(given: Given) -> set[str]:
    return {finding.code for finding in check(given.mail, Setup(known=KNOWN)).findings}


def test_a_mail_is_a_mail_whatever_the_file_is_called(tmp_path: Path) -> None:
    for name in ("a.eml", "a.msg", "a.txt", "a"):
        (tmp_path / name).write_bytes(MAIL)
        (given,) = given_mails(tmp_path / name, BytesIO())
        assert isinstance(given, Given)
        assert given.mail.form == "whole"
        assert given.name == str(tmp_path / name)


def test_a_mail_comes_through_byte_by_byte_so_that_its_signatures_hold() -> None:
    raw = signed(notice())
    assert one(raw).mail.raw == raw


@pytest.mark.parametrize("before", [b"", b"\n\n", b"\xef\xbb\xbf"], ids=["nothing", "blank lines", "a byte order mark"])
def test_what_editors_put_before_a_mail_does_no_harm(before: bytes) -> None:
    assert one(before + MAIL).mail.first("subject") == "Sale"


def test_a_mail_saved_as_utf_16_is_read() -> None:
    assert one(b"\xff\xfe" + MAIL.decode().encode("utf-16-le")).mail.text == "Come and buy.\n"


def test_headers_alone_are_no_mail_that_asks_for_nothing() -> None:
    given = one(HEAD + b"\nReceived: from x by y; Tue, 24 Nov 2026 05:00:00 +0000\n")
    assert given.mail.form == "headers"
    assert "form-headers" in codes(given)
    assert "dkim-missing" not in codes(given)


@pytest.mark.parametrize(
    "words",
    [
        "Dear customer, ring 0900 555.",
        "Note: your SIM is blocked\nhttp://bad.example",
        "आपका सिम बंद है",
        "お客さまの回線",
        "…",
    ],
)
def test_words_alone_are_judged_without_a_sender(words: str) -> None:
    given = one(words.encode())
    assert given.mail.form == "words"
    assert given.mail.text == words
    assert given.mail.headers == ()
    answer = check(given.mail, Setup())
    assert answer.verdict != "genuine"
    assert "cannot be checked" in answer.answers.who
    assert not answer.has("sender-missing")


def test_words_in_an_older_character_set_are_read() -> None:
    assert one("Ihr Gerät ist gesperrt".encode("cp1252")).mail.text == "Ihr Gerät ist gesperrt"


def test_a_saved_web_page_is_read_as_html() -> None:
    given = one(b"<!DOCTYPE html><html><body><a href='http://bad.example'>x</a></body></html>")
    assert given.mail.html is not None
    assert given.mail.text is None


def test_a_proved_notice_whose_words_were_pasted_is_not_genuine() -> None:
    words = notice().partition(b"\r\n\r\n")[2]
    assert check(one(b"Look:\n\n" + words).mail, Setup(known=KNOWN)).verdict != "genuine"


def test_each_mail_of_a_mailbox_has_its_number() -> None:
    box = LINE + MAIL + b"\n" + LINE + MAIL.replace(b"Sale", b"Two") + b"\n>From here on\n\n" + LINE + MAIL
    given = of(box, "-")
    assert [one.name for one in given] == ["-#1", "-#2", "-#3"]
    mails = [one.mail for one in given if isinstance(one, Given)]
    assert [mail.first("subject") for mail in mails] == ["Sale", "Two", "Sale"]
    assert (mails[1].text or "").endswith("\nFrom here on\n")
    assert mails[0].raw == mails[2].raw == MAIL


def test_a_line_that_only_looks_like_a_new_mail_is_none() -> None:
    body = b"\nFrom Tuesday on we open late.\n"
    (only,) = of(LINE + MAIL + body)
    assert isinstance(only, Given)
    assert "From Tuesday on" in (only.mail.text or "")


def test_a_mailbox_larger_than_memory_is_read_mail_by_mail(tmp_path: Path) -> None:
    path = tmp_path / "big.mbox"
    with path.open("wb") as file:
        for _ in range(3):
            file.write(LINE + MAIL)
            for _ in range(20):
                file.write((b"x" * 75 + b"\n") * 14_000)
            file.write(b"\n")
    tracemalloc.start()
    given = [(one.name, one.mail.is_cut) for one in given_mails(path, BytesIO()) if isinstance(one, Given)]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert given == [(f"{path}#{number}", True) for number in (1, 2, 3)]
    assert peak < 16 * MAIL_BYTES_MAX


def test_a_large_mail_is_cut_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "large.eml"
    with path.open("wb") as file:
        file.write(MAIL)
        file.truncate(100 * 1024 * 1024)
    (given,) = given_mails(path, BytesIO())
    assert isinstance(given, Given)
    assert given.mail.is_cut
    assert "mail-cut" in codes(given)


def test_a_maildir_is_read_whole_and_a_folder_by_its_names(tmp_path: Path) -> None:
    for box in ("new", "cur", "tmp"):
        (tmp_path / "dir" / box).mkdir(parents=True)
        (tmp_path / "dir" / box / f"1.{box}:2,S").write_bytes(MAIL)
    assert len(list(given_mails(tmp_path / "dir", BytesIO()))) == 2
    (tmp_path / "a.eml").write_bytes(MAIL)
    (tmp_path / "b.mbox").write_bytes(LINE + MAIL + b"\n" + LINE + MAIL)
    (tmp_path / "notes.doc").write_bytes(b"x")
    names = [given.name.rpartition("/")[2] for given in given_mails(tmp_path, BytesIO())]
    assert names == ["a.eml", "b.mbox#1", "b.mbox#2"]


def test_apple_mails_count_of_bytes_is_left_out() -> None:
    assert one(b"120\n" + MAIL).mail.first("subject") == "Sale"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"%PDF-1.7 x", "a PDF"),
        (b"\x89PNG\r\n\x1a\n", "a picture"),
        (b"PK\x03\x04", "a zip"),
        (bytes(range(32)) * 30, "neither"),
    ],
)
def test_what_is_no_mail_is_said_to_be_none_and_what_to_do(raw: bytes, why: str) -> None:
    told = unread(raw)
    assert why in told.why
    assert "save the mail" in told.remedy


def test_a_file_that_is_not_there_and_an_empty_folder_are_told(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none.eml", "No such file"), (tmp_path, "holds no mail")):
        (told,) = given_mails(path, BytesIO())
        assert isinstance(told, Unread)
        assert why in told.why


# Outlook

HEADERS = "From: a@shop.example\r\nTo: b@mail.example\r\nSubject: Sale\r\nDKIM-Signature: v=1\r\n\r\n"


def test_outlooks_file_is_read_by_its_content() -> None:
    given = one(outlook_file(message(HEADERS, "Come and buy.", b"<p>Come and buy.</p>")))
    assert given.mail.form == "outlook"
    assert given.mail.first("subject") == "Sale"
    assert (given.mail.text or "").startswith("Come and buy.")
    assert (given.mail.html or "").startswith("<p>Come")
    assert "form-outlook" in codes(given)
    assert not codes(given) & {"dkim-missing", "dkim-unreadable", "dkim-body-changed"}


def test_an_outlook_mail_without_headers_says_what_outlook_shows() -> None:
    tree = message(body="hello")
    tree |= {"__substg1.0_0C1A001F": "Example Bank".encode("utf-16-le")}
    tree |= {"__substg1.0_5D01001E": b"x@bank.example", "__substg1.0_0037001E": b"Your account"}
    mail = one(outlook_file(tree)).mail
    assert mail.first("from") == '"Example Bank" <x@bank.example>'
    assert mail.first("subject") == "Your account"


def test_attachments_and_mails_within_an_outlook_mail_are_seen() -> None:
    attached: Tree = {
        "__substg1.0_3707001F": "bill.exe".encode("utf-16-le"),
        "__substg1.0_370E001E": b"application/octet-stream",
    }
    held: Tree = {"__substg1.0_3701000D": message(HEADERS, "inner")}
    tree = message(HEADERS, "outer") | {
        "__attach_version1.0_#00000000": attached,
        "__attach_version1.0_#00000001": held,
    }
    mail = one(outlook_file(tree)).mail
    assert [part.filename for part in mail.parts] == ["bill.exe"]
    assert [(inner.text or "")[:5] for inner in mail.inside] == ["inner"]


def test_a_property_that_is_too_long_is_left_out_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "OUTLOOK_STREAM_BYTES_MAX", 8_192)
    given = one(outlook_file(message(HEADERS, "hello", html=b"x" * 8_193)))
    assert (given.mail.text or "").startswith("hello")
    assert given.mail.html is None
    assert given.mail.is_cut


@given(st.data())
def test_a_broken_outlook_file_is_told_and_never_raises(data: st.DataObject) -> None:
    raw = bytearray(outlook_file(message(HEADERS, "x")))
    for _ in range(data.draw(st.integers(1, 20))):
        raw[data.draw(st.integers(8, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(raw[: data.draw(st.integers(8, len(raw)))])
    for found in of(cut):
        assert isinstance(found, Given | Unread)


@given(st.binary(max_size=400))
def test_nothing_that_is_handed_in_raises(raw: bytes) -> None:
    for found in of(raw):
        if isinstance(found, Given):
            assert check(found.mail, Setup()).answers.who
