"""Received headers (RFC 5321 §4.4) as servers write them, which is seldom as the standard says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address

import msgspec

from tocsin.mailcheck.limits import HEADER_SHOWN_CHARACTERS_MAX, HOP_WORDS_MAX, HOPS_MAX
from tocsin.mailcheck.mail import Mail

Address = IPv4Address | IPv6Address
_CLAUSES = ("from", "by", "via", "with", "id", "for")
# A comment's edges, a word, or an address in brackets. One alternative a character class: linear.
_TOKEN = re.compile(r"[()]|\[[^\[\]()\s]{0,80}\]|[^()\[\]\s]+|[\[\]]")
_INSIDE = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")))
_DATE_CHARACTERS_MAX = 120
_HELO = re.compile(r"(?:helo|ehlo|lhlo)=?", re.IGNORECASE)


class Hop(msgspec.Struct, frozen=True, kw_only=True):
    """One server's word on what it took. What it does not say is "" (`helo` is what the client called itself, `name`
    what the server found out by itself, `address` the client's)."""

    place: int  # among the mail's headers
    by: str = ""
    helo: str = ""
    name: str = ""
    address: str = ""
    protocol: str = ""
    at: datetime | None = None
    text: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it took the mail from its own machine or network, or does not say from whom."""
        found = as_address(self.address)
        return not self.address if found is None else is_inside(found)


def hops_of(mail: Mail) -> tuple[Hop, ...]:
    """What each server says, the last one first."""
    places = [place for place, (name, _) in enumerate(mail.headers) if name == "received"]
    return tuple(read_hop(mail.headers[place][1], place) for place in places[:HOPS_MAX])


def read_hop(value: str, place: int = 0) -> Hop:
    """Reads one header; never fails, and what it cannot read it leaves out."""
    line = " ".join(value[:HEADER_SHOWN_CHARACTERS_MAX].split())
    trace, _, date = line.rpartition(";")
    clauses = _clauses(trace or line)
    words = clauses.get("from", [])
    helo, name, address = _client(words)
    return Hop(
        place=place,
        by=_host(clauses.get("by", [])),
        helo=helo,
        name=name,
        address=address,
        protocol=next((word for word, depth in clauses.get("with", []) if not depth), "").upper()[:40],
        at=read_date(date if trace else line),
        text=line,
    )


def _clauses(trace: str) -> dict[str, list[tuple[str, int]]]:
    """The words of each clause with the depth of comments in which they stand; the first clause of a name counts."""
    clauses: dict[str, list[tuple[str, int]]] = {}
    words: list[tuple[str, int]] = []
    depth = 0
    for word in _tokens(trace):
        if word == "(":
            depth += 1
        elif word == ")":
            depth = max(0, depth - 1)
        elif depth == 0 and word.lower() in _CLAUSES:
            words = []
            clauses.setdefault(word.lower(), words)
        else:
            words.append((word, depth))
    return clauses


def _tokens(trace: str) -> Iterator[str]:
    for count, match in enumerate(_TOKEN.finditer(trace)):
        if count >= HOP_WORDS_MAX:
            return
        yield match[0]


def _host(words: list[tuple[str, int]]) -> str:
    outside = [word for word, depth in words if not depth]
    return outside[0].strip("[]").rstrip(".").lower()[:253] if outside else ""


def _client(words: list[tuple[str, int]]) -> tuple[str, str, str]:
    """Its greeting, its name by the server's own look-up, its address."""
    outside = [word for word, depth in words if not depth]
    inside = [word for word, depth in words if depth]
    greeting = outside[0].strip("[]").rstrip(".").lower() if outside else ""
    bracketed = [word for word in inside if word.startswith("[")]
    found = [_address_in(word) for word in (*bracketed, *reversed(inside), *outside[:1])]
    address = next((one for one in found if one), "")
    names = [word.lower().rstrip(".") for word in inside]
    for place, word in enumerate(names):
        mark = _HELO.match(word)
        if mark:  # Exim, qmail and others: the name stands first, the greeting in the comment
            said = word[mark.end() :] or (names[place + 1] if place + 1 < len(names) else "")
            return said.strip("[]"), "" if greeting in ("unknown", address) else _as_name(greeting), address
    name = next((word for word in names[:1] if _as_name(word)), "")
    return greeting, name if name != "unknown" else "", address


def _as_name(word: str) -> str:
    """The word, if it can be a host's name."""
    is_name = "." in word and "=" not in word and "@" not in word and not _address_in(word)
    return word if is_name else ""


def _address_in(word: str) -> str:
    text = word.strip("[]")
    if text.lower().startswith("ipv6:"):
        text = text[5:]
    found = as_address(text.rpartition(":")[0] if text.count(":") == 1 else text)
    return str(found) if found else ""


def as_address(text: str) -> Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def is_inside(address: Address) -> bool:
    """Whether it can only be meant within a network: loopback, link-local, RFC 1918, RFC 4193, RFC 6598.

    Addresses for documentation count as public, as they stand for public ones wherever they are written.
    """
    if address.is_loopback or address.is_link_local or address.is_unspecified:
        return True
    if isinstance(address, IPv4Address):
        return any(address in network for network in _INSIDE)
    return address.packed[0] & 0xFE == 0xFC  # fc00::/7


def read_date(text: str) -> datetime | None:
    """The moment, in UTC; one without a zone is read as UTC (RFC 5322 §3.3)."""
    try:
        moment = parsedate_to_datetime(" ".join(text[-_DATE_CHARACTERS_MAX:].split()))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
