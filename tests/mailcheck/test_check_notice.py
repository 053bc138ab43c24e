"""A real notice is genuine; whatever is done to it is caught and named."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.mailcheck.mail_world import (
    CODE,
    FACTS,
    FENCE,
    HEAD,
    ISSUED_AT,
    KEY,
    KNOWN,
    LINES,
    NOTICE,
    RECIPIENT,
    STRANGER_KEY,
    TROUBLE,
    altered_facts,
    codes_of,
    dns,
    html_of,
    judge,
    notice,
    part,
    proof_of,
    signed,
    text_for,
    text_of,
)
from tocsin.mailcheck.check import check_as_stranger
from tocsin.mailcheck.leave import may_leave
from tocsin.mailcheck.mail import read_mail
from tocsin.proof.known import Known
from tocsin.proof.proof import make_proof
from tocsin.proof.words import html_words, text_words


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_real_notice_is_genuine_with_nothing_but_the_pinned_key(encoding: str) -> None:
    answer = judge(notice(encoding=encoding))
    assert answer.verdict == "genuine"
    assert not [finding for finding in answer.findings if finding.effect == "contradicts"]


def test_the_three_answers_name_the_issuer_the_sight_and_a_safe_step() -> None:
    answers = judge(notice()).answers
    assert "Example Broadband" in answers.who
    assert "pinned" in answers.who
    for said in ("Example CERT", "203.0.113.5", "2026-11-24T03:16:38Z", "···· 4711"):
        assert said in answers.know
    assert "number on your bill" in answers.do


def test_the_line_of_json_has_the_fields_of_the_contract_and_no_empty_ones() -> None:
    for raw in (notice(), b"", notice(text="other words")):
        line = json.loads(judge(raw).to_json("a.eml"))
        assert set(line) == {"file", "verdict", "answers", "findings"}
        assert set(line["answers"]) == {"who", "know", "do"}
        for finding in line["findings"]:
            assert (
                {"code", "claim", "effect", "text"} <= set(finding) <= {"code", "claim", "effect", "text", "evidence"}
            )
        assert not [value for finding in line["findings"] for value in finding.values() if value in ("", None)]


CHANGES = {
    "the address": ("203.0.113.5", "203.0.113.9"),
    "the port": ("Port: 40512", "Port: 40513"),
    "seen at, Europe/Berlin": ("04:16:38", "04:16:39"),
    "seen at, UTC": ("2026-11-24 03:16:38", "2026-11-24 03:17:38"),
    "first seen at, UTC": ("2026-11-22 21:05:09", "2026-11-21 21:05:09"),
    "the malware": ("mirai", "mirei"),
    "their reference": ("CERT-2026-4711", "CERT-2026-4712"),
    "the name": ("Anna Weber", "Anne Weber"),
    "the line": ("···· 4711", "···· 4712"),
    "the other side": ("2001:db8::9", "2001:db8::8"),
    "who saw it": ("Example CERT", "Example CART"),
    "the notice's reference": (NOTICE, "N-7K3QD9M2XA4F8CBF"),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("twin", ["text", "html"])
def test_a_changed_fact_is_fake_and_both_values_are_named(what: str, twin: str) -> None:
    proved, seen = CHANGES[what]
    raw = (
        notice(text=text_of().replace(proved, seen)) if twin == "text" else notice(html=html_of().replace(proved, seen))
    )
    answer = judge(raw)
    assert answer.verdict == "fake"
    finding = answer.findings[0]
    assert finding.code == "fact-changed"
    assert finding.values["what"] == what
    changed = next(word for word in seen.split() if word not in proved.split())
    assert changed in finding.values["seen"]
    assert finding.values["seen"] in answer.answers.who
    assert finding.values["proved"] in answer.answers.who
    assert f"{twin}-changed" in codes_of(answer)


def test_a_fact_that_is_left_out_is_named() -> None:
    answer = judge(notice(text=text_of().replace("Name of the program: mirai", "")))
    assert answer.verdict == "fake"
    assert "mirai (the malware)" in text_for(answer, "fact-missing")


def test_a_letter_that_does_not_say_what_its_proof_says_does_not_leave_even_if_properly_signed() -> None:
    facts = altered_facts(troubles=(replace(TROUBLE, address="203.0.113.50"),))
    answer = judge(notice(proof_of(facts)))
    assert answer.verdict == "fake"
    assert text_for(answer, "fact-changed") == "The text says 203.0.113.5, the proof says 203.0.113.50 (the address)."
    reason = may_leave(answer, check_as_stranger(notice(proof_of(facts))))
    assert reason is not None
    assert "203.0.113.50" in reason


def test_another_code_is_caught() -> None:
    other = "00000-00000-0000"
    answer = judge(notice(text=text_of().replace(CODE, other)))
    assert answer.verdict == "fake"
    assert other in text_for(answer, "code-changed")
    assert "code-missing" in codes_of(judge(notice(text=text_of().replace(CODE, ""))))


def test_the_issuers_book_of_codes_is_asked_where_there_is_one() -> None:
    assert "code-held" in codes_of(
        judge(notice(), codes=lambda digest: NOTICE if digest == FACTS.code_sha256 else None)
    )
    assert judge(notice(), codes=lambda _: "N-OTHER").verdict == "fake"
    erased = judge(notice(), codes=lambda _: None)
    assert (erased.verdict, "code-not-held" in codes_of(erased)) == ("genuine", True)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"sender": HEAD.sender.replace("Broadband", "Boardband")}, "From"),
        ({"sender": HEAD.sender.replace("notices@", "notice@")}, "From"),
        ({"subject": HEAD.subject.replace("unwanted", "dangerous")}, "Subject"),
        ({"subject": "[Pay at once or lose your line] " + HEAD.subject}, "Subject"),
        ({"date": HEAD.date.replace("2026", "2027")}, "Date"),
    ],
)
def test_a_changed_header_is_caught_without_dns(changed: dict[str, str], named: str) -> None:
    proof = proof_of()
    answer = judge(notice(proof, head=replace(HEAD, **changed)))
    assert answer.verdict == "fake"
    assert named in text_for(answer, "header-changed")


def test_a_tag_that_a_server_put_before_the_subject_is_named_and_condemns_nothing() -> None:
    answer = judge(notice(proof_of(), head=replace(HEAD, subject="[EXTERNAL] " + HEAD.subject)))
    assert answer.verdict == "likely-genuine"
    assert "[EXTERNAL]" in text_for(answer, "subject-tagged")


def test_headers_that_neither_the_proof_nor_a_signature_covers_stop_short_of_genuine() -> None:
    proof = proof_of(head=None)
    assert judge(notice(proof)).verdict == "likely-genuine"
    assert judge(signed(notice(proof)), resolve=dns()).verdict == "genuine"


def test_a_sender_at_another_domain_is_caught() -> None:
    head = replace(HEAD, sender="Example Broadband <notices@net-example.example>")
    answer = judge(notice(proof_of(head=head), head=head))
    assert answer.verdict == "fake"
    assert "net-example.example" in text_for(answer, "sender-not-issuer")


@pytest.mark.parametrize(
    "sender", ["a@net.example, b@net.example", "<notices@net.example> <x@bad.example>", "nobody", ""]
)
def test_a_sender_that_can_be_read_in_two_ways_is_never_genuine(sender: str) -> None:
    head = replace(HEAD, sender=sender)
    answer = judge(notice(proof_of(head=head), head=head))
    assert answer.verdict == "likely-fake"


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date", "Message-ID", "Tocsin-Proof", "Content-Type"])
def test_a_second_header_of_which_there_may_be_one_is_caught(name: str) -> None:
    for raw in (f"{name}: x\r\n".encode() + notice(), notice(more_headers=f"{name}: x\n")):
        answer = judge(raw)
        assert answer.verdict in ("fake", "likely-fake")
        assert name.lower() in text_for(answer, "header-repeated").lower()


def test_answers_that_would_go_elsewhere_are_caught() -> None:
    answer = judge(notice(more_headers="Reply-To: help@bad.example\n"))
    assert answer.verdict == "fake"
    assert "help@bad.example" in text_for(answer, "reply-elsewhere")
    assert judge(notice(more_headers="Reply-To: help@net.example\n")).verdict == "genuine"


# To whom


def test_a_notice_that_is_addressed_to_another_person_is_caught() -> None:
    answer = judge(notice(head=replace(HEAD, recipient="bob@mail.example")))
    assert answer.verdict == "fake"
    assert "bob@mail.example" in text_for(answer, "recipient-not-to")
    assert RECIPIENT in answer.answers.know


def test_a_replay_of_the_very_bytes_to_another_reader_is_caught() -> None:
    answer = judge(notice(), replace(KNOWN, addresses=("bob@mail.example",)))
    assert answer.verdict == "fake"
    assert answer.findings[0].code == "recipient-not-reader"
    assert judge(notice(), replace(KNOWN, addresses=("bob@mail.example", RECIPIENT))).verdict == "genuine"


@pytest.mark.parametrize(
    "header",
    [
        "Delivered-To: bob@mail.example",
        "X-Original-To: bob@mail.example",
        "Received: from x by mx.mail.example for <bob@mail.example>; Tue, 24 Nov 2026 06:00:00 +0000",
    ],
)
def test_a_replay_is_caught_by_where_it_was_delivered(header: str) -> None:
    answer = judge(f"{header}\r\n".encode() + notice())
    assert answer.verdict == "likely-fake"
    assert "bob@mail.example" in text_for(answer, "delivered-elsewhere")
    assert judge(f"{header.replace('bob@mail.example', RECIPIENT)}\r\n".encode() + notice()).verdict == "genuine"


def test_a_reader_who_names_his_addresses_may_have_his_mail_forwarded() -> None:
    raw = f"Delivered-To: anna@other.example\r\nDelivered-To: {RECIPIENT}\r\n".encode() + notice()
    assert judge(raw).verdict == "likely-genuine"
    assert "anna@other.example" in text_for(judge(raw), "delivered-onward")
    assert judge(raw, replace(KNOWN, addresses=(RECIPIENT,))).verdict == "genuine"


# Wrappers


def test_words_around_a_real_notice_are_quoted_back() -> None:
    answer = judge(notice(text=f"Pay 500 at once.\n\n{text_of()}\nRing 0900 555.\n"))
    assert answer.verdict == "fake"
    told = text_for(answer, "words-added")
    assert "contains a real notice, and is not one" in told
    assert "before it «Pay 500 at once.»" in told
    assert "after it «Ring 0900 555.»" in told


def test_a_real_notice_quoted_in_another_mail_is_not_one() -> None:
    proof = proof_of()
    quoted = "".join(f"> {line}\n" for line in text_of().splitlines())
    head = "From: friend@other.example\nTo: bob@mail.example\nSubject: Fwd\n"
    raw = f"{head}\nLook at this:\n\n{quoted}\n{proof.block()}".encode()
    answer = judge(raw)
    assert answer.verdict == "fake"
    assert "Look at this:" in text_for(answer, "words-added")
    assert "sender-not-issuer" in codes_of(answer)


@pytest.mark.parametrize(
    "media_type", ["message/rfc822", "text/plain; name=notice.eml", "application/octet-stream; name=notice.eml"]
)
def test_a_real_notice_attached_to_another_mail_is_not_one(media_type: str) -> None:
    inner = notice().decode().replace("\r\n", "\n").replace(FENCE, "=_inner")
    raw = (
        "From: x@bad.example\nTo: bob@mail.example\nMIME-Version: 1.0\n"
        f'Content-Type: multipart/mixed; boundary="{FENCE}"\n\n'
        f"{part('plain', 'Open the attached notice.')}\n--{FENCE}\nContent-Type: {media_type}\n"
        f"Content-Disposition: attachment\n\n{inner}\n--{FENCE}--\n"
    ).encode()
    answer = judge(raw)
    assert answer.verdict == "likely-fake"
    assert "contains a real notice" in text_for(answer, "notice-inside")
    assert RECIPIENT in text_for(answer, "notice-inside")


def test_an_attachment_to_a_real_notice_is_caught() -> None:
    added = f"--{FENCE}\nContent-Type: application/pdf; name=bill.pdf\nContent-Disposition: attachment\n\nx\n"
    answer = judge(notice(more_parts=added))
    assert answer.verdict == "fake"
    assert "bill.pdf" in text_for(answer, "part-added")
    assert "asks-nothing" not in codes_of(answer)


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="http://bad.example/">here</a>',
        "<form action=x>",
        '<img src="cid:1">',
        "<style>p{display:none}</style>",
        "<!-- hidden -->",
        '<div style="background:url(http://bad.example/x)">',
        "<svg/onload=alert(1)>",
        '<meta http-equiv="refresh" content="0">',
        "Pay today",
    ],
)
def test_whatever_is_put_into_the_html_twin_is_caught(markup: str) -> None:
    answer = judge(notice(html=html_of().replace("</body>", f"{markup}</body>")))
    assert answer.verdict == "fake"
    assert "html-changed" in codes_of(answer)


def test_words_that_only_the_html_twin_says_are_quoted() -> None:
    answer = judge(notice(html=html_of().replace("</body>", "<p>Transfer 500 today</p></body>")))
    assert "«Transfer 500 today»" in text_for(answer, "html-changed")


def test_a_link_is_never_in_a_notice_even_if_the_issuer_signed_it() -> None:
    lines = (*LINES, "See https://net.example/help")
    proof = make_proof(FACTS, text_of(lines), html_of(lines), KEY, HEAD)
    answer = judge(notice(proof, text=text_of(lines), html=html_of(lines)))
    assert answer.verdict == "fake"
    assert "https://net.example/help" in text_for(answer, "link-added")


# The proof


def test_a_notice_by_an_unknown_key_is_unclear_and_never_more() -> None:
    answer = judge(notice(proof_of(key=STRANGER_KEY)))
    assert answer.verdict == "unclear"
    assert "proof-unknown-key" in codes_of(answer)
    assert "not shown" in answer.answers.who
    assert judge(notice(), Known()).verdict == "unclear"


def test_a_forged_proof_is_fake() -> None:
    raw = notice(replace(proof_of(), facts=altered_facts(line="···· 4712")), text=text_of().replace("4711", "4712"))
    answer = judge(raw)
    assert (answer.verdict, "proof-bad-signature" in codes_of(answer)) == ("fake", True)


def test_a_withdrawn_key_is_named_with_its_day() -> None:
    known = Known(keys=(replace(KNOWN.keys[0], revoked_at=ISSUED_AT),))
    answer = judge(notice(), known)
    assert answer.verdict == "likely-fake"
    assert "2026-11-24" in text_for(answer, "proof-key-revoked")


def test_a_key_that_ended_before_leaves_the_notice_unclear() -> None:
    known = Known(keys=(replace(KNOWN.keys[0], not_after=ISSUED_AT - timedelta(days=1)),))
    assert judge(notice(), known).verdict == "unclear"


def test_age_never_lowers_a_verdict() -> None:
    answer = judge(notice(), at=ISSUED_AT + timedelta(days=3000))
    assert (answer.verdict, "notice-ended" in codes_of(answer)) == ("genuine", True)
    assert "ended" in answer.answers.know


def test_a_block_of_another_notice_is_caught() -> None:
    other = proof_of(altered_facts(notice="N-0000000000000000"))
    raw = notice().replace(
        proof_of().block().replace("\n", "\r\n").encode(), other.block().replace("\n", "\r\n").encode(), 1
    )
    answer = judge(raw)
    assert (answer.verdict, "proof-block-differs" in codes_of(answer)) == ("fake", True)


def test_words_hidden_between_fences_are_caught() -> None:
    fenced = "-----BEGIN TOCSIN PROOF-----\nPay today\n-----END TOCSIN PROOF-----\n"
    for raw in (notice(text=text_of() + fenced), notice(html=html_of().replace("</body>", fenced + "</body>"))):
        assert judge(raw).verdict == "fake"


def test_copied_words_are_told_from_the_mail_that_was_sent() -> None:
    answer = judge(notice(header=False))
    assert answer.verdict == "likely-genuine"
    assert "copied" in text_for(answer, "proof-header-missing")


def test_a_notice_that_lost_one_twin_on_the_way_is_not_condemned() -> None:
    proof = proof_of()
    header = "Tocsin-Proof: {}".format(proof.header().replace(" ", "\n "))
    headers = f"From: {HEAD.sender}\nTo: {HEAD.recipient}\nSubject: {HEAD.subject}\nDate: {HEAD.date}\n{header}\n"
    raw = f"{headers}Content-Type: text/plain; charset=utf-8\n\n{text_of()}".encode()
    answer = judge(raw)
    assert (answer.verdict, "html-missing" in codes_of(answer)) == ("likely-genuine", True)


# Strangers, and mails that are no notices


def test_a_notice_leaves_when_we_find_it_genuine_and_a_stranger_finds_nothing_against_it() -> None:
    raw = signed(notice())
    assert may_leave(judge(raw, resolve=dns()), check_as_stranger(raw, resolve=dns())) is None
    assert may_leave(judge(notice()), check_as_stranger(notice())) is None


def test_a_stranger_sees_no_proof() -> None:
    answer = check_as_stranger(notice())
    assert answer.verdict == "unclear"
    assert not [
        finding for finding in answer.findings if finding.code.startswith("proof-") and finding.effect != "neutral"
    ]


def test_a_notice_whose_dkim_signature_is_broken_stays() -> None:
    raw = signed(notice()).replace(b"Message-ID: <1@", b"Message-ID: <2@")
    known, stranger = judge(raw, resolve=dns()), check_as_stranger(raw, resolve=dns())
    assert known.verdict == "genuine"
    assert "DKIM" in (may_leave(known, stranger) or "")


def test_a_notice_in_which_a_stranger_finds_a_contradiction_stays() -> None:
    stranger = check_as_stranger(b"Subject: x\r\n" + notice())
    assert stranger.verdict == "fake"
    assert "stranger" in (may_leave(judge(notice()), stranger) or "")
    assert "our own check" in (may_leave(judge(notice(), Known()), check_as_stranger(notice())) or "")


@pytest.mark.parametrize(
    "raw", [b"", b"hello", b"From: a@shop.example\nTo: b@mail.example\nSubject: Sale\n\nhttps://shop.example buy\n"]
)
def test_a_mail_that_is_no_notice_is_unclear_and_says_so(raw: bytes) -> None:
    answer = judge(raw)
    assert answer.verdict == "unclear"
    assert "none" in answer.answers.know


def test_authentication_alone_reaches_likely_genuine_for_a_known_sender_only() -> None:
    headers = (f"From: {HEAD.sender}", f"To: {RECIPIENT}", "Subject: Your bill", f"Date: {HEAD.date}")
    mail = signed("\r\n".join((*headers, "Message-ID: <2@net.example>", "", "Hello", "")).encode())
    assert judge(mail, resolve=dns()).verdict == "likely-genuine"
    assert judge(mail, Known(), resolve=dns()).verdict == "unclear"
    assert judge(mail).verdict == "unclear"


# Any byte


def _said(raw: bytes) -> tuple[object, ...]:
    """What a person reads in a mail: the words of both twins, and four headers."""
    mail = read_mail(raw)
    headers = tuple(" ".join((mail.first(name) or "").split()) for name in ("from", "to", "subject", "date"))
    return (*headers, text_words(mail.text or ""), html_words(mail.html or ""))


NOTICES = {encoding: notice(encoding=encoding) for encoding in ("8bit", "quoted-printable", "base64")}
SAID = {encoding: _said(raw) for encoding, raw in NOTICES.items()}


@given(st.sampled_from(sorted(NOTICES)), st.data())
@settings(max_examples=600, deadline=None)
def test_no_flipped_byte_that_changes_what_is_read_leaves_a_notice_genuine(encoding: str, data: st.DataObject) -> None:
    raw = NOTICES[encoding]
    place = data.draw(st.integers(0, len(raw) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda other: other != raw[place]))
    changed = raw[:place] + bytes([byte]) + raw[place + 1 :]
    if judge(changed).verdict == "genuine":
        assert _said(changed) == SAID[encoding]


@given(st.sampled_from(sorted(NOTICES)), st.data())
@settings(max_examples=300, deadline=None)
def test_no_words_put_in_anywhere_leave_a_notice_genuine(encoding: str, data: st.DataObject) -> None:
    raw = NOTICES[encoding]
    place = data.draw(st.integers(0, len(raw)))
    added = data.draw(
        st.sampled_from(
            [b"x", b"<b>", b"\r\nSubject: x\r\n", b"Pay", b"\r\n\r\n", b"\0", b"\r", b"\xff", b"--=_fence\r\n"]
        )
    )
    changed = raw[:place] + added + raw[place:]
    if judge(changed).verdict == "genuine":
        assert _said(changed) == SAID[encoding]


@pytest.mark.parametrize(
    "charset",
    ["utf-16", "utf-7", "zlib", "unicode_escape", "punycode", "x" * 999, "iso-2022-jp", "shift_jis", "us-ascii", '""'],
)
def test_a_charset_that_lies_is_not_genuine(charset: str) -> None:
    assert judge(notice().replace(b"charset=utf-8", f"charset={charset}".encode(), 1)).verdict != "genuine"


def test_the_twins_may_be_encoded_anew_on_the_way() -> None:
    plain = f"--{FENCE}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
    text = b64encode((text_of() + "\n" + proof_of().block()).encode()).decode()
    raw = notice().decode().replace("\r\n", "\n")
    start, end = raw.index(f"--{FENCE}"), raw.index(f"--{FENCE}\nContent-Type: text/html")
    assert judge((raw[:start] + plain + text + "\n" + raw[end:]).encode()).verdict == "genuine"
