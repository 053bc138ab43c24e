"""RDAP: IANA's bootstrap (RFC 9224) says which registry to ask for an address's network (RFC 9082, RFC 9083)."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urljoin
from uuid import UUID

import msgspec

from tocsin.attribution.networks.online.asking import Asking, Told, converted, mail_addresses
from tocsin.attribution.networks.online.fetch import FetchFailed
from tocsin.terms.addresses import format_address, parse_network, within

DEPTH_MAX = 5  # of entities in entities
ENTITIES_MAX = 500


class _Bootstrap(msgspec.Struct, frozen=True):
    services: list[list[list[str]]] = []


class _Entity(msgspec.Struct, frozen=True):
    roles: list[str] = []
    vcard: list[object] = msgspec.field(name="vcardArray", default_factory=list)
    entities: list[_Entity] = []


class _Network(msgspec.Struct, frozen=True):
    country: str | None = None
    handle: str | None = None
    starts: str | None = msgspec.field(name="startAddress", default=None)
    ends: str | None = msgspec.field(name="endAddress", default=None)
    entities: list[_Entity] = []


def ask_rdap(asking: Asking, address: UUID) -> Told:
    """The network's abuse contacts, its range and its country. Raises FetchFailed."""
    base = _registry(asking, address)
    answer = asking.json(urljoin(base, f"ip/{format_address(address)}"))
    if answer is None:
        return Told(client="rdap")
    network = converted(answer, _Network)
    entities = list(_abuse_entities(network.entities, 0))[:ENTITIES_MAX]
    span = f"{network.starts} - {network.ends}" if network.starts and network.ends else None
    return Told(
        client="rdap",
        abuse_contacts=mail_addresses([mail for entity in entities for mail in _mails(entity.vcard)]),
        prefix=span and span[:100],
        country=network.country[:2].upper() if network.country else None,
    )


def _registry(asking: Asking, address: UUID) -> str:
    """RFC 9224 §5: the base URL of the longest entry that contains the address; https before http (§4)."""
    family = "ipv4" if address.int >> 32 == 0xFFFF else "ipv6"
    bootstrap = converted(asking.json(urljoin(asking.config.rdap_bootstrap, f"{family}.json")) or {}, _Bootstrap)
    best: tuple[int, list[str]] = (-1, [])
    for service in bootstrap.services:
        if len(service) >= 2:
            bits = max((bits for entry in service[0] for bits in _around(entry, address)), default=-1)
            best = max(best, (bits, service[1]), key=lambda each: each[0])
    urls = [url for url in sorted(best[1], reverse=True) if url.startswith(("https://", "http://"))]
    if not urls:
        raise FetchFailed("no registry is known for this address")
    return urls[0] if urls[0].endswith("/") else urls[0] + "/"


def _around(entry: str, address: UUID) -> Iterator[int]:
    try:
        first, bits = parse_network(entry)
    except ValueError:
        return
    if within(address, first, bits):
        yield bits


def _abuse_entities(entities: list[_Entity], depth: int) -> Iterator[_Entity]:
    """RFC 9083 §5.1: entities stand in entities; the abuse role may be a deep one's."""
    if depth >= DEPTH_MAX:
        return
    for entity in entities[:ENTITIES_MAX]:
        if "abuse" in entity.roles:
            yield entity
        yield from _abuse_entities(entity.entities, depth + 1)


def _mails(vcard: list[object]) -> Iterator[object]:
    """jCard (RFC 7095 §3.3): ["vcard", [[name, parameters, type, value], …]]."""
    properties = vcard[1] if len(vcard) > 1 else []
    for each in properties if isinstance(properties, list) else []:
        if isinstance(each, list) and len(each) >= 4 and each[0] == "email":
            yield each[3]
