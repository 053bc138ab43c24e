"""Real MRT (RFC 6396), as little of it as routing table dumps need; test_mrt.py lets bgpdump read it, too."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from struct import pack

AT = 1_795_478_400  # 2026-11-24T00:00:00Z
Segment = tuple[int, Sequence[int]]  # 1: set, 2: sequence
PEERS = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::4")
PEER_ASN = 64496


def sequence(*asns: int) -> list[Segment]:
    return [(2, asns)]


def record(kind: int, subtype: int, body: bytes) -> bytes:
    return pack(">IHHI", AT, kind, subtype, len(body)) + body


def peer_table() -> bytes:
    """RFC 6396 §4.3.1; peers with AS numbers of four bytes."""
    peers = b"".join(
        pack(">B", 2 | (":" in peer)) + bytes([192, 0, 2, 254]) + ip_address(peer).packed + pack(">I", PEER_ASN)
        for peer in PEERS
    )
    return record(13, 1, bytes([192, 0, 2, 254]) + pack(">H", 0) + pack(">H", len(PEERS)) + peers)


def attributes(
    path: Sequence[Segment], *, asn_bytes: int = 4, as4: Sequence[Segment] = (), long: bool = False
) -> bytes:
    """ORIGIN, AS_PATH, NEXT_HOP and, where given, AS4_PATH; `long` writes lengths of two bytes."""
    found = b"\x40\x01\x01\x00" + _attribute(0x40, 2, _path(path, asn_bytes), long)
    found += b"\x40\x03\x04" + bytes([192, 0, 2, 1])
    return found + (_attribute(0xC0, 17, _path(as4, 4), long) if as4 else b"")


def _attribute(flags: int, kind: int, value: bytes, long: bool) -> bytes:
    if long:
        return pack(">BBH", flags | 0x10, kind, len(value)) + value
    return pack(">BBB", flags, kind, len(value)) + value


def _path(segments: Sequence[Segment], asn_bytes: int) -> bytes:
    letter = ">I" if asn_bytes == 4 else ">H"
    return b"".join(
        pack(">BB", kind, len(asns)) + b"".join(pack(letter, asn) for asn in asns) for kind, asns in segments
    )


def rib(prefix: str, *routes: bytes, number: int = 0, path_ids: bool = False) -> bytes:
    """TABLE_DUMP_V2 (§4.3.2): one route a peer; `path_ids` as RFC 8050 has them."""
    network = ip_network(prefix)
    body = pack(">IB", number, network.prefixlen) + _octets(network) + pack(">H", len(routes))
    for peer, route in enumerate(routes):
        body += (
            pack(">HI", peer % len(PEERS), AT) + (pack(">I", 7) if path_ids else b"") + pack(">H", len(route)) + route
        )
    return record(13, (2 if network.version == 4 else 4) + (6 if path_ids else 0), body)


def table_dump(prefix: str, peer: str, route: bytes, number: int = 0) -> bytes:
    """TABLE_DUMP (§4.2): one record a prefix and peer, AS numbers of two bytes."""
    network = ip_network(prefix)
    body = pack(">HH", 0, number) + network.network_address.packed + pack(">BBI", network.prefixlen, 1, AT)
    peer_bytes = ip_address(peer).packed.rjust(network.network_address.max_prefixlen // 8, b"\0")
    return record(12, 1 if network.version == 4 else 2, body + peer_bytes + pack(">HH", PEER_ASN, len(route)) + route)


def _octets(network: IPv4Network | IPv6Network) -> bytes:
    return network.network_address.packed[: (network.prefixlen + 7) // 8]
