"""A mail server that keeps to the protocol but where its script says otherwise, on a thread of its own."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from tests.breaking import Dropped, Listener, dripping, serving

Act = bytes | Callable[["Talk"], bytes | None]  # an answer, or what is done instead of one

PLAIN_OFFERS = (b"SIZE 10000000", b"8BITMIME", b"DSN", b"PIPELINING")


drip = dripping(b"2")


class Talk:
    """One connection."""

    def __init__(self, server: Scripted, link: socket.socket) -> None:
        self.server, self.link, self.stop = server, link, server.stop
        self.unread = b""
        self.is_tls = False
        self.heard: list[str] = []

    def run(self) -> None:
        with suppress(Dropped, OSError, ssl.SSLError):
            if self.server.implicit:
                self._secure()
            if not self._act("greeting", b"220 post.example ESMTP"):
                return
            while (line := self._line()) is not None and self._command(line):
                pass
        with suppress(OSError):
            self.link.close()

    def say(self, raw: bytes) -> None:
        self.link.sendall(raw + b"\r\n")

    def _act(self, step: str, usual: bytes) -> bool:
        """Do what the script says for this step; whether it was done as usual."""
        act = self.server.act(step)
        if act is None:
            self.say(usual)
            return True
        answer = act(self) if callable(act) else act
        if answer is not None:
            self.say(answer)
        return False

    def _line(self) -> bytes | None:
        while b"\r\n" not in self.unread:
            more = self.link.recv(65_536)
            if not more:
                return None
            self.unread += more
        line, _, self.unread = self.unread.partition(b"\r\n")
        return line

    def _command(self, line: bytes) -> bool:
        word = line.split(b" ")[0].split(b":")[0].upper().decode("ascii", "replace")
        self.server.heard.append(line.decode("ascii", "replace"))
        if word == "EHLO":
            self._act("ehlo-tls" if self.is_tls else "EHLO", self._hello())
        elif word == "STARTTLS":
            if self._act("STARTTLS", b"220 go on"):
                self._secure()
        elif word == "DATA":
            if self._act("DATA", b"354 go on"):
                self._body()
        elif word == "QUIT":
            self.say(b"221 bye")
            return False
        elif word == "AUTH":
            self._act("AUTH", b"235 welcome")
        else:
            self._act(word, b"250 2.0.0 ok")
        return True

    def _hello(self) -> bytes:
        offers = [b"post.example", *self.server.offers]
        if self.server.tls and not self.is_tls and not self.server.implicit:
            offers.append(b"STARTTLS")
        return b"\r\n".join(b"250" + (b" " if each is offers[-1] else b"-") + each for each in offers)

    def _secure(self) -> None:
        assert self.server.tls is not None
        self.link = self.server.tls.wrap_socket(self.link, server_side=True)
        self.is_tls = True

    def _body(self) -> None:
        while b"\r\n.\r\n" not in self.unread:
            more = self.link.recv(65_536)
            if not more:
                raise Dropped
            self.unread += more
        body, _, self.unread = self.unread.partition(b"\r\n.\r\n")
        self.server.whole.append(body + b"\r\n")
        if self._act("dot", b"250 2.0.0 queued as 4711"):
            self.server.accepted.append(body + b"\r\n")


class Scripted(Listener):
    """`script` maps a step (`greeting`, `EHLO`, `ehlo-tls`, `STARTTLS`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `dot`,
    `RSET`) to what is done instead; a list is used up, one for each time."""

    def __init__(
        self,
        script: Mapping[str, Act | list[Act | None]],
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        offers: tuple[bytes, ...] = PLAIN_OFFERS,
    ) -> None:
        super().__init__()
        self.script = {step: list(acts) if isinstance(acts, list) else acts for step, acts in script.items()}
        self.tls, self.implicit, self.offers = tls, implicit, offers
        self.heard: list[str] = []
        self.whole: list[bytes] = []  # mails whose dot came
        self.accepted: list[bytes] = []  # and that were taken
        self.lock = threading.Lock()

    def act(self, step: str) -> Act | None:
        with self.lock:
            found = self.script.get(step)
            if isinstance(found, list):
                if not found:
                    return None
                return found.pop(0)
            return found

    def talk(self, link: socket.socket) -> None:
        Talk(self, link).run()


@contextmanager
def scripted(script: Mapping[str, Act | list[Act | None]], **more: object) -> Iterator[Scripted]:
    with serving(Scripted(script, **more)) as server:  # type: ignore[arg-type]
        yield server
