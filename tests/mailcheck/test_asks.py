"""What a mail asks, how it presses, what a notice states: by mails that were made up for it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.schemes import PRESSURE, REQUESTS, SCHEMES, TOLD
from tocsin.mailcheck.setup import Setup
from tocsin.mailcheck.wording import LANGUAGES, lexicon, wording_of


def words(text: str) -> Answer:
    return check(read_pasted(text.encode()), Setup())


def page(body: str, sender: str = "Robin <robin@shop.example>", subject: str = "hello") -> Answer:
    head = f"From: {sender}\r\nTo: kim.reader@home.example\r\nSubject: {subject}\r\nMessage-ID: <1@x.example>\r\n"
    return check(
        f"{head}Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>{body}</body></html>".encode(), Setup()
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (
            "Dear customer, your account is suspended. Click here and confirm your password within 24 hours.",
            "asks-secret",
        ),
        ("Ihr Konto wurde gesperrt. Bitte bestätigen Sie Ihr Passwort: klicken Sie hier.", "asks-secret"),
        ("アカウントが停止されました。24時間以内にパスワードを確認してください。こちらをクリック。", "asks-secret"),
        ("आपका खाता बंद हो जाएगा। तुरंत अपना पासवर्ड सत्यापित करें, यहाँ क्लिक करें।", "asks-secret"),
        ("Su cuenta está bloqueada. Haga clic aquí y confirme su contraseña hoy.", "asks-secret"),
        ("Votre compte est suspendu. Cliquez ici et confirmez votre mot de passe.", "asks-secret"),
        ("Uw rekening is geblokkeerd. Klik hier en bevestig uw wachtwoord binnen 24 uur.", "asks-secret"),
        ("Sua conta foi bloqueada. Clique aqui e confirme sua senha agora.", "asks-secret"),
        ("A virus was found on your computer. You must install the security update below.", "scheme-remover"),
        ("I hacked your system and recorded you with your webcam. Send 500 in bitcoin.", "scheme-extortion"),
        ("Your parcel is held. Pay the customs fee: pay for your parcel here, click the link.", "asks-fee"),
        ("Norton subscription renewed, invoice 77. To cancel call +1 (800) 555-0100.", "asks-call"),
        ("Your mailbox quota: your mailbox is full. Click here to confirm your email account.", "scheme-mailbox"),
        ("Please note our new bank details. Send the payment of the invoice to the new account.", "asks-other-account"),
        ("Wir haben eine neue Bankverbindung. Bitte zahlen Sie die Rechnung dorthin.", "asks-other-account"),
        ("Are you at your desk? I am in a meeting. Buy five gift cards and send me the codes.", "asks-coupons"),
        ("We offer loans without collateral. Reply with the loan amount.", "scheme-advance-fee"),
        ("Your electricity is disconnected tonight: the bill is unpaid. Call us now.", "asks-call"),
        ("Your tax refund of 268 was approved. Click here.", "scheme-refund"),
        ("Connect your wallet to claim the airdrop: click here and verify your wallet tokens.", "asks-coins"),
    ],
)
def test_a_request_is_seen_in_each_language(text: str, code: str) -> None:
    answer = words(text)
    assert answer.has(code), [finding.code for finding in answer.findings]
    assert answer.verdict in ("likely-fake", "fake", "unclear")


def test_urgency_and_fear_alone_contradict_nothing() -> None:
    answer = words(
        "Urgent: a device on your line is infected with malware. Your line may be restricted. Scan it today."
    )
    assert not [finding for finding in answer.findings if finding.effect == "contradicts"]


def test_odd_letters_hide_nothing() -> None:
    plain = wording_of("", "Please confirm your password here")
    odd = wording_of(
        "", "Pl\u0435ase c\u03bfnfirm your pa\u200bssw\u043erd he\u00adre"
    )  # Cyrillic and Greek letters among them
    assert odd.folded == plain.folded
    assert odd.places == plain.places


def test_a_request_without_anything_to_click_or_open_asks_for_nothing() -> None:
    head = "From: a@b.example\r\nMessage-ID: <1@b.example>\r\nContent-Type: text/plain\r\n\r\n"
    mail = read_mail(f"{head}Please confirm your account password, click here.".encode())
    assert not check(mail, Setup()).has("asks-secret")


def test_on_the_organisations_own_site_a_request_does_no_harm() -> None:
    body = "<p>Unusual sign-in to your account. Click to review your account.</p>"
    body += '<a href="https://account.microsoft.com/a">go</a>'
    answer = page(body, "Microsoft <no-reply@microsoft.com>")
    assert answer.has("asks-at-home")
    assert answer.verdict == "unclear"
    elsewhere = page(body.replace("account.microsoft.com", "account.bad.example"), "Microsoft <no-reply@microsoft.com>")
    assert elsewhere.verdict in ("likely-fake", "fake")


def test_a_download_that_is_offered_is_none_that_is_asked_for() -> None:
    answer = words(
        "Your device is infected with malware. Please check it with your antivirus. For more information visit "
        'https://www.csk.gov.in/. You can also download "Free botnet removal tools".'
    )
    assert not answer.has("asks-install")
    assert answer.verdict == "unclear"


def test_a_vague_notice_is_told_what_it_leaves_out_and_is_not_condemned() -> None:
    answer = words("Dear customer, your device is infected with malware. Please scan it.")
    assert answer.has("facts-untold")
    for fact in ("the time", "the address", "which malware"):
        assert fact in answer.answers.know
    assert answer.verdict == "unclear"


def test_a_specific_notice_leaves_nothing_out() -> None:
    answer = words(
        "Dear Mr Reader, on 2026-11-15 at 03:12 the address 203.0.113.7 (port 40512) on your line, account no 4711x, "
        "spoke to a Mirai botnet, as CERT-In reported."
    )
    assert not answer.has("facts-untold")


def test_what_was_passed_on_is_judged_by_its_own_sender() -> None:
    body = (
        "<p>From: Microsoft account team &lt;x@random-7hj2.example&gt; Sent: Monday To: Kim Subject: your account</p>"
    )
    answer = page(body, "Kim <kim@home.example>", "Fw: your account")
    assert answer.has("passed-on")
    assert answer.has("name-of-another")


@pytest.mark.parametrize(
    ("name", "code"),
    [("bill.exe", "attached-program"), ("bill.pdf.html", "attached-disguised"), ("bill.docm", "attached-macros")],
)
def test_an_attachment_is_judged_by_its_name(name: str, code: str) -> None:
    mail = (
        "From: a@b.example\r\nMessage-ID: <1@b.example>\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        "--x\r\n\r\nhello\r\n--x\r\nContent-Type: application/octet-stream\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\nx\r\n--x--\r\n'
    )
    assert check(mail.encode(), Setup()).has(code)


def test_every_idea_of_a_scheme_has_words_in_english_and_no_idea_is_unused() -> None:
    used = {"malware", "abuse", "reply", "number", "unsubscribe", "denied"}
    for scheme in (*REQUESTS, *SCHEMES, *PRESSURE, *TOLD):
        ideas = {*scheme.has, *scheme.some, *scheme.lacks, *(idea for idea, _ in scheme.most)}
        used |= ideas | {idea for pair in scheme.near for idea in pair}
    english = lexicon("en").ideas
    assert used - english == set()
    for language in LANGUAGES:
        assert lexicon(language).ideas <= used, language


@given(st.text(alphabet=st.sampled_from("ab <>&;:/@.%'\"\n\t0123456789xcklipawordé\u200bпあ漢"), max_size=60_000))
@settings(max_examples=25, deadline=None)
def test_no_text_takes_long(text: str) -> None:
    began = time.process_time()
    words(text)
    page(text)
    assert time.process_time() - began < 1.0


@pytest.mark.parametrize(
    "piece",
    ["click here password confirm ", "a@b.c ", "555-010-", "From: <", "1.", "x" * 50 + " ", "第", "DE: a <b@c> "],
)
def test_no_repeated_text_takes_over_half_a_second(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.process_time()
    words(text)
    assert time.process_time() - began < 0.5
