"""How a mail is made up and as whom it speaks: one that shows each finding, one that is honest and does not."""

from __future__ import annotations

import pytest

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check
from tocsin.mailcheck.findings import GRAVE, KINDS
from tocsin.mailcheck.hidden import taken_out
from tocsin.mailcheck.links import links_of
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.randomness import is_unspeakable
from tocsin.mailcheck.scorecard import USUAL, USUAL_MAX, light_of
from tocsin.mailcheck.setup import Setup

READER = "kim.reader@home.example"
LINK = '<p><a href="https://www.shop.example/a">Have a look</a></p>'
STORY = (
    "<p>" + "The first paragraph of a letter that has more than a handful of words to say to its reader. " * 2 + "</p>"
)
POISON = " ".join(f"word{number}" for number in range(80))


def mail(body: str, sender: str = "Shop <news@shop.example>", subject: str = "hello", **headers: str) -> bytes:
    named = {"From": sender, "To": f"Kim <{READER}>", "Subject": subject, "Message-ID": "<1@x.example>"}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"{head}Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>{body}</body></html>".encode()


def judged(body: str, sender: str = "Shop <news@shop.example>", subject: str = "hello", **headers: str) -> Answer:
    return check(mail(body, sender, subject, **headers), Setup())


FINDS = {
    "text-hidden": (f'{LINK}<div style="display:none">{POISON}</div>', "Shop <news@shop.example>"),
    "picture-anybodys": (f'{STORY}{LINK}<img src="https://i.imgur.com/a.png">', "Shop <news@shop.example>"),
    "free-mail-picture": (
        '<a href="https://x.example/"><img src="https://x.example/a.png"></a>',
        "Kim <kim@gmail.com>",
    ),
    "link-within": ('<a href="https://victim.example/wp-includes/x/">More</a>', "Shop <news@shop.example>"),
    "link-carries-reader": (f'<a href="https://x.example/?m={READER}">More</a>', "Shop <news@shop.example>"),
    "blank-unfilled": ('<a href="https://x.example/?m={{user_mail}}">More</a>', "Shop <news@shop.example>"),
    "mailbox-random": (LINK, "Shop <xqzkvjwpt@shop.example>"),
    "sender-tenant": (LINK, "Shop <news@shop-77.firebaseapp.com>"),
    "name-nowhere": (LINK, "Lucky Winners Club <news@shop.example>"),
    "mailbox-of-another": (LINK, "News <deutsche-bank@mailings.example>"),
    "speaks-as-another": (f"{STORY}{LINK}<p>© 2026 PayPal Inc.</p>", "News <news@mailings.example>"),
}


@pytest.mark.parametrize("code", FINDS)
def test_each_finding_is_found_where_it_is(code: str) -> None:
    body, sender = FINDS[code]
    assert judged(body, sender).has(code)


def test_the_reader_s_address_is_found_in_other_clothes() -> None:
    for written in ("a2ltLnJlYWRlckBob21lLmV4YW1wbGU=", READER.encode().hex(), "kim.reader%40home.example"):
        assert judged(f'<a href="https://x.example/?m={written}">More</a>').has("link-carries-reader")


@pytest.mark.parametrize(
    ("body", "sender"),
    [
        (f'<div style="display:none">A line for the list of mails.</div>{STORY}{LINK}', "Shop <news@shop.example>"),
        (f'<div style="font-size:0"><p style="font-size:14px">{POISON}</p></div>{LINK}', "Shop <news@shop.example>"),
        (f'<div style="display:none">{STORY}</div><div>{STORY}</div>{LINK}', "Shop <news@shop.example>"),
        (f'{STORY}<a href="https://www.shop.example/?m={READER}">Leave</a>', "Shop <news@shop.example>"),
        (f'{STORY}<a href="https://shop.list-manage.com/u?e={READER}">Leave</a>', "Shop <news@shop.example>"),
        ('<a href="https://shop.example/wp-content/uploads/plan.pdf">Plan</a>', "Shop <news@shop.example>"),
        (LINK, "Münchner Laden <post@muenchner-laden.example>"),
        (LINK, "Fit & Fun <post@fitfun.example>"),
        (LINK, "カフェみどり <news@midori.example>"),
        (LINK, "Customer Service <news@shop.example>"),
        (f"{STORY}{LINK}<p>We take PayPal. Delivery by DHL. Kind regards, your shop</p>", "Shop <news@shop.example>"),
    ],
)
def test_honest_mails_have_none_of_them(body: str, sender: str) -> None:
    answer = judged(body, sender)
    assert not [finding.code for finding in answer.findings if finding.code in FINDS]


