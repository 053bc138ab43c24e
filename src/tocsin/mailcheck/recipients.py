"""Findings on the recipient: a genuine notice that is sent on to another person is not about him."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.mail import shown
from tocsin.mailcheck.parties import delivered_to, one_address


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.proof is None:
        return
    recipient = seen.proof.facts.recipient
    wrong = next(_wrong(seen, recipient.lower(), recipient), None)
    yield wrong or found("recipient-named", recipient=recipient)


def _wrong(seen: Inspection, wanted: str, recipient: str) -> Iterator[Finding]:
    to = shown(seen.mail.first("to") or "")
    if seen.mail.headers and one_address(to) != wanted:
        yield found("recipient-not-to", to or None, to=to or "nobody", recipient=recipient)
    if seen.known.addresses:
        if wanted not in seen.known.addresses:
            yield found("recipient-not-reader", recipient=recipient)
        return
    delivered = delivered_to(seen.mail)
    if delivered and wanted not in delivered:
        yield found("delivered-elsewhere", delivered[0], delivered=delivered[0], recipient=recipient)
    elif delivered and delivered[0] != wanted:
        yield found("delivered-onward", delivered[0], delivered=delivered[0], recipient=recipient)
