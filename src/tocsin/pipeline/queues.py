"""Queues of other programs: Redis lists and AMQP. What is taken is removed only when it is kept.

The clients are an extra (`tocsin[queues]`), imported when a queue is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from typing import Protocol
from urllib.parse import unquote, urlsplit

import msgspec

from tocsin.terms.errors import BadConfig, BadRequest

BATCH_MESSAGES_MAX = 10_000
BATCH_BYTES_MAX = 64 << 20
WAIT_S = 30
_REMEDY = "write it as redis://HOST:6379/2/QUEUE or amqp://HOST/VHOST/QUEUE"
_KINDS = {"redis": "redis", "rediss": "redis", "amqp": "amqp", "amqps": "amqp"}
_NAME = re.compile(r"[^\x00-\x20\x7f]{1,200}")


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a queue lies. `shown` is the URL without its password, for messages of ours."""

    server: str  # the URL without its path
    kind: str  # redis or amqp
    room: str  # Redis's database, AMQP's virtual host
    queue: str
    shown: str

    def failed(self, error: Exception) -> BadRequest:
        """The client's error in our words; its text may hold the password, so it is only named."""
        return BadRequest(
            f"the queue did not answer as it should: {type(error).__name__}",
            where=self.shown,
            remedy="see that the server runs and the queue is there, then run again: nothing is lost",
        )


class Inbox(Protocol):
    """A queue that is read. A batch that was taken and not `done` comes again."""

    def waiting(self) -> int:
        """How many messages there are."""
        ...

    def take(self) -> list[bytes]:
        """At most a batch, oldest first; nothing when the queue is empty."""
        ...

    def done(self) -> None:
        """What was taken last is kept: it may leave the queue."""
        ...

    def close(self) -> None: ...


class Sink(Protocol):
    """Where lines go, each with its line break: a file, or a queue."""

    def write(self, line: bytes, /) -> object: ...

    def flush(self) -> None: ...


def parse_url(url: str, where: str) -> Place:
    """Raises BadConfig for anything but `redis://…/DB/QUEUE` and `amqp://…/VHOST/QUEUE` (or with an s: over TLS)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadConfig("not a URL", where=where, remedy=_REMEDY) from error
    kind = _KINDS.get(parts.scheme)
    room, _, queue = parts.path.removeprefix("/").partition("/")
    room, queue = unquote(room), unquote(queue)
    if kind is None or not host or not _NAME.fullmatch(queue):
        raise BadConfig(
            f"not the URL of a queue: {parts.scheme}://{host or ''}{parts.path}", where=where, remedy=_REMEDY
        )
    if kind == "redis" and not (room.isascii() and room.isdigit() and len(room) < 5):
        raise BadConfig(f"not the number of a Redis database: {room!r:.40}", where=where, remedy=_REMEDY)
    shown = f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"
    return Place(server=f"{parts.scheme}://{parts.netloc}", kind=kind, room=room or "/", queue=queue, shown=shown)


@contextmanager
def open_inbox(place: Place) -> Iterator[Inbox]:
    """Raises BadRequest when the queue cannot be reached, or fails while it is open."""
    with _open(place, "Inbox") as inbox:
        yield inbox


@contextmanager
def open_outbox(place: Place, *, is_intelmq: bool) -> Iterator[Sink]:
    """Where messages are sent, oldest first. IntelMQ's bots want `__type` in each. Raises as `open_inbox`."""
    with _open(place, "Outbox") as sender, closing(Outbox(sender.send, is_intelmq=is_intelmq)) as outbox:
        yield outbox


class Outbox:
    """Lines to messages, sent a batch at a time."""

    def __init__(self, send: Callable[[Sequence[bytes]], None], *, is_intelmq: bool) -> None:
        self._send = send
        self._is_intelmq = is_intelmq
        self._waiting: list[bytes] = []
        self._bytes = 0

    def write(self, line: bytes, /) -> None:
        message = line.removesuffix(b"\n")
        if self._is_intelmq:
            message = b'{"__type":"Event",' + message[1:]
        self._waiting.append(message)
        self._bytes += len(message)
        if len(self._waiting) >= BATCH_MESSAGES_MAX or self._bytes >= BATCH_BYTES_MAX:
            self.flush()

    def flush(self) -> None:
        if self._waiting:
            self._send(self._waiting)
            self._waiting, self._bytes = [], 0

    def close(self) -> None:
        """Nothing is sent here: what was not flushed belongs to work that failed."""


@contextmanager
def _open(place: Place, what: str):  # type: ignore[no-untyped-def]  # the two clients share no type
    try:
        if place.kind == "redis":
            from tocsin.pipeline import queue_redis as client  # noqa: PLC0415 - an extra
        else:
            from tocsin.pipeline import queue_amqp as client  # type: ignore[no-redef]  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise BadRequest(
            f"the client of {place.kind} is not installed", where=place.shown, remedy="pip install 'tocsin[queues]'"
        ) from error
    try:
        with closing(getattr(client, what)(place)) as opened:
            yield opened
    except client.FAILURES as error:
        raise place.failed(error) from error
