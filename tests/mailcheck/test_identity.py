"""Who the sender says he is, against where he writes from."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.mailcheck import identity
from tocsin.mailcheck.authentic import Authentic
from tocsin.mailcheck.findings import KINDS
from tocsin.mailcheck.inspection import Claim, Inspection
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.sender import read_sender
from tocsin.mailcheck.setup import Setup


def codes(sender: str, *more: str, to: str = "anna@mail.example", subject: str = "x", **seen: object) -> set[str]:
    lines = (f"From: {sender}", f"To: {to}", f"Subject: {subject}", *more, "", "words")
    mail = read_mail("\r\n".join(lines).encode())
    looked = Inspection(mail=mail, claim=Claim(), setup=Setup(), **seen)  # type: ignore[arg-type]
    return {finding.code for finding in identity.look(looked)}


@pytest.mark.parametrize(
    ("sender", "code"),
    [
        ('"PayPal" <service@shop.example>', "name-of-another"),
        ('"Netflix" <a@sonia.example >', "name-of-another"),
        ("PayPaI <service@shop.example>", "name-disguised"),
        ("PayPal <pay@gmail.com>", "name-free-mail"),
        ("Ledger <a@shop.example>", "name-like-organisation"),
        ("service@pay.com <a@shop.example>", "name-has-address"),
        ("www.bank.com <a@shop.example>", "name-other-domain"),
        ("Anna <a@mtn1.in>", "sender-lookalike"),
        ("Anna <a@paypal-login.com>", "sender-joined"),
        ("Anna <a@p\u0430ypal.com>", "sender-mixed"),
        ("Anna <a@xn--pypal-4ve.com>", "sender-mixed"),
        ("Anna <aviso@%correios.com>", "sender-impossible"),
        ("Anna <aviso@correios>", "sender-impossible"),
        ("Anna <a@b.example@shop.example>", "sender-impossible"),
        ("Anna <a@nkn5zun99r.com>", "sender-random"),
        ("A, <a@shop.example>, B, <b@shop.example>", "sender-several"),
        ("Anna <anna@mail.example>", "sender-is-reader"),
        ("PayPal <service@paypal.com>", "sender-written"),
    ],
)
def test_a_sender_is_found_to_be(sender: str, code: str) -> None:
    assert code in codes(sender)


@pytest.mark.parametrize(
    "sender",
    [
        "Anna Weber <anna.weber@net.example>",
        "Tim <tim@shop.example>",
        "CERT-In <incident@cert-in.org.in>",
        "MTNL Mumbai <abuse@mtnl.net.in>",
        "Amazon.co.jp <info@amazon.co.jp>",
        "Yahoo! Mail AntiSpam <a@arf.mail.yahoo.com>",
        '"Weber, Anna" <anna@gmail.com>',
        "Craig R.Hughes <craig@net.example>",
        "",
    ],
)
def test_honest_senders_are_not_contradicted(sender: str) -> None:
    assert not {code for code in codes(sender) if KINDS[code].effect == "contradicts"}


def test_where_the_mail_is_shown_to_come_from_the_domain_it_speaks_for_it() -> None:
    shown = Authentic(author="paypal.com", how="dkim", verified=("paypal.com",))
    assert "sender-organisation" in codes("PayPal <a@paypal.com>", authentic=shown)


def test_a_mailing_list_may_write_in_the_name_of_others() -> None:
    sender = '"PayPal via Talk" <talk@list.example>'
    assert "name-of-another" in codes(sender)
    assert "name-of-another" not in codes(sender, "List-Id: <talk.list.example>")


def test_answers_to_a_free_mailbox_are_told() -> None:
    assert "reply-free-mail" in codes("A <a@shop.example>", "Reply-To: other@gmail.com")
    assert "reply-other" in codes("A <a@shop.example>", "Reply-To: other@desk.example")
    assert "return-other" in codes("A <a@shop.example>", "Return-Path: <bounce@desk.example>")
    assert not codes("A <a@shop.example>", "Reply-To: b@mail.shop.example") & {"reply-other", "reply-free-mail"}


@pytest.mark.parametrize(
    "subject",
    ["Y\u043eur \u0430ccount", "Y\u034fo\u034fu\u034fr order", "\U0001d418\U0001d428\U0001d42e\U0001d42b order"],
)
def test_words_that_programs_cannot_read_are_told(subject: str) -> None:
    assert "subject-disguised" in codes("A <a@shop.example>", subject=subject)


@pytest.mark.parametrize("subject", ["Ваш счёт от Microsoft", "日本のWindows", "Straße", "👨\u200d👩\u200d👧 hello"])
def test_words_in_other_scripts_are_just_words(subject: str) -> None:
    assert "subject-disguised" not in codes("A <a@shop.example>", subject=subject)


@given(st.text(max_size=400))
@settings(max_examples=300, deadline=None)
def test_no_sender_breaks_it(line: str) -> None:
    read_sender(line)
    codes(line.replace("\r", " ").replace("\n", " "))
