"""Mails that people send in to be checked: answered is who has shown to be the sender, no machine; nothing stays."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cache
from pathlib import Path

import dns.message
import dns.rrset
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key

from tests.web.demo_site import NOW
from tests.web.portal.portal_world import home_notice
from tests.web.portal.test_check_pages import PHISH, raw_notice
from tocsin.book import reported_fakes
from tocsin.notices.signer import dkim_record, dkim_signature
from tocsin.pipeline.check_mail import Answered, answer_mails
from tocsin.pipeline.checking import Checkers
from tocsin.pipeline.checkmailsection import CheckMailSection
from tocsin.pipeline.work import KINDS
from tocsin.terms.errors import BadConfig, Refused
from tocsin.web.shared.site import Site

CHECK = "check@isp.example"
ANNA = "anna@home.example"


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


class Names:
    """A name server on this machine that knows one domain's key."""

    def __init__(self) -> None:
        self._door = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._door.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._door.getsockname()[1]}"
        self.asked: list[str] = []
        self.is_silent = False
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                raw, client = self._door.recvfrom(4096)
            except OSError:
                return
            query = dns.message.from_wire(raw)
            answer = dns.message.make_response(query)
            question = query.question[0]
            self.asked.append(str(question.name))
            if str(question.name) == "mail._domainkey.home.example." and question.rdtype == dns.rdatatype.TXT:
                value = dkim_record(key().public_key())
                strings = " ".join(f'"{value[start : start + 250]}"' for start in range(0, len(value), 250))
                answer.answer.append(dns.rrset.from_text(question.name, 60, "IN", "TXT", strings))
            if not self.is_silent:
                self._door.sendto(answer.to_wire(), client)

    def close(self) -> None:
        self._door.close()


@pytest.fixture
def names() -> Iterator[Names]:
    opened = Names()
    yield opened
    opened.close()


@pytest.fixture
def checkers() -> Iterator[Checkers]:
    opened = Checkers(children=1)
    yield opened
    opened.close()


@pytest.fixture
def box(site: Site, names: Names) -> Path:
    """A mailbox for `check@…`."""
    config = site.config_file
    text = config.read_text("utf-8").replace("[web]", f'[portal]\ndns = ["{names.address}"]\n[web]')
    config.write_text(f'{text}[check_mail]\naddress = "{CHECK}"\nmaildir = "check"\nanswers_per_day = 2\n', "utf-8")
    folder = config.parent / "check"
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    return folder


def forward(
    inside: bytes | None = PHISH,
    *,
    sender: str = ANNA,
    to: str = CHECK,
    text: str = "Is this real?",
    extra: Sequence[tuple[str, str]] = (),
    number: int = 1,
    signer: str = "home.example",
    after: Sequence[tuple[str, str]] = (),
) -> bytes:
    """What a mail program sends when somebody forwards a mail as an attachment (or, without one, its words)."""
    fields = [
        ("From", f"Anna <{sender}>"),
        ("To", to),
        ("Subject", "Fwd: last warning"),
        ("Date", "Mon, 23 Nov 2026 14:00:00 +0000"),
    ]
    fields += [("Message-ID", f"<{number}@home.example>"), ("MIME-Version", "1.0"), *extra]
    if inside is None:
        fields.append(("Content-Type", "text/plain; charset=utf-8"))
        body = text.encode().replace(b"\n", b"\r\n") + b"\r\n"
    else:
        fields.append(("Content-Type", 'multipart/mixed; boundary="=_b"'))
        head = b"--=_b\r\nContent-Type: text/plain\r\n\r\n" + text.encode() + b"\r\n"
        body = head + b"--=_b\r\nContent-Type: message/rfc822\r\n\r\n" + inside + b"\r\n--=_b--\r\n"
    signature = dkim_signature(fields, body, domain=signer, selector="mail", key=key(), at=NOW)
    lines = [("DKIM-Signature", signature), *fields]
    head = "".join(f"{name}: {value}\r\n" for name, value in (*after, *lines)).encode()
    return head + b"\r\n" + body


def put(box: Path, *mails: bytes) -> None:
    for number, raw in enumerate(mails):
        (box / "new" / f"{len(list((box / 'new').iterdir())) + number}.mail").write_bytes(raw)


