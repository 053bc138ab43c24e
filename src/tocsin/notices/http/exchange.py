"""The conversation: connect, all but the last byte, the caller's word, the last byte, the answer. No redirect is
followed, no second request is made, and the answer is bounded in time and size."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
from collections.abc import Callable, Mapping
from typing import cast

import msgspec

from tocsin.notices.config import is_loopback
from tocsin.notices.http.endpoint import Endpoint
from tocsin.notices.smtp.reply import Broken
from tocsin.notices.smtp.wire import Wire
from tocsin.terms.errors import Unreachable

ANSWER_BYTES_MAX = 65_536
_RETRY_S_MAX = 86_400


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What the server says. `text` is hostile: at most 64 KiB of it."""

    status: int
    text: str = ""
    retry_after_s: int | None = None


class Stopped(Exception):
    """The caller said no before the last byte: nothing was asked."""


class Lost(Exception):
    """The last byte may have been sent, and no answer came: nobody knows."""


def exchange(
    endpoint: Endpoint, method: str, headers: Mapping[str, str], body: bytes, before_last: Callable[[], bool]
) -> Answer:
    """Raises Unreachable where nothing was begun, Broken where nothing whole was sent, Stopped, or Lost."""
    raw = request_bytes(endpoint, method, headers, body)
    wire = _connect(endpoint)
    try:
        wire.send(raw[:-1], endpoint.timeout_s)
        wire.demand_quiet()  # an answer that comes before the question is none
        if not before_last():
            raise Stopped
        try:
            wire.send(raw[-1:], endpoint.timeout_s)
            return _answer(wire, method, endpoint.timeout_s)
        except Broken as broken:
            raise Lost(str(broken)) from broken
    finally:
        wire.close()


def request_bytes(endpoint: Endpoint, method: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """RFC 9112 §3, §6.3. A header that could end its line raises ValueError: a bug or a secret that is no secret."""
    lines = [f"{method} {endpoint.target} HTTP/1.1", f"Host: {endpoint.authority}"]
    fields = {**headers, "Connection": "close"}
    if body or method != "GET":
        fields["Content-Length"] = str(len(body))
    for name, value in fields.items():
        lines.append(f"{name}: {value}")
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise ValueError("a header holds what would end its line")
    return "\r\n".join((*lines, "", "")).encode("ascii") + body


def _connect(endpoint: Endpoint) -> Wire:
    try:
        connection = socket.create_connection((endpoint.host, endpoint.port), endpoint.timeout_s)
    except OSError as error:
        raise _unreachable(endpoint, f"no connection: {error.strerror or type(error).__name__}") from error
    if not endpoint.is_tls and not is_loopback(connection.getpeername()[0]):  # `localhost` is what a file says it is
        connection.close()
        raise _unreachable(endpoint, "it is not this machine, and there is no TLS")
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    wire = Wire(connection)
    if endpoint.is_tls:
        try:
            wire.start_tls(_context(endpoint), endpoint.host, endpoint.timeout_s)
        except Broken as broken:
            wire.close()
            raise _unreachable(endpoint, str(broken)) from broken
    return wire


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=endpoint.ca_file)
    except OSError as error:
        raise _unreachable(endpoint, f"{endpoint.ca_file} holds no certificate") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # RFC 8996
    return context


def _unreachable(endpoint: Endpoint, why: str) -> Unreachable:
    return Unreachable(
        f"it takes nothing: {why}", where=endpoint.name, remedy="nothing has left; mend the settings or the server"
    )


class _Reading(io.RawIOBase):
    """The wire as a file, as `http.client` reads; the time is that of the whole answer."""

    def __init__(self, wire: Wire, within_s: float) -> None:
        self._receive = wire.receiver(within_s)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        room = cast(memoryview, buffer)
        came = self._receive(len(room))
        room[: len(came)] = came
        return len(came)


class _Socket:
    def __init__(self, file: io.BufferedIOBase) -> None:
        self._file = file

    def makefile(self, *_: object) -> io.BufferedIOBase:
        return self._file


def _answer(wire: Wire, method: str, within_s: float) -> Answer:
    """Broken when what comes is no HTTP, or not all of it."""
    file: io.BufferedIOBase = io.BufferedReader(_Reading(wire, within_s))
    response = http.client.HTTPResponse(cast(socket.socket, _Socket(file)), method=method)
    try:
        response.begin()
        body = response.read(ANSWER_BYTES_MAX)
    except (http.client.HTTPException, ValueError) as error:
        raise Broken(f"what it answers is no HTTP: {type(error).__name__}") from error
    if response.length and len(body) < ANSWER_BYTES_MAX:
        raise Broken("what it answers is no HTTP: it ends before its end")
    return Answer(
        status=response.status,
        text=body.decode("utf-8", "replace"),
        retry_after_s=_seconds(response.headers.get("Retry-After", "")),
    )


def _seconds(value: str) -> int | None:
    """RFC 9110 §10.2.3, the form with seconds; a date is left to our own waits."""
    bare = value.strip()
    return min(int(bare), _RETRY_S_MAX) if bare.isascii() and bare.isdigit() and len(bare) < 10 else None
