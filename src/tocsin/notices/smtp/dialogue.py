"""The way in: greeting, EHLO, TLS, login. Whatever fails here is no notice's fault, and nothing has left."""

from __future__ import annotations

import socket
import ssl
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress

import msgspec

from tocsin.notices.config import DeliveryConfig, is_loopback
from tocsin.notices.smtp.reply import Broken, Reply
from tocsin.notices.smtp.wire import Wire
from tocsin.terms.errors import Unreachable

_REMEDY = "nothing has left; mend [delivery] or the server, then run again"


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A mail server, and what it is told."""

    config: DeliveryConfig
    greeting: str  # our name in EHLO
    ca_file: str | None = None
    password: str = ""

    def __repr__(self) -> str:
        return f"Way({self.name})"

    @property
    def name(self) -> str:
        return f"{self.config.host}:{self.config.server_port}"


class Open(msgspec.Struct, frozen=True):
    """A server that is ready to take mail, and what it offers (RFC 5321 §4.1.1.1): keyword to parameters."""

    wire: Wire
    offers: Mapping[str, str]


def enter(way: Way) -> Open:
    """Raises Unreachable: nobody listens, no TLS, an untrusted certificate, a refused login."""
    try:
        wire = _connect(way)
    except Broken as broken:
        raise closed(way, str(broken)) from broken
    try:
        return _enter(way, wire)
    except Broken as broken:
        wire.close()
        raise closed(way, str(broken)) from broken
    except Unreachable:
        wire.close()
        raise


def closed(way: Way, why: str) -> Unreachable:
    return Unreachable(f"the mail server takes nothing: {why}", where=way.name, remedy=_REMEDY)


def _connect(way: Way) -> Wire:
    config = way.config
    try:
        connection = socket.create_connection((config.host, config.server_port), config.timeout_s)
    except OSError as error:
        raise Broken(f"no connection: {error.strerror or error}") from error
    if config.tls == "none" and not is_loopback(connection.getpeername()[0]):  # `localhost` is what a file says it is
        connection.close()
        raise Broken(f"{config.host} is not this machine, and tls is none")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else the dot waits for the mail's receipt
    return Wire(connection)


def _enter(way: Way, wire: Wire) -> Open:
    config = way.config
    if config.tls == "implicit":
        wire.start_tls(_context(way), config.host, config.timeout_s)
    _demand(way, wire.reply(config.timeout_s), 220, "greets with")
    offers = _hello(way, wire)
    if config.tls == "starttls":
        if "STARTTLS" not in offers:  # RFC 8314 §4.1, RFC 3207 §6: a man in the middle would take it out
            raise closed(way, "it offers no TLS, and nothing goes out in the clear")
        _demand(way, wire.ask("STARTTLS", config.timeout_s), 220, "answers STARTTLS with")
        wire.demand_silence()  # what was said before TLS would be believed as if it had been said after
        wire.start_tls(_context(way), config.host, config.timeout_s)
        offers = _hello(way, wire)  # RFC 3207 §4.2: what was offered in the clear is forgotten
    if config.user:
        _log_in(way, wire, offers)
    return Open(wire, offers)


def _hello(way: Way, wire: Wire) -> dict[str, str]:
    reply = wire.ask(f"EHLO {way.greeting}", way.config.timeout_s)
    _demand(way, reply, 250, "answers EHLO with")
    words = (line.split(None, 1) for line in reply.lines[1:])
    return {first.upper(): "".join(rest).strip() for first, *rest in filter(None, words)}


def _context(way: Way) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=way.ca_file)
    except OSError as error:
        raise closed(way, f"{way.ca_file} holds no certificate") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    return context


def _log_in(way: Way, wire: Wire, offers: Mapping[str, str]) -> None:
    """RFC 4954; PLAIN (RFC 4616), else the older LOGIN."""
    offered, config = offers.get("AUTH", "").upper().split(), way.config
    if "PLAIN" in offered:
        word = _coded(f"\0{config.user}\0{way.password}")
        reply = wire.ask(f"AUTH PLAIN {word}", config.timeout_s)
    elif "LOGIN" in offered:
        reply = wire.ask("AUTH LOGIN", config.timeout_s)
        for word in (config.user, way.password):
            if reply.code == 334:
                reply = wire.ask(_coded(word), config.timeout_s)
    else:
        raise closed(way, f"it offers no login that we know: {' '.join(offered)[:80] or 'none at all'}")
    if reply.code == 334:  # RFC 4954 §4: we have no more to say
        reply = wire.ask("*", config.timeout_s)
    if reply.code != 235:
        raise closed(way, f"the login is refused: {_without(reply.text, way)}")


def _demand(way: Way, reply: Reply, code: int, does: str) -> None:
    if reply.code != code:
        raise closed(way, f"it {does} {reply.text}")


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode("ascii")


def _without(said: str, way: Way) -> str:
    """A server may quote what it was told: nothing of the password is passed on."""
    for word in said.split():
        with suppress(ValueError):
            if way.password in b64decode(word, validate=True).decode("utf-8", "replace"):
                return said[:3]
    return said[:3] if way.password and way.password in said else said