def work(site: Site, checkers: Checkers) -> Answered:
    with site.fresh_house() as house:
        return answer_mails(house, checkers=checkers)


def answers(site: Site) -> list[EmailMessage]:
    """The answers in the provider's outbox."""
    found = [path.read_bytes() for path in (site.data / "outbox" / "new").iterdir()]
    mails = [message_from_bytes(raw, _class=EmailMessage, policy=policy.default) for raw in found]
    return [mail for mail in mails if mail["Auto-Submitted"] == "auto-replied"]


def is_empty(box: Path) -> bool:
    return not any(path.is_file() for path in box.rglob("*"))


def test_a_mail_forwarded_as_an_attachment_is_answered_and_deleted(site: Site, box: Path, checkers: Checkers) -> None:
    put(box, forward())
    assert work(site, checkers) == Answered(answered=1, refused={})
    (mail,) = answers(site)
    assert mail["To"] == ANNA
    assert mail["From"].addresses[0].addr_spec == CHECK
    assert mail["In-Reply-To"] == "<1@home.example>"
    assert mail["Return-Path"] == "<>"
    assert mail["Subject"] == "Your mail check: Probably fake"
    text = mail.get_content()
    assert "paypal" in text.lower()
    assert "bank-secure[.]example" in text
    assert "http" not in text.replace("hxxp", "")
    assert is_empty(box)


def test_nothing_of_it_is_kept_but_that_it_was_answered(site: Site, box: Path, checkers: Checkers) -> None:
    put(box, forward())
    work(site, checkers)
    with site.book.read() as tx:
        from tocsin.book.tables_portal import mail_answers

        (row,) = tx.execute(mail_answers.select()).all()
    assert ANNA not in repr(row)
    assert row.result == "answered"


def test_a_notice_of_ours_that_is_forwarded_is_known_as_ours(site: Site, box: Path, checkers: Checkers) -> None:
    put(box, forward(raw_notice(site)))
    work(site, checkers)
    (mail,) = answers(site)
    assert mail["Subject"] == "Your mail check: Genuine"
    assert home_notice(site).notice in mail.get_content()


def test_an_inline_forward_says_that_its_headers_are_unchecked(site: Site, box: Path, checkers: Checkers) -> None:
    text = "---- Forwarded ----\nFrom: PayPal <a@paypal.example>\nSubject: x\n\nPay 2 gift cards now."
    put(box, forward(None, text=text), forward(None, text=text.partition("\n")[2], number=2))
    assert work(site, checkers).answered == 2
    for mail in answers(site):
        assert "its headers are unchecked" in mail.get_content()
        assert "without the headers of a mail" in mail.get_content()


@pytest.mark.parametrize(
    ("mail", "reason"),
    [
        (forward(extra=[("Auto-Submitted", "auto-replied")]), "auto-submitted"),
        (forward(extra=[("Precedence", "bulk")]), "sent to many"),
        (forward(extra=[("List-Id", "<a.home.example>")]), "sent to many"),
        (forward(after=[("Return-Path", "<>")]), "a report"),
        (forward(sender="mailer-daemon@home.example"), "a machine's address"),
        (forward(sender="no-reply@home.example"), "a machine's address"),
        (forward(sender=CHECK), "a machine's address"),
        (forward(sender="abuse@isp.example"), "a machine's address"),
        (forward(after=[("From", "bob@home.example")]), "no one sender"),
        (forward(sender="victim@elsewhere.example"), "not signed by its sender"),
        (forward(signer="elsewhere.example"), "not signed by its sender"),
        (forward().replace(b"Is this real?", b"Is this reel?"), "not signed by its sender"),
        (forward().replace(b"DKIM-Signature", b"X-Signature"), "not signed by its sender"),
        (forward(to="bob@elsewhere.example"), "not signed as sent to us"),
        (forward(to="bob@elsewhere.example", after=[("Cc", CHECK)]), "not signed by its sender"),
        (forward(None, text=" \n"), "empty"),
        (b"", "no one sender"),
        (b"\x00" * 100, "no one sender"),
        (b"From: a@b.example\r\n" * 3000, "no one sender"),
    ],
)  # fmt: skip
def test_machines_forgers_and_replays_get_no_answer(
    sqlite_site: Site, names: Names, checkers: Checkers, mail: bytes, reason: str
) -> None:
    folder = _box(sqlite_site, names)
    put(folder, mail)
    assert work(sqlite_site, checkers) == Answered(refused={reason: 1})
    assert answers(sqlite_site) == []
    assert is_empty(folder)


