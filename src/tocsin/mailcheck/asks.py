"""Findings on what a stranger's mail asks of its reader and how it presses him. The harm of a mail lies in its request.

A mail with a verified proof is not read here: what its words are is proved. A request that can only be followed on the
sender's own site does no harm: it is told, and speaks neither way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.mailcheck.directory import directory
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.identity import claims, day_of, owner_of
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.links import links_of
from tocsin.mailcheck.mail import shown
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.places import is_cheap, is_free_mail, is_hosting, is_shortener
from tocsin.mailcheck.randomness import is_random_host
from tocsin.mailcheck.schemes import PRESSURE, REQUESTS, SCHEMES, TOLD, Scheme
from tocsin.mailcheck.sender import sender_of
from tocsin.mailcheck.specific import name_in
from tocsin.mailcheck.wording import Wording

# What is done by a link or an attachment: without either nothing can come of it, and on the right site no harm.
_BY_LINK = frozenset(
    ("asks-confirm", "asks-secret", "asks-pay", "asks-fee", "asks-install", "asks-open", "scheme-sign-in")
).union(
    (
        "scheme-remover",
        "scheme-mailbox",
        "scheme-antivirus",
        "scheme-refund",
        "scheme-prize",
        "scheme-coins",
        "asks-coins",
    )
)
# What only an office can ask: whoever pays a craftsman's bill pays one who writes from any mailbox.
_OFFICE = frozenset(("asks-confirm", "asks-secret", "asks-fee", "asks-call", "scheme-sign-in", "scheme-mailbox")).union(
    ("scheme-antivirus", "scheme-prize", "scheme-accusation", "scheme-job", "scheme-advance-fee", "scheme-cure")
)
# Whoever has a site of his own and leads there, asks for donations or to be answered as charities and firms do.
_BEGGING = ("scheme-advance-fee", "asks-reply")
# A bill, an order or a contract that can be looked up.
_NUMBERED = re.compile(
    r"(?:rechnung|invoice|bill|order|bestellung|kunden|customer|contract|vertrag|factuur|faktur[ay]?|factura|fattura|facture"
    r"|klant|client|contrat|contrato|fatura|pedido|commande|reference|referenz|請求書|注文|お客様)\w{0,4}"
    r"(?:[ -]?(?:number|nummer|nr|no|n\u00ba|n\u00b0|id|番号))?[ .:#-]{0,3}(?=[\w/-]{0,12}\d{3})[\w/-]{4,24}",
    re.IGNORECASE,
)
_GREETING_CHARACTERS_MAX = 200
_ROLES = frozenset(("abuse", "info", "postmaster", "admin", "security", "hostmaster", "office", "contact", "support"))


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.is_proved:
        return
    wording = seen.wording
    asked = dict(_standing((*REQUESTS, *SCHEMES), wording))
    if not _has_means(seen):
        asked = {code: place for code, place in asked.items() if code not in _BY_LINK}
    whose = _own_site(seen) if asked else ""
    harmful = {code: place for code, place in asked.items() if not (whose and code in _BY_LINK)}
    for code in _BEGGING if _leads_home(seen) else ():
        harmful.pop(code, None)
    if _NUMBERED.search(wording.body) or name_in(wording.body):
        harmful.pop("scheme-nameless-bill", None)
    for code, place in harmful.items():
        yield found(code, wording.around(place))
    if len(harmful) < len(asked):
        yield found("asks-at-home", name=whose)
    if harmful:
        yield from _pressed(seen, frozenset(harmful))
    yield from _to_nobody(seen, bool(harmful))
    for code, place in dict(_standing(TOLD, wording)).items():
        yield found(code, wording.around(place))


def _pressed(seen: Inspection, asked: frozenset[str]) -> Iterator[Finding]:
    """How he is pressed who is asked something."""
    if not _leads_home(seen):  # who presses you on to his own site is a creditor or a shop
        for code, place in dict(_standing(PRESSURE, seen.wording)).items():
            yield found(code, seen.wording.around(place))
    yield from _greeted(seen)
    domain = sender_of(seen.mail).domain
    if is_free_mail(domain) and not _OFFICE.isdisjoint(asked):
        yield found("asks-free-mail", domain=domain)


def _leads_home(seen: Inspection) -> bool:
    """Whether there are links, all to the sender's own domain, and he is not one that a program made up."""
    sender = sender_of(seen.mail)
    domains = {link.target.domain for link in links_of(seen.mail).followed}
    return domains == {sender.registered} and not is_cheap(sender.domain) and not is_random_host(sender.domain)


