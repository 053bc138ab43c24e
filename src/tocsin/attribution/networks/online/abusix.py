"""Abusix' contact database: a TXT record under the address, written backwards as for reverse DNS."""

from __future__ import annotations

import ipaddress
from uuid import UUID

import dns.exception
import dns.resolver
import msgspec
from dns.rdtypes.ANY.TXT import TXT

from tocsin.attribution.networks.online.asking import Asking, Told, mail_addresses
from tocsin.attribution.networks.online.fetch import FetchFailed
from tocsin.terms.addresses import format_address

_REVERSE = (".in-addr.arpa", ".ip6.arpa")


def ask_abusix(asking: Asking, address: UUID) -> Told:
    """The contacts of its records, which may name several with commas between. Raises FetchFailed."""
    reverse = ipaddress.ip_address(format_address(address)).reverse_pointer
    for ending in _REVERSE:
        reverse = reverse.removesuffix(ending)
    name = f"{reverse}.{asking.config.abusix_zone}."
    texts = msgspec.json.decode(asking.kept(name, lambda: _texts(asking, name)) or b"[]", type=list[str])
    return Told(client="abusix", abuse_contacts=mail_addresses([part for text in texts for part in text.split(",")]))


def _texts(asking: Asking, name: str) -> bytes | None:
    """The texts as JSON; None where the name does not exist."""
    resolver = dns.resolver.Resolver(configure=not asking.config.dns_servers)
    resolver.lifetime = asking.config.timeout_s
    if asking.config.dns_servers:
        resolver.nameservers = [server.partition("@")[0] for server in asking.config.dns_servers]
        ports = [server.partition("@")[2] for server in asking.config.dns_servers]
        resolver.port = int(ports[0]) if ports[0].isdigit() else 53
    try:
        answer = resolver.resolve(name, "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return None
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise FetchFailed(f"{name} was not resolved: {error or type(error).__name__}") from error
    texts = [b"".join(record.strings).decode("latin-1") for record in answer if isinstance(record, TXT)]
    return msgspec.json.encode(texts)
