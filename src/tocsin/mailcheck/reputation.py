"""Findings on what others say: of the server that brought the mail (local lists; DNS lists, RFC 5782, where the reader
names them), and of its links (scanners, where the reader has a key). That nobody knows anything shows nothing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from ipaddress import ip_address
from urllib.parse import unquote

from tocsin.mailcheck.domains import plain_name
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.links import Link, links_of
from tocsin.mailcheck.mail import shown
from tocsin.mailcheck.parties import one_address
from tocsin.mailcheck.resolver import NotLookedUp, Resolver, as_of
from tocsin.mailcheck.scanners import SCANNER_LINKS_MAX, SCANNER_MAIL_S_MAX, NotTold, Opinion, Scanner

DNS_LISTS_MAX = 5
_LISTED = "127."  # RFC 5782 §2.1
_REFUSED = "127.255.255."  # Spamhaus and others: asked by whom they do not answer


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.boundary.address:
        yield from _origin(seen, seen.boundary.address)
    if seen.setup.scanners:
        links = [link for link in links_of(seen.mail).followed if link.target.is_web and link.target.host]
        ends = time.monotonic() + SCANNER_MAIL_S_MAX
        for scanner in seen.setup.scanners if links else ():
            yield from _scanned(seen, scanner, links, ends)


def _origin(seen: Inspection, address: str) -> Iterator[Finding]:
    """Many honest mails come from servers that are on a list: it is told, and weighs only where nothing else shows who
    sent the mail."""
    names = [name for name in (seen.setup.lists.find_address(address) if seen.setup.lists else None,) if name]
    failed, resolve = "", as_of(seen.resolve, seen.boundary.judged_at)
    for zone in seen.setup.dns_lists[:DNS_LISTS_MAX]:
        try:
            if is_listed(address, zone, resolve):
                names.append(zone)
        except NotLookedUp as error:
            failed = failed or zone
            yield found("origin-unchecked", list=zone, address=address, reason=str(error))
    if names:
        is_shown = seen.is_proved or bool(seen.authentic.how)
        yield found("origin-listed-shown" if is_shown else "origin-listed", address=address, list=", ".join(names))
    elif seen.setup.dns_lists and not failed:
        yield found("origin-not-listed", address=address, list=", ".join(seen.setup.dns_lists[:DNS_LISTS_MAX]))


def is_listed(address: str, zone: str, resolve: Resolver) -> bool:
    """Whether a DNS list has the address. NotLookedUp where it does not answer, or answers what no list answers."""
    name = f"{ip_address(address).reverse_pointer.removesuffix('.in-addr.arpa').removesuffix('.ip6.arpa')}.{zone}"
    answers = resolve(name, "A")
    if not answers:
        return False
    if not all(answer.startswith(_LISTED) for answer in answers) or any(one.startswith(_REFUSED) for one in answers):
        raise NotLookedUp(f"DNS had no answer for {zone}")
    return True


def dns_list(text: str) -> str:
    """The list's name as it is asked. ValueError when it can be none."""
    name = plain_name(text.strip().rstrip("."))
    if "." not in name or any(not label for label in name.split(".")) or len(name) > 150:
        raise ValueError(f"{text[:80]!r} is no name of a DNS list, such as zen.spamhaus.org")
    return name


def _scanned(seen: Inspection, scanner: Scanner, links: list[Link], ends: float) -> Iterator[Finding]:
    """The gravest opinion on its links; where there is none that counts, that there is none."""
    reader = one_address(shown(seen.mail.first("to") or "")) or ""
    urls = dict.fromkeys(_asked(link, reader) for link in links)
    opinions: list[tuple[str, Opinion]] = []
    failure = ""
    for url in list(urls)[:SCANNER_LINKS_MAX]:
        try:
            opinions.append((url, scanner.opinion(url, ends)))
        except NotTold as error:
            failure = str(error)
            break
    url, worst = max(opinions, key=lambda entry: entry[1].against, default=("", Opinion()))
    values = {"scanner": scanner.name, "against": str(worst.against), "asked": str(worst.asked)}
    if worst.is_harmful:
        yield found("scanner-flags", url, **values)
    elif worst.against:
        yield found("scanner-doubts", url, **values)
    elif failure:
        yield found("scanner-unchecked", scanner=scanner.name, reason=failure)
    else:
        yield found("scanner-clean", scanner=scanner.name)


def _asked(link: Link, reader: str) -> str:
    """The link as it is handed out; one that carries the reader's address is asked about without its path."""
    if reader and reader in unquote(link.target.rest).lower():
        return f"{link.target.scheme}://{link.target.host}/"
    return link.url
