"""Addresses that are not to be accused: one's own, those one trusts, and those that nobody is behind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from uuid import UUID

import msgspec

from tocsin.terms.addresses import parse_address, parse_network, within
from tocsin.terms.errors import BadConfig

Network = tuple[UUID, int]

_FORWARDED = re.compile(r"[0-9A-Fa-f:.]{3,45}")
_FORWARDED_MAX = 20
_FILE_BYTES_MAX = 1 << 22


class _Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: str
    networks: tuple[str, ...]


class _Never(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    group: tuple[_Group, ...]


class _Prefix(msgspec.Struct, frozen=True):
    ipv4: str = msgspec.field(name="ipv4Prefix", default="")
    ipv6: str = msgspec.field(name="ipv6Prefix", default="")


class _Published(msgspec.Struct, frozen=True):
    """The form of Google's googlebot.json and Bing's bingbot.json."""

    prefixes: tuple[_Prefix, ...]


class Spared(msgspec.Struct, frozen=True, kw_only=True):
    """`proxies`: behind them the client is who X-Forwarded-For says. `allowed`: left alone altogether."""

    proxies: tuple[Network, ...] = ()
    allowed: tuple[Network, ...] = ()


class Clients:
    """Who a line is about. Answers are kept, as a log names the same hosts again and again."""

    def __init__(self, spared: Spared) -> None:
        self._proxies, self._allowed = spared.proxies, spared.allowed
        self.is_proxy = lru_cache(maxsize=1 << 16)(self._is_proxy)
        self.is_allowed = lru_cache(maxsize=1 << 16)(self._is_allowed)

    def client(self, host: str, forwarded: str) -> str:
        """Behind an own proxy the last address of X-Forwarded-For that no own proxy has.

        What a client wrote there itself stands before it and is not believed.
        """
        if not self._proxies or not self.is_proxy(host):
            return host
        told = _FORWARDED.findall(forwarded)[-_FORWARDED_MAX:]
        return next((each for each in reversed(told) if _is_address(each) and not self.is_proxy(each)), host)

    def _is_proxy(self, host: str) -> bool:
        return _is_in(host, self._proxies)

    def _is_allowed(self, host: str) -> bool:
        return bool(self._allowed) and _is_in(host, self._allowed)


def _is_in(host: str, networks: Sequence[Network]) -> bool:
    try:
        address = parse_address(host)
    except ValueError:
        return False
    return any(within(address, first, bits) for first, bits in networks)


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except ValueError:
        return False
    return True


def named_networks(texts: Iterable[str], where: str) -> tuple[Network, ...]:
    """Networks; `@FILE` stands for those of a file, one a line, or as search engines publish their crawlers' in JSON.

    Raises BadConfig, with the text or the file.
    """
    found: list[Network] = []
    for text in texts:
        if text.startswith("@"):
            found += networks_of(_in_file(Path(text[1:]).expanduser(), where), f"{where}: {text}")
        else:
            found += networks_of([text], where)
    return tuple(found)


def _in_file(path: Path, where: str) -> list[str]:
    try:
        raw = path.read_bytes()[: _FILE_BYTES_MAX + 1]
    except OSError as error:
        raise BadConfig(f"{path} cannot be read: {error.strerror}", where=where) from error
    if len(raw) > _FILE_BYTES_MAX:
        raise BadConfig(f"{path} is larger than {_FILE_BYTES_MAX} bytes", where=where)
    if not raw.lstrip().startswith(b"{"):
        lines = (line.partition("#")[0].strip() for line in raw.decode(errors="replace").splitlines())
        return [line for line in lines if line]
    try:
        told = msgspec.json.decode(raw, type=_Published)
    except msgspec.DecodeError as error:
        raise BadConfig(f"{path} is no list of prefixes: {error}", where=where) from error
    return [each.ipv4 or each.ipv6 for each in told.prefixes if each.ipv4 or each.ipv6]


def networks_of(texts: Iterable[str], where: str) -> tuple[Network, ...]:
    """Raises BadConfig, with the text seen."""
    found = []
    for text in texts:
        try:
            found.append(parse_network(text))
        except ValueError as error:
            raise BadConfig(str(error), where=where, remedy="write it as 192.0.2.0/24 or 2001:db8::/32") from error
    return tuple(found)


@cache
def never_accused() -> tuple[tuple[UUID, int, str], ...]:
    """(network, length out of 128, why) of never.toml: content networks, NAT64, private and reserved addresses."""
    told = msgspec.toml.decode(resources.files(__package__).joinpath("never.toml").read_bytes(), type=_Never)
    return tuple((*parse_network(text), group.why) for group in told.group for text in group.networks)
