"""A provider that sends notices, built here by hand so that the check is tested against another hand than its own."""

from __future__ import annotations

import binascii
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from types import SimpleNamespace
from unittest.mock import patch

import dkim
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from msgspec.structs import replace

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check_mail
from tocsin.mailcheck.resolver import Resolver, map_resolver
from tocsin.proof.code import code_digest, make_code
from tocsin.proof.facts import Facts, Trouble
from tocsin.proof.keys import SecretKey, key_from_seed
from tocsin.proof.known import Known, pin
from tocsin.proof.proof import Head, Proof, make_proof

ISSUED_AT = datetime(2026, 11, 24, 5, 0, 0, tzinfo=UTC)
YEAR = timedelta(days=365)
ISSUER = "net.example"
NOTICE = "N-7K3QD9M2XA4F8CBE"
CODE = make_code(bytes(range(32)), NOTICE)
KEY = key_from_seed(b"k" * 32, ISSUER, ISSUED_AT - YEAR, ISSUED_AT + YEAR)
STRANGER_KEY = key_from_seed(b"s" * 32, ISSUER, ISSUED_AT - YEAR, ISSUED_AT + YEAR)
KNOWN = Known(keys=(pin(KEY.public, "Example Broadband"),))
RECIPIENT = "anna.weber@mail.example"

TROUBLE = Trouble(
    kind="infected-system",
    role="infected",
    address="203.0.113.5",
    seen_at=datetime(2026, 11, 24, 3, 16, 38, tzinfo=UTC),
    source="Example CERT",
    count=12,
    first_at=datetime(2026, 11, 22, 21, 5, 9, tzinfo=UTC),
    malware="mirai",
    port=40512,
    source_ref="CERT-2026-4711",
    peer_address="2001:db8::9",
)
FACTS = Facts(
    notice=NOTICE,
    issuer=ISSUER,
    issuer_name="Example Broadband",
    recipient=RECIPIENT,
    name="Anna Weber",
    line="···· 4711",
    language="en",
    zone="Europe/Berlin",
    troubles=(TROUBLE,),
    issued_at=ISSUED_AT,
    expires_at=ISSUED_AT + timedelta(days=30),
    code_sha256=code_digest(CODE),
)
LINES = (
    "Dear Anna Weber,",
    "this notice comes from Example Broadband. It is about your line ···· 4711.",
    "Last seen: Tuesday, 24 November 2026, 04:16:38, Central European Standard Time",
    "The same in UTC: 2026-11-24 03:16:38",
    "Your public address then: 203.0.113.5",
    "Port: 40512",
    "Name of the program: mirai",
    "It was in touch with: 2001:db8::9",
    "Who saw it: Example CERT",
    "Their reference number: CERT-2026-4711",
    "How often: 12 times since Sunday, 22 November 2026, 22:05:09 (UTC: 2026-11-22 21:05:09)",
    f"This is the code of the notice: {CODE}",
    f"Ring the number on your bill. Notice {NOTICE}.",
)
HEAD = Head(
    sender='"Example Broadband" <notices@net.example>',
    recipient=RECIPIENT,
    subject="Example Broadband: an unwanted program on your line",
    date=format_datetime(ISSUED_AT),
)
FENCE = "=_fence"


def text_of(lines: tuple[str, ...] = LINES) -> str:
    return "\n\n".join(lines) + "\n"


def html_of(lines: tuple[str, ...] = LINES) -> str:
    body = "\n".join(f"<p>{line}</p>" for line in lines)
    head = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>t</title></head>'
    return f"{head}\n<body>\n{body}\n</body></html>\n"


def proof_of(facts: Facts = FACTS, key: SecretKey = KEY, head: Head | None = HEAD) -> Proof:
    return make_proof(facts, text_of(), html_of(), key, head)


