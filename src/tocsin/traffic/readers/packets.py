"""Packets to flows, look-ups, handshakes, requests, leases: one pass in bounded memory. Pure; dpkt takes them apart."""

from __future__ import annotations

import socket
import struct
from collections import OrderedDict
from collections.abc import Callable, Iterator

import dpkt

from tocsin.traffic.readers.payloads import dhcp_lease, dns_lookups, http_request, tls_name

FLOWS_OPEN_MAX = 200_000  # more at once: the one that was silent longest is told of as it is
SILENCE_S = {6: 300.0, 17: 60.0, 1: 60.0, 58: 60.0}
_PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 58: "ipv6-icmp", 132: "sctp", 47: "gre", 50: "esp"}
_SYN, _RST, _ACK = 2, 4, 16  # RFC 9293 §3.1

Emit = Callable[[str, tuple[object, ...]], None]
Key = tuple[bytes, int, bytes, int, int]


class _Flow:
    __slots__ = (
        *("at", "last", "line", "mac", "out_bytes", "in_bytes", "out_packets", "in_packets", "out_flags", "in_flags"),
        *("service", "icmp_type", "payload_out", "payload_in", "is_late"),
    )

    def __init__(self, at: float, line: int, mac: str) -> None:
        self.at = self.last = at
        self.line, self.mac, self.service, self.icmp_type = line, mac, "", -1
        self.out_bytes = self.in_bytes = self.out_packets = self.in_packets = self.out_flags = self.in_flags = 0
        self.payload_out = self.payload_in = False
        self.is_late = False  # its beginning was not seen


