"""Findings on what is in a mail besides the two twins: a real notice inside it, or anything else."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.mail import Mail
from tocsin.mailcheck.proofs import fenced, read_claim
from tocsin.proof.known import Known
from tocsin.proof.proof import HEADER, Proof, read_proof, verify_proof
from tocsin.proof.words import BLOCK_BEGIN

_INSIDE_MAX = 10  # of the mails within it that are looked at


def look(seen: Inspection) -> Iterator[Finding]:
    for mail in seen.mail.inside[:_INSIDE_MAX]:
        yield from _inside(mail, "a mail that is attached to it", seen.known)
    for part in seen.mail.parts:
        if BLOCK_BEGIN in part.text or HEADER.lower() in part.text.lower():
            yield from _told(_proof_in(part.text), f"the attached part {part.filename or part.media_type}", seen.known)
    if seen.proof is not None:
        yield from _extra(seen.mail)


def _inside(mail: Mail, place: str, known: Known) -> Iterator[Finding]:
    claim = read_claim(mail, known, None)
    if claim.proof is not None or claim.reason:
        yield from _told(claim.proof, place, known)
    for held in mail.inside[:1]:
        yield from _inside(held, place, known)


def _told(proof: Proof | None, place: str, known: Known) -> Iterator[Finding]:
    if proof is not None and verify_proof(proof, known).result == "supports":
        yield found("notice-inside", issuer=proof.facts.issuer, recipient=proof.facts.recipient, place=place)
    else:
        yield found("proof-inside", place=place)


def _proof_in(text: str) -> Proof | None:
    for block in fenced(text)[:1]:
        try:
            return read_proof(block)
        except ValueError:
            return None
    return None


def _extra(mail: Mail) -> Iterator[Finding]:
    for part in mail.parts:
        yield found("part-added", part=f"{part.media_type} {part.filename}".strip())
    for _ in mail.inside[:1]:
        yield found("part-added", part="message/rfc822")
