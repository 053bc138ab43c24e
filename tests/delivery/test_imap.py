"""A real Dovecot: read without a trace, filed once, gone on where the last round ended."""

from __future__ import annotations

import imaplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.delivery import post_office
from tests.delivery.certificates import Trust
from tests.delivery.returned import block, mail, reply_to, report, verp
from tests.delivery.servers import HAS_DOVECOT, PASSWORD, USER, Imap, dovecot
from tests.delivery.test_returned import sealed
from tocsin.book import arrivals
from tocsin.book import notices as book_notices
from tocsin.notices.mailbox import imap as imap_box
from tocsin.pipeline.house import House
from tocsin.pipeline.post import fetch_post

needs_dovecot = pytest.mark.skipif(not HAS_DOVECOT, reason="needs root and Dovecot (apt-get install dovecot-imapd)")
ONE = post_office.name_of(1)
Open = Callable[..., House]


@pytest.fixture(scope="module")
def server(trust: Trust) -> Iterator[Imap]:
    with dovecot(trust) as running:
        yield running


@pytest.fixture
def open_house(tmp_path: Path, trust: Trust) -> Iterator[Open]:
    """A house that reads that server's mailbox; with two notices that were sent."""
    opened: list[House] = []

    def make(
        port: int, *, tls: str = "implicit", more: str = "", password: str = PASSWORD, ca: Path = trust.ca
    ) -> House:
        folder = tmp_path / f"provider-{len(opened)}"
        section = (
            f'[mailbox]\nvia = "imap"\nhost = "127.0.0.1"\nport = {port}\ntls = "{tls}"\nuser = "{USER}"\n'
            f'password_file = "password"\nca_file = "{ca}"\ntimeout_s = 5\n{more}'
        )
        post_office.found(folder, section)
        (folder / "password").write_text(password + "\n", "utf-8")
        house = post_office.open_house(folder)
        opened.append(house)
        post_office.queue(house, 1, 2)
        with house.book.write() as tx:
            for number in (1, 2):
                book_notices.note_sent(tx, post_office.name_of(number), post_office.NOW)
        return house

    yield make
    for house in opened:
        house.book.close()


def client(server: Imap) -> imaplib.IMAP4:
    imap = imaplib.IMAP4("127.0.0.1", server.port, timeout=10)
    imap.authenticate("PLAIN", lambda _: f"\0{USER}\0{PASSWORD}".encode())
    return imap


def put(server: Imap, *mails: bytes, folder: str = "INBOX", anew: bool = False) -> None:
    imap = client(server)
    if anew:
        count = imap.select(folder)[1][0]
        if count != b"0":
            imap.store("1:*", "+FLAGS", r"(\Deleted)")
        imap.expunge()
    for raw in mails:
        assert imap.append(folder, None, None, raw)[0] == "OK"
    imap.logout()


def flags(server: Imap) -> list[bool]:
    """Of each mail, whether it is marked as seen."""
    imap = client(server)
    imap.select("INBOX", readonly=True)
    _, answer = imap.fetch("1:*", "(FLAGS)")
    imap.logout()
    return [b"\\Seen" in line for line in answer if isinstance(line, bytes)]


LUNCH = mail("From: a@b.example", "To: notices@net.example", "Subject: Lunch?")


@needs_dovecot
@pytest.mark.parametrize("tls", ["implicit", "starttls", "none"])
def test_bounces_and_replies_are_fetched_and_only_those_are_marked(server: Imap, open_house: Open, tls: str) -> None:
    house = open_house(server.tls_port if tls == "implicit" else server.port, tls=tls)
    put(server, LUNCH, report(verp(house.keys), block()), reply_to(sealed(house, 2)), anew=True)
    post = fetch_post(house)
    assert (post.trouble, post.bounced, post.replies, post.others) == ("", (ONE,), 1, 1)
    assert flags(server) == [False, True, True]
    assert fetch_post(house).others == 0, "what was looked at once is not looked at again"
    put(server, reply_to(sealed(house, 2), "one thing more\n"), LUNCH)
    post = fetch_post(house)
    assert (post.replies, post.others) == (1, 1)


@needs_dovecot
def test_nothing_is_touched_where_that_is_not_wanted(server: Imap, open_house: Open) -> None:
    house = open_house(server.tls_port, more="mark_seen = false\n")
    put(server, reply_to(sealed(house)), anew=True)
    assert fetch_post(house).replies == 1
    assert flags(server) == [False]


