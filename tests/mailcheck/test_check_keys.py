"""Whose key, how old, which mail: what a notice's verdict rests on besides its words; and no flipped byte slips."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.mailcheck.mail_world import (
    FENCE,
    HEAD,
    ISSUED_AT,
    KNOWN,
    RECIPIENT,
    STRANGER_KEY,
    altered_facts,
    codes_of,
    dns,
    html_of,
    judge,
    notice,
    proof_of,
    signed,
    text_for,
    text_of,
)
from tocsin.mailcheck.check import check_as_stranger
from tocsin.mailcheck.leave import may_leave
from tocsin.mailcheck.mail import read_mail
from tocsin.proof.known import Known
from tocsin.proof.words import html_words, text_words


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
    assert "nothing in it that only the real sender could know" in answer.answers.know


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
