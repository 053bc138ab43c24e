"""Hosts as programs see them: names decoded, registrable domains, numbers that are addresses. Never raises."""

from __future__ import annotations

import re
import socket
import unicodedata
from functools import lru_cache
from ipaddress import IPv6Address

from tocsin.mailcheck import domains

HOST_CHARACTERS_MAX = 253
_LABEL_CHARACTERS_MAX = 63
_DOTS = str.maketrans("\u3002\uff0e\uff61", "...")  # UTS 46 §2.3 takes them for dots
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}", re.ASCII)


def normal(host: str) -> str:
    """The host as it is compared: lower case, compatibility characters folded, punycode in the letters it means."""
    folded = unicodedata.normalize("NFKC", host[: HOST_CHARACTERS_MAX * 2].translate(_DOTS)).casefold()
    kept = "".join(character for character in folded if not _is_unseen(character))
    return ".".join(_decoded(label) for label in kept.strip(".").split("."))[:HOST_CHARACTERS_MAX]


def _is_unseen(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) in ("Cf", "Mn", "Zs", "Cc")


def _decoded(label: str) -> str:
    """A label of punycode (RFC 3492) in its letters; as it stands where it is none."""
    if not label.startswith("xn--") or len(label) > _LABEL_CHARACTERS_MAX:
        return label
    try:
        letters = label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError, OverflowError):
        return label
    return letters if letters and letters.isprintable() and "." not in letters else label


def coded(host: str) -> str:
    """The host in ASCII as DNS knows it; what cannot be coded stays."""
    return ".".join(_coded(label) for label in host.split("."))


def _coded(label: str) -> str:
    if label.isascii():
        return label
    try:
        return "xn--" + label.encode("punycode").decode("ascii")
    except (UnicodeError, ValueError):
        return label


@lru_cache(maxsize=4096)
def registrable(host: str) -> str:
    """The domain that somebody registered: `evil.example` of `a.b.evil.example`. The host itself where there is none
    (an address, a public suffix)."""
    if address_of(host):
        return host
    return normal(domains.registrable(host)) or host


@lru_cache(maxsize=4096)
def main_label(host: str) -> str:
    """The label that somebody chose: `evil` of `a.evil.co.uk`."""
    return registrable(host).partition(".")[0]


@lru_cache(maxsize=4096)
def is_name(host: str) -> bool:
    """Whether the host ends in a suffix that is in use."""
    plain = domains.plain_name(host)
    return "." in plain and domains.suffixes().publicsuffix(plain, accept_unknown=False) is not None


def address_of(host: str) -> str | None:
    """The IP address that a browser goes to for a host of numbers: `0x7f.1`, `2130706433`, `[::1]`."""
    if host.startswith("[") and host.endswith("]"):
        try:
            return str(IPv6Address(host[1:-1]))
        except ValueError:
            return None
    if not host[:1].isdigit() or not _NUMERIC.fullmatch(host):
        return None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return None
