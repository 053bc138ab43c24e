"""A real conversation: aiosmtpd under TLS with a login, and Debian's Postfix with bounces that come back."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path

import msgspec
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.delivery import post_office
from tests.delivery.certificates import Trust, make_trust
from tests.delivery.conftest import OpenOffice
from tests.delivery.scripted import Act, scripted
from tests.delivery.servers import HAS_POSTFIX, Smtp, postfix
from tests.real.brokers import free_port
from tocsin.book import deliveries
from tocsin.book import notices as book_notices
from tocsin.mailcheck.check import check_mail
from tocsin.mailcheck.resolver import zone_resolver
from tocsin.notices.config import DeliveryConfig
from tocsin.notices.deliver import DeliveryResult
from tocsin.notices.seal import Sealed
from tocsin.notices.smtp.dialogue import Way
from tocsin.notices.smtp.session import Session as Conversation
from tocsin.pipeline.courier import sealed_of, way_of
from tocsin.pipeline.house import House
from tocsin.pipeline.outbox import deliver_queued
from tocsin.pipeline.post import fetch_post
from tocsin.proof.known import Known, pin

ONE = post_office.name_of(1)
LOGIN = 'user = "tocsin"\npassword_file = "password"\n'


class Box:
    """Keeps every mail as it came."""

    def __init__(self) -> None:
        self.came: list[Envelope] = []
        self.tls: list[bool] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.came.append(envelope)
        self.tls.append(session.ssl is not None)
        return "250 2.0.0 kept"


@contextmanager
def aiosmtpd_server(context: ssl.SSLContext | None, *, login: bool = False) -> Iterator[tuple[int, Box]]:
    def judge(_s: object, _t: object, _e: object, _m: str, data: object) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"tocsin", b"s3cret pass")
        return AuthResult(success=right)

    box, port = Box(), free_port()
    more = {"require_starttls": True, "tls_context": context} if context else {}
    more |= {"auth_required": True, "authenticator": judge} if login else {}
    controller = Controller(box, hostname="127.0.0.1", port=port, **more)  # type: ignore[arg-type]
    controller.start()
    try:
        yield port, box
    finally:
        controller.stop()


def test_many_notices_leave_in_one_conversation_under_tls(office: OpenOffice, trust: Trust) -> None:
    with aiosmtpd_server(trust.server_context(), login=True) as (port, box):
        house = office(port, notices=12, tls="starttls", more=LOGIN)
        (house.config_file.parent / "password").write_text("s3cret pass\n")
        done = deliver_queued(house)
    assert (len(done.sent), done.trouble, done.waiting) == (12, "", 0)
    assert box.tls == [True] * 12
    with house.book.read() as tx:
        raws = {name: book_notices.raw_of(tx, name) for name in done.sent}
    for envelope in box.came:
        name = f"N-{str(envelope.mail_from)[len('bounce+n-') :][:16].upper()}"
        assert envelope.content == raws[name], "every byte, with its dots"
        assert envelope.rcpt_tos == [post_office.recipient_of(_number(name))]


def _number(name: str) -> int:
    return next(number for number in range(1, 100) if post_office.name_of(number) == name)


def test_what_arrived_is_judged_genuine(office: OpenOffice, trust: Trust) -> None:
    with aiosmtpd_server(trust.server_context()) as (port, box):
        house = office(port, tls="starttls")
        deliver_queued(house)
    (envelope,) = box.came
    assert isinstance(envelope.content, bytes)
    known = Known(keys=(pin(house.keys.proof.public, house.issuer.name),))
    checked = check_mail(
        envelope.content, known=known, resolve=zone_resolver(house.data / "keys" / "zone.txt"), at=house.now
    )
    assert checked.verdict == "genuine"


@pytest.mark.parametrize(
    ("names", "lasts_days", "complaint"),
    [(("mail.evil.example",), 30, "mismatch"), (("127.0.0.1",), -1, "expired")],
)
def test_a_certificate_of_another_or_of_the_past_gets_nothing(
    office: OpenOffice, tmp_path: Path, names: tuple[str, ...], lasts_days: int, complaint: str
) -> None:
    wrong = make_trust(tmp_path / "wrong", names=names, lasts_days=lasts_days)
    with aiosmtpd_server(wrong.server_context()) as (port, box):
        house = office(port, tls="starttls")
        done = deliver_queued(house)
    assert "certificate is not trusted" in done.trouble
    assert complaint in done.trouble
    assert box.came == []
    assert post_office.state_of(house.book, ONE)[0] == "queued"


def test_a_certificate_that_nobody_we_know_vouches_for_gets_nothing(office: OpenOffice, trust: Trust) -> None:
    with aiosmtpd_server(trust.server_context()) as (port, box):
        house = office(port, tls="starttls")
        text = house.config_file.read_text("utf-8").replace(str(trust.ca), "/etc/ssl/certs/ca-certificates.crt")
        house.config_file.write_text(text, "utf-8")
        with post_office.open_house(house.config_file.parent) as strict:
            assert "certificate is not trusted" in deliver_queued(strict).trouble
    assert box.came == []


def test_implicit_tls_begins_with_the_first_byte(office: OpenOffice, trust: Trust) -> None:
    with scripted({}, tls=trust.server_context(), implicit=True) as server:
        assert deliver_queued(office(server, tls="implicit")).sent == (ONE,)
    assert server.heard[0].startswith("EHLO net.example")


def test_implicit_tls_with_a_server_that_speaks_in_the_clear_is_told(office: OpenOffice) -> None:
    with scripted({}) as server:
        assert "TLS" in deliver_queued(office(server, tls="implicit")).trouble
    assert server.heard == []


# --- the rate, the round, the wrong server -----------------------------------------------------------------------


def test_no_more_than_so_many_leave_in_a_minute(office: OpenOffice) -> None:
    with scripted({}) as server:
        house = office(server, notices=6)
        text = house.config_file.read_text("utf-8").replace("per_minute = 100000", "per_minute = 600")
        house.config_file.write_text(text, "utf-8")
        with post_office.open_house(house.config_file.parent) as slow:
            begun = time.monotonic()
            assert len(deliver_queued(slow).sent) == 6
            assert time.monotonic() - begun >= 0.5
            assert server.connections == 1


def test_a_round_ends_when_its_time_is_over_and_the_next_goes_on(office: OpenOffice) -> None:
    with scripted({}) as server:
        house = office(server, notices=3)
        assert (len(deliver_queued(house, limit_s=0).sent), len(deliver_queued(house).sent)) == (0, 3)


def test_a_server_that_refuses_everything_is_not_asked_for_long(office: OpenOffice) -> None:
    with scripted({"RCPT": b"554 5.7.1 relay access denied"}) as server:
        house = office(server, notices=9)
        done = deliver_queued(house)
    assert (len(done.refused), done.waiting) == (5, 4)
    assert "5 notices in a row were refused" in done.trouble


def test_a_server_that_has_had_enough_of_a_connection_gets_a_new_one(office: OpenOffice) -> None:
    enough: list[Act | None] = [None, None, b"421 4.7.0 too many on this connection", None, None]
    with scripted({"MAIL": enough}) as server:
        house = office(server, notices=4)
        done = deliver_queued(house)
    assert len(done.sent) + done.waiting == 4
    assert len(server.accepted) == len(done.sent) >= 3
    assert server.connections == 2


def test_a_notice_waits_longer_after_each_try_and_is_refused_when_it_is_too_old(office: OpenOffice) -> None:
    waits = []
    with scripted({"RCPT": b"450 4.2.0 later"}) as server:
        house = office(server)
        for _ in range(60):
            deliver_queued(house)
            with house.book.read() as tx:
                waiting, due_at = deliveries.waiting(tx)
            if not waiting:
                break
            assert due_at is not None
            waits.append(round((due_at - house.now).total_seconds() / 60))
            house.now = due_at
    assert waits[:7] == [1, 5, 15, 60, 120, 240, 240]
    state, reason = post_office.state_of(house.book, ONE)
    assert (state, "waited too long" in reason) == ("refused", True)


# --- what may not go on the wire ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"envelope_to": "robin@post.example>\r\nRCPT TO:<all@post.example"},
        {"envelope_to": "robin@post.example\r\nDATA"},
        {"envelope_from": "a@net.example> SIZE=1\nMAIL FROM:<b@net.example"},
        {"raw": b"Subject: x\r\n\r\nbody\n.\nMAIL FROM:<evil@net.example>\r\n"},
        {"raw": b"Subject: x\r\n\r\nbody\r.\r\r\n"},
        {"raw": b"Subject: x\r\n\r\nno end"},
        {"raw": b"Subject: x\r\n\r\n" + b"x" * 1_200 + b"\r\n"},
        {"raw": b"Subject: x\r\n\r\n\xc3\xa4\r\n"},
    ],
)
def test_what_a_server_could_take_for_commands_or_for_two_mails_does_not_leave(
    office: OpenOffice, change: dict[str, str | bytes]
) -> None:
    with scripted({}, offers=()) as server:
        house = office(server)
        conversation = Conversation(way_of(house))
        delivery = conversation.deliver(msgspec.structs.replace(_sealed(house), **change), lambda: True)
        conversation.quit()
    assert delivery.result is DeliveryResult.REFUSED
    assert [line.split()[0] for line in server.heard] == ["EHLO", "QUIT"]


def test_lines_that_begin_with_a_dot_arrive_as_they_are(office: OpenOffice) -> None:
    raw = b"Subject: x\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n"
    with aiosmtpd_server(None) as (port, box):
        house = office(port)
        conversation = Conversation(way_of(house))
        assert (
            conversation.deliver(msgspec.structs.replace(_sealed(house), raw=raw), lambda: True).result == "delivered"
        )
        conversation.quit()
    assert box.came[0].content == raw


def test_what_is_stopped_before_its_dot_does_not_arrive(office: OpenOffice) -> None:
    with aiosmtpd_server(None) as (port, box):
        house = office(port)
        conversation = Conversation(way_of(house))
        assert conversation.deliver(_sealed(house), lambda: False).result is DeliveryResult.WITHDRAWN
        assert not conversation.is_open
    assert box.came == []


def test_a_password_is_not_shown_with_its_way() -> None:
    way = Way(config=DeliveryConfig(host="h.example"), greeting="x", password="s3cret")
    assert "s3cret" not in repr(way)


def _sealed(house: House, number: int = 1) -> Sealed:
    name = post_office.name_of(number)
    with house.book.read() as tx:
        found = book_notices.find(tx, name)
        assert found is not None
        return sealed_of(found, book_notices.raw_of(tx, name))


# --- Postfix -----------------------------------------------------------------------------------------------------


@pytest.mark.skipif(not HAS_POSTFIX, reason="needs root and Postfix (apt-get install postfix)")
def test_through_a_real_postfix_notices_arrive_and_bounces_come_back(office: OpenOffice, trust: Trust) -> None:
    """robin1 has a mailbox; robin12 has none, as Postfix says at once; somebody at far.example has none, as the server
    behind Postfix says later: that bounce is Postfix's own, comes to our VERP address and is filed."""
    with (
        scripted({"RCPT": b"550 5.1.1 no such user here"}, offers=()) as far,
        postfix(trust, far_port=far.port) as running,
    ):
        house = office(running.port, notices=1, tls="starttls", more="")
        post_office.queue(house, 12)
        post_office.queue(house, 20, to="gone+nobody@far.example")
        done = deliver_queued(house)
        assert (done.trouble, len(done.sent)) == ("", 2)
        assert [each.notice for each in done.bounced] == [post_office.name_of(12)]
        arrived = _await_mail(running, "post.example/robin1")
        bounce = _await_mail(running, "net.example/bounce")
        _read_maildir(house, running.mail / "net.example" / "bounce")
        with post_office.open_house(house.config_file.parent) as reading:
            post = fetch_post(reading)
    gone = post_office.name_of(20)
    assert (post.trouble, post.bounced) == ("", (gone,))
    assert b"message/delivery-status" in bounce
    assert post_office.state_of(house.book, gone)[0] == "bounced"
    assert "5.1.1" in post_office.state_of(house.book, gone)[1]
    assert "no such user here" in post_office.case_story(house.book, gone)[-1][1]
    mail = message_from_bytes(arrived, policy=policy.default)
    assert mail["Return-Path"].startswith("<bounce+n-")


def _await_mail(running: Smtp, box: str) -> bytes:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = list((running.mail / box / "new").glob("*"))
        if found:
            return found[0].read_bytes()
        time.sleep(0.1)
    raise AssertionError(f"nothing came to {box}: {running.log.read_text()}")


def _read_maildir(house: House, maildir: Path) -> None:
    with house.config_file.open("a", encoding="utf-8") as file:
        file.write(f'[mailbox]\nvia = "maildir"\nmaildir = "{maildir}"\n')
