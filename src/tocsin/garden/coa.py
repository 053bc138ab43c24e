"""RFC 5176: a CoA-Request or Disconnect-Request to an access server, or to the RADIUS proxy before it.

A request changes *every* session that fits it. So it names the server, the session, the login and the address: one that
has changed since does not fit any more, and the server says 503 instead of striking whoever has it now.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from pyrad import packet
from pyrad.client import Client, Timeout
from pyrad.dictionary import Dictionary, ParseError
from pyrad.packet import CoAPacket

from tocsin.garden.answers import Answer, answer_of
from tocsin.garden.config import NasSection
from tocsin.garden.order import Order
from tocsin.terms.errors import BadConfig

_HEADER_BYTES = 20
_OWN = Path(__file__).with_name("dictionary")
_NUMBERS = ("integer", "date", "short", "byte", "integer64", "signed")
_OURS = frozenset(  # what says which session is meant: never configured
    (
        *("User-Name", "NAS-Identifier", "NAS-IP-Address", "NAS-IPv6-Address", "Acct-Session-Id", "Framed-IP-Address"),
        *("Framed-IPv6-Prefix", "Framed-IPv6-Address", "Delegated-IPv6-Prefix", "Event-Timestamp"),
        *("Message-Authenticator", "Error-Cause", "Proxy-State"),
    )
)
_ANSWERS = {  # RFC 5176 §3.5
    packet.CoARequest: (packet.CoAACK, packet.CoANAK),
    packet.DisconnectRequest: (packet.DisconnectACK, packet.DisconnectNAK),
}


class Request(CoAPacket):  # type: ignore[misc]
    """A request that also knows the answers of FreeRADIUS before 3.2.5, as Debian 12 has it.

    RFC 5176 §3.4 makes an answer's Message-Authenticator over the request's authenticator; FreeRADIUS 3.2.1 makes it
    over sixteen zeros. Who has not the secret can make neither. What ties the answer to this very request is then the
    Response Authenticator alone, and that cannot be bent without bytes that the Message-Authenticator covers.
    """

    def VerifyReply(self, reply: CoAPacket, rawreply: bytes | None = None, enforce_ma: bool = False) -> bool:  # noqa: N802 - pyrad's name
        if super().VerifyReply(reply, rawreply, enforce_ma):
            return True
        raw = rawreply or b""
        raw = raw[: int.from_bytes(raw[2:4], "big")]  # RFC 2865 §3: what follows is padding
        if not reply.message_authenticator or reply.id != self.id or len(raw) < _HEADER_BYTES:
            return False
        tied = hashlib.md5(raw[:4] + self.authenticator + raw[20:] + self.secret).digest()  # noqa: S324 - RFC 2865 §3
        zeros = {"original_authenticator": bytes(16), "original_code": self.code}
        return hmac.compare_digest(tied, raw[4:20]) and bool(reply.verify_message_authenticator(**zeros))


def check_attributes(nas: NasSection, folder: Path) -> None:
    """BadConfig for an attribute that no dictionary knows, or a value that is not of its type."""
    for field in ("enclose", "release"):
        attributes: dict[str, str] = getattr(nas, field)
        _add(CoAPacket(dict=_dictionary(nas, folder)), attributes, where=f"garden.nas.{nas.name}.{field}")


def request_of(nas: NasSection, order: Order, secret: bytes, folder: Path) -> Request:
    """The packet, not yet sent. Sent again it is the same, with the same identifier (RFC 5176 §2.2)."""
    code = packet.DisconnectRequest if nas.disconnect else packet.CoARequest
    request = Request(code, secret=secret, dict=_dictionary(nas, folder))
    request.add_message_authenticator()  # RFC 5176 §3.4; first, as CVE-2024-3596 asks for
    request[_server_attribute(order.nas)] = order.nas
    request["User-Name"] = order.login
    request["Acct-Session-Id"] = order.session
    request[_address_attribute(order.address)] = order.address
    if not nas.disconnect:  # RFC 5176 §3: a Disconnect-Request carries nothing but what says which session
        _add(request, getattr(nas, order.what), where=f"garden.nas.{nas.name}.{order.what}")
    request["Event-Timestamp"] = int(order.at.timestamp())  # RFC 5176 §6.3: an old request is not played again
    return request


def tell_by_radius(nas: NasSection, order: Order, secret: bytes, folder: Path) -> Answer:
    """Send it, again while nobody answers, and understand the answer.

    One without a Message-Authenticator is not believed, whatever it says: who can forge an MD5 collision could have
    made a NAK into an ACK (CVE-2024-3596).
    """
    host, port = nas.place
    request = request_of(nas, order, secret, folder)
    client = Client(host, coaport=port, secret=secret, dict=request.dict, retries=nas.tries, timeout=nas.timeout_s)
    try:
        reply = client.SendPacket(request)
    except Timeout:
        return Answer(next="later", words=f"no valid answer after {nas.tries} requests")
    except OSError as error:
        return Answer(next="later", words=f"it cannot be reached: {error.strerror}", sent=False)
    finally:
        client._CloseSocket()  # pyrad closes it only when it is bound anew
    if not reply.message_authenticator:
        return Answer(next="person", words="its answer has no Message-Authenticator: it is not believed")
    fulfilled, denied = _ANSWERS[request.code]
    if reply.code not in (fulfilled, denied):
        return Answer(next="person", words=f"it answered with packet code {reply.code}")
    causes: Sequence[int] = reply.get("Error-Cause", ())
    return answer_of(causes[0] if causes else None, fulfilled=reply.code == fulfilled)


def _server_attribute(name: str) -> str:
    """RFC 5176 §3: a server is named as in its own accounting records."""
    try:
        return "NAS-IP-Address" if ipaddress.ip_address(name).version == 4 else "NAS-IPv6-Address"
    except ValueError:
        return "NAS-Identifier"


def _address_attribute(address: str) -> str:
    network = ipaddress.ip_network(address)
    if network.version == 4:
        return "Framed-IP-Address"
    if network.prefixlen == 128:
        return "Framed-IPv6-Address"
    return "Framed-IPv6-Prefix" if network.prefixlen == 64 else "Delegated-IPv6-Prefix"


def _add(request: CoAPacket, attributes: dict[str, str], *, where: str) -> None:
    for name, value in attributes.items():
        if name in _OURS or name not in request.dict:
            what = f"{name!r:.80} says which session is meant" if name in _OURS else f"no dictionary knows {name!r:.80}"
            remedy = "leave it out" if name in _OURS else "name the vendor's dictionary in `dictionaries`"
            raise BadConfig(what, where=where, remedy=remedy)
        try:
            request.AddAttribute(name, _value(request.dict[name].type, value))
        except (KeyError, TypeError, ValueError) as error:
            raise BadConfig(f"{name} cannot be {value!r:.80}: {error}", where=where) from error


def _value(kind: str, value: str) -> object:
    return int(value) if kind in _NUMBERS and value.isascii() and value.isdigit() else value


def _dictionary(nas: NasSection, folder: Path) -> Dictionary:
    return _read(tuple(str(folder / Path(each).expanduser()) for each in nas.dictionaries))


@lru_cache(maxsize=16)
def _read(paths: tuple[str, ...]) -> Dictionary:
    try:
        return Dictionary(str(_OWN), *paths)
    except (OSError, ParseError, ValueError) as error:
        raise BadConfig(f"a dictionary cannot be read: {error}", where="garden.nas.dictionaries") from error
