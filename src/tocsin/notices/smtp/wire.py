"""The bytes of a conversation: every wait has an end, every answer a bound, and no answer comes before its question."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tocsin.notices.smtp.reply import LINE_BYTES_MAX, LINES_MAX, Broken, Reply, parse_line

_CHUNK_BYTES = 65_536
_NOT_YET = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Wire:
    """A connection. Each step is given its time as a whole: a server that sends a byte a minute gains nothing by it."""

    def __init__(self, connection: socket.socket, ticks: Callable[[], float] = time.monotonic) -> None:
        self._socket = connection
        self._ticks = ticks
        self._unread = b""

    def ask(self, line: str, within_s: float) -> Reply:
        """Send one command and read its answer."""
        if not line.isascii() or not line.isprintable():
            raise ValueError("a command holds what would end its line")
        self.demand_silence()
        self.send(line.encode("ascii") + b"\r\n", within_s)
        return self.reply(within_s)

    def send(self, raw: bytes, within_s: float) -> None:
        until = self._ticks() + within_s
        left = memoryview(raw)
        with _broken_by_errors():
            while left:
                self._allow(until)
                left = left[self._socket.send(left[:_CHUNK_BYTES]) :]

    def reply(self, within_s: float) -> Reply:
        """RFC 5321 §4.2.1: lines of one code, of which the last has no hyphen."""
        until, lines = self._ticks() + within_s, list[str]()
        first = None
        while len(lines) < LINES_MAX:
            code, more, text = parse_line(self._line(until))
            if first is not None and code != first:
                raise Broken(f"the server said {first} and {code} in one answer")
            first = code
            lines.append(text)
            if not more:
                return Reply(code, tuple(lines))
        raise Broken(f"the server's answer has more than {LINES_MAX} lines")

    def demand_silence(self) -> None:
        """Nothing may have been said unasked: an answer in store would be taken for that to the next question.

        The one thing a server may say at any time is 421 (RFC 5321 §3.8). Raises Broken in either case.
        """
        unasked = self._unread or self._peek()
        if not unasked:
            return
        self._unread = unasked
        goodbye = self.reply(1)
        if goodbye.code == 421:
            raise Broken(f"the server closes: {goodbye.text}")
        raise Broken(f"the server answered before it was asked: {goodbye.text}")

    def demand_quiet(self) -> None:
        """The same where an answer is no line of SMTP: whatever was said unasked breaks the conversation."""
        if self._unread or self._peek():
            raise Broken("the server answered before it was asked")

    def receiver(self, within_s: float) -> Callable[[int], bytes]:
        """Reads at most so many bytes a call, `b""` at the end; all calls together have that time."""
        until = self._ticks() + within_s

        def receive(most: int) -> bytes:
            with _broken_by_errors():
                self._allow(until)
                return self._socket.recv(min(most, _CHUNK_BYTES))

        return receive

    def start_tls(self, context: ssl.SSLContext, host: str, within_s: float) -> None:
        """From here on everything is under TLS. Broken when the certificate is not the host's, or nobody vouches."""
        with _broken_by_errors():
            self._socket.settimeout(within_s)
            self._socket = context.wrap_socket(self._socket, server_hostname=host)

    def close(self) -> None:
        with suppress(OSError):
            self._socket.close()

    def _line(self, until: float) -> bytes:
        while (end := self._unread.find(b"\n", 0, LINE_BYTES_MAX)) < 0:
            if len(self._unread) >= LINE_BYTES_MAX:
                raise Broken(f"the server sent a line of more than {LINE_BYTES_MAX} bytes")
            self._unread += self._receive(until)
        line, self._unread = self._unread[:end], self._unread[end + 1 :]
        return line.removesuffix(b"\r")

    def _receive(self, until: float) -> bytes:
        with _broken_by_errors():
            self._allow(until)
            return _demand_some(self._socket.recv(_CHUNK_BYTES))

    def _peek(self) -> bytes:
        """What has come already; nothing is waited for."""
        self._socket.settimeout(0)
        try:
            with _broken_by_errors():
                return _demand_some(self._socket.recv(_CHUNK_BYTES))
        except Broken as broken:
            if isinstance(broken.__cause__, _NOT_YET):
                return b""
            raise

    def _allow(self, until: float) -> None:
        left = until - self._ticks()
        if left <= 0:
            raise Broken("the server took too long")
        self._socket.settimeout(left)


def _demand_some(raw: bytes) -> bytes:
    if not raw:
        raise Broken("the server hung up")
    return raw


@contextmanager
def _broken_by_errors() -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise Broken("the server took too long") from error
    except ssl.SSLCertVerificationError as error:
        raise Broken(f"the server's certificate is not trusted: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise Broken(f"TLS fails: {error.reason or type(error).__name__}") from error
    except (OSError, ValueError) as error:
        raise Broken(f"the connection broke: {getattr(error, 'strerror', None) or type(error).__name__}") from error
