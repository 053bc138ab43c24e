"""Findings on the mail's way: who took it for the reader, from whom, and what the Received headers show.

What stands below the trust boundary is what the sender says of himself. It is shown, and lowers nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

from tocsin.mailcheck.boundary import Boundary, provider_of
from tocsin.mailcheck.domains import registrable
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.received import Hop, as_address, is_inside
from tocsin.terms.moments import format_moment

_BACKWARDS = timedelta(minutes=10)
_NAMELESS = ("(unknown", "(may be forged", "may be forged)")
_FORGED = "may be forged"  # what sendmail writes when a client's name and address do not fit


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.mail.form == "words":
        return
    boundary = seen.boundary
    hop = boundary.hop
    if hop is None:
        yield found("way-unknown")
    else:
        yield from _came_in(boundary, hop)
    yield from _claimed(boundary)


def _came_in(boundary: Boundary, hop: Hop) -> Iterator[Finding]:
    at = format_moment(boundary.received_at) if boundary.received_at else "?"
    client = " ".join(dict.fromkeys(word for word in (hop.name or hop.helo, boundary.address) if word)) or "?"
    yield found(
        "way-received" if boundary.is_given else "way-received-inferred",
        hop.text,
        provider=boundary.provider,
        client=client,
        at=at,
    )
    if not boundary.address:
        return
    greeted = as_address(hop.helo)
    if hop.name and provider_of(boundary.helo) == boundary.provider != provider_of(hop.name):
        yield found("way-greeting-borrowed", hop.text, greeting=boundary.helo)
    elif greeted is not None and str(greeted) != boundary.address:
        yield found("way-greeting-other", hop.text, greeting=hop.helo, address=boundary.address)
    elif _FORGED in hop.text:
        yield found("way-name-unproven", hop.text, address=boundary.address)


def _claimed(boundary: Boundary) -> Iterator[Finding]:
    hops = (*boundary.hops, *boundary.below)
    dated = [hop for hop in hops if hop.at is not None]
    for later, earlier in pairwise(dated):
        if later.at is not None and earlier.at is not None and earlier.at - later.at > _BACKWARDS:
            yield found("way-backwards", earlier.text, later=later.by or "?", earlier=earlier.by or "?")
            break
    for hop in boundary.below:
        if _is_bogus(hop):
            yield found("way-bogus", hop.text, address=hop.address)
            break
    relay = next((hop for hop in boundary.below if _is_relayed(hop)), None)
    if relay is not None:
        yield found("way-relayed", relay.text, relay=registrable(relay.by), client=relay.address)


def _is_bogus(hop: Hop) -> bool:
    """An address that no machine can have: multicast, reserved, 0.0.0.0/8."""
    address = as_address(hop.address)
    return address is not None and (address.is_multicast or (address.is_reserved and not is_inside(address)))


def _is_relayed(hop: Hop) -> bool:
    """Whether a server took the mail from a stranger without asking for a name and sent it on to others: an open relay,
    or one that a stranger had the password of (then it says so: ESMTPA, ESMTPSA)."""
    address = as_address(hop.address)
    is_nameless = not hop.name and any(mark in hop.text for mark in _NAMELESS)
    is_stranger = address is not None and not is_inside(address)
    return is_nameless and is_stranger and bool(registrable(hop.by)) and hop.protocol in ("SMTP", "ESMTP", "ESMTPS")
