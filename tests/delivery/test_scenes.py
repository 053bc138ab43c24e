"""A mail server that fails at every step: what becomes of the notice, and of the case."""

from __future__ import annotations

import socket
from datetime import timedelta

import msgspec
import pytest

from tests.breaking import Dropped, drop, silence
from tests.delivery import post_office
from tests.delivery.certificates import Trust
from tests.delivery.conftest import OpenOffice
from tests.delivery.scripted import Act, Talk, drip, scripted
from tocsin.book import deliveries
from tocsin.pipeline.outbox import deliver_queued

ONE = post_office.name_of(1)


class Scene(msgspec.Struct, frozen=True):
    """What the server does, and what must become of the one notice. `taken`: mails that the server has whole."""

    script: dict[str, Act | list[Act | None]]
    state: str
    says: str = ""
    taken: int = 0
    trouble: str = ""  # what the round says of the server


def go_on_and_drop(talk: Talk) -> None:
    """Asks for the mail and hangs up in one breath: no part of it can be read, and never its dot."""
    talk.link.send(b"354 go on\r\n", socket.MSG_MORE)
    raise Dropped


WAITS, UNCERTAIN = "queued", "uncertain"
SCENES = {
    "all is well": Scene({}, "sent", taken=1),
    # --- the way in: no notice's fault
    "greeting 421": Scene({"greeting": b"421 4.3.2 not now"}, WAITS, "421", trouble="greets with 421"),
    "greeting 554": Scene({"greeting": b"554 go away"}, WAITS, "554", trouble="greets with 554"),
    "greeting no SMTP": Scene({"greeting": b"SSH-2.0-OpenSSH_9.2"}, WAITS, "no reply", trouble="no reply"),
    "hangs up at once": Scene({"greeting": drop}, WAITS, "hung up", trouble="hung up"),
    "says nothing": Scene({"greeting": silence}, WAITS, "too long", trouble="too long"),
    "a byte now and then": Scene({"greeting": drip}, WAITS, "too long", trouble="too long"),
    "an endless line": Scene({"greeting": b"220 " + b"x" * 9_000}, WAITS, "more than", trouble="more than 2000 bytes"),
    "an endless answer": Scene({"EHLO": b"250-x\r\n" * 200}, WAITS, "more than", trouble="more than 100 lines"),
    "EHLO junk": Scene({"EHLO": b"25O what?"}, WAITS, "no reply", trouble="no reply"),
    "EHLO two codes": Scene({"EHLO": b"250-a\r\n251 b"}, WAITS, "250 and 251", trouble="250 and 251"),
    "EHLO 502": Scene({"EHLO": b"502 no such word"}, WAITS, "502", trouble="answers EHLO with 502"),
    "answers twice": Scene({"EHLO": b"250 a\r\n250 b"}, WAITS, "before it was asked"),
    # --- the envelope
    "MAIL 451": Scene({"MAIL": b"451 4.3.0 later"}, WAITS, "451 4.3.0 later"),
    "MAIL 550": Scene({"MAIL": b"550 5.7.1 not you"}, WAITS, "5.7.1", trouble="takes nothing from us"),
    "MAIL 552": Scene({"MAIL": b"552 5.3.4 too big"}, "refused", "552 5.3.4 too big"),
    "RCPT 450": Scene({"RCPT": b"450 4.2.0 greylisted"}, WAITS, "greylisted"),
    "RCPT 550": Scene({"RCPT": b"550 5.1.1 no such user"}, "bounced", "550 5.1.1 no such user"),
    "RCPT 550 without more": Scene({"RCPT": b"550 unknown"}, "bounced", "550 unknown"),
    "RCPT 554 policy": Scene({"RCPT": b"554 5.7.1 blocked"}, "refused", "554 5.7.1 blocked"),
    "RCPT 530": Scene({"RCPT": b"530 5.7.0 log in first"}, WAITS, "530", trouble="takes nothing from us"),
    "RCPT garbled": Scene({"RCPT": b"2xx fine"}, WAITS, "no reply"),
    "RCPT drop": Scene({"RCPT": drop}, WAITS, "hung up"),
    "DATA 451": Scene({"DATA": b"451 4.3.0 disk"}, WAITS, "disk"),
    "DATA 554": Scene({"DATA": b"554 no"}, "refused", "554 no"),
    "DATA 250": Scene({"DATA": b"250 what data?"}, WAITS, "answers DATA with 250"),
    "DATA 354 and an answer in store": Scene({"DATA": b"354 go\r\n250 2.0.0 taken"}, WAITS, "before it was asked"),
    # --- the mail
    "drop in the mail": Scene({"DATA": go_on_and_drop}, WAITS, ""),
    "421 in the mail": Scene({"DATA": b"354 go on\r\n421 4.3.2 shutting down"}, WAITS, "the server closes: 421"),
    "dot 452": Scene({"dot": b"452 4.3.1 full"}, WAITS, "452 4.3.1 full", taken=1),
    "dot 421": Scene({"dot": b"421 4.3.2 closing"}, WAITS, "421 4.3.2 closing", taken=1),
    "dot 550": Scene({"dot": b"550 5.7.1 spam"}, "refused", "550 5.7.1 spam", taken=1),
    "drop after the dot": Scene({"dot": drop}, UNCERTAIN, "last dot may have been sent", taken=1),
    "nothing after the dot": Scene({"dot": silence}, UNCERTAIN, "too long", taken=1),
    "a byte now and then after the dot": Scene({"dot": drip}, UNCERTAIN, "too long", taken=1),
    "garbled after the dot": Scene({"dot": b"\xff\xfe250 ok"}, UNCERTAIN, "no reply", taken=1),
    "354 after the dot": Scene({"dot": b"354 more"}, UNCERTAIN, "354 more", taken=1),
    "terminal codes after the dot": Scene({"dot": b"550 \x1b[2J5.7.1"}, "refused", "550 ?[2J5.7.1", taken=1),
}