@needs_dovecot
def test_a_round_that_dies_goes_on_where_it_was(
    server: Imap, open_house: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = open_house(server.tls_port)
    put(server, *(reply_to(sealed(house), f"answer {n}\n") for n in range(25)), anew=True)
    left = [13]

    def dying(*_: object, **__: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(imap_box.ImapBox, "filed", dying)
        with pytest.raises(KeyboardInterrupt):
            fetch_post(house)
    assert fetch_post(house).replies == 5, "two batches of ten were filed"
    with house.book.read() as tx:
        assert len({each.text for each in arrivals.unseen_replies(tx, 100)}) == 25


@needs_dovecot
def test_a_mailbox_whose_numbers_begin_anew_is_read_anew_and_nothing_is_filed_twice(
    server: Imap, open_house: Open
) -> None:
    house = open_house(server.tls_port)
    put(server, LUNCH, reply_to(sealed(house)), anew=True)
    fetch_post(house)
    (server.maildir / "dovecot-uidlist").unlink()  # Dovecot gives a new UIDVALIDITY
    for index in server.maildir.glob("dovecot.index*"):
        index.unlink()
    put(server, reply_to(sealed(house), "something new\n"))
    post = fetch_post(house)
    assert (post.trouble, post.replies) == ("", 1)
    with house.book.read() as tx:
        assert len(arrivals.unseen_replies(tx, 100)) == 2


@needs_dovecot
def test_a_mail_of_many_megabytes_is_looked_at_in_part(server: Imap, open_house: Open) -> None:
    house = open_house(server.tls_port)
    put(
        server,
        reply_to(sealed(house), "x" * 70 + "\n" + "y" * 9_000_000),
        reply_to(sealed(house), "small\n"),
        anew=True,
    )
    post = fetch_post(house)
    assert (post.trouble, post.replies) == ("", 2)


@needs_dovecot
def test_what_is_wrong_is_told_and_no_password_with_it(server: Imap, open_house: Open) -> None:
    wrong = {
        "AUTHENTICATIONFAILED": open_house(server.tls_port, password="Wrong word 1"),
        "CERTIFICATE_VERIFY_FAILED": open_house(server.tls_port, ca=Path("/etc/ssl/certs/ca-certificates.crt")),
        "has no folder 'Nowhere'": open_house(server.tls_port, more='folders = ["Nowhere"]\n'),
        "refused": open_house(1),
    }
    for complaint, house in wrong.items():
        trouble = fetch_post(house).trouble
        assert complaint.lower() in trouble.lower()
        assert "Wrong word 1" not in trouble
        assert PASSWORD not in trouble


# --- servers that are none ---------------------------------------------------------------------------------------


def _answer(line: bytes, fetched: bytes) -> bytes:
    """As a server would, but for what `fetched` says."""
    tag, word = line.split()[0], line.split()[1].upper()
    answers = {
        b"CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n",
        b"EXAMINE": b"* 1 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 2] x\r\n",
        b"UID": b"* SEARCH 1\r\n" if b"SEARCH" in line else fetched,
    }
    return answers.get(word, b"") + tag + b" OK done\r\n"


@pytest.mark.parametrize(
    ("greeting", "fetched", "trouble"),
    [
        (b"", b"", "cannot be read"),
        (b"220 smtp here\r\n", b"", "cannot be read"),
        (b"* OK " + b"x" * 2_000_000 + b"\r\n", b"", "cannot be read"),
        (b"* OK hello\r\n", b"* 1 FETCH (UID 1 BODY[]<0> {99999999999}\r\n", "bytes at once"),
        (b"* OK hello\r\n", b"* 1 FETCH (UID 1)\r\n", ""),
        (b"* OK hello\r\n", b"garbage\r\n", "cannot be read"),
    ],
)
def test_a_server_that_talks_nonsense_is_told_and_waited_for_no_longer(
    open_house: Open, greeting: bytes, fetched: bytes, trouble: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with suppress(OSError):
                link, _ = listener.accept()
                with link:
                    link.sendall(greeting)
                    for line in link.makefile("rb"):
                        link.sendall(_answer(line, fetched))

        threading.Thread(target=serve, daemon=True).start()
        post = fetch_post(open_house(listener.getsockname()[1], tls="none"))
    assert trouble in post.trouble
    assert bool(post.trouble) == bool(trouble)
    assert post.replies == 0
