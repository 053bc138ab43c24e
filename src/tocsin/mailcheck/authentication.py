"""Findings on the mail's authentication: which domain signed it, and whether that is the sender's."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.dkim_signature import Signature, signatures
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.headers import PROVED
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.mail import shown
from tocsin.mailcheck.parties import domain_of, one_address, received_at


def look(seen: Inspection) -> Iterator[Finding]:
    mail = seen.mail
    if not mail.is_as_sent:
        return
    address = one_address(shown(mail.first("from") or ""))
    sender = domain_of(address) if address else ""
    judged = signatures(mail.raw, seen.resolve, received_at(mail))
    if not judged:
        yield found("dkim-missing")
    for signature in judged:
        yield _found(signature, sender)
    covering = next((one for one in judged if _covers(one, sender)), None)
    if covering:
        yield found("headers-signed", domain=covering.domain)
    elif seen.proof is not None and not seen.proof.head:
        yield found("headers-unproven")


def _covers(signature: Signature, sender: str) -> bool:
    return (
        signature.state == "verified" and is_aligned(signature.domain, sender) and signature.headers.issuperset(PROVED)
    )


def is_aligned(signer: str, sender: str) -> bool:
    """Whether one domain is the other or lies below it (relaxed alignment, RFC 7489 §3.1.1, as far as that can be
    told without a list of public suffixes; a public suffix signs no mail)."""
    return bool(sender) and (signer == sender or sender.endswith(f".{signer}") or signer.endswith(f".{sender}"))


def _found(signature: Signature, sender: str) -> Finding:
    state: str = signature.state
    if state == "verified":
        state = "aligned" if is_aligned(signature.domain, sender) else "other-domain"
    return found(
        f"dkim-{state}",
        domain=signature.domain,
        selector=signature.selector,
        reason=signature.reason,
        bits=str(signature.bits),
        bytes=str(signature.uncovered),
    )