def notice(
    proof: Proof | None = None,
    *,
    text: str | None = None,
    html: str | None = None,
    head: Head = HEAD,
    header: bool = True,
    more_headers: str = "",
    more_parts: str = "",
    encoding: str = "8bit",
) -> bytes:
    """The mail of a proof, with whatever somebody did to it. CRLF lines, not DKIM-signed."""
    proof = proof or proof_of()
    text = f"{text_of() if text is None else text}\n{proof.block()}"
    html = (html_of() if html is None else html).replace("</body>", f"<pre>\n{proof.block()}</pre>\n</body>")
    proof_header = "Tocsin-Proof: {}\n".format(proof.header().replace(" ", "\n ")) if header else ""
    headers = (
        f"From: {head.sender}\nTo: {head.recipient}\nSubject: {head.subject}\nDate: {head.date}\n"
        f"Message-ID: <1@net.example>\n{proof_header}{more_headers}MIME-Version: 1.0\n"
        f'Content-Type: multipart/alternative; boundary="{FENCE}"\n'
    )
    body = f"{part('plain', text, encoding)}{part('html', html, encoding)}{more_parts}--{FENCE}--\n"
    return f"{headers}\n{body}".replace("\n", "\r\n").encode()


def part(subtype: str, text: str, encoding: str = "8bit") -> str:
    if encoding == "quoted-printable":
        text = binascii.b2a_qp(text.encode(), istext=True).decode()
    elif encoding == "base64":
        text = b64encode(text.encode()).decode() + "\n"
    return f"--{FENCE}\nContent-Type: text/{subtype}; charset=utf-8\nContent-Transfer-Encoding: {encoding}\n\n{text}"


def judge(raw: bytes, known: Known = KNOWN, **more: object) -> Answer:
    return check_mail(raw, known=known, **more)  # type: ignore[arg-type]


def codes_of(answer: Answer) -> set[str]:
    return {finding.code for finding in answer.findings}


def text_for(answer: Answer, code: str) -> str:
    return next(finding.text for finding in answer.findings if finding.code == code)


def altered_facts(**changes: object) -> Facts:
    return replace(FACTS, **changes)


# DKIM


@cache
def rsa_key(bits: int = 2048) -> RSAPrivateKey:
    return generate_private_key(65537, bits)


@cache
def ed25519_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(b"d" * 32)


def record(bits: int = 2048) -> str:
    raw = rsa_key(bits).public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return f"v=DKIM1; k=rsa; p={b64encode(raw).decode()}"


def ed25519_record() -> str:
    return f"v=DKIM1; k=ed25519; p={b64encode(ed25519_key().public_key().public_bytes_raw()).decode()}"


SIGNED = (b"from", b"to", b"subject", b"date", b"message-id")


def signed(
    raw: bytes,
    *,
    domain: str = ISSUER,
    selector: str = "s1",
    bits: int = 2048,
    oversign: bool = True,
    length: bool = False,
    ed25519: bool = False,
    edit: Callable[[dkim.DKIM], None] | None = None,
) -> bytes:
    signer = dkim.DKIM(raw)
    if edit:
        edit(signer)
    if ed25519:
        secret, algorithm = b64encode(ed25519_key().private_bytes_raw()), b"ed25519-sha256"
    else:
        secret = rsa_key(bits).private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        algorithm = b"rsa-sha256"
    with signed_then():
        header = signer.sign(
            selector.encode(),
            domain.encode(),
            secret,
            signature_algorithm=algorithm,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=SIGNED * 2 if oversign else SIGNED,
            length=length,
        )
    return bytes(header) + raw


@contextmanager
def signed_then() -> Iterator[None]:
    """dkimpy dates what it signs by the machine's clock: here by ISSUED_AT."""
    with patch.object(dkim, "time", SimpleNamespace(time=ISSUED_AT.timestamp)):
        yield


def dns(**texts: str) -> Resolver:
    """A resolver whose only domain is the issuer's, with the key under s1 unless told otherwise."""
    named = {f"{name}._domainkey.{ISSUER}": (text,) for name, text in ({"s1": record()} | texts).items()}
    return map_resolver(named)
