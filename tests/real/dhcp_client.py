"""A DHCPv4 client behind a relay, just enough of RFC 2131 and RFC 3046 for the servers of our tests.

`python dhcp_client.py SERVER GIADDR MAC CIRCUIT ACTION…`; actions are lease, release, decline. Prints the address.
"""

from __future__ import annotations

import socket
import struct
import sys
import time

_COOKIE = b"\x63\x82\x53\x63"
_DISCOVER, _OFFER, _REQUEST, _DECLINE, _ACK, _RELEASE = 1, 2, 3, 4, 5, 7


class Client:
    def __init__(self, server: str, giaddr: str, mac: str, circuit: str) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind((giaddr, 67))
        self.socket.settimeout(1)
        self.server, self.giaddr, self.mac = server, socket.inet_aton(giaddr), bytes.fromhex(mac.replace(":", ""))
        octets = circuit.encode()
        inside = bytes((1, len(octets))) + octets + b"\x02\x03\x0a\x0b\x0c"
        self.relayed = bytes((82, len(inside))) + inside
        self.xid = struct.unpack("!I", self.mac[2:])[0]
        self.address = self.server_id = b"\0\0\0\0"

    def lease(self) -> None:
        for _ in range(20):  # until the server listens
            self.send(_DISCOVER)
            if (offer := self.answer(_OFFER)) is not None:
                self.address, self.server_id = offer
                self.send(_REQUEST, b"\x32\x04" + self.address + b"\x36\x04" + self.server_id)
                if self.answer(_ACK) is not None:
                    return
        sys.exit("no lease")

    def release(self) -> None:
        self.send(_RELEASE, b"\x36\x04" + self.server_id, ciaddr=self.address)

    def decline(self) -> None:
        self.send(_DECLINE, b"\x32\x04" + self.address + b"\x36\x04" + self.server_id)

    def send(self, kind: int, options: bytes = b"", *, ciaddr: bytes = b"\0\0\0\0") -> None:
        fixed = struct.pack("!BBBBIHH", 1, 1, 6, 1, self.xid, 0, 0) + ciaddr + b"\0" * 8 + self.giaddr
        fixed += self.mac.ljust(16, b"\0") + b"\0" * 192
        client_id = b"\x3d\x07\x01" + self.mac
        name = b"\x0c\x05meter"
        packet = fixed + _COOKIE + bytes((53, 1, kind)) + client_id + name + options + self.relayed + b"\xff"
        self.socket.sendto(packet, (self.server, 67))

    def answer(self, kind: int) -> tuple[bytes, bytes] | None:
        """The address offered, and the server's id."""
        try:
            packet = self.socket.recv(2048)
        except (TimeoutError, ConnectionError):
            time.sleep(0.2)
            return None
        options, place, server_id = packet[240:], 0, b"\0\0\0\0"
        told = 0
        while place < len(options) and options[place] != 255:
            code, length = options[place], options[place + 1]
            value = options[place + 2 : place + 2 + length]
            told, server_id = (value[0] if code == 53 else told), (value if code == 54 else server_id)
            place += 2 + length
        return (packet[16:20], server_id) if told == kind else None


def main() -> None:
    client = Client(*sys.argv[1:5])
    for action in sys.argv[5:]:
        getattr(client, action)()
        time.sleep(0.1)
    print(socket.inet_ntoa(client.address))  # noqa: T201 - the caller reads it


if __name__ == "__main__":
    main()
