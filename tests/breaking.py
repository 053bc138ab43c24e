"""What servers that break on purpose have in common: they hang up, say nothing, or drip. On loopback, on threads."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol, TypeVar


class Dropped(Exception):
    """The server hangs up."""


class Open(Protocol):
    """An open connection, and whether the server is to stop."""

    link: socket.socket
    stop: threading.Event


def drop(_: Open) -> bytes:
    raise Dropped


def silence(call: Open) -> bytes:
    """Says nothing, until the other side has gone."""
    call.stop.wait(20)
    raise Dropped


def dripping(byte: bytes) -> Callable[[Open], bytes]:
    """That byte now and then, and never a whole answer."""

    def drip(call: Open) -> bytes:
        with suppress(OSError):
            while not call.stop.wait(0.05):
                call.link.sendall(byte)
        raise Dropped

    return drip


class Listener:
    """Takes connections until it is closed, each talked to on a thread of its own."""

    def __init__(self) -> None:
        self.connections = 0
        self.stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])

    def talk(self, link: socket.socket) -> None:
        raise NotImplementedError

    def serve(self) -> None:
        while not self.stop.is_set():
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.talk, args=[link], daemon=True).start()

    def close(self) -> None:
        self.stop.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        time.sleep(0.01)


Server = TypeVar("Server", bound=Listener)


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    threading.Thread(target=server.serve, daemon=True).start()
    try:
        yield server
    finally:
        server.close()