def test_what_is_hidden_is_not_read_as_said() -> None:
    """Neither to condemn a mail by it nor to let it drown what is said."""
    threat = "Your account is suspended. Click here and confirm your password within 24 hours."
    answer = judged(f'{STORY}<a href="https://x.example/">More</a><div style="display:none">{threat}</div>')
    assert not answer.has("asks-secret")
    links = links_of(read_mail(mail(f'{LINK}<div hidden>secret</div><i style="visibility:hidden">too</i>')))
    assert (links.shown, links.hidden) == ("Have a look", "secret too")


def test_hidden_boxes_within_hidden_boxes_are_taken_out_once() -> None:
    from selectolax.lexbor import LexborHTMLParser

    box = '<div style="display:none">a' * 300 + "</div>" * 300
    tree = LexborHTMLParser(f"<body>{box}<p>seen</p></body>")
    assert set(taken_out(tree).split()) == {"a"}
    assert tree.body is not None
    assert tree.body.text().strip() == "seen"


def test_a_request_to_nobody_is_told_and_a_clubs_letter_to_nobody_is_not() -> None:
    to = "undisclosed-recipients:;"
    ask = '<p>Your account is locked, confirm your account: <a href="https://x.example/">click here</a></p>'
    assert judged(ask, To=to).has("sent-to-nobody")
    assert not judged("<p>The choir meets on Friday.</p>", To=to).has("sent-to-nobody")
    assert judged("<p>I have good news.</p>", To=to, Reply_To="somebody77@gmail.com").has("sent-to-nobody")


def test_an_authority_does_not_know_whose_an_address_is() -> None:
    body = "<p>There was a crime with your IP address. Read the report.</p>"
    office = "BSI <info@bsi.bund.de>"
    assert judged(body, office).verdict == "likely-fake"
    stated = "<p>Your IP address 192.0.2.7 was seen on 2026-11-15 22:10 UTC in contact with Mirai.</p>"
    assert not judged(stated, office).has("authority-knows-no-line")
    assert not judged(body, "Netz <info@netz.example>").has("authority-knows-no-line")


def test_a_bill_with_a_number_is_none_to_nobody() -> None:
    asks = "Dear customer, please pay the attached invoice{} today: click here to pay."
    bare, numbered = (judged(f"<p>{asks.format(text)}</p>{LINK}") for text in ("", " no. 2026-4471"))
    assert bare.has("scheme-nameless-bill")
    assert not numbered.has("scheme-nameless-bill")


def test_what_honest_mails_have_too_is_never_enough_together() -> None:
    assert set(KINDS) >= USUAL
    assert light_of(dict.fromkeys(USUAL, 40.0)) == USUAL_MAX < GRAVE
    assert light_of({"links-not-sender": 30.0, "link-short": 30.0, "sender-random": 20.0}) == USUAL_MAX + 20


@pytest.mark.parametrize("word", ["robin", "schwarzkopf", "noreply", "krzysztof", "kundenservice", "rk1984"])
def test_names_that_people_have_are_not_unspeakable(word: str) -> None:
    assert not is_unspeakable(word)


@pytest.mark.parametrize("word", ["xqzkvjwpt", "vzygwjnnqk", "k3hd513reagvbx6"])
def test_names_that_programs_make_are(word: str) -> None:
    assert is_unspeakable(word)
