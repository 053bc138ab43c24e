"""JSON documents that span many lines: their objects, one at a time, with the physical line where each starts.

Read are JSON lines, objects one after another (pretty-printed or not), an array of objects, and objects with a long
array inside, whose elements come apart where the reader asks for it:

    for found in json_objects(reading.lines, reading.reject, apart=("objects[]",)):
        found.line, found.fields, found.path, found.number, found.within

An element that comes apart is given before the object that it stood in (which has `[]` or `null` in its place). What is
broken is one reject and costs as little of the rest as can be: the line alone where the file has an object a line, else
everything up to the next line that is indented as the broken object was. Memory is bounded by OBJECT_BYTES_MAX.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import msgspec

from tocsin.evidence.lines import Lines, OnReject, Reject, bounded
from tocsin.evidence.texts import Head

OBJECT_BYTES_MAX = 1 << 20  # of one object, without the elements that come apart
NESTING_MAX = 32
DOCUMENT_LINE_BYTES_MAX = 1 << 25  # a document without line breaks is one line

Fields = dict[str, object]

# A string has no line break (RFC 8259 §7), so one that its line does not close is an error there and then.
_STRING = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_INSIDE = re.compile(rb"(?P<string>" + _STRING + rb')|(?P<open>[{\[]|:[ \t\r]*+[{\[])|(?P<close>[}\]])|(?P<torn>")')
_BETWEEN = re.compile(
    rb"[ \t\r,]*+(?:(?P<open>\{)|(?P<array>\[)|(?P<close>\])|(?P<other>" + _STRING + rb'|[^ \t\r,{}\[\]"]++|["}]))?+'
)
_INDENT = re.compile(rb"[ \t\r]*+")
_BRACE, _COLON = ord("{"), ord(":")
_CLOSER = {_BRACE: ord("}"), ord("["): ord("]")}
_SHOWN_BYTES = 800
_KEY_BYTES_MAX = 100
_DECODER = msgspec.json.Decoder()


class Found(msgspec.Struct, frozen=True):
    """An object. `number` counts objects as they open; `within` is that of the one it was taken out of, or 0."""

    line: int
    fields: Fields
    path: str  # '' at the top, else where it was taken out: `objects[]`, `response[].Event`
    number: int
    within: int


def json_objects(lines: Iterable[Lines], reject: OnReject, *, apart: Collection[str] = ()) -> Iterator[Found]:
    """Every object of the documents, or a reject. Never raises.

    `apart` are paths of what comes apart: keys joined by dots, `[]` after one that holds an array of objects
    (`response[].Event.Attribute[]`); each path's beginnings must be in it too. An array at the top needs no mention.
    """
    walker = _Walker(reject, frozenset(apart))
    number = 0
    for chunk in lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            if line is None:
                walker.torn("a line in it could not be read")
            elif line:
                yield from walker.feed(number, line)
    yield from walker.end(number)


def opening_fields(head: Head) -> dict[str, str]:
    """The first object's own keys as far as the head shows them, with those values that are strings ('' for others).

    Empty when the content does not begin with an object or an array of objects.
    """
    start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip()
    place = re.match(rb"(?:\[\s*+)?+\{", start)
    if place is None:
        return {}
    fields: dict[str, str] = {}
    depth, key = 1, b""
    for token in _INSIDE.finditer(start, place.end()):
        if token["torn"] or depth == 0:
            break
        if token["string"]:
            if depth == 1:
                is_key = re.compile(rb"\s*+:").match(start, token.end())
                key = token["string"] if is_key else key
                fields[_text(key)] = "" if is_key else _text(token["string"])
        else:
            depth += 1 if token["open"] else -1
    return fields


def _text(quoted: bytes) -> str:
    return quoted[1:-1].decode(errors="replace")


class _Object:
    """An object that is being read. `lost` says why it will be a reject when it ends."""

    def __init__(self, line: int, indent: int, path: str, number: int, within: int) -> None:
        self.line, self.indent, self.path, self.number, self.within = line, indent, path, number, within
        self.closers = bytearray()  # what must close, the last first
        self.depth = 0
        self.key = b""  # the last string at its own level
        self.after_colon = False  # the line before ended between a key and its value
        self.lost = ""
        self._parts: list[bytes] = []
        self._bytes = 0

    def add(self, part: bytes) -> None:
        self._bytes += len(part)
        if self._bytes > OBJECT_BYTES_MAX:
            self.lose(f"the object is longer than {OBJECT_BYTES_MAX} bytes")
        if not self.lost:
            self._parts.append(part)

    def lose(self, why: str) -> None:
        if not self.lost:
            self.lost, self._parts = why, [self.text()[:_SHOWN_BYTES]]

    def text(self) -> bytes:
        return b"".join(self._parts)

    def opens(self, token: re.Match[bytes]) -> bool:
        """May a bracket stand there? In an object only after a key and a colon, in an array never."""
        bracket = token[0][-1]
        if not self.lost and self.closers:
            is_value = token[0][0] == _COLON or (self.after_colon and token.start() == _indent(token.string))
            if is_value != (self.closers[-1] == _CLOSER[_BRACE]):
                return False
        self.depth += 1
        if self.depth > NESTING_MAX:
            self.lose(f"nested deeper than {NESTING_MAX}")
        if not self.lost:
            self.closers.append(_CLOSER[bracket])
        return True

    def closes(self, bracket: int) -> bool:
        if not self.lost and self.closers.pop() != bracket:
            return False
        self.depth -= 1
        return True


class _Array(msgspec.Struct, frozen=True):
    """An array whose elements come apart."""

    path: str
    within: int


class _Walker:
    """Goes through the lines with a stack of what is open. `found` is what has been completed since it was emptied."""

    def __init__(self, reject: OnReject, apart: frozenset[str]) -> None:
        self.found: list[Found] = []
        self._reject = reject
        self._apart = apart
        self._open: list[_Object | _Array] = []
        self._by_line: bool | None = None  # the file has an object a line; None: nobody knows yet
        self._count = 0
        self._skip_to: int | None = None  # the indentation at which reading goes on after something broken
        self._told = 0  # the last line of which it was said that something else stands there

    def feed(self, number: int, line: bytes) -> Iterator[Found]:
        if self._by_line and len(line) < _SHOWN_BYTES and line.strip() in {b"{", b"["}:
            self._by_line = False  # the first object was a short one among others that are printed over many lines
        if self._by_line and not self._apart and len(line) <= OBJECT_BYTES_MAX and _is_flat(line):
            self._whole_line(number, line)
            yield from self._drain()
            return
        place = self._place_to_go_on(line)
        while place < len(line):
            top = self._open[-1] if self._open else None
            if isinstance(top, _Object):
                place = self._inside(top, number, line, place)
            else:
                place = self._between(top, number, line, place)
            yield from self._drain()
        if self._by_line and self._open:
            self.torn("the line ends within the object")
            self._close_all()
            self._skip_to = None
            yield from self._drain()

    def end(self, number: int) -> Iterator[Found]:
        if self._open:
            if isinstance(self._open[-1], _Array):
                self._refuse(number, "the document ends too early", b"")
            self.torn("the document ends within the object")
            self._close_all()
        yield from self._drain()

    def torn(self, why: str) -> None:
        """The object that is open, if one is, cannot be read; where it ends can only be guessed."""
        top = self._open[-1] if self._open else None
        if isinstance(top, _Object):
            self._open.pop()
            self._skip_to = top.indent
            self._refuse(top.line, top.lost or why, top.text())
            self._put_in_place(b"null")

    def _drain(self) -> list[Found]:
        found, self.found = self.found, []
        return found

    def _refuse(self, line: int, why: str, text: bytes) -> None:
        self._reject(Reject(line, why, bounded(text[:_SHOWN_BYTES].decode(errors="replace"))))

    def _whole_line(self, number: int, line: bytes) -> None:
        if not line.isspace():
            self._count += 1
            self._complete(_Object(number, 0, "", self._count, 0), line)

    def _complete(self, ended: _Object, text: bytes) -> None:
        fields = None if ended.lost else _decoded(text)
        if fields is None:
            self._refuse(ended.line, ended.lost or "not a JSON object", text)
        else:
            self.found.append(Found(ended.line, fields, ended.path, ended.number, ended.within))

    def _put_in_place(self, what: bytes) -> None:
        if self._open and isinstance(self._open[-1], _Object):
            self._open[-1].add(what)

    def _place_to_go_on(self, line: bytes) -> int:
        """After something broken, lines are skipped up to one that is indented as it was, or less."""
        if self._skip_to is None:
            return 0
        place = _indent(line)
        if place > self._skip_to or line[place : place + 1] not in {b"{", b"}", b"[", b"]"}:
            return len(line)
        is_its_end = place == self._skip_to and line[place] == _CLOSER[_BRACE]
        self._skip_to = None
        return place + 1 if is_its_end else place

    def _between(self, top: _Array | None, number: int, line: bytes, place: int) -> int:
        """What stands next at the top, or in an array that comes apart; gives the place after it."""
        token = _BETWEEN.match(line, place)
        assert token is not None
        if token["open"]:
            self._begin(top.path if top else "", top.within if top else 0, number, line)
            return token.end() - 1
        if token["array"] and top is None:
            self._by_line = bool(self._by_line)
            self._open.append(_Array("", 0))
        elif token["array"]:
            assert top is not None
            self._begin(top.path, top.within, number, line).lose("not a JSON object")
            return token.end() - 1
        elif token["close"] and top is not None:
            self._open.pop()
            self._put_in_place(b"[]")
        elif token["close"] or token["other"]:
            if self._told != number:
                self._refuse(number, "not a JSON object", line)
            self._told = number
            return len(line) if top is None else token.end()
        return token.end()

    def _begin(self, path: str, within: int, number: int, line: bytes) -> _Object:
        self._count += 1
        begun = _Object(number, _indent(line), path, self._count, within)
        self._open.append(begun)
        return begun

    def _inside(self, top: _Object, number: int, line: bytes, start: int) -> int:
        """Goes on in an object to its end, the line's end, or something that comes apart; gives the place after it."""
        for token in _INSIDE.finditer(line, start):
            sign = token.lastgroup  # a group's name costs less than its text
            if sign == "string":
                if top.depth == 1:
                    top.key = token[0]
            elif sign == "open":
                apart = self._apart_path(top, token)
                if apart:
                    return self._take_apart(top, token, apart, number, line, start)
                if not top.opens(token):
                    return self._go_on_after(top, "a bracket that does not belong there", number, line)
            elif sign == "torn":
                return self._go_on_after(top, "a quote that is not closed", number, line)
            elif not top.closes(token[0][0]):
                return self._go_on_after(top, "a bracket that does not belong there", number, line)
            elif top.depth == 0:
                top.add(line[start : token.end()])
                self._end(top, number, line, token.end())
                return token.end()
        top.add(line[start:] + b"\n")
        top.after_colon = line.rstrip().endswith(b":") if len(line) < _SHOWN_BYTES else False
        return len(line)

    def _end(self, top: _Object, number: int, line: bytes, place: int) -> None:
        self._open.pop()
        if self._by_line is None and not self._open:
            self._by_line = top.line == number and _INDENT.fullmatch(line, place) is not None
        self._complete(top, top.text())
        self._put_in_place(b"null")

    def _apart_path(self, top: _Object, token: re.Match[bytes]) -> str:
        """The path of what opens here, if it comes apart, else ''."""
        if top.depth != 1 or not self._apart or top.lost or len(top.key) > _KEY_BYTES_MAX:
            return ""
        key = top.key[1:-1].decode()
        path = (f"{top.path}.{key}" if top.path else key) + ("[]" if token[0][-1:] == b"[" else "")
        return path if path in self._apart else ""

    def _take_apart(self, top: _Object, token: re.Match[bytes], path: str, number: int, line: bytes, start: int) -> int:
        top.add(line[start : token.end() - 1])
        top.after_colon = False
        if path.endswith("[]"):
            self._open.append(_Array(path, top.number))
            return token.end()
        self._begin(path, top.number, number, line)
        return token.end() - 1

    def _go_on_after(self, top: _Object, why: str, number: int, line: bytes) -> int:
        """On its own line nothing can be told from it; a later line may begin another object."""
        self.torn(why)
        return len(line) if top.line == number else self._place_to_go_on(line)

    def _close_all(self) -> None:
        """What is open around something broken counts with what it has said so far."""
        while self._open:
            top = self._open.pop()
            if isinstance(top, _Object):
                self._complete(top, top.text() + bytes(reversed(top.closers)))
                self._put_in_place(b"null")
            else:
                self._put_in_place(b"[]")


def _indent(line: bytes) -> int:
    found = _INDENT.match(line)
    return found.end() if found else 0


def _is_flat(line: bytes) -> bool:
    return line.count(b"{") + line.count(b"[") <= NESTING_MAX


def _decoded(text: bytes) -> Fields | None:
    try:
        fields = _DECODER.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return fields if isinstance(fields, dict) else None
