"""DKIM: every signature, as of receipt, with the reason why it does not count."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import UTC, datetime, timedelta

import dkim
import pytest

from tests.mailcheck.mail_world import (
    HEAD,
    ISSUED_AT,
    ISSUER,
    RECIPIENT,
    codes_of,
    dns,
    ed25519_record,
    judge,
    notice,
    record,
    signed,
    signed_then,
    text_for,
)
from tocsin.mailcheck.authentic import is_aligned
from tocsin.mailcheck.dkim_body import relaxed_body
from tocsin.mailcheck.dkim_signature import Signature, signatures
from tocsin.mailcheck.limits import RSA_BITS_MAX, SIGNATURE_BYTES_MAX, SIGNATURES_MAX, SIGNED_NAMES_MAX
from tocsin.mailcheck.resolver import Resolver, map_resolver, offline

MAIL = "\r\n".join(
    (
        f"From: {HEAD.sender}",
        f"To: {RECIPIENT}",
        "Subject: s",
        f"Date: {HEAD.date}",
        "Message-ID: <1@x>",
        "",
        "Hi  all ",
        "",
    )
).encode()


def one(raw: bytes, resolve: Resolver | None = None, at: datetime | None = ISSUED_AT) -> Signature:
    judged = signatures(raw, resolve or dns(), at)
    assert len(judged) == 1
    return judged[0]


def tagged(raw: bytes, old: bytes, new: bytes) -> bytes:
    """The mail with something changed in its topmost DKIM-Signature."""
    head, end, body = raw.partition(b"\r\nFrom:")
    assert old in head
    return head.replace(old, new, 1) + end + body


@pytest.mark.parametrize("ed25519", [False, True])
def test_a_good_signature_is_verified(ed25519: bool) -> None:
    resolve = dns(s1=ed25519_record() if ed25519 else record())
    judged = one(signed(MAIL, ed25519=ed25519), resolve)
    assert (judged.state, judged.domain, judged.selector) == ("verified", ISSUER, "s1")
    assert {"from", "to", "subject", "date"} <= judged.headers


def test_line_ends_of_a_mail_that_was_saved_to_a_file_do_not_matter() -> None:
    assert one(signed(MAIL).replace(b"\r\n", b"\n")).state == "verified"


def test_the_reasons_why_a_signature_does_not_count_are_told_apart() -> None:
    good = signed(MAIL)
    assert one(good, offline).state == "not-looked-up"
    assert one(good, dns(s1="v=DKIM1; p=")).state == "key-revoked"
    assert one(good, map_resolver({f"other.{ISSUER}": ()})).state == "not-looked-up"
    assert one(good, map_resolver({ISSUER: ()})).state == "no-key"
    assert one(good.replace(b"Hi", b"Ho")).state == "body-changed"
    assert one(good.replace(b"Subject: s", b"Subject: t")).state == "bad-signature"
    assert one(good, dns(s1="v=DKIM1; p=junk")).state == "unreadable"
    assert one(good, dns(s1="junk")).state == "unreadable"
    assert one(good, dns(s1=ed25519_record())).state == "unreadable"
    assert one(tagged(good, b"v=1", b"v=2")).state == "unreadable"
    assert one(tagged(good, b"rsa-sha256", b"rsa-sha1")).state == "weak-algorithm"


def test_a_body_that_changed_condemns_nothing_by_itself() -> None:
    answer = judge(signed(MAIL).replace(b"Hi", b"Ho"), resolve=dns())
    assert (answer.verdict, "dkim-body-changed" in codes_of(answer)) == ("unclear", True)


@pytest.mark.parametrize("reason", ["no-key", "key-revoked", "not-looked-up"])
def test_a_look_up_that_fails_lowers_no_verdict(reason: str) -> None:
    resolve = {"no-key": map_resolver({ISSUER: ()}), "key-revoked": dns(s1="p="), "not-looked-up": offline}[reason]
    answer = judge(signed(notice()), resolve=resolve)
    assert answer.verdict == "genuine"
    assert next(one for one in answer.findings if one.code == f"dkim-{reason}").effect == "unchecked"


def expiring(at: datetime) -> bytes:
    """A signature that ends at this moment (x=), made by signing with a clock of our own."""
    seen: list[bytes] = []
    original = dkim.DKIM.gen_header

    def with_end(self, fields, *more, **named):  # type: ignore[no-untyped-def]
        place = next(index for index, (name, _) in enumerate(fields) if name == b"t")
        fields[place : place + 1] = [(b"t", b"1"), (b"x", str(int(at.timestamp())).encode())]
        return original(self, fields, *more, **named)

    dkim.DKIM.gen_header = with_end
    try:
        seen.append(signed(MAIL))
    finally:
        dkim.DKIM.gen_header = original
    return seen[0]


def test_a_signature_is_judged_as_of_receipt_and_not_by_todays_clock() -> None:
    long_ago = datetime(2020, 1, 8, tzinfo=UTC)
    raw = expiring(long_ago)
    assert one(raw, at=long_ago - timedelta(seconds=1)).state == "verified"
    assert one(raw, at=long_ago + timedelta(seconds=1)).state == "expired"
    assert one(raw, at=None).state == "verified"


def test_the_topmost_received_header_says_when_it_was_received() -> None:
    raw = expiring(datetime(2026, 11, 25, tzinfo=UTC))
    early = b"Received: from a by b; Tue, 24 Nov 2026 06:00:00 +0000\r\n"
    late = b"Received: from a by b; Thu, 26 Nov 2026 06:00:00 +0000\r\n"
    assert "dkim-aligned" in codes_of(judge(early + late + raw, resolve=dns()))
    assert "dkim-expired" in codes_of(judge(late + early + raw, resolve=dns()))


def test_text_that_l_leaves_uncovered_is_counted() -> None:
    raw = signed(MAIL, length=True) + b"Pay here\r\n"
    judged = one(raw)
    assert (judged.state, judged.uncovered) == ("partial", len("Pay here\r\n"))
    assert one(signed(MAIL, length=True)).state == "verified"
    assert "10 bytes" in text_for(judge(raw, resolve=dns()), "dkim-partial")


def der(tag: int, *pieces: bytes) -> bytes:
    body = b"".join(pieces)
    length = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + length + body


def integer(number: int) -> bytes:
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def short_key() -> tuple[bytes, str]:
    """A key of 648 bits, which no library makes any more: PKCS 1 in PEM, and its record. Both primes are Mersenne's."""
    p, q, e = 2**521 - 1, 2**127 - 1, 65537
    d = pow(e, -1, (p - 1) * (q - 1))
    numbers = (0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    secret = b64encode(der(0x30, *(integer(number) for number in numbers)))
    public = der(3, b"\0", der(0x30, integer(p * q), integer(e)))
    algorithm = der(0x30, bytes.fromhex("06092a864886f70d0101010500"))  # rsaEncryption, NULL
    published = b64encode(der(0x30, algorithm, public)).decode()
    return b"-----BEGIN RSA PRIVATE KEY-----\n" + secret + b"\n-----END RSA PRIVATE KEY-----\n", f"p={published}"


def test_a_short_key_does_not_count() -> None:
    assert one(signed(MAIL, bits=1024), dns(s1=record(1024))).state == "verified"
    secret, published = short_key()
    with signed_then():
        header = dkim.sign(MAIL, b"s1", ISSUER.encode(), secret, include_headers=[b"from"])
    judged = one(header + MAIL, dns(s1=published))
    assert (judged.state, judged.bits) == ("weak-key", 648)
    assert "648 bits" in text_for(judge(header + MAIL, resolve=dns(s1=published)), "dkim-weak-key")


def test_every_signature_is_looked_at_and_the_aligned_one_found() -> None:
    raw = signed(signed(MAIL), domain="list.example", selector="l1")
    resolve = map_resolver({f"s1._domainkey.{ISSUER}": (record(),), "l1._domainkey.list.example": (record(),)})
    assert [judged.domain for judged in signatures(raw, resolve, None)] == ["list.example", ISSUER]
    assert {"dkim-aligned", "dkim-other-domain"} <= codes_of(judge(raw, resolve=resolve))
    forged = signed(MAIL.replace(b"Hi", b"Ho"), domain="list.example", selector="l1")
    assert {"dkim-aligned", "dkim-missing"}.isdisjoint(codes_of(judge(forged, resolve=resolve)))


def test_a_second_subject_counts_against_the_signature_even_where_it_was_not_signed_against() -> None:
    for oversign, state in ((False, "header-added"), (True, "bad-signature")):
        raw = b"Subject: Pay\r\n" + signed(MAIL, oversign=oversign)
        assert one(raw).state == state
        answer = judge(raw, resolve=dns())
        assert (answer.verdict, "header-repeated" in codes_of(answer)) == ("fake", True)


@pytest.mark.parametrize(
    ("signer", "sender", "aligned"),
    [
        ("net.example", "net.example", True),
        ("net.example", "mail.net.example", True),
        ("mail.net.example", "net.example", True),
        ("net.example", "othernet.example", False),
        ("othernet.example", "net.example", False),
        ("net.example", "", False),
    ],
)
def test_alignment_is_of_whole_labels(signer: str, sender: str, aligned: bool) -> None:
    assert is_aligned(signer, sender) is aligned


def test_bounds_hold_one_past_each() -> None:
    good = signed(MAIL)
    many = b"".join(good.partition(b"\r\nFrom:")[0] + b"\r\n" for _ in range(SIGNATURES_MAX + 1)) + MAIL
    assert len(signatures(many, dns(), None)) == SIGNATURES_MAX
    assert one(tagged(good, b"v=1;", b"v=1; n=" + b"x" * SIGNATURE_BYTES_MAX + b";")).state == "unreadable"
    names = b":".join([b"x"] * (SIGNED_NAMES_MAX + 1))
    assert one(tagged(good, b"h=from", b"h=" + names + b":from")).state == "unreadable"
    assert one(tagged(good, b"v=1;", b"v=1;" + b" " * 200)).state == "unreadable"


def test_a_monstrous_key_is_not_computed_with() -> None:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    def published(bits: int, exponent: int) -> str:
        key = RSAPublicNumbers(exponent, (1 << bits - 1) + 1).public_key()
        return "p=" + b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()

    started = time.process_time()
    assert one(signed(MAIL), dns(s1=published(RSA_BITS_MAX + 8, 65537))).state == "unreadable"
    assert one(signed(MAIL), dns(s1=published(RSA_BITS_MAX, 65537))).state == "bad-signature"
    assert one(signed(MAIL), dns(s1="p=" + "A" * 5000)).state == "unreadable"
    assert time.process_time() - started < 2


def test_a_body_is_made_canonical_as_dkimpy_does_it() -> None:
    from dkim.canonicalization import Relaxed

    for body in (b"", b"a", b" a \t b\t\r\n \r\n", b"a\r\n\r\n\r\n", b"\t\r\n", b"a  b", b" ", b"\r\n \r\n"):
        assert Relaxed.canonicalize_body(relaxed_body(body)) == Relaxed.canonicalize_body(body)


def test_a_domain_that_is_no_name_is_not_asked_for() -> None:
    def never(name: str, kind: str = "TXT") -> tuple[str, ...]:
        raise AssertionError(name)

    for domain in (b"d=net example", b"d=", b"d=\xff.example", b"d=" + b"x" * 300):
        assert one(tagged(signed(MAIL), b"d=net.example", domain), never).state == "unreadable"
