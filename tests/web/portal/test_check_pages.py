"""Check a mail: a file or a text handed in is answered on a page, and nothing of it stays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.demo_site import NOW, PORTAL
from tests.web.portal.portal_world import Client, home_notice
from tocsin.book import notices
from tocsin.mailcheck.answer import VERDICTS
from tocsin.mailcheck.catalogue import answer as told
from tocsin.pipeline import checking
from tocsin.pipeline.checking import Broken, Checkers, Looked, Question
from tocsin.pipeline.websection import WebSection
from tocsin.terms.errors import Busy
from tocsin.web.app import make_check_only
from tocsin.web.portal import handing
from tocsin.web.shared.site import Place, Site
from tocsin.web.shared.words import LANGUAGES, say

PHISH = (
    b"From: PayPal <help@bank-secure.example>\r\nReply-To: x@gmail.com\r\nTo: anna@home.example\r\n"
    b"Subject: <script>alert(1)</script> last warning\r\nDate: Mon, 23 Nov 2026 10:00:00 +0000\r\n\r\n"
    b"Your PayPal account will be closed today. Confirm your password at "
    b'http://paypal.com.evil.example/login"><img src=x onerror=alert(2)> now, or pay 2 gift cards.\r\n'
)
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


def hand_in(
    client: Client,
    *,
    mail: bytes | None = None,
    text: str = "",
    language: str = "en",
    address: str = "",
    start: str = "/check",
) -> Response:
    """Fill in the form as a browser does."""
    headers = {"Accept-Language": language, "X-Forwarded-For": "192.0.2.1"}
    token = _TOKEN.search(client.get("/check", headers=headers).text)
    assert token
    fields = {"_csrf_token": (None, token[1]), "mail": ("a.eml", mail or b"") if mail else ("", b"")}
    fields |= {"text": (None, text), "address": (None, address)}
    return client.post("/check", files=fields, headers=headers)


@pytest.fixture
def alone() -> Iterator[TestClient[Litestar]]:
    """A site that does nothing but check mails."""
    place = Place(WebSection(), name="", language="en", zone="UTC", clock=lambda: NOW)
    with TestClient(make_check_only(place), base_url=PORTAL) as client:
        yield client


def raw_notice(site: Site) -> bytes:
    with site.book.read() as tx:
        return notices.raw_of(tx, home_notice(site).notice)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phish_is_told_as_one_in_the_readers_language(alone: Client, language: str) -> None:
    from tocsin.mailcheck.catalogue import page_words

    answer = hand_in(alone, mail=PHISH, language=language)
    assert answer.status_code == 200
    words = page_words(language)
    assert re.search(r'<div class="answer bad">\s*<h1>', answer.text)
    assert words["do"] in answer.text
    assert words["never_secret"] in answer.text
    assert f'<html lang="{language}">' in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_to_be_read_out_says_where_the_check_was_made(alone: Client, language: str) -> None:
    own, here = (say("portal", language, f"check.{name}", {}) for name in ("by_own_computer", "by_this_page"))
    for verdict in VERDICTS:
        assert own in told(f"aloud_verdict_{verdict}", language)
    page = hand_in(alone, mail=PHISH, language=language).text
    assert here in page
    assert own not in page


def test_what_a_mail_holds_is_never_more_than_text(alone: Client) -> None:
    answer = hand_in(alone, mail=PHISH)
    assert "<script>alert" not in answer.text
    assert "<img src=x" not in answer.text
    assert "&lt;script&gt;" in answer.text
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert 'href="http://paypal' not in answer.text


def test_pasted_words_are_checked_too(alone: Client) -> None:
    answer = hand_in(
        alone, text="Dear customer, pay the fee of 2 EUR at http://parcel.example/pay or your parcel goes back."
    )
    assert answer.status_code == 200
    assert "These are words without the headers of a mail" in answer.text


@pytest.mark.parametrize("nothing", [{}, {"text": "  \n "}])
def test_nothing_at_all_is_asked_for_again(alone: Client, nothing: dict[str, str]) -> None:
    answer = hand_in(alone, **nothing)  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert "Please choose a file, or paste" in answer.text


def test_a_picture_is_no_mail(alone: Client) -> None:
    answer = hand_in(alone, mail=b"\x89PNG\r\n\x1a\n" + bytes(1000))
    assert answer.status_code == 422
    assert "neither a mail nor text" in answer.text


def test_one_byte_too_many_is_told(alone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handing, "HANDED_BYTES_MAX", len(PHISH))
    assert hand_in(alone, mail=PHISH).status_code == 200
    answer = hand_in(alone, mail=PHISH + b"x")
    assert answer.status_code == 413
    assert "larger than we can look at" in answer.text


def test_a_form_that_is_not_ours_is_refused_before_the_mail_is_kept(alone: Client) -> None:
    answer = alone.post("/check", files={"mail": ("a.eml", PHISH)})
    assert answer.status_code == 403
    assert alone.app.state["mails_at_once"] == 0


@pytest.mark.parametrize("body", [b"", b"--b\r\n", b"--b\r\nContent-Disposition: form-data; name=mail\r\n\r\nhalf"])
def test_a_form_that_breaks_off_is_an_answer_and_no_bug(alone: Client, body: bytes) -> None:
    answer = alone.post("/check", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
    assert answer.status_code in {400, 403}


def test_it_stands_alone_without_a_provider(alone: Client) -> None:
    first = alone.get("/")
    assert first.status_code == 200
    assert "Show us a mail" in first.text
    assert '/connection"' not in first.text
    assert alone.get("/code").status_code == 404


def test_a_notice_of_ours_is_known_as_ours(portal_client: Client, site: Site) -> None:
    answer = hand_in(portal_client, mail=raw_notice(site))
    assert re.search(r'<div class="answer good">\s*<h1>', answer.text)
    assert "It is a notice of ours, and we have it here" in answer.text


def test_a_notice_of_ours_that_was_written_to_somebody_else_is_named(sqlite_client: Client, sqlite_site: Site) -> None:
    answer = hand_in(sqlite_client, mail=raw_notice(sqlite_site), address="someone-else@post.example")
    assert not re.search(r'<div class="answer good">', answer.text)
    assert "not" in answer.text
    own = hand_in(sqlite_client, mail=raw_notice(sqlite_site), address="robin6@post.example")
    assert re.search(r'<div class="answer good">', own.text)


def test_a_notice_of_ours_with_a_word_changed_is_a_fake(sqlite_client: Client, sqlite_site: Site) -> None:
    raw = raw_notice(sqlite_site).replace(b"password", b"passw0rd", 1)
    assert re.search(r'<div class="answer bad">', hand_in(sqlite_client, mail=raw).text)


def test_nothing_of_a_mail_is_kept(sqlite_client: Client, sqlite_site: Site) -> None:
    hand_in(sqlite_client, mail=PHISH.replace(b"gift", b"zyzzyvagift"))
    for path in Path(sqlite_site.data).rglob("*"):
        if path.is_file():
            assert b"zyzzyvagift" not in path.read_bytes()


def test_a_client_that_hands_in_too_many_is_slowed(alone: Client) -> None:
    from tocsin.web.portal import check_routes
    from tocsin.web.shared.limits import Limit, Limiter

    alone.app.state["check_limiter"] = Limiter(Limit(burst=1, per_s=0.001))
    assert hand_in(alone, text="hello there, pay me").status_code == 200
    assert hand_in(alone, text="hello there, pay me").status_code == 429
    assert check_routes._LIMIT.burst >= 5


def test_a_check_that_takes_too_long_is_killed_and_the_next_one_is_not() -> None:
    checkers = Checkers(children=1, time_s=0.0)
    question = Question(raw=PHISH, language="en", at=NOW)
    assert checkers.check(question) == Broken("time")
    checkers._time_s = checking.CHECK_S
    assert isinstance(checkers.check(question), Looked)
    checkers.close()


def test_a_mail_that_keeps_the_check_busy_gets_a_page_that_says_so(alone: Client) -> None:
    alone.app.state["checkers"] = Checkers(children=1, time_s=0.0)
    answer = hand_in(alone, mail=PHISH)
    assert answer.status_code == 200
    assert "We could not look at this mail to the end" in answer.text
    assert "Do nothing that it asks for" in answer.text


def test_more_than_can_wait_are_told_so() -> None:
    checkers = Checkers(children=1, waiting_max=0)
    assert checkers._room.acquire(blocking=False)  # somebody's mail is being checked
    with pytest.raises(Busy):
        checkers.check(Question(raw=PHISH, language="en", at=NOW))
    checkers._room.release()
    assert isinstance(checkers.check(Question(raw=PHISH, language="en", at=NOW)), Looked)
    checkers.close()


def test_a_child_can_write_no_file(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import tocsin.pipeline.check_child as c, io, sys\n"
        "c.serve = lambda *_: open(sys.argv[1], 'wb', 0).write(b'a mail')\n"
        "try:\n c.main()\nexcept OSError:\n sys.exit(7)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script, str(tmp_path / "kept")], capture_output=True, check=False)
    assert ran.returncode in {7, -25}
    assert not (tmp_path / "kept").exists() or not (tmp_path / "kept").read_bytes()
