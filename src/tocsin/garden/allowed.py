"""What stays open in the garden: the list that is shipped, and what it becomes for a firewall, a name server, a NAS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from tocsin.garden.config import GardenSection
from tocsin.terms.addresses import parse_address

_FILE = Path(__file__).with_name("allowed.toml")
_TABLE = "tocsin_garden"


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    title: str
    hosts: tuple[str, ...]


class _Groups(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    groups: tuple[Group, ...]


@cache
def groups() -> tuple[Group, ...]:
    """The groups that are shipped."""
    return msgspec.toml.decode(_FILE.read_bytes(), type=_Groups).groups


def open_hosts(config: GardenSection) -> tuple[str, ...]:
    """Every host whose names stay open: the garden's page, the provider's own, and those that are shipped."""
    own = [urlsplit(url).hostname or "" for url in (config.url, *config.help_urls)]
    shipped = (host for group in groups() for host in group.hosts)
    return tuple(dict.fromkeys(host for host in (*own, *shipped) if host and not _is_address(host)))


def as_list(config: GardenSection) -> str:
    """For a person to read."""
    lines = [f"# own\n{chr(10).join((*config.open_prefixes, *config.resolvers, config.url, *config.help_urls))}"]
    lines += [f"# {group.title}\n" + "\n".join(group.hosts) for group in groups()]
    return "\n\n".join(lines) + "\n"


def as_dnsmasq(config: GardenSection) -> str:
    """Each address that a name server of those inside hands out for an open name goes into the sets of `as_nftables`.

    dnsmasq 2.87 and later.
    """
    sets = f"4#inet#{_TABLE}#open4,6#inet#{_TABLE}#open6"
    return "".join(f"nftset=/{host}/{sets}\n" for host in open_hosts(config))


def as_nftables(config: GardenSection) -> str:
    """A table for a Linux router in the path: whoever is in `enclosed4` or `enclosed6` reaches what is open alone."""
    v4 = [prefix for prefix in _networks(config) if ":" not in prefix]
    v6 = [prefix for prefix in _networks(config) if ":" in prefix]
    return f"""table inet {_TABLE} {{
  set enclosed4 {{ type ipv4_addr; flags interval; }}
  set enclosed6 {{ type ipv6_addr; flags interval; }}
  set open4 {{ type ipv4_addr; flags interval; auto-merge;{_elements(v4)} }}
  set open6 {{ type ipv6_addr; flags interval; auto-merge;{_elements(v6)} }}
  chain forward {{
    type filter hook forward priority filter; policy accept;
    ip saddr @enclosed4 ip daddr @open4 accept
    ip6 saddr @enclosed6 ip6 daddr @open6 accept
    ip daddr @enclosed4 ip saddr @open4 accept
    ip6 daddr @enclosed6 ip6 saddr @open6 accept
    ip saddr @enclosed4 reject with icmp type admin-prohibited
    ip6 saddr @enclosed6 reject with icmpv6 type admin-prohibited
    ip daddr @enclosed4 drop
    ip6 daddr @enclosed6 drop
  }}
}}
"""


def as_radius(config: GardenSection) -> str:
    """For a RADIUS server: NAS-Filter-Rule (RFC 4849) in the words of RFC 6733's IPFilterRule.

    Such a rule knows addresses and no names: what is open by name needs a router or a proxy behind it.
    """
    rules = [f"permit in ip from assigned to {prefix}" for prefix in _networks(config)]
    rules.append("deny in ip from assigned to any")
    return "".join(f'NAS-Filter-Rule += "{rule}"\n' for rule in rules)


FORMS: Mapping[str, Callable[[GardenSection], str]] = {
    "list": as_list,
    "nftables": as_nftables,
    "dnsmasq": as_dnsmasq,
    "radius": as_radius,
}


def _networks(config: GardenSection) -> Iterator[str]:
    yield from dict.fromkeys((*config.open_prefixes, *config.resolvers))


def _elements(prefixes: list[str]) -> str:
    return f" elements = {{ {', '.join(prefixes)} }};" if prefixes else ""


def _is_address(host: str) -> bool:
    try:
        parse_address(host)
    except ValueError:
        return False
    return True