@pytest.mark.parametrize("name", SCENES)
def test_what_becomes_of_the_notice(name: str, office: OpenOffice) -> None:
    scene = SCENES[name]
    with scripted(scene.script) as server:
        house = office(server)
        done = deliver_queued(house)
    state, reason = post_office.state_of(house.book, ONE)
    assert (state, len(server.whole)) == (scene.state, scene.taken)
    assert scene.trouble in done.trouble
    assert bool(done.trouble) == bool(scene.trouble)
    with house.book.read() as tx:
        (attempt,) = deliveries.attempts_of(tx, [ONE])[ONE]
        waiting, due_at = deliveries.waiting(tx)
    assert scene.says in (attempt.reason or "")
    assert attempt.ended_at is not None
    if scene.state == WAITS:
        assert waiting == done.waiting == 1
        assert due_at is not None
        assert due_at > house.now, "it is not tried again at once"
    else:
        assert waiting == 0
        assert scene.state == "sent" or scene.says in reason


@pytest.mark.parametrize("name", [name for name, scene in SCENES.items() if scene.state in (WAITS, UNCERTAIN)])
def test_when_the_server_is_well_again_what_may_have_left_is_not_sent_and_the_rest_is(
    name: str, office: OpenOffice
) -> None:
    scene = SCENES[name]
    with scripted(scene.script) as server:
        house = office(server)
        deliver_queued(house)
        server.script.clear()
        assert deliver_queued(house).sent == (), "not before its time"
        house.now += timedelta(minutes=2)
        done = deliver_queued(house)
    wanted = "sent" if scene.state == WAITS else UNCERTAIN
    assert post_office.state_of(house.book, ONE)[0] == wanted
    assert len(server.accepted) == len(done.sent) == (1 if scene.state == WAITS else 0)


def test_the_case_knows_that_its_notice_came_back(office: OpenOffice) -> None:
    with scripted({"RCPT": b"550 5.1.1 no such user"}) as server:
        house = office(server)
        done = deliver_queued(house)
    assert [each.notice for each in done.bounced] == [ONE]
    assert post_office.case_story(house.book, ONE)[-1] == ("open", f"{ONE} came back: 550 5.1.1 no such user")


def test_the_case_knows_that_nobody_knows(office: OpenOffice) -> None:
    with scripted({"dot": drop}) as server:
        house = office(server)
        done = deliver_queued(house)
    assert done.uncertain == (ONE,)
    state, said = post_office.case_story(house.book, ONE)[-1]
    assert state == "notified"
    assert "may have left or not" in said


# --- TLS and login -----------------------------------------------------------------------------------------------

LOGIN = 'user = "tocsin"\npassword_file = "password"\n'


def test_under_tls_with_a_login_it_leaves(office: OpenOffice, trust: Trust) -> None:
    with scripted({}, tls=trust.server_context(), offers=(b"AUTH PLAIN",)) as server:
        house = office(server, tls="starttls", more=LOGIN)
        (house.config_file.parent / "password").write_text("s3cret pass\n")
        assert deliver_queued(house).sent == (ONE,)
    assert [line.split()[0] for line in server.heard[:4]] == ["EHLO", "STARTTLS", "EHLO", "AUTH"]


TLS_SCENES: dict[str, tuple[dict[str, Act | list[Act | None]], str]] = {
    "no STARTTLS": ({"EHLO": b"250-post.example\r\n250 DSN"}, "offers no TLS"),
    "STARTTLS refused": ({"STARTTLS": b"454 4.7.0 not now"}, "answers STARTTLS with 454"),
    "words put in before TLS": ({"STARTTLS": b"220 go on\r\n250-AUTH PLAIN"}, ""),
    "no handshake": ({"STARTTLS": b"220 go on"}, ""),
    "login refused": ({"AUTH": b"535 5.7.8 wrong"}, "login is refused: 535 5.7.8 wrong"),
    "login quoted back": ({"AUTH": b"535 AHRvY3NpbgBzM2NyZXQgcGFzcw== is wrong"}, "login is refused: 535"),
    "no login known": ({"ehlo-tls": b"250-post.example\r\n250 AUTH GSSAPI"}, "no login that we know: GSSAPI"),
    "no login offered": ({"ehlo-tls": b"250 post.example"}, "no login that we know: none"),
}


@pytest.mark.parametrize("name", TLS_SCENES)
def test_without_tls_and_login_as_they_must_be_nothing_leaves(name: str, office: OpenOffice, trust: Trust) -> None:
    script, trouble = TLS_SCENES[name]
    with scripted(script, tls=trust.server_context(), offers=(b"AUTH PLAIN LOGIN",)) as server:
        house = office(server, tls="starttls", more=LOGIN)
        (house.config_file.parent / "password").write_text("s3cret pass\n")
        done = deliver_queued(house)
    assert done.trouble
    assert trouble in done.trouble
    assert "AHRvY3NpbgBz" not in done.trouble
    assert not [line for line in server.heard if line.startswith("MAIL")]
    assert post_office.state_of(house.book, ONE)[0] == WAITS


def test_the_password_is_never_said_in_the_clear(office: OpenOffice) -> None:
    with scripted({}, offers=(b"AUTH PLAIN",)) as server:
        house = office(server, tls="starttls", more=LOGIN)
        (house.config_file.parent / "password").write_text("s3cret pass\n")
        assert "offers no TLS" in deliver_queued(house).trouble
    assert [line.split()[0] for line in server.heard] == ["EHLO"]
