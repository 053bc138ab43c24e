"""Names in the clear: what DNS, TLS, HTTP and DHCP say at the start of a payload. All else says nothing."""

from __future__ import annotations

import socket

import dpkt

_TYPES = {1: "A", 2: "NS", 5: "CNAME", 10: "NULL", 12: "PTR", 15: "MX", 16: "TXT", 28: "AAAA", 33: "SRV", 65: "HTTPS"}
_RCODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
_ANSWERS_MAX = 40
_METHODS = (b"GET ", b"POST ", b"HEAD ", b"PUT ", b"CONNECT ", b"OPTIONS ", b"DELETE ")

Lookup = tuple[str, str, str | None, list[str], float | None]


def _clean(text: str | bytes, most: int) -> str:
    shown = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return "".join(c if c.isprintable() else " " for c in shown[:most]).strip()


def dns_lookups(payload: bytes) -> list[Lookup]:
    """Name, type, rcode (None in a question), answers and the smallest TTL of each question. RFC 1035 §4."""
    try:
        message = dpkt.dns.DNS(payload)
    except (dpkt.UnpackError, IndexError, UnicodeDecodeError, ValueError):
        return []
    is_answer = message.qr == dpkt.dns.DNS_R
    answers, ttls = [], []
    for record in message.an[:_ANSWERS_MAX]:
        told = _answer(record)
        if told:
            answers.append(told)
            ttls.append(float(record.ttl))
    rcode = _RCODES.get(message.rcode, str(message.rcode)) if is_answer else None
    return [
        (
            _clean(question.name, 255).lower().rstrip("."),
            _TYPES.get(question.type, str(question.type)),
            rcode,
            answers,
            min(ttls, default=None),
        )
        for question in message.qd[:4]
    ]


def _answer(record: dpkt.dns.DNS.RR) -> str | None:
    if record.type == 1 and len(record.rdata) == 4:
        return socket.inet_ntop(socket.AF_INET, record.rdata)
    if record.type == 28 and len(record.rdata) == 16:
        return socket.inet_ntop(socket.AF_INET6, record.rdata)
    return _clean(record.cname, 255) if record.type == 5 and hasattr(record, "cname") else None


def tls_name(payload: bytes) -> str | None:
    """The server name of a ClientHello, where it stands in the first record."""
    try:
        place = 5 + 4 + 2 + 32
        place += 1 + payload[place]
        place += 2 + int.from_bytes(payload[place : place + 2], "big")
        place += 1 + payload[place]
        end = min(len(payload), place + 2 + int.from_bytes(payload[place : place + 2], "big"))
        place += 2
        while place + 4 <= end:
            kind, size = (int.from_bytes(payload[place + i : place + i + 2], "big") for i in (0, 2))
            if kind == 0:
                length = int.from_bytes(payload[place + 7 : place + 9], "big")
                return _clean(payload[place + 9 : place + 9 + length], 255).lower() or None
            place += 4 + size
    except IndexError:
        pass
    return None


def http_request(payload: bytes) -> tuple[str | None, str, str | None, int | None] | None:
    """Host, method, agent and no status; None where it is no request. What was asked for is not looked at."""
    if not payload.startswith(_METHODS):
        return None
    method, _, rest = payload[:4096].partition(b" ")
    host = agent = None
    for line in rest.split(b"\r\n")[1:40]:
        name, _, value = line.partition(b":")
        if name.lower() == b"host":
            host = _clean(value, 255).lower().partition(":")[0] or None
        elif name.lower() == b"user-agent":
            agent = _clean(value, 200) or None
    return host, _clean(method, 20), agent, None


def dhcp_lease(payload: bytes) -> tuple[bytes, str, str | None, str | None] | None:
    """Address, network card, name and vendor of a DHCPv4 message that gives or confirms an address (RFC 2131 §2)."""
    try:
        message = dpkt.dhcp.DHCP(payload)
    except (dpkt.UnpackError, IndexError, ValueError):
        return None
    options = {kind: data for kind, data in message.opts}
    given = message.yiaddr or message.ciaddr or int.from_bytes(options.get(50, b"")[:4], "big")
    if not given or len(message.chaddr) < 6:
        return None
    name, vendor = (_clean(options[kind], 100) if kind in options else None for kind in (12, 60))
    return given.to_bytes(4, "big"), bytes(message.chaddr[:6]).hex(":"), name, vendor
