"""Access servers that do not speak RFC 5176: a program of the operator's, or an HTTP address, gets the same order.

Both get one JSON object: `what` (enclose, release), `quarantine`, `nas`, `session`, `login`, `address`, `at`. They
answer with another: `{"next": "done" | "gone" | "later" | "person", "words": "…"}`; silence is done where the exit code
is 0 or the status 200 to 204, else it is for a person.
"""

from __future__ import annotations

import http.client
import os
import signal
import socket
import ssl
import subprocess
from contextlib import suppress
from typing import Literal
from urllib.parse import urlsplit

import msgspec

from tocsin.garden.answers import Answer
from tocsin.garden.config import NasSection
from tocsin.garden.order import Order

ANSWER_BYTES_MAX = 64 * 1024
_WORDS_MAX = 200


class _Said(msgspec.Struct, frozen=True):
    next: Literal["done", "gone", "later", "person"]
    words: str = ""


def tell_by_command(nas: NasSection, order: Order) -> Answer:
    """Run the program: an argument list, never a shell. It is killed, with all it started, when its time is over."""
    try:
        child = subprocess.Popen(  # noqa: S603 - the operator's own program, by its whole path
            nas.command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"},
        )
    except OSError as error:
        return Answer(next="person", words=f"{nas.command[0]} cannot be run: {error.strerror}", sent=False)
    try:
        said, _ = child.communicate(msgspec.json.encode(order), timeout=nas.timeout_s)
    except subprocess.TimeoutExpired:
        return Answer(next="later", words=f"{nas.command[0]} did not end within {nas.timeout_s:g} s")
    finally:
        _end(child)
    return _understand(said, good=child.returncode == 0, otherwise=f"it ended with {child.returncode}")


def _end(child: subprocess.Popen[bytes]) -> None:
    """It, and whatever it has started and left."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def tell_by_http(nas: NasSection, order: Order, token: str) -> Answer:
    """POST it. A redirect is not followed. The key makes sure that a repeated request is done once."""
    parts = urlsplit(nas.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json",
        "Idempotency-Key": f"{order.quarantine}-{order.what}-{order.session}",
    }
    if token:
        headers["Authorization"] = f"Bearer {token}"
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, nas.timeout_s)
    sent = False
    try:
        connection.connect()
        sent = True
        connection.request("POST", path, body=msgspec.json.encode(order), headers=headers)
        answer = connection.getresponse()
        said = answer.read(ANSWER_BYTES_MAX + 1)
        if len(said) <= ANSWER_BYTES_MAX and answer.length:  # RFC 9112 §8: less came than it had announced
            raise http.client.IncompleteRead(said, answer.length)
    except (OSError, http.client.HTTPException) as error:
        what = "no answer in time" if isinstance(error, socket.timeout) else f"no answer: {type(error).__name__}"
        return Answer(next="later", words=what, sent=sent)
    finally:
        connection.close()
    if answer.status >= 500 or answer.status == 429:
        return Answer(next="later", words=f"it answered with status {answer.status}")
    return _understand(said, good=200 <= answer.status <= 204, otherwise=f"it answered with status {answer.status}")


def _connection(scheme: str, host: str, port: int | None, timeout_s: float) -> http.client.HTTPConnection:
    if scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=timeout_s)


def _understand(said: bytes, *, good: bool, otherwise: str) -> Answer:
    """Its JSON where there is some that we know; what it says beside a failure does not make it a success."""
    if len(said) > ANSWER_BYTES_MAX:
        return Answer(next="person", words="its answer is too long to be one")
    try:
        answer = msgspec.json.decode(said, type=_Said) if said.strip() else None
    except msgspec.MsgspecError:
        answer = None
    words = " ".join(answer.words.split())[:_WORDS_MAX] if answer else ""
    if not good:
        next_ = answer.next if answer and answer.next != "done" else "person"
        return Answer(next=next_, words=words or otherwise)
    return Answer(next=answer.next if answer else "done", words=words or "done")
