"""Findings on the mail's authentication: which domains signed and sent it, and whether that is the sender's.

A failure condemns little: lists and forwarders break signatures, keys are withdrawn, and most senders have errors.
Only a failure of DMARC whose owner asks to refuse such mail speaks against it, and lightly.
"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.authentic import Authentic, failed_by, is_aligned, passed_by
from tocsin.mailcheck.authres import others
from tocsin.mailcheck.dkim_signature import Signature
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.headers import PROVED
from tocsin.mailcheck.inspection import Inspection

_STRICT = ("quarantine", "reject")
_CLAIMED_MAX = 3


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.mail.form == "words":
        return
    if seen.mail.is_as_sent:
        yield from _dkim(seen)
    yield from _spf(seen.authentic)
    yield from _dmarc(seen.authentic)
    yield from _arc(seen.authentic)
    yield from _provider(seen)


def _dkim(seen: Inspection) -> Iterator[Finding]:
    sender, judged = seen.authentic.author, seen.authentic.signatures
    if not judged:
        yield found("dkim-missing")
    for signature in judged:
        yield _signed(signature, sender)
    covering = next((one for one in judged if _covers(one, sender)), None)
    if covering:
        yield found("headers-signed", domain=covering.domain)
    elif seen.proof is not None and not seen.proof.head:
        yield found("headers-unproven")


def _covers(signature: Signature, sender: str) -> bool:
    return (
        signature.state == "verified" and is_aligned(signature.domain, sender) and signature.headers.issuperset(PROVED)
    )


def _signed(signature: Signature, sender: str) -> Finding:
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


def _spf(authentic: Authentic) -> Iterator[Finding]:
    spf = authentic.spf
    if spf.result == "pass":
        is_his = is_aligned(spf.domain, authentic.author)
        yield found("spf-aligned" if is_his else "spf-other-domain", spf.record, domain=spf.domain, address=spf.address)
    elif spf.result == "fail":
        yield found("spf-fail", spf.record, domain=spf.domain, address=spf.address)
    elif spf.result in ("softfail", "neutral"):
        yield found("spf-undecided", spf.record, domain=spf.domain, address=spf.address)
    elif spf.result == "permerror":
        yield found("spf-broken", spf.record, domain=spf.domain, address=spf.address)
    elif spf.result == "none":
        yield found("spf-none", domain=spf.domain or "?")
    elif spf.reason != authentic.dmarc.reason:  # which says it for both
        yield found("spf-unchecked", reason=spf.reason or "DNS had no answer")


def _dmarc(authentic: Authentic) -> Iterator[Finding]:
    dmarc, author = authentic.dmarc, authentic.author
    if dmarc.result == "pass":
        yield found("dmarc-pass", dmarc.record, domain=author)
    elif dmarc.result == "none":
        yield found("dmarc-none", domain=author)
    elif dmarc.result == "temperror":
        yield found("dmarc-unchecked", reason=dmarc.reason)
    elif dmarc.result == "fail":
        yield _failed(authentic)
    if dmarc.result in ("pass", "fail", "none") and _told(authentic.listed) != _told(dmarc):
        yield found("dmarc-differs", new=_told(dmarc), old=_told(authentic.listed))


def _told(dmarc: object) -> str:
    result, policy = getattr(dmarc, "result", ""), getattr(dmarc, "policy", "")
    return f"{result} ({policy})" if result == "fail" else str(result)


def _failed(authentic: Authentic) -> Finding:
    dmarc, author = authentic.dmarc, authentic.author
    if passed_by(authentic.said, author):
        return found("dmarc-fail-now", dmarc.record, domain=author)
    if dmarc.policy not in _STRICT:
        return found("dmarc-fail-open", dmarc.record, domain=author)
    if authentic.is_passed_on:
        return found("dmarc-fail-passed-on", dmarc.record, domain=author)
    return found("dmarc-fail", dmarc.record, domain=author, policy=dmarc.policy)


def _arc(authentic: Authentic) -> Iterator[Finding]:
    arc = authentic.arc
    sealers = ", ".join(dict.fromkeys(arc.sealers)) or "?"
    if arc.chain == "pass":
        yield found("arc-sealed", arc.results, sealers=sealers)
    elif arc.chain == "fail":
        yield found("arc-broken", sealers=sealers)
    elif arc.chain == "unchecked":
        yield found("arc-unchecked", sealers=sealers, reason=arc.reason)


def _provider(seen: Inspection) -> Iterator[Finding]:
    authentic, provider = seen.authentic, seen.boundary.provider
    passed = passed_by(authentic.said, authentic.author)
    if passed:
        yield found(
            "authres-passed", passed.text, provider=provider, domain=authentic.author, method=passed.method.upper()
        )
    elif authentic.said and authentic.author and not authentic.how:
        failed = failed_by(authentic.said)
        is_strict = failed is not None and failed.policy in _STRICT and not authentic.is_passed_on
        yield found(
            "authres-failed" if is_strict else "authres-failed-open",
            failed.text if failed else "; ".join(one.text for one in authentic.said),
            provider=provider,
            domain=authentic.author,
        )
    for server in others(seen.mail, seen.boundary)[:_CLAIMED_MAX]:
        yield found("authres-not-counted", server=server or "?")
