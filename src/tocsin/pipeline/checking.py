"""A stranger's mail is checked in a process of its own: it may take its time, its memory and its life, and no more.

The process knows nobody's data, cannot write a file, and is killed when its time is over. It may ask one thing back:
which notice has the code of this digest.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from queue import Empty, LifoQueue
from typing import IO

import msgspec

from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.setup import CodeBook
from tocsin.proof.known import Known
from tocsin.terms.errors import Busy

CHECK_S = 5.0
HANDED_BYTES_MAX = 8 * 1024 * 1024  # of a file or a text that somebody hands in
FRAME_BYTES_MAX = HANDED_BYTES_MAX + 4 * 1024 * 1024
CHILDREN = 2
WAITING_MAX = 8
CHECKS_PER_CHILD = 200
_START_S = 30.0
_LENGTH_BYTES = 4


class Means(msgspec.Struct, frozen=True, kw_only=True):
    """What a check may look up besides the mail: keys of issuers, lists of harmful links, the DNS."""

    known: Known = Known()
    lists: str = ""  # a folder
    dns: tuple[str, ...] = ()  # addresses of servers; "system" for the machine's own; nothing: nobody is asked


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """A mail as it was handed in, and in which language the answer is wanted."""

    raw: bytes
    language: str
    at: datetime
    means: Means = Means()
    has_codes: bool = False
    sent_to: tuple[str, ...] = ()  # our own addresses, where it is a mail that was sent in: what it forwards is checked


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """The answer; `trouble` is what could not be used for it."""

    answer: Answer
    trouble: str = ""


class SentIn(msgspec.Struct, frozen=True, kw_only=True, tag="sent-in"):
    """A mail that was sent in; see check_forward.py. `answer` is of what it forwards, where there is no refusal."""

    refusal: str
    sender: str
    message_id: str
    form: str
    answer: Answer | None


class Unread(msgspec.Struct, frozen=True, tag="unread"):
    """What was handed in is no mail and no text."""


class Broken(msgspec.Struct, frozen=True, tag="broken"):
    """The check did not come to its end: a bug's name, or "time"."""

    why: str


class CodeAsked(msgspec.Struct, frozen=True, tag="code"):
    sha256: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    pass


class CodeTold(msgspec.Struct, frozen=True):
    notice: str | None


Reply = Looked | SentIn | Unread | Broken
_FromChild = Looked | SentIn | Unread | Broken | CodeAsked | Ready
_REPLY: msgspec.msgpack.Decoder[_FromChild] = msgspec.msgpack.Decoder(_FromChild)


def write_frame(pipe: IO[bytes], record: object) -> None:
    raw = msgspec.msgpack.encode(record)
    pipe.write(len(raw).to_bytes(_LENGTH_BYTES, "big") + raw)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> bytes:
    """EOFError at the end, and for a frame that is longer than any can be."""
    head = pipe.read(_LENGTH_BYTES)
    size = int.from_bytes(head, "big")
    if len(head) < _LENGTH_BYTES or size > FRAME_BYTES_MAX:
        raise EOFError
    raw = pipe.read(size)
    if len(raw) < size:
        raise EOFError
    return raw


class _Child:
    def __init__(self) -> None:
        command = [sys.executable, "-P", "-m", "tocsin.pipeline.check_child"]
        self._process = subprocess.Popen(  # noqa: S603 - our own command
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/"
        )
        self.left = CHECKS_PER_CHILD
        with self._killed_after(_START_S):
            _REPLY.decode(self._read())

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, question: Question, codes: CodeBook | None, time_s: float) -> Reply:
        assert self._process.stdin
        self.left -= 1
        with self._killed_after(time_s):
            write_frame(self._process.stdin, question)
            while isinstance(reply := _REPLY.decode(self._read()), CodeAsked | Ready):
                notice = codes(reply.sha256) if codes and isinstance(reply, CodeAsked) else None
                write_frame(self._process.stdin, CodeTold(notice))
            return reply

    def _read(self) -> bytes:
        assert self._process.stdout
        return read_frame(self._process.stdout)

    @contextmanager
    def _killed_after(self, time_s: float) -> Iterator[None]:
        timer = threading.Timer(time_s, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def end(self) -> None:
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            with suppress(OSError):  # what it had not read is lost with it
                pipe.close()
        self._process.wait()


class Checkers:
    """A few such processes. More than can wait are told so: Busy."""

    def __init__(self, children: int = CHILDREN, waiting_max: int = WAITING_MAX, time_s: float = CHECK_S) -> None:
        self._time_s = time_s
        self._wait_s = time_s * (waiting_max / children + 1) + _START_S
        self._idle: LifoQueue[_Child | None] = LifoQueue()
        for _ in range(children):
            self._idle.put(None)
        self._room = threading.BoundedSemaphore(children + waiting_max)

    def check(self, question: Question, codes: CodeBook | None = None) -> Reply:
        """Blocks; to be called in a thread. Raises Busy, nothing else for whatever the mail is."""
        if not self._room.acquire(blocking=False):
            raise Busy("too many mails are being checked", remedy="try again in a minute")
        try:
            return self._check(question, codes)
        finally:
            self._room.release()

    def _check(self, question: Question, codes: CodeBook | None) -> Reply:
        try:
            child = self._idle.get(timeout=self._wait_s)
        except Empty:
            raise Busy("too many mails are being checked", remedy="try again in a minute") from None
        try:
            if child is not None and not child.is_alive:
                child = _end(child)
            child = child or _Child()
            reply = child.ask(question, codes, self._time_s)
        except (EOFError, OSError, msgspec.DecodeError):
            reply, child = Broken("time"), _end(child)
        except BaseException:
            child = _end(child)
            raise
        finally:
            if child is not None and child.left <= 0:
                child = _end(child)
            self._idle.put(child)
        return reply

    def close(self) -> None:
        """End those that are idle."""
        while True:
            try:
                _end(self._idle.get_nowait())
            except Empty:
                return


def _end(child: _Child | None) -> _Child | None:
    """Always None: there is no such child any more."""
    if child is not None:
        child.end()
    return None


def lists_folder(configured: str, config_file: Path, data: Path) -> Path:
    """Where lists of harmful links lie: as configured, else `lists` in the data folder."""
    return config_file.parent / Path(configured).expanduser() if configured else data / "lists"
