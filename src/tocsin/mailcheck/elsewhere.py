"""Findings on a mail that speaks for an organisation, has its name or even its address as its sender, and leads its
reader to places of others: a page that anybody can put up, a mailbox that is not the organisation's."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tocsin.mailcheck import hosts
from tocsin.mailcheck.directory import Directory, directory
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.identity import claims, day_of, owner_of
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.linkcheck import word_count
from tocsin.mailcheck.links import Link, links_of
from tocsin.mailcheck.mail import shown
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.places import is_free_mail, is_hosting, is_mailer, is_redirector, is_shortener
from tocsin.mailcheck.sender import sender_of
from tocsin.proof.organisations import Organisation

_READ_CHARACTERS_MAX = 4_000
_WORDS_FEW = 12
_LOCAL_MIN = 4  # letters of a mailbox that say whose it is
_ADDRESS = re.compile(r"(?<![\w.@-])[\w.+-]{2,40}@ ?[a-z0-9-]{2,30}(?:\. ?[a-z]{2,10}){1,2}", re.IGNORECASE | re.ASCII)


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.is_proved or seen.mail.first("list-id"):
        return
    book, sender = directory(seen.known.organisations), sender_of(seen.mail)
    own = owner_of(sender, book, day_of(seen))
    dashed = _dashed(sender.registered, book) if own is None and "-" in sender.registered else None
    if dashed:
        yield found("sender-dashed", sender.address, domain=sender.domain, name=dashed.name)
    claimed = claims(seen.mail, book)
    spoken_for = own or (claimed[0].organisation if claimed else None)
    answers = [*_answers(seen, sender.registered, spoken_for, book), *_written(seen, sender.address)]
    yield from answers[:1]
    yield from _blind(seen)
    if spoken_for is None or (own is not None and seen.authentic.how):
        return
    foreign = _foreign(seen, spoken_for, book)
    if foreign:
        yield found("organisation-elsewhere", foreign.url, name=spoken_for.name, domain=foreign.target.domain)


def _dashed(registered: str, book: Directory) -> Organisation | None:
    """Whose domain it would be with dots for its dashes: `bank-example.net` for `bank.example`'s own."""
    label = registered.partition(".")[0].replace("-", ".")
    for ending in ("de", "com", "org", "net", "in", "jp", "uk", "gov"):
        owner = book.holder(f"{label}.{ending}", None)
        if owner is not None and any(label == one.name.rpartition(".")[0] for one in owner.every_domain):
            return owner
    return None


def _blind(seen: Inspection) -> Iterator[Finding]:
    """Nothing is said, and where the one link leads cannot be seen either."""
    links = [link for link in links_of(seen.mail).followed if link.place == "link"]
    words = word_count(links_of(seen.mail).shown or seen.mail.text or "")
    if seen.mail.form != "whole" or not links or words >= _WORDS_FEW:
        return
    for link in links:
        host = link.target.host
        if is_shortener(host) or is_hosting(host) or is_redirector(host, link.target.rest):
            yield found("link-blind", link.url, domain=host)
            return


def _written(seen: Inspection, address: str) -> Iterator[Finding]:
    """Asked to answer, but to another mailbox than the mail came from, and to one that anybody can have."""
    if not seen.wording.has("reply") or not address:
        return
    body = seen.wording.body[:_READ_CHARACTERS_MAX]
    reader = one_address(shown(seen.mail.first("to") or "")) or ""
    local = address.lower().partition("@")[0]
    for match in _ADDRESS.finditer(body):
        other = match[0].replace(" ", "").lower().rstrip(".")
        if len(local) >= _LOCAL_MIN and local in other.partition("@")[0]:
            continue  # the same person's other mailbox
        if other not in (address.lower(), reader) and is_free_mail(other.partition("@")[2]):
            yield found("answers-free-mail", match[0], domain=other.partition("@")[2])
            return


def _foreign(seen: Inspection, whose: Organisation, book: Directory) -> Link | None:
    """The link to what nobody answers for, where the rest leads to the organisation itself or nowhere."""
    day = day_of(seen)
    links = [link for link in links_of(seen.mail).followed if link.place in ("link", "form")]
    holders = [book.holder(link.target.host, day) for link in links]
    count = Counter(one is whose for one in holders)
    for link, holder in zip(links, holders, strict=True):
        host = link.target.host
        if holder is whose or is_mailer(host):
            continue
        if is_hosting(host) or is_shortener(host) or is_redirector(host, link.target.rest):
            return link
        if holder is None and not count[True]:
            return link
    return None


def _answers(seen: Inspection, sender: str, whose: Organisation | None, book: Directory) -> Iterator[Finding]:
    """Links that write a mail: to a mailbox that anybody can have, or that is not the organisation's."""
    for link in links_of(seen.mail).links:
        if link.target.scheme != "mailto" or link.place != "link":
            continue
        domain = hosts.normal(link.target.rest.partition("?")[0].rpartition("@")[2].strip())
        if not domain or not hosts.is_name(domain) or hosts.registrable(domain) == sender:
            continue
        owner = book.owner(domain, None)
        if whose is not None and owner is not whose:
            yield found("answers-elsewhere", link.url, name=whose.name, domain=domain)
            return
        if is_free_mail(domain) and sender and not is_free_mail(sender):
            yield found("answers-free-mail", link.url, domain=domain)
            return
