"""Addresses: one 128-bit value, IPv4 as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2), carried as UUID.

A network is its first address and its length out of 128; IPv4's /24 is 120.
"""

from __future__ import annotations

import ipaddress
import socket
from uuid import UUID

_V4 = 0xFFFF << 32
_ALL = (1 << 128) - 1


def parse_address(text: str) -> UUID:
    """Exactly what inet_pton takes: no leading zeros, no zone index, no brackets. Raises ValueError."""
    family = socket.AF_INET6 if ":" in text else socket.AF_INET
    try:
        packed = socket.inet_pton(family, text)
    except (OSError, ValueError) as error:  # ValueError: an embedded NUL
        raise ValueError(f"not an IP address: {text[:60]!r}") from error
    return UUID(int=_V4 | int.from_bytes(packed, "big")) if len(packed) == 4 else UUID(bytes=packed)


def format_address(address: UUID) -> str:
    """RFC 5952 text for IPv6, dotted quad for IPv4."""
    number = address.int
    if number >> 32 == 0xFFFF:
        return str(ipaddress.IPv4Address(number & 0xFFFFFFFF))
    return str(ipaddress.IPv6Address(number))


def parse_network(text: str) -> tuple[UUID, int]:
    """`192.0.2.0/24` to (first address, 120). A bare address is a network of one. Raises ValueError."""
    head, slash, tail = text.strip().partition("/")
    first = parse_address(head)
    widest = 128 if ":" in head else 32
    length = int(tail) if slash and tail.isascii() and tail.isdigit() else widest if not slash else -1
    if not 0 <= length <= widest:
        raise ValueError(f"not a prefix length: {text[:60]!r}")
    bits = length + 128 - widest
    if first.int & ~_mask(bits) & _ALL:
        raise ValueError(f"bits set past the prefix length: {text[:60]!r}")
    return first, bits


def format_network(first: UUID, bits: int) -> str:
    is_v4 = first.int >> 32 == 0xFFFF and bits >= 96
    return f"{format_address(first)}/{bits - 96 if is_v4 else bits}"


def within(address: UUID, first: UUID, bits: int) -> bool:
    return address.int & _mask(bits) == first.int


def _mask(bits: int) -> int:
    return _ALL ^ ((1 << (128 - bits)) - 1)
