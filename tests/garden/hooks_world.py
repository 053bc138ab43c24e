"""Access servers that are programs and HTTP addresses, and every way in which they break."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tocsin.garden.config import NasSection
from tocsin.garden.order import Order

AT = datetime(2026, 11, 24, 3, 16, tzinfo=UTC)
ORDER = Order(
    what="enclose",
    quarantine="G-0123456789AB",
    nas="bng-1",
    session="a-1",
    login="anna'; touch $(x) `y` | z@isp.example",
    address="198.51.100.7",
    at=AT,
)


def program(folder: Path, text: str, *arguments: str, timeout_s: float = 10.0) -> NasSection:
    """An access server that is this Python program."""
    path = folder / "program.py"
    path.write_text(text, encoding="utf-8")
    return NasSection(name="all", via="command", command=(sys.executable, str(path), *arguments), timeout_s=timeout_s)


class Server:
    """What it answers is bytes, sent as they are; `heard` is each request, head and body."""

    def __init__(self, answer: bytes, *, holds: bool = False) -> None:
        self.answer, self.holds = answer, holds
        self.heard: list[tuple[list[str], bytes]] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    @property
    def nas(self) -> NasSection:
        port = self._socket.getsockname()[1]
        return NasSection(name="all", via="http", url=f"http://127.0.0.1:{port}/garden?x=1", timeout_s=0.5)

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            with peer:
                self._answer(peer)

    def _answer(self, peer: socket.socket) -> None:
        peer.settimeout(2)
        raw = b""
        try:
            while b"\r\n\r\n" not in raw:
                raw += peer.recv(65_536)
            head, _, body = raw.partition(b"\r\n\r\n")
            lines = head.decode().split("\r\n")
            length = int(next(line.split(":")[1] for line in lines if line.lower().startswith("content-length")))
            while len(body) < length:
                body += peer.recv(65_536)
            self.heard.append((lines, body))
            if self.holds:
                self._over.wait(2)
            peer.sendall(self.answer)
        except (OSError, StopIteration):
            return

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@contextmanager
def answering(status: str, body: bytes = b"", *, holds: bool = False) -> Iterator[Server]:
    """An HTTP server that answers so."""
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    with Server(head + body, holds=holds) as opened:
        yield opened


def said(next_: str, words: str = "") -> bytes:
    return json.dumps({"next": next_, "words": words}).encode()
