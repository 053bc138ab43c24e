"""Findings on the proof: is there one, can it be read, who signed it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tocsin.mailcheck.catalogue import english
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Claim, Inspection
from tocsin.mailcheck.mail import Mail
from tocsin.proof.keys import fingerprint
from tocsin.proof.known import Known, KnownKey
from tocsin.proof.proof import HEADER, Proof, read_proof, verify_proof
from tocsin.proof.words import BLOCK_BEGIN, BLOCK_END, fold
from tocsin.terms.moments import format_moment


def read_claim(mail: Mail, known: Known, at: datetime | None) -> Claim:
    """The first proof header, or the block in the text where there is no header."""
    header = mail.first(HEADER.lower())
    block = next((text for text in (mail.text, mail.html) if text and BLOCK_BEGIN in text), None)
    if header is None and block is None:
        return Claim()
    try:
        proof = read_proof(header if header is not None else fenced(block or "")[0])
    except (ValueError, IndexError) as error:
        return Claim(is_header=header is not None, reason=str(error) or "its block has no end")
    return Claim(proof, verify_proof(proof, known, at), header is not None)


def fenced(text: str) -> list[str]:
    """Everything that stands between the fences of a block, fences included."""
    blocks = []
    start = text.find(BLOCK_BEGIN)
    while start >= 0:
        end = text.find(BLOCK_END, start)
        if end < 0:
            break
        blocks.append(text[start : end + len(BLOCK_END)])
        start = text.find(BLOCK_BEGIN, end)
    return blocks


def look(seen: Inspection) -> Iterator[Finding]:
    claim = seen.claim
    headers = seen.mail.values(HEADER.lower())
    if len(headers) > 1:
        yield found("header-repeated", header=HEADER, count=str(len(headers)))
    if claim.reason:
        yield found("proof-unreadable", headers[0] if headers else None, reason=claim.reason)
    elif claim.proof is None or claim.result is None:
        yield found("proof-missing")
    else:
        if not claim.is_header:
            yield found("proof-header-missing")
        yield _judged(claim.proof, claim.result.reason, claim.result.key)
        yield from _blocks(seen.mail, claim.proof)
        if claim.result.expired:
            yield found("notice-ended", expires=format_moment(claim.proof.facts.expires_at))


def _judged(proof: Proof, reason: str, key: KnownKey | None) -> Finding:
    facts = proof.facts
    return found(
        f"proof-{reason}",
        key=proof.key,
        issuer=facts.issuer,
        issued=format_moment(facts.issued_at),
        fingerprint=fingerprint(proof.public),
        name=key.name if key else facts.issuer_name,
        owner=key.issuer if key else "",
        trust=trust_words(key) if key else "",
        revoked=format_moment(key.revoked_at) if key and key.revoked_at else "",
    )


def trust_words(key: KnownKey) -> str:
    """Why the reader trusts the key, to go after "which"."""
    return english(f"trust_{key.trusted_by}", list=key.list_name or "")


def _blocks(mail: Mail, proof: Proof) -> Iterator[Finding]:
    expected = fold(proof.block())
    for name, text in (("the text", mail.text or ""), ("the HTML part", mail.html or "")):
        blocks = fenced(text)
        if len(blocks) > 1 or any(fold(block) != expected for block in blocks):
            yield found("proof-block-differs", twin=name)
