"""`tocsin keys confirm`: yes, we gave this provider that sighting, on this day. Never whose it was: we do not know."""

from __future__ import annotations

import msgspec

from tocsin.book import audit
from tocsin.book import reports as book_reports
from tocsin.book.book import Transaction
from tocsin.book.reports import Gave
from tocsin.pipeline.house import House
from tocsin.pipeline.reach import ALL, Reach
from tocsin.pipeline.reportsection import Constituent, is_domain
from tocsin.proof.confirmation import Confirmation, make_confirmation
from tocsin.terms.addresses import parse_address
from tocsin.terms.errors import BadRequest

REFERENCE_CHARS_MAX = 64


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`provider` is the domain in whose name it writes to its subscribers. A program's key may know only `own`."""

    reference: str
    provider: str
    actor: str
    reason: str = ""
    own: Reach = ALL


def confirm(house: House, asked: Asked) -> bytes | None:
    """The signed confirmation, which stands in the audit; None where no report that has left told this provider of it.

    Raises BadRequest for a reference or a domain that cannot be one.
    """
    reference, provider = asked.reference.strip(), asked.provider.strip().lower().rstrip(".")
    if not 0 < len(reference) <= REFERENCE_CHARS_MAX or not reference.isprintable():
        raise BadRequest("not a reference", where=repr(reference[:40]), remedy="it stands in the letter")
    if not is_domain(provider):
        raise BadRequest("not a provider's domain", where=repr(provider[:40]), remedy="as net.example")
    with house.book.write() as tx:
        given = _first(tx, house, reference, provider, asked.own)
        if given is None:
            return None
        audit.append(
            tx,
            at=house.now,
            actor=asked.actor,
            action="confirmed",
            object=f"{reference} {provider}",
            reason=asked.reason,
        )
    said = Confirmation(
        clearing_house=house.issuer.domain,
        name=house.issuer.name,
        reference=reference,
        provider=provider,
        given_at=given.sent_at.replace(microsecond=0),
        confirmed_at=house.now.replace(microsecond=0),
    )
    return make_confirmation(said, house.keys.proof)


def _first(tx: Transaction, house: House, reference: str, provider: str, own: Reach) -> Gave | None:
    """The first report by which that provider was told of it."""
    constituents = house.config.reports.constituents
    for gave in book_reports.gave(tx, reference):
        if _is_of(gave.contact, provider, constituents) and _may_know(tx, gave, own):
            return gave
    return None


def _is_of(contact: str, provider: str, constituents: tuple[Constituent, ...]) -> bool:
    """Whether that mailbox is the provider's: at its domain or below, or of a constituent that is named as this one."""
    domain = contact.rpartition("@")[2].lower()
    named = any(each.mail.lower() == contact.lower() and each.issuer == provider for each in constituents)
    return named or domain == provider or domain.endswith(f".{provider}")


def _may_know(tx: Transaction, gave: Gave, own: Reach) -> bool:
    """As with cases: a constituent's key knows what is about its own addresses alone."""
    return own.is_all or all(own.holds(parse_address(each)) for each in book_reports.addresses_of(tx, gave.report))