def _box(site: Site, names: Names) -> Path:
    return box.__wrapped__(site, names)  # type: ignore[attr-defined, no-any-return]


def test_our_own_answer_sent_back_is_not_answered(site: Site, box: Path, checkers: Checkers) -> None:
    put(box, forward())
    work(site, checkers)
    (path,) = [p for p in (site.data / "outbox" / "new").iterdir() if b"auto-replied" in p.read_bytes()]
    put(box, path.read_bytes())
    assert work(site, checkers).answered == 0
    assert len(answers(site)) == 1


def test_the_same_mail_twice_is_answered_once(site: Site, box: Path, checkers: Checkers) -> None:
    put(box, forward(), forward(after=[("X-Way", "another")]))
    assert work(site, checkers) == Answered(answered=1, refused={"answered before": 1})


def test_a_sender_gets_so_many_answers_a_day(site: Site, box: Path, checkers: Checkers) -> None:
    put(box, *(forward(number=number) for number in (1, 2, 3)))
    assert work(site, checkers) == Answered(answered=2, refused={"too many a day": 1})
    site.clock.forward(hours=25)  # type: ignore[attr-defined]
    put(box, forward(number=4))
    assert work(site, checkers).answered == 1


def test_without_dns_nobody_is_answered_and_it_is_said(site: Site, box: Path, checkers: Checkers) -> None:
    text = site.config_file.read_text("utf-8")
    site.config_file.write_text(text.replace("dns = [", "dns = [] # ["), "utf-8")
    put(box, forward())
    assert "no DNS may be asked" in work(site, checkers).trouble
    assert answers(site) == []


def test_dns_that_is_silent_is_asked_again_later(site: Site, box: Path, checkers: Checkers, names: Names) -> None:
    names.is_silent = True
    put(box, forward())
    assert work(site, checkers).waiting == 1
    names.is_silent = False
    assert work(site, checkers).answered == 1


def test_it_is_forgotten_after_a_while(site: Site, box: Path, checkers: Checkers) -> None:
    put(box, forward())
    work(site, checkers)
    site.clock.forward(days=8)  # type: ignore[attr-defined]
    work(site, checkers)
    with site.book.write() as tx:
        assert reported_fakes.forget_answers(tx, before=site.clock() + timedelta(days=1)) == 0


def test_a_worker_does_it_as_a_job(sqlite_site: Site, names: Names) -> None:
    put(_box(sqlite_site, names), forward())
    with sqlite_site.fresh_house() as house:
        assert b'"answered":1' in KINDS["answer-check"](house, b"{}")


def test_a_worker_says_in_its_log_that_nobody_can_be_answered(sqlite_site: Site, names: Names) -> None:
    _box(sqlite_site, names)
    text = sqlite_site.config_file.read_text("utf-8")
    sqlite_site.config_file.write_text(text.replace("dns = [", "dns = [] # ["), "utf-8")
    with sqlite_site.fresh_house() as house, pytest.raises(Refused, match="no DNS may be asked"):
        KINDS["answer-check"](house, b"{}")


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ({"address": CHECK}, "check_mail"),
        ({"maildir": "check"}, "check_mail"),
        ({"address": "Check@isp.example", "maildir": "check"}, "check_mail.address"),
        ({"address": "no address", "maildir": "check"}, "check_mail.address"),
        ({"address": CHECK, "maildir": "check", "folder": "Check"}, "check_mail.folder"),
        ({"address": CHECK, "maildir": "check", "answers_per_day": 0}, "check_mail.answers_per_day"),
        ({"address": CHECK, "maildir": "check", "minutes": 1_441}, "check_mail.minutes"),
    ],
)
def test_a_section_that_makes_no_sense_is_refused(section: dict[str, object], where: str) -> None:
    with pytest.raises(BadConfig) as refused:
        CheckMailSection(**section)  # type: ignore[arg-type]
    assert refused.value.where == where
