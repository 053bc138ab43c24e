"""JSON objects out of physical lines: one a line, an array of them, or printed over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from tocsin.evidence.lines import Lines, OnReject, Reject, bounded
from tocsin.evidence.texts import Head

RECORD_LINES_MAX = 4096  # an object over more lines than that is taken for one that nobody closed
RECORD_BYTES_MAX = 1 << 20
NOT_AN_OBJECT = "not a JSON object"

Object = dict[str, object]
Numbered = tuple[int, Object]  # the line where it starts

_JSON = msgspec.json.Decoder()
_BETWEEN = frozenset((b"[", b"]", b",", b"],", b"[]", b"[],"))  # lines that hold no record and lose none
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]"]')  # RFC 8259 §2; a lone quote is one that does not close
_START = re.compile(rb"[\s,\[\]]*(?=\{)")


def json_objects(lines: Iterable[Lines], on_reject: OnReject) -> Iterator[Numbered]:
    """Every object with the line where it starts, the members of arrays one by one. Blank lines are left out.

    An object that is not closed costs itself alone: the next line that begins an object and is indented no deeper
    is read afresh. What is no object is a reject.
    """
    joiner = _Joiner(on_reject)
    for chunk in lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            if line and not joiner.is_open:
                found = decoded(line)
                if isinstance(found, dict):
                    yield number, found
                    continue
                if isinstance(found, list) and all(isinstance(each, dict) for each in found):
                    yield from ((number, each) for each in found)
                    continue
            yield from joiner.take(number, line)
    joiner.give_up()


def first_object(head: Head) -> Object | None:
    """The first whole object at the start of a file; None where there is none, or it is longer than the head."""
    start = head.start.removeprefix(b"\xef\xbb\xbf")
    lines = start.replace(b"\r\n", b"\n").replace(b"\0", b" ").decode(errors="replace").encode()
    found = json_objects([Lines(1, lines.count(b"\n") + 1, lines)], lambda _reject: None)
    return next((each for _, each in found), None)


def decoded(text: bytes) -> object:
    """What the JSON says; None when it is none."""
    try:
        return _JSON.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


class _Joiner:
    """Lines that are not one object each."""

    def __init__(self, on_reject: OnReject) -> None:
        self._reject = on_reject
        self._parts: list[bytes] = []
        self._first = 0
        self._indent = 0
        self._depth = 0
        self._size = 0

    @property
    def is_open(self) -> bool:
        return bool(self._parts)

    def take(self, number: int, line: bytes | None) -> Iterator[Numbered]:
        if self.is_open and (line is None or self._begins_anew(line)):
            self.give_up()
        if line is None or not line or line.isspace():
            return
        if self.is_open:
            yield from self._go_on(number, line, 0)
        elif line.strip() not in _BETWEEN:
            yield from self._fresh(number, line, 0)

    def give_up(self) -> None:
        if self._parts:
            reason = NOT_AN_OBJECT if len(self._parts) == 1 else "a JSON object that is not closed"
            self._refuse(self._first, reason, self._parts[0])
            self._parts = []

    def _begins_anew(self, line: bytes) -> bool:
        text = line.lstrip()
        return text.startswith(b"{") and len(line) - len(text) <= self._indent

    def _fresh(self, number: int, line: bytes, place: int) -> Iterator[Numbered]:
        """What follows `place`, where no object is open."""
        start = _START.match(line, place)
        if start is None:
            rest = line[place:].strip(b" \t\r,]")
            if rest or not place:
                self._refuse(number, NOT_AN_OBJECT, line[place:])
            return
        self._begin(number, line)
        yield from self._go_on(number, line, start.end())

    def _go_on(self, number: int, line: bytes, place: int) -> Iterator[Numbered]:
        """What is open, to its end, and whatever else begins in this line: an array may hold thousands."""
        while True:
            end = self._end(line, place)
            self._parts.append(line[place:] if end is None else line[place:end])
            self._size += len(self._parts[-1])
            if end is None:
                if len(self._parts) >= RECORD_LINES_MAX or self._size > RECORD_BYTES_MAX:
                    self.give_up()
                return
            found = decoded(b"\n".join(self._parts))
            if isinstance(found, dict):
                yield self._first, found
            else:
                self._refuse(self._first, NOT_AN_OBJECT, self._parts[0])
            self._parts = []
            start = _START.match(line, end)
            if start is None:
                if line[end:].strip(b" \t\r,]"):
                    self._refuse(number, NOT_AN_OBJECT, line[end:])
                return
            self._begin(number, line)
            place = start.end()

    def _begin(self, number: int, line: bytes) -> None:
        self._first, self._depth, self._size = number, 0, 0
        self._indent = len(line) - len(line.lstrip())

    def _end(self, line: bytes, place: int) -> int | None:
        """Where the object that is open ends in this line; its end where a quote does not close, which is no object."""
        for token in _TOKEN.finditer(line, place):
            sign = token[0]
            if sign in b"{[":
                self._depth += 1
            elif sign in b"}]":
                self._depth -= 1
                if self._depth == 0:
                    return token.end()
            elif sign == b'"':
                return len(line)
        return None

    def _refuse(self, line: int, reason: str, text: bytes) -> None:
        self._reject(Reject(line, reason, bounded(text[:800].decode(errors="replace"))))