def _to_nobody(seen: Inspection, is_asked: bool) -> Iterator[Finding]:
    """Sent to many in secret. Clubs do so too, who ask nothing and whose answers go where the mail came from."""
    to, copies = seen.mail.first("to"), seen.mail.first("list-id") or seen.mail.first("cc")
    if to is None or "@" in to or copies:
        return
    if is_asked or is_free_mail(sender_of(seen.mail, "reply-to").domain):
        yield found("sent-to-nobody", to)


def _standing(schemes: tuple[Scheme, ...], wording: Wording) -> Iterator[tuple[str, int]]:
    for scheme in schemes:
        place = scheme.place(wording)
        if place is not None:
            yield scheme.code, place


def _has_means(seen: Inspection) -> bool:
    """Whether there is anything to click or to open; of pasted words it cannot be told."""
    mail = seen.mail
    is_pasted = mail.form != "whole" or not (mail.first("content-type") or mail.first("message-id"))
    return is_pasted or bool(mail.parts or mail.inside or any(link.place != "picture" for link in links_of(mail).links))


def _own_site(seen: Inspection) -> str:
    """The organisation that the mail is of, shown or claimed, if every link leads to a site of its own; "" if not."""
    book, day = directory(seen.known.organisations), day_of(seen)
    followed = links_of(seen.mail).followed
    holders = {one.name if (one := book.owner(link.target.host, day)) else "" for link in followed}
    own = owner_of(sender_of(seen.mail), book, day)
    if own is not None and seen.authentic.how and not _leads_to_strangers(seen):
        return own.name  # shown to be the sender: whoever sends its mail for it may also count its clicks
    if not holders or "" in holders:
        return ""
    claimed = {claim.organisation.name for claim in claims(seen.mail, book)}
    if own is not None and holders <= {own.name} | _authorities(seen, holders):
        return own.name
    if own is None and not sender_of(seen.mail).domain:  # words without a sender: whose sites they are, is seen
        return sorted(holders)[0]
    return sorted(holders)[0] if claimed and holders <= claimed and own is not None else ""


def _leads_to_strangers(seen: Inspection) -> bool:
    """To what anybody puts up or to a domain of the cheapest sort: words of strangers that a service passes on."""
    return any(
        is_hosting(link.target.host)
        or is_shortener(link.target.host)
        or is_cheap(link.target.domain)
        or link.place == "form"
        for link in links_of(seen.mail).followed
    )


def _authorities(seen: Inspection, holders: set[str]) -> set[str]:
    """Response teams and states among them: a provider's notice sends its reader there."""
    book = directory(seen.known.organisations)
    return {one.name for one in book.organisations if one.name in holders and one.kind in ("cert", "state", "tracker")}


def _greeted(seen: Inspection) -> Iterator[Finding]:
    """Greeted by his address: who keeps an account for him knows his name."""
    recipient = one_address(shown(seen.mail.first("to") or "")) or ""
    start = f"{seen.wording.subject} {seen.wording.body[:_GREETING_CHARACTERS_MAX]}".lower()
    local = recipient.partition("@")[0]
    if recipient and recipient in start:
        yield found("greets-by-address", greeting=recipient)
    elif len(local) >= 4 and local not in _ROLES and local in start.split():
        yield found("greets-by-address", greeting=local)
