"""Answers of the mail check through a real mail server, and mails for it from a real IMAP server."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.breaking import drop
from tests.delivery import post_office
from tests.delivery.certificates import Trust
from tests.delivery.conftest import OpenOffice
from tests.delivery.scripted import scripted
from tests.delivery.servers import HAS_DOVECOT, PASSWORD, USER, dovecot
from tests.delivery.test_imap import client, put
from tests.web.portal.test_check_mail import Names, forward
from tocsin.mailcheck.answer import Answer, Answers
from tocsin.notices.check_answer import Asked, check_answer
from tocsin.notices.seal import Sealed
from tocsin.pipeline.check_mail import answer_mails, send
from tocsin.pipeline.house import House
from tocsin.terms.errors import Unreachable

CHECK = "check@net.example"
ANSWER = Answer("fake", Answers("Nobody.", "No.", "Nothing."), ())


@pytest.fixture
def names() -> Iterator[Names]:
    opened = Names()
    yield opened
    opened.close()


def sealed(house: House) -> Sealed:
    asked = Asked(sender="anna@home.example", message_id="<1@home.example>", name="x" * 64, form="attachment")
    return check_answer(ANSWER, asked, address=CHECK, issuer=house.issuer, keys=house.keys, at=house.now)


def test_an_answer_leaves_with_nobody_on_its_envelope(office: OpenOffice) -> None:
    with scripted({}) as server:
        house = office(server)
        assert send(house, sealed(house))
    (mail,) = server.accepted
    assert b"Auto-Submitted: auto-replied" in bytes(repr(mail), "ascii")


@pytest.mark.parametrize(
    ("script", "gone"),
    [
        ({"RCPT": b"450 4.2.0 greylisted"}, False),
        ({"dot": b"452 4.3.1 full"}, False),
        ({"RCPT": b"550 5.1.1 no such user"}, True),
        ({"dot": drop}, True),
    ],
)
def test_an_answer_that_was_not_taken_is_sent_later_or_never(
    office: OpenOffice, script: dict[str, object], gone: bool
) -> None:
    with scripted(script) as server:  # type: ignore[arg-type]
        house = office(server)
        assert send(house, sealed(house)) == gone


def test_a_server_that_is_not_there_is_told(office: OpenOffice) -> None:
    house = office(1)
    with pytest.raises(Unreachable):
        send(house, sealed(house))


@pytest.mark.skipif(not HAS_DOVECOT, reason="needs root and Dovecot (apt-get install dovecot-imapd)")
def test_a_folder_of_the_mailbox_is_answered_and_emptied(tmp_path: Path, trust: Trust, names: Names) -> None:
    with dovecot(trust) as server:
        imap = client(server)
        imap.create("Check")
        imap.logout()
        put(server, forward(to=CHECK), forward(to=CHECK, number=2, extra=[("Precedence", "bulk")]), folder="Check")
        put(server, b"From: a@b.example\r\n\r\nLunch?\r\n", anew=True)
        section = (
            f'[mailbox]\nvia = "imap"\nhost = "127.0.0.1"\nport = {server.tls_port}\nuser = "{USER}"\n'
            f'password_file = "password"\nca_file = "{trust.ca}"\ntimeout_s = 5\n'
            f'[portal]\ndns = ["{names.address}"]\n[check_mail]\naddress = "{CHECK}"\nfolder = "Check"\n'
        )
        post_office.found(tmp_path / "provider", section)
        (tmp_path / "provider" / "password").write_text(PASSWORD + "\n", "utf-8")
        with post_office.open_house(tmp_path / "provider", datetime(2026, 11, 23, 15, tzinfo=UTC)) as house:
            done = answer_mails(house)
            assert (done.answered, done.refused, done.trouble) == (1, {"sent to many": 1}, "")
            assert answer_mails(house).answered == 0
        imap = client(server)
        assert imap.select("Check", readonly=True)[1] == [b"0"]
        assert imap.select("INBOX", readonly=True)[1] == [b"1"]
        imap.logout()
