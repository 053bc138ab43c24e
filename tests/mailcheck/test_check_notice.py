"""A real notice is genuine; whatever is done to it is caught and named."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from tests.mailcheck.mail_world import (
    CODE,
    FACTS,
    FENCE,
    HEAD,
    KEY,
    KNOWN,
    LINES,
    NOTICE,
    RECIPIENT,
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
from tocsin.proof.proof import make_proof


@pytest.mark.parametrize("encoding", ["8bit", "quoted-printable", "base64"])
def test_a_real_notice_is_genuine_with_nothing_but_the_pinned_key(encoding: str) -> None:
    answer = judge(notice(encoding=encoding))
    assert answer.verdict == "genuine"
    assert not [finding for finding in answer.findings if finding.effect == "contradicts"]


def test_the_three_answers_name_the_issuer_the_sight_and_a_safe_step() -> None:
    answers = judge(notice()).answers
    assert "Example Broadband" in answers.who
    assert "pinned" in answers.who
    for said in ("Example CERT", "203.0.113.5", "2026-11-24 03:16:38 UTC", "···· 4711"):
        assert said in answers.know
    assert "number on your bill" in answers.do


def test_the_line_of_json_has_the_fields_of_the_contract_and_no_empty_ones() -> None:
    for raw in (notice(), b"", notice(text="other words")):
        line = json.loads(judge(raw).to_json("a.eml"))
        assert set(line) == {"file", "verdict", "answers", "findings", "aloud"}
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
    assert "before them «Pay 500 at once.»" in told
    assert "after them «Ring 0900 555.»" in told


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
