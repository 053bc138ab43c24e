"""Who a header names: addresses read by one strict rule. What needs guessing is not read.

Mail programs disagree on odd address lists, and Python's own parser has been led astray by them (CVE-2023-27043).
"""

from __future__ import annotations

import re

from tocsin.mailcheck.limits import HEADER_SHOWN_CHARACTERS_MAX
from tocsin.mailcheck.mail import Mail, shown

_ADDRESS = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}"
_BARE = re.compile(_ADDRESS, re.ASCII)
_QUOTED_NAME = r'"(?:[^"\\]|\\.)*"'
_NAMED = re.compile(rf"(?:{_QUOTED_NAME}|[^\"<>@,;:()\\]*) ?<({_ADDRESS})>")
_RECEIVED_FOR = re.compile(rf"\sfor <?({_ADDRESS})>?", re.ASCII)


def one_address(value: str) -> str | None:
    """The one address of a From or To, lower case; None when there are several or it could be read in two ways."""
    line = " ".join(value[:HEADER_SHOWN_CHARACTERS_MAX].split())
    if _BARE.fullmatch(line):
        return line.lower()
    match = _NAMED.fullmatch(line)
    return match[1].lower() if match else None


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].rstrip(".")


def delivered_to(mail: Mail) -> list[str]:
    """Where servers say they delivered it, the last hop first; not proof, since anybody can write such a header."""
    named = [*mail.values("delivered-to"), *mail.values("x-original-to")]
    addresses = [one_address(shown(value)) for value in named]
    hops = (
        _RECEIVED_FOR.search(" ".join(value[:HEADER_SHOWN_CHARACTERS_MAX].split()))
        for value in mail.values("received")[:1]
    )
    return [address for address in (*addresses, *(hop[1].lower() for hop in hops if hop)) if address]
