"""Keys of programs: made once, shown once, shut at any time; each step with its line in the audit."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Literal, get_args

from tocsin.book import Transaction, api_keys, audit
from tocsin.book.api_keys import ApiKey
from tocsin.pipeline.reportsection import is_domain
from tocsin.terms.addresses import format_network, parse_network
from tocsin.terms.errors import BadRequest

Scope = Literal[
    "sightings:write",
    "sightings:read",
    "attribution:read",
    "cases:read",
    "cases:write",
    "notices:read",
    "confirmations:read",
    "health",
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
WHOLE_HOUSE = frozenset({"sightings:write", "health"})  # nothing for a constituent: these know no networks
NETWORKS_MAX = 500
_PREFIX = "tocsin_"  # so that a scanner of leaked secrets can tell what it found
_ASN = re.compile(r"AS([1-9][0-9]{0,9})", re.ASCII | re.IGNORECASE)
_ASN_MAX = 2**32 - 1
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)


def make_key(
    tx: Transaction,
    name: str,
    scopes: Sequence[str],
    *,
    networks: Sequence[str] = (),
    sources: Sequence[str] = (),
    expires_at: datetime | None = None,
    at: datetime,
    by: str,
) -> str:
    """The key itself: it is not kept and cannot be shown again. BadRequest for what makes no sense."""
    this = ApiKey(
        handle=secrets.token_hex(6),
        name=_clean_name(name),
        scopes=_clean_scopes(scopes, is_constituent=bool(networks)),
        networks=clean_networks(networks),
        sources=tuple(sources),
        created_at=at,
        created_by=by,
        expires_at=expires_at,
    )
    if expires_at is not None and expires_at <= at:
        raise BadRequest("the key would have expired already")
    key = _PREFIX + secrets.token_urlsafe(32)
    api_keys.add(tx, digest_of(key), this)
    said = f"{' '.join(this.scopes)}; networks: {' '.join(this.networks) or 'all'}"
    audit.append(tx, at=at, actor=by, action="key made", object=f"{this.handle} ({this.name})", reason=said)
    return key


def shut_key(tx: Transaction, handle: str, *, at: datetime, by: str, reason: str) -> bool:
    """True when it opened something until now."""
    was_open = api_keys.disable(tx, handle, at=at, by=by)
    if was_open:
        audit.append(tx, at=at, actor=by, action="key shut", object=handle, reason=reason)
    return was_open


def digest_of(key: str) -> str:
    """Under which the book knows it."""
    return hashlib.sha256(key.encode()).hexdigest()


def clean_networks(words: Sequence[str]) -> tuple[str, ...]:
    """Prefixes, autonomous systems, countries and domains as they are kept."""
    if len(words) > NETWORKS_MAX:
        raise BadRequest(f"more than {NETWORKS_MAX} networks", remedy="name their autonomous system: AS64500")
    return tuple(dict.fromkeys(_clean_network(word) for word in words))


def asn_of(word: str) -> int | None:
    """64500 of `AS64500`; None of what is no autonomous system."""
    match = _ASN.fullmatch(word)
    return int(match[1]) if match and int(match[1]) <= _ASN_MAX else None


def country_of(word: str) -> str | None:
    """IN of `IN`; None of what is no country's code (ISO 3166-1)."""
    return word if _COUNTRY.fullmatch(word) else None


def domain_of(word: str) -> str | None:
    """The domain in lower case, of whose names' sightings a key sees those; None of what is none."""
    name = word.lower().rstrip(".")
    return name if is_domain(name) else None


def _clean_network(word: str) -> str:
    number = asn_of(word)
    if number is not None:
        return f"AS{number}"
    named = country_of(word) or domain_of(word)
    if named is not None:
        return named
    try:
        return format_network(*parse_network(word))
    except ValueError as error:
        raise BadRequest(str(error), remedy="write it as 192.0.2.0/24, AS64500, IN or agency.example") from error


def _clean_name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= 80 or not name.isprintable():
        raise BadRequest("a key needs a name", remedy="say for whom or what it is, in at most 80 characters")
    return name


def _clean_scopes(scopes: Sequence[str], *, is_constituent: bool) -> tuple[str, ...]:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        raise BadRequest(f"no scope: {', '.join(unknown) or 'none given'}", remedy=f"known are {', '.join(SCOPES)}")
    whole = sorted(WHOLE_HOUSE & set(scopes))
    if is_constituent and whole:
        raise BadRequest(f"{', '.join(whole)} cannot be kept to some networks", remedy="make another key for it")
    return tuple(sorted(set(scopes)))
