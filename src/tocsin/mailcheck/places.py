"""What anybody can do at a host: send mail for nothing, shorten a link, put up pages, pass a click on."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from tocsin.mailcheck.directory import parents

_FILE = Path(__file__).parent / "places.toml"


class Places(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`name.*` is the name under any ending; a redirector may name the beginning of a path."""

    free_mail: frozenset[str]
    shorteners: frozenset[str]
    hosting: frozenset[str]
    mailers: frozenset[str]
    sold_below: frozenset[str]
    cheap: frozenset[str]
    redirectors: frozenset[str]
    pictures: frozenset[str]


@cache
def places() -> Places:
    return msgspec.toml.decode(_FILE.read_bytes(), type=Places)


def is_at(host: str, names: frozenset[str]) -> bool:
    """Whether the host or a domain that it lies in is named."""
    return any(
        name in names or (f"{name.partition('.')[0]}.*" in names and name.count(".") <= 2) for name in parents(host)
    )


def is_free_mail(host: str) -> bool:
    """Whether strangers have mailboxes at exactly this host; hosts below it are the service's own."""
    names = places().free_mail
    return host in names or (host.count(".") <= 2 and f"{host.partition('.')[0]}.*" in names)


def is_mailer(host: str) -> bool:
    return is_at(host, places().mailers)


def is_cheap(domain: str) -> bool:
    """Whether its ending costs next to nothing."""
    return domain.rpartition(".")[2] in places().cheap or is_at(domain, places().sold_below)


def is_shortener(host: str) -> bool:
    return is_at(host, places().shorteners)


def is_hosting(host: str) -> bool:
    return is_at(host, places().hosting)


def shows_anybodys_pictures(host: str) -> bool:
    return is_at(host, places().pictures)


def is_redirector(host: str, path: str) -> bool:
    start = f"/{path.lstrip('/').partition('/')[0]}"
    names = places().redirectors
    return is_at(host, names) or any(
        f"{name}{start}" in names or f"{name.partition('.')[0]}.*{start}" in names for name in parents(host)
    )
