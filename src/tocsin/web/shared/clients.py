"""Who is asking: the client's address, and the key under which it is counted."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from litestar.connection import ASGIConnection

Address = IPv4Address | IPv6Address
_HERE = ip_address("127.0.0.1")
_HOPS_MAX = 20
_ONE_HOUSEHOLD = 64  # bits of an IPv6 address that tell households apart


def client_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Address:
    """The client's address. X-Forwarded-For counts only as far as it was written by proxies that `[web]` names.

    It is read from its end: each configured proxy has added whom it heard; the first who is no such proxy is the
    client, and what stands before it may be anybody's invention.
    """
    address = _peer(connection)
    trusted = [ip_network(proxy) for proxy in connection.app.state["place"].web.proxies]
    hops = ",".join(connection.headers.getall("x-forwarded-for", [])).split(",")
    for hop in reversed(hops[-_HOPS_MAX:]):
        if not any(address in network for network in trusted):
            return address
        told = _parse(hop)
        if told is None:
            return address
        address = told
    return address


def client_key(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    """Under which a client is counted: its IPv4 address, or its /64 network."""
    address = client_of(connection)
    if isinstance(address, IPv4Address):
        return str(address)
    return str(ip_network((int(address) >> _ONE_HOUSEHOLD << _ONE_HOUSEHOLD, _ONE_HOUSEHOLD)))


def _peer(connection: ASGIConnection[Any, Any, Any, Any]) -> Address:
    """Who holds the other end. A Unix socket has no address: it is this machine."""
    client = connection.client
    return (_parse(client.host) if client else None) or _HERE


def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address
