"""Findings on confirmations that the reader brought: did a clearing house give this provider what the notice tells?"""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.mailcheck.catalogue import english
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.proof.confirmation import Confirmation, read_confirmation
from tocsin.proof.facts import Facts
from tocsin.terms.moments import format_moment


def look(seen: Inspection) -> Iterator[Finding]:
    houses = {house.public: house.name for house in seen.known.clearing_houses}
    for raw in seen.setup.confirmations:
        try:
            said, signer = read_confirmation(raw, tuple(houses))
        except ValueError:
            yield found("confirmation-unsigned", reason=english("not_a_confirmation"))
            continue
        if signer is None:
            yield found("confirmation-unsigned", reason=english("confirmed_by_nobody"))
        else:
            yield _told(said, houses[signer], seen.proof.facts if seen.proof else None)


def _told(said: Confirmation, house: str, facts: Facts | None) -> Finding:
    """`house` is the name that the reader gave it; what the document calls itself is not shown."""
    references = {trouble.source_ref for trouble in facts.troubles} if facts else set()
    if facts is None or said.provider != facts.issuer.lower() or said.reference not in references:
        return found("confirmation-other", house=house, provider=said.provider, reference=said.reference)
    given = format_moment(said.given_at)
    return found("confirmation-given", house=house, provider=said.provider, reference=said.reference, given=given)
