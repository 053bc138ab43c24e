"""An HTTP server on loopback that keeps to the protocol but where its script says otherwise."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec

from tests.breaking import Dropped, Listener, dripping, serving

Act = bytes | Callable[["Call"], bytes | None]  # an answer's bytes, or what is done instead of one


class Asked(msgspec.Struct, frozen=True):
    """A request that came whole."""

    line: str
    headers: dict[str, str]
    body: bytes


class Call(msgspec.Struct):
    link: socket.socket
    stop: threading.Event


def answer(status: int, body: str = "", *headers: str) -> bytes:
    raw = body.encode()
    lines = [f"HTTP/1.1 {status} Because", f"Content-Length: {len(raw)}", *headers]
    return "\r\n".join((*lines, "", "")).encode() + raw


drip = dripping(b"H")


class Gateway(Listener):
    """`script` is used up, one act a connection; then all is taken. `early` is done before the request is read."""

    def __init__(self, *script: Act, early: Act | None = None, tls: ssl.SSLContext | None = None) -> None:
        super().__init__()
        self.script, self.early, self.tls = list(script), early, tls
        self.asked: list[Asked] = []

    def url(self, path: str = "/send") -> str:
        return f"{'https' if self.tls else 'http'}://localhost:{self.port}{path}"

    def talk(self, link: socket.socket) -> None:
        with suppress(Dropped, OSError, ssl.SSLError, ValueError):
            if self.tls:
                link = self.tls.wrap_socket(link, server_side=True)
            if self.early is not None:
                self._act(self.early, link)
            self.asked.append(_read(link))
            self._act(self.script.pop(0) if self.script else answer(202, "taken"), link)
        with suppress(OSError):
            link.close()

    def _act(self, act: Act, link: socket.socket) -> None:
        said = act(Call(link, self.stop)) if callable(act) else act
        if said is not None:
            link.sendall(said)


def _read(link: socket.socket) -> Asked:
    file = link.makefile("rb")
    line = file.readline().decode("ascii").strip()
    headers = {}
    while (field := file.readline().decode("ascii").strip()) != "":
        name, _, value = field.partition(":")
        headers[name.lower()] = value.strip()
    if not line:
        raise Dropped
    length = int(headers.get("content-length", "0"))
    body = file.read(length)
    if len(body) < length:
        raise Dropped
    return Asked(line, headers, body)


@contextmanager
def gateway(*script: Act, early: Act | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Gateway]:
    with serving(Gateway(*script, early=early, tls=tls)) as server:
        yield server
