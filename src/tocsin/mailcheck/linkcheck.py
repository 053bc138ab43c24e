"""Findings on links: where they lead, whether that is where they say, and whether it is the sender's or the one he
claims to be. What a scanner or a list does not know is no sign of anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from ipaddress import ip_address
from urllib.parse import unquote

import msgspec

from tocsin.mailcheck import hosts
from tocsin.mailcheck.directory import Directory, directory
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.identity import claims, day_of, is_disguised, owner_of
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.links import Link, Links, links_of, target_of
from tocsin.mailcheck.lookalike import is_mixed
from tocsin.mailcheck.mail import Mail, shown
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.pictures import codes_in, has_pictures
from tocsin.mailcheck.places import is_cheap, is_free_mail, is_hosting, is_mailer, is_redirector, is_shortener
from tocsin.mailcheck.randomness import is_random_host
from tocsin.mailcheck.sender import Sender, sender_of
from tocsin.proof.organisations import Organisation

_DOMAIN = re.compile(
    r"(?<![\w@.-])(?:https?://)?((?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,18})(?![\w.@-])", re.IGNORECASE | re.ASCII
)
_NESTED = re.compile(r"[=/?]https?(?::|%3a)(?:/|%2f){2}([^/&?#%\s]{4,253})", re.IGNORECASE)
_RUNS = frozenset(
    ("javascript", "vbscript", "data", "file", "smb", "ms-msdt", "search-ms", "ms-word", "ms-excel", "intent")
)
_DOMAINS_TOLD_MAX = 6
_WORDS_FEW = 15
_CLAIM_CHARACTERS_MAX = 600  # of a short message


def look(seen: Inspection) -> Iterator[Finding]:
    links = links_of(seen.mail)
    sender = sender_of(seen.mail)
    book = directory(seen.known.organisations)
    if has_pictures(seen.mail):
        links, codes = with_codes(links, seen.mail)
        yield from codes
    if not links.links:
        return
    told: set[str] = set()
    for finding in _each(seen, links, sender, book):
        if finding.code not in told:
            told.add(finding.code)
            yield finding
    yield from _listed(seen, links)
    yield from _together(seen, links, sender, book)


def with_codes(links: Links, mail: Mail) -> tuple[Links, list[Finding]]:
    """The links, with those that stand in codes in pictures; and what is to be said of these."""
    said = codes_in(mail)
    if said is None:
        return links, [found("pictures-not-read")]
    leading = [(text, target) for text in said if (target := target_of(text)) and target.is_web and target.host]
    more = tuple(Link(url=text, place="code", target=target) for text, target in leading)
    findings = [found("link-in-picture", link.url, domain=link.target.domain) for link in more[:1]]
    return msgspec.structs.replace(links, links=(*links.links, *more)), findings


def _each(seen: Inspection, links: Links, sender: Sender, book: Directory) -> Iterator[Finding]:
    day = day_of(seen)
    own = owner_of(sender, book, day)
    for link in links.links:
        if link.target.scheme in _RUNS and link.place != "picture":
            yield found("link-runs", link.url, scheme=link.target.scheme)
        if link.place == "refresh":
            yield found("link-by-itself", link.url, domain=link.target.domain)
    for link in links.followed:
        if link.target.domain == sender.registered:
            continue
        yield from _host(link)
        whose = book.holder(link.target.host, day)
        if own is None or whose is not own:
            yield from _against_text(link, book, bool(whose))
        if whose is None:
            yield from _alike(link, book)
    recipient = one_address(shown(seen.mail.first("to") or "")) or ""
    for link in links.followed:
        if recipient and recipient in unquote(link.target.rest).lower():
            yield found("link-names-reader", link.url)


def _host(link: Link) -> Iterator[Finding]:
    target = link.target
    address = hosts.address_of(target.host)
    if address and address != target.host.strip("[]"):
        yield found("link-hidden-address", link.url, address=address)
    elif address and is_public(address):
        yield found("link-address", link.url, address=address)
    if target.user:
        yield found("link-user", link.url, host=target.host, user=target.user)
    if target.port not in (None, 80, 443, 8080, 8443):
        yield found("link-port", link.url, port=str(target.port))
    if any(map(is_mixed, target.host.split("."))):
        yield found("link-mixed", link.url, domain=target.domain, coded=hosts.coded(target.domain))
    elif not target.host.isascii():
        yield found("link-letters", domain=target.domain, coded=hosts.coded(target.domain))
    yield from _kind(link)


def _kind(link: Link) -> Iterator[Finding]:
    target = link.target
    nested = _NESTED.search(target.rest[:2_000])
    inner = hosts.normal(unquote(nested[1])) if nested else ""
    if is_redirector(target.host, target.rest) or (
        inner and hosts.is_name(inner) and hosts.registrable(inner) != target.domain
    ):
        yield found("link-passed-on", link.url, domain=target.domain)
    if is_shortener(target.host):
        yield found("link-short", link.url, domain=target.host)
    elif is_hosting(target.host):
        yield found("link-hosting", link.url, domain=target.host)
    elif not is_mailer(target.host) and is_random_host(target.host):
        yield found("link-random", link.url, domain=target.host)


def _against_text(link: Link, book: Directory, is_known: bool) -> Iterator[Finding]:
    """The text of a link that is itself a domain."""
    match = _DOMAIN.search(link.shown[:300]) if link.place == "link" else None
    named = hosts.normal(match[1]) if match else ""
    if not named or not hosts.is_name(named) or hosts.registrable(named) == link.target.domain:
        return
    whose = book.owner(named)
    if whose and not is_known:
        yield found("link-names-another", link.url, shown=named, name=whose.name, domain=link.target.domain)
    else:
        yield found("link-text-differs", link.url, shown=named, domain=link.target.domain)


def _alike(link: Link, book: Directory) -> Iterator[Finding]:
    host = link.target.host
    if is_shortener(host) or is_hosting(host):  # known for what it is
        return
    alike = book.lookalikes.of(host, hosts.main_label(host))
    if alike:
        known = book.brand(alike.label)
        name = known.name if known else alike.label
        yield found("link-lookalike" if alike.is_close else "link-joined", link.url, domain=host, name=name)


def _together(seen: Inspection, links: Links, sender: Sender, book: Directory) -> Iterator[Finding]:
    domains = list(dict.fromkeys(link.target.domain for link in links.followed))
    if domains:
        more = len(domains) - _DOMAINS_TOLD_MAX
        yield found("links-lead", domains=", ".join(domains[:_DOMAINS_TOLD_MAX]) + (f" (+{more})" if more > 0 else ""))
        yield from _elsewhere(seen, links, sender, book, domains)
    words = word_count(links.shown or seen.mail.text or "")
    if links.pictures and words < _WORDS_FEW and any(link.place == "link" for link in links.followed):
        yield found("link-picture-only")
    if links.has_password:
        yield found("form-password")
    elif any(link.place == "form" for link in links.links):
        yield found("form-inside")
    if is_disguised(links.shown or seen.mail.text or ""):
        yield found("text-disguised")


def _listed(seen: Inspection, links: Links) -> Iterator[Finding]:
    """What local lists say. A report of abuse writes such links out: only one to click weighs like a link."""
    lists = seen.setup.lists
    if lists is None:
        return
    is_short = seen.mail.form == "words"
    for link in links.links:
        name = lists.find(link.target) if link.target.is_web else None
        if name and (link.place != "text" or is_short):
            yield found("link-listed", link.url, domain=link.target.domain, list=name)
            return
        if name:
            yield found("link-listed-written", link.url, domain=link.target.domain, list=name)
            return
    yield found("links-not-listed", lists=", ".join(lists.names[:_DOMAINS_TOLD_MAX]))


def _elsewhere(
    seen: Inspection, links: Links, sender: Sender, book: Directory, domains: list[str]
) -> Iterator[Finding]:
    """Whom the mail claims to be, and that none of its links leads there; or not even to the sender."""
    day = day_of(seen)
    by_name, claimed = _claimed(seen, book)
    own = owner_of(sender, book, day)
    if claimed and own not in claimed and not _leads_there(links, claimed, book, day):
        where = ", ".join(domains[:3])
        yield found("links-elsewhere" if by_name else "subject-elsewhere", name=claimed[0].name, domains=where)
    is_clicked = any(link.place == "link" for link in links.followed) and not seen.mail.first("list-id")
    is_office = own is None and sender.domain and not is_free_mail(sender.domain)
    if is_clicked and is_office and sender.registered not in domains and not any(map(is_mailer, domains)):
        yield found("links-not-sender", sender=sender.registered, domains=", ".join(domains[:3]))
    cheap = [domain for domain in domains if is_cheap(domain)]
    if cheap:
        yield found("link-ending", domains=", ".join(cheap[:_DOMAINS_TOLD_MAX]))


def _leads_there(links: Links, claimed: list[Organisation], book: Directory, day: date | None) -> bool:
    """Whether a link leads to one of them, or to an official body of its country, as providers' notices do."""
    countries = {one.country for one in claimed if one.kind in ("provider", "cert", "state")} - {""}
    for link in links.followed:
        whose = book.holder(link.target.host, day)
        if whose and (whose in claimed or (whose.kind in ("cert", "state") and whose.country in countries)):
            return True
    return False


def _claimed(seen: Inspection, book: Directory) -> tuple[bool, list[Organisation]]:
    """By the sender's name; else by what stands at the beginning of a short message, or in the subject."""
    by_name = claims(seen.mail, book)
    if by_name:
        return True, [one.organisation for one in by_name]
    if seen.mail.first("list-id"):
        return False, []
    text = (seen.mail.text or "")[:_CLAIM_CHARACTERS_MAX] if seen.mail.form == "words" else ""
    return False, [one.organisation for one in book.claimed(text or shown(seen.mail.first("subject") or ""))]


def word_count(text: str) -> int:
    """How many words; in scripts without blanks, three characters count as one."""
    return max(len(text.split()), sum(character > "\u2fff" for character in text[:1_000]) // 3)


def is_public(address: str) -> bool:
    return ip_address(address).is_global
