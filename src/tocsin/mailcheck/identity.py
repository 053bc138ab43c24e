"""Findings on who the sender says he is: the name he shows against the domain he writes from, and domains that look
like those of others. What is written in From can be forged; authentication says whether it was."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from tocsin.mailcheck import hosts
from tocsin.mailcheck.directory import Claimed, Directory, directory
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.lookalike import is_mixed
from tocsin.mailcheck.mail import Mail, shown
from tocsin.mailcheck.places import is_cheap, is_free_mail
from tocsin.mailcheck.randomness import is_random_host
from tocsin.mailcheck.sender import Sender, sender_of
from tocsin.proof.organisations import Organisation

_NAMED_DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,18}", re.IGNORECASE | re.ASCII)
_SENDERS = re.compile(r"<[^<>@]{0,64}@[^<>]{0,255}>")
_IN_NAME = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
_WORDS = re.compile(r"[^\W\d_]{3,40}")
_FORMULA = re.compile("[\U0001d400-\U0001d7ff\U0001f130-\U0001f169\u24b6-\u24e9]{2}")
_WITHIN = re.compile("[A-Za-z][\u034f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]+(?:[A-Za-z]|\\s)")
_IMPOSSIBLE = re.compile(r"[\s%&*!$'\"()<>\\^`{|}~#/?=+,;]")


def look(seen: Inspection) -> Iterator[Finding]:
    mail = seen.mail
    sender = sender_of(mail)
    if not sender.domain:
        return
    book, day = directory(seen.known.organisations), day_of(seen)
    owner = owner_of(sender, book, day)
    if owner:
        is_shown = bool(seen.authentic.how)
        yield found("sender-organisation" if is_shown else "sender-written", domain=sender.domain, name=owner.name)
    is_trusted = sender.domain in seen.known.issuers()
    if not is_trusted and not owner:
        yield from _domain(sender, book, day)
        yield from _name(mail, sender, claims(mail, book), day, book)
    yield from _written(mail, sender)
    yield from _replies(mail, sender)


def owner_of(sender: Sender, book: Directory, day: date | None) -> Organisation | None:
    """Whose the sender's domain is; nobody's where anybody gets an address."""
    return None if is_free_mail(sender.domain) else book.owner(sender.domain, day)


def day_of(seen: Inspection) -> date | None:
    """On which day the reader's provider had the mail: whose a domain was is asked as of then."""
    moment = seen.boundary.received_at
    return moment.date() if moment else None


def claims(mail: Mail, book: Directory) -> list[Claimed]:
    """Whom the sender's name claims."""
    name = sender_of(mail).name
    before, _, after = name.partition(" via ")
    if after and mail.first("list-id"):  # a mailing list that writes in its own name: RFC 6377 §5
        return book.claimed(after, whole=True)
    return book.claimed(name, whole=True) if before else []


def _name(mail: Mail, sender: Sender, claimed: list[Claimed], day: date | None, book: Directory) -> Iterator[Finding]:
    for claim in claimed[:1]:
        values = {"name": claim.organisation.name, "seen": claim.name, "domain": sender.domain}
        if claim.is_disguised:
            yield found("name-disguised", sender.name, **values)
        elif is_free_mail(sender.domain):
            yield found("name-free-mail", sender.name, **values)
        elif claim.is_common:
            yield found("name-like-organisation", sender.name, **values)
        else:
            yield found("name-of-another", sender.name, **values)
    named = _named_domain(sender)
    if named and not claimed and not mail.first("list-id"):
        yield found("name-other-domain", sender.name, seen=named, domain=sender.domain)


def _named_domain(sender: Sender) -> str:
    """A domain in the sender's name that is not the sender's."""
    for match in _NAMED_DOMAIN.finditer(sender.name[:300]):
        named = hosts.normal(match[0])
        if named.find(".") > 1 and hosts.is_name(named) and hosts.registrable(named) != sender.registered:
            return named
    return ""


def _domain(sender: Sender, book: Directory, day: date | None) -> Iterator[Finding]:
    domain = sender.domain
    if is_mixed(domain.replace(".", "").replace("-", "")) or any(map(is_mixed, domain.split("."))):
        yield found("sender-mixed", domain=domain, coded=hosts.coded(domain))
    if _IMPOSSIBLE.search(domain) or "." not in domain:
        yield found("sender-impossible", sender.address, domain=domain)
        return
    if is_free_mail(domain) or book.holder(domain, day):
        return
    alike = book.lookalikes.of(domain, hosts.main_label(domain))
    if alike:
        known = book.brand(alike.label)
        name = known.name if known else alike.label
        yield found("sender-lookalike" if alike.is_close else "sender-joined", domain=domain, name=name)
    if is_cheap(domain):
        yield found("sender-ending", domain=domain)
    if is_random_host(domain):
        yield found("sender-random", domain=domain)


def _replies(mail: Mail, sender: Sender) -> Iterator[Finding]:
    reply = sender_of(mail, "reply-to")
    if reply.domain and reply.registered != sender.registered:
        if is_free_mail(reply.domain) and not mail.first("list-id"):
            yield found("reply-free-mail", address=reply.address, domain=sender.domain)
        else:
            yield found("reply-other", address=reply.address, domain=sender.domain)
    bounce = sender_of(mail, "return-path")
    if bounce.domain and bounce.registered != sender.registered:
        yield found("return-other", address=bounce.address, domain=sender.domain)


def _written(mail: Mail, sender: Sender) -> Iterator[Finding]:
    """How the sender and the subject are written."""
    line = shown(mail.first("from") or "")
    if sender.address.count("@") > 1:
        yield found("sender-impossible", sender.address, domain=sender.address.partition("@")[2])
    if len(_SENDERS.findall(line)) > 1:
        yield found("sender-several", line)
    address = _IN_NAME.search(sender.name[:300])
    if address and address[0].lower() != sender.address.lower() and not mail.first("list-id"):
        yield found("name-has-address", sender.name, seen=address[0], address=sender.address)
    to = {one.lower() for one in _IN_NAME.findall(shown(mail.first("to") or ""))}
    if to == {sender.address.lower()}:
        yield found("sender-is-reader", sender.address, address=sender.address)
    subject = shown(mail.first("subject") or "")
    if is_disguised(subject) or is_disguised(sender.name):
        yield found("subject-disguised", f"{sender.name}: {subject}")


def is_disguised(text: str) -> bool:
    """Whether a word is written so that people read it and programs do not: letters of two scripts, letters that are
    meant for formulas, characters within it that are not seen."""
    if text.isascii():
        return False
    text = text[:1_000]
    if _FORMULA.search(text) or _WITHIN.search(text):
        return True
    return any(map(is_mixed, _WORDS.findall(text)))
