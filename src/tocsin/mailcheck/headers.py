"""Findings on the headers: sender, subject, date, and whether somebody changed them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.mail import Mail, shown
from tocsin.mailcheck.parties import domain_of, one_address
from tocsin.proof.facts import Facts
from tocsin.proof.proof import Proof, head_digest

# RFC 5322 §3.6: at most one of each; RFC 2045 for the last three.
SINGLE = (
    "from", "sender", "reply-to", "to", "cc", "subject", "date", "message-id",
    "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
PROVED = ("from", "to", "subject", "date")  # in the order of the proof's digests
_BLANK_IN_ADDRESS = re.compile(r"<[^<>@]{0,64}@[^<>\s]{0,253}[^\S\r\n]+>|<[^\S\r\n]+[^<>@]{1,64}@")
_QUOTED = re.compile(r'"[^"]{0,200}"|=\?[^?]{1,40}\?[BbQq]\?[^?]{0,400}\?=|\([^()]{0,200}\)')
_DIGEST_BYTES = 16
# What mail servers put before a subject: `[EXTERNAL]`, `***SPAM***`.
_TAG = re.compile(r"\s*(\[[^\[\]]{1,20}\]|\*{1,5}[A-Za-z ]{1,20}\*{1,5})\s*(?=\S)")


def look(seen: Inspection) -> Iterator[Finding]:
    mail = seen.mail
    if mail.is_cut:
        yield found("mail-cut", limit=str(len(mail.raw)))
    for fault in mail.faults[:3]:
        yield found("mail-broken", reason=fault)
    for name in SINGLE:
        count = len(mail.values(name))
        if count > 1:
            yield found("header-repeated", shown(mail.values(name)[1]), header=name.title(), count=str(count))
    yield from _sender(seen)
    if seen.proof is not None:
        yield from _replies(mail, seen.proof.facts)
        yield from _proved(mail, seen.proof)


def _sender(seen: Inspection) -> Iterator[Finding]:
    value = seen.mail.first("from")
    if value is None:
        if seen.mail.form != "words":
            yield found("sender-missing")
        return
    address = one_address(shown(value))
    if address is None:
        yield from _unread(seen, value)
        return
    domain = domain_of(address)
    if domain in seen.known.issuers():
        yield found("sender-known", shown(value), domain=domain)
    if seen.proof is not None:
        issuer = seen.proof.facts.issuer.lower()
        is_issuer = domain == issuer
        yield found(
            "sender-is-issuer" if is_issuer else "sender-not-issuer", shown(value), domain=domain, issuer=issuer
        )


def _unread(seen: Inspection, value: str) -> Iterator[Finding]:
    """A notice names its sender without doubt. Others are written in many ways, of which some are nobody's habit."""
    if seen.proof is not None or seen.claim.reason:
        yield found("sender-unreadable", shown(value))
    elif "@" not in value:
        yield found("sender-without-address", shown(value))
    elif _BLANK_IN_ADDRESS.search(value):
        yield found("sender-blank", shown(value))
    elif "," in _QUOTED.sub("", value.partition("<")[0]) and value.count("@") == 1:
        yield found("sender-comma", shown(value))


def _replies(mail: Mail, facts: Facts) -> Iterator[Finding]:
    for name in ("reply-to", "sender"):
        for value in mail.values(name)[:1]:
            address = one_address(shown(value))
            if address is None or domain_of(address) != facts.issuer.lower():
                yield found("reply-elsewhere", address=address or shown(value), issuer=facts.issuer)


def _proved(mail: Mail, proof: Proof) -> Iterator[Finding]:
    if not proof.head:
        return
    digests = [proof.head[start : start + _DIGEST_BYTES] for start in range(0, len(proof.head), _DIGEST_BYTES)]
    changed = []
    for name, digest in zip(PROVED, digests, strict=True):
        value = mail.first(name) or ""
        if head_digest(value) == digest:
            continue
        tag = _tag_before(value, digest) if name == "subject" else None
        changed.append(found("subject-tagged", tag=tag) if tag else _changed(name, value))
    yield from changed or [found("headers-unchanged")]


def _changed(name: str, value: str) -> Finding:
    return found("header-changed", shown(value) or None, header=name.title())


def _tag_before(value: str, digest: bytes) -> str | None:
    match = _TAG.match(value)
    return match[1] if match and head_digest(value[match.end() :]) == digest else None
