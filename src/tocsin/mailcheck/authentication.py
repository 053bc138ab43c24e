"""Findings on the mail's authentication: which domain signed it, and whether that is the sender's."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.authentic import is_aligned
from tocsin.mailcheck.dkim_signature import Signature
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.headers import PROVED
from tocsin.mailcheck.inspection import Inspection


def look(seen: Inspection) -> Iterator[Finding]:
    mail = seen.mail
    if not mail.is_as_sent:
        return
    sender, judged = seen.authentic.author, seen.authentic.signatures
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