class Meter:
    """Give it packets; it emits rows: `("flows", values)` … in the columns of tables.py without `file`."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._open: OrderedDict[Key, _Flow] = OrderedDict()
        self._latest = 0.0

    def ethernet(self, at: float, frame: bytes, line: int) -> None:
        """A frame of Ethernet; what holds no IP is let pass. Raises dpkt.UnpackError, IndexError or struct.error."""
        kind, place = int.from_bytes(frame[12:14], "big"), 14
        while kind in (0x8100, 0x88A8, 0x9100) and len(frame) >= place + 4:  # IEEE 802.1Q
            kind, place = int.from_bytes(frame[place + 2 : place + 4], "big"), place + 4
        if kind == 0x8864:  # PPPoE session
            kind, place = (
                {0x21: 0x0800, 0x57: 0x86DD}.get(int.from_bytes(frame[place + 6 : place + 8], "big"), 0),
                place + 8,
            )
        mac = frame[6:12].hex(":")
        if kind in (0x0800, 0x86DD):
            self.ip(at, frame[place:], line, mac)
        elif kind == 0x0806 and len(frame) >= place + 28 and frame[place + 14 : place + 18] != b"\0\0\0\0":
            self._emit("leases", (at, frame[place + 14 : place + 18], mac, None, None, "arp", line))

    def ip(self, at: float, data: bytes, line: int, mac: str = "") -> None:
        """A packet of IPv4 or IPv6."""
        if not data:
            return
        if data[0] >> 4 == 6:
            packet = dpkt.ip6.IP6(data)
            number, size = packet.p if packet.p in _PROTOCOLS else packet.nxt, len(data)
        elif data[0] >> 4 == 4:
            packet = dpkt.ip.IP(data)
            number, size = packet.p, packet.len or len(data)
            if packet.offset & 0x1FFF:
                return  # a later fragment has no ports
        else:
            return
        sport = dport = flags = 0
        payload = b""
        icmp_type = -1
        inner = packet.data
        if isinstance(inner, dpkt.tcp.TCP):
            sport, dport, flags, payload = inner.sport, inner.dport, inner.flags, bytes(inner.data)
        elif isinstance(inner, dpkt.udp.UDP):
            sport, dport, payload = inner.sport, inner.dport, bytes(inner.data)
        elif number in (1, 58):
            raw = bytes(inner)
            icmp_type = raw[0] if raw else -1
        self._packet(at, line, mac, (packet.src, sport, packet.dst, dport, number), size, flags, payload, icmp_type)

    def _packet(
        self, at: float, line: int, mac: str, key: Key, size: int, flags: int, payload: bytes, icmp_type: int
    ) -> None:  # fmt: skip
        self._latest = max(self._latest, at)
        src, sport, dst, dport, number = key
        back: Key = (dst, dport, src, sport, number)
        flow, is_out = self._open.get(key), True
        if flow is None and (flow := self._open.get(back)) is not None:
            is_out = False
        used = key if is_out else back
        begins_anew = (
            flow is not None
            and is_out
            and flags & (_SYN | _ACK) == _SYN
            and flow.in_flags & _SYN
            and at - flow.last > 1
        )
        if flow is not None and (at - flow.last > SILENCE_S.get(number, 60.0) or begins_anew):
            self._close(used)
            flow, is_out, used = None, True, key
        if flow is None:
            # The first that is seen may be an answer: SYN with ACK, or from a server's port.
            if (number == 6 and flags & (_SYN | _ACK) == _SYN | _ACK) or (
                number == 17 and sport < 1024 <= dport and sport in (53, 123, 443, 67)
            ):
                used, is_out = back, False
            flow = self._open[used] = _Flow(at, line, mac if is_out else "")
            flow.is_late = not is_out or (number == 6 and not flags & _SYN)
            flow.icmp_type = icmp_type
            if len(self._open) > FLOWS_OPEN_MAX:
                self._close(next(iter(self._open)))
        self._count(flow, used, is_out, at, size, flags)
        self._look(at, line, mac, used, flow, is_out, payload)

    def _count(self, flow: _Flow, used: Key, is_out: bool, at: float, size: int, flags: int) -> None:
        flow.last = max(flow.last, at)
        self._open.move_to_end(used)
        if is_out:
            flow.out_bytes += size
            flow.out_packets += 1
            flow.out_flags |= flags
        else:
            flow.in_bytes += size
            flow.in_packets += 1
            flow.in_flags |= flags

    def _look(self, at: float, line: int, mac: str, used: Key, flow: _Flow, is_out: bool, payload: bytes) -> None:
        """At names in the clear: DNS, TLS, HTTP and DHCP. Only the first payload of a direction is looked at in TCP."""
        if not payload:
            return
        if used[4] == 17:
            self._look_at_datagram(at, line, used, flow, payload)
        elif used[4] == 6 and not (flow.payload_out if is_out else flow.payload_in):
            self._look_at_stream(at, line, used, flow, is_out, payload)

    def _look_at_datagram(self, at: float, line: int, used: Key, flow: _Flow, payload: bytes) -> None:
        src, _, dst, dport, _ = used
        if dport == 53:
            flow.service = "dns"
            for name, kind, rcode, answers, ttl in dns_lookups(payload):
                self._emit("lookups", (at, src, dst, name, kind, rcode, answers, ttl, line))
        elif dport in (67, 68) and (lease := dhcp_lease(payload)):
            address, card, called, vendor = lease
            self._emit("leases", (at, address, card, called, vendor, "dhcp", line))

    def _look_at_stream(self, at: float, line: int, used: Key, flow: _Flow, is_out: bool, payload: bytes) -> None:
        ends, dport = used[:4], used[3]
        if is_out:
            flow.payload_out = True
            if payload[:1] == b"\x16" and payload[5:6] == b"\x01":
                flow.service = "ssl"
                self._emit("handshakes", (at, *ends, tls_name(payload), None, None, None, None, line))
            elif (request := http_request(payload)) is not None:
                flow.service = "http"
                self._emit("requests", (at, *ends, *request, line))
            elif payload[:4] == b"SSH-":
                flow.service = "ssh"
        else:
            flow.payload_in = True
            if payload[:4] == b"SSH-":
                flow.service = "ssh"
            elif payload[:4] in (b"220 ", b"220-") and dport in (25, 465, 587):
                flow.service = "smtp"

    def close(self) -> None:
        """Tell of everything that is open; nothing may come after."""
        while self._open:
            self._close(next(iter(self._open)))

    def _close(self, key: Key) -> None:
        flow = self._open.pop(key)
        src, sport, dst, dport, number = key
        service = "echo" if flow.icmp_type in (8, 128) else flow.service or None
        has_ports = number in (6, 17, 132)
        self._emit(
            "flows",
            (
                *(flow.at, src, sport if has_ports else None, dst, dport if has_ports else None),
                *(_PROTOCOLS.get(number, "other"), service, _state(number, flow), flow.last - flow.at),
                *(
                    flow.out_bytes,
                    flow.in_bytes,
                    flow.out_packets,
                    flow.in_packets,
                    None,
                    None,
                    flow.mac or None,
                    flow.line,
                ),
            ),
        )


def _state(number: int, flow: _Flow) -> str:
    if number == 6:
        if flow.in_flags & _SYN:
            return "established"
        if flow.in_flags & _RST and not flow.is_late:
            return "refused"
        return "unanswered" if flow.out_flags & _SYN and not flow.in_packets else "midstream"
    if flow.in_packets:
        return "established" if flow.out_packets else "midstream"
    return "oneway" if number not in (17, 1, 58) or (number != 17 and flow.icmp_type not in (8, 128)) else "unanswered"


def frames(capture: dpkt.pcap.Reader | dpkt.pcapng.Reader) -> Iterator[tuple[float, bytes]]:
    """Its packets until one is cut off. Raises nothing: a capture that was cut ends there."""
    packets = iter(capture)
    while True:
        try:
            at, frame = next(packets)
        except (StopIteration, dpkt.UnpackError, struct.error, ValueError, EOFError):
            return
        yield float(at), frame


def address_bytes(packed: bytes) -> bytes:
    """Four or sixteen bytes as the sixteen of terms.addresses."""
    return packed if len(packed) == 16 else b"\0" * 10 + b"\xff\xff" + packed


def text_of(packed: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
