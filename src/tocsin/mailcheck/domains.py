"""Whose domain a host name belongs to, by the list of public suffixes that is shipped with its package."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_NAME_CHARACTERS_MAX = 253  # RFC 1035 §2.3.4
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_NAMES_KEPT = 4_096


@cache
def suffixes() -> PublicSuffixList:
    """The list of public suffixes, those of private registries too."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - 35 ms that not every check needs

    return PublicSuffixList(only_icann=False)


def plain_name(name: str) -> str:
    """The host name as it is asked of DNS: lower case, in A-labels (RFC 5890 §2.3); "" if it is none."""
    plain = name.strip().rstrip(".").lower()
    if not plain or len(plain) > _NAME_CHARACTERS_MAX:
        return ""
    if not plain.isascii():
        plain = _a_labels(plain)
    return plain if all(_LABEL.fullmatch(label) for label in plain.split(".")) else ""


def _a_labels(name: str) -> str:
    labels = []
    for label in name.replace("\u3002", ".").split("."):  # RFC 3490 §3.1: a dot that is not a dot
        try:
            labels.append(label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}")
        except UnicodeError:
            return ""
    return ".".join(labels)


@lru_cache(_NAMES_KEPT)
def registrable(name: str) -> str:
    """The domain that was registered, one label below a public suffix; "" for a suffix itself or what is no name."""
    plain = plain_name(name)
    if not plain or plain.replace(".", "").isdigit():
        return ""
    return suffixes().privatesuffix(plain) or ""


def is_within(name: str, domain: str) -> bool:
    """Whether the name is the domain or lies below it."""
    return bool(domain) and (name == domain or name.endswith(f".{domain}"))
