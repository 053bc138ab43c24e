"""What one line of a resolver's log says: dnsmasq and Pi-hole, unbound, BIND. Each form is a pattern and a function."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

import msgspec

Does = Literal["asks", "answers", "keeps", "replies", "leases"]


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """A line's meaning.

    `asks`: a client wants a name. `answers`: a part of an answer came. `keeps`: the resolver answered by itself (a
    block list, its own hosts), which says nothing of whether the name exists. `replies`: a whole answer to one client.
    `leases`: DHCP gave a network card an address. `key` joins questions and answers.
    """

    does: Does
    key: str
    name: str = ""
    client: str = ""
    type: str = ""
    rcode: str = ""
    answer: str = ""
    mac: str = ""


_STAMP = (
    r"(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?: \d{4})?"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|[+-]\d\d:?\d\d))?"
    r"|\d{1,2}-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d(?:\.\d{1,9})?"
    r"|\[\d{9,10}(?:\.\d{1,9})?\]"
)
# A stamp, then host and facility where syslog wrote them, then the program where one is named, then what it says.
LINE = re.compile(
    rf"(?:<\d{{1,3}}>)?({_STAMP}) "
    r"(?:(?:\S{1,255} ){0,2}?(dnsmasq(?:-dhcp)?|unbound|named)(?:\[[\da-f:]{1,30}\])?:? )?(.*)",
    re.ASCII,
)

_SERIAL = r"(?:(\d{1,10}) \S{2,60} )?"  # dnsmasq's log-queries=extra
_ASKS = re.compile(_SERIAL + r"(?:auth|query)\[([^\]]{1,20})\] (.{0,1024}) from (\S{2,60})", re.ASCII)
_ANSWERS = re.compile(_SERIAL + r"(.{1,60}?) (\S{1,1024}) is (.{1,1024})", re.ASCII)
_LEASES = re.compile(r"(?:\d{1,12} )?DHCPACK\([^)]{1,60}\) (\S{2,60}) ([\da-fA-F:]{17})(?: (\S{1,255}))?")
_FROM_OUTSIDE = frozenset({"reply", "cached", "cached-stale"})
_RCODES = {"NXDOMAIN": "NXDOMAIN", "SERVFAIL": "SERVFAIL", "REFUSED": "REFUSED", "NOTIMP": "NOTIMP"}

_UNBOUND = re.compile(
    r"(?:\[[\da-f:]{1,30}\] )?info: (?:(?:query|reply): )?([\da-fA-F.:]{2,60}) (\S{1,1024}) ([A-Z\d]{1,20})"
    r" (?:IN|CH|HS|ANY|CLASS\d{1,5})(?: ([A-Z]{2,20}\d{0,5}) [\d.]{1,20} [01] \d{1,6})?",
    re.ASCII,
)
_UNBOUND_KEEPS = re.compile(
    r"(?:\[[\da-f:]{1,30}\] )?info: \S{1,1024} [a-z_]{3,40} "
    r"([\da-fA-F.:]{2,60})@\d{1,5} (\S{1,1024}) ([A-Z\d]{1,20}) IN",
    re.ASCII,
)
_BIND = re.compile(
    r"(?:[\w-]{1,40}: )?(?:[a-z]{4,8}(?: \d{1,2})?: )?client (?:@0x[\da-f]{1,16} )?([\da-fA-F.:]{2,60})#(\d{1,5})"
    r"(?: \(.{0,1100}?\))?: (?:view \S{1,255}: )?(query|response): (\S{1,1024}) [A-Z\d]{1,10} ([A-Z\d]{1,20})"
    r"(?: ([A-Z]{4,12}))?\b.*",
    re.ASCII,
)


def dnsmasq(text: str) -> Said | None:
    """`query[A] shop.example from 192.0.2.7` and the lines that answer it; dnsmasq-dhcp's acknowledgements."""
    if found := _ASKS.fullmatch(text):
        serial, kind, name, client = found.groups()
        name = name.lower().rstrip(".")
        return Said(does="asks", key=serial or name, name=name, client=client, type=kind.replace("type=", "TYPE"))
    if found := _ANSWERS.fullmatch(text):
        serial, how, name, what = found.groups()
        key = serial or name.lower().rstrip(".")
        if how not in _FROM_OUTSIDE:
            return None if how == "validation" else Said(does="keeps", key=key)
        rcode = _RCODES.get(what.partition("-")[0].partition(" ")[0], "NOERROR")
        is_value = rcode == "NOERROR" and not what.startswith(("<", "NODATA", "duplicate")) and " " not in what
        more = "CNAME" if what.startswith("<CNAME>") else ""
        return Said(does="answers", key=key, name=more, rcode=rcode, answer=what if is_value else "")
    if found := _LEASES.fullmatch(text):
        return Said(does="leases", key=found[2].lower(), client=found[1], mac=found[2].lower(), name=found[3] or "")
    return None


def unbound(text: str) -> Said | None:
    """`info: 192.0.2.7 shop.example. A IN`, and with log-replies `NOERROR 0.01 0 56` after it."""
    if found := _UNBOUND.fullmatch(text):
        client, name, kind, rcode = found.groups()
        return _exact(client, name, kind, rcode, is_reply=rcode is not None)
    if found := _UNBOUND_KEEPS.fullmatch(text):
        client, name, kind = found.groups()
        return Said(does="keeps", key=_key(client, name, kind))
    return None


def bind(text: str) -> Said | None:
    """`client @0x… 192.0.2.7#4711 (shop.example): query: shop.example IN A +E(0)K (192.0.2.1)`; responselog's too."""
    found = _BIND.fullmatch(text)
    if found is None:
        return None
    client, _, does, name, kind, rcode = found.groups()
    return _exact(client, name, kind, rcode, is_reply=does == "response")


def _exact(client: str, name: str, kind: str, rcode: str | None, *, is_reply: bool) -> Said:
    name = name.lower().rstrip(".")
    key = _key(client, name, kind)
    return Said(does="replies" if is_reply else "asks", key=key, name=name, client=client, type=kind, rcode=rcode or "")


def _key(client: str, name: str, kind: str) -> str:
    return f"{client} {kind} {name.lower().rstrip('.')}"


# In the order in which they are tried; the program that a line must name, where it names one.
FORMS: dict[str, tuple[str, Callable[[str], Said | None]]] = {
    "dnsmasq": ("dnsmasq", dnsmasq),
    "unbound": ("unbound", unbound),
    "bind": ("named", bind),
}
