"""The text of FreeRADIUS `detail` files, cut into records and turned into columns. What they mean, radius.sql says."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate, repeat

from tocsin.evidence.lines import OnReject, Reject, Truncated, bounded

RECORD_BYTES_MAX = 1 << 16  # a RADIUS packet has 4,096 bytes (RFC 2865 §3); as text at most some times that

PLAIN_HEIGHT_MAX = 200  # attributes; a taller record is looked at by itself
# The attributes that are read, and the columns they become.
COLUMN_BY_ATTRIBUTE = {
    "User-Name": "account_name",
    "NAS-Identifier": "nas_name",
    "NAS-IP-Address": "nas_v4",
    "NAS-IPv6-Address": "nas_v6",
    "NAS-Port-Id": "port_id",
    "Calling-Station-Id": "station_id",
    "ADSL-Agent-Circuit-Id": "adsl_circuit_id",
    "Agent-Circuit-Id": "circuit_id",
    "Framed-IP-Address": "framed_v4",
    "Framed-IPv6-Address": "framed_v6",
    "Framed-IPv6-Prefix": "framed_prefix",
    "Delegated-IPv6-Prefix": "delegated_prefix",
    "Acct-Session-Id": "session",
    "Acct-Status-Type": "status_type",
    "Acct-Session-Time": "session_time",
    "Acct-Delay-Time": "delay_time",
    "Acct-Interim-Interval": "interim_interval",
    "Session-Timeout": "session_timeout",
    "Event-Timestamp": "event_timestamp",
    "Timestamp": "timestamp",
}
COLUMNS = (("line", "UBIGINT"), *((name, "VARCHAR") for name in COLUMN_BY_ATTRIBUTE.values()))
# RFC 3162 §2.3, RFC 4818 §3, RFC 6911 §3.1: these may stand more than once; the values are joined by line breaks.
_MANY = frozenset(("Framed-IPv6-Prefix", "Delegated-IPv6-Prefix", "Framed-IPv6-Address"))

Chunk = list[list[object]]  # one list of values for each of COLUMNS

_INDENT = re.compile(r"\n[ \t]+")
_ATTRIBUTE = re.compile(r"\t([A-Za-z0-9][A-Za-z0-9.:_-]*) (?:=|:=|\+=) (.*)")
_ESCAPE = re.compile(rb"\\(?:([0-7]{3})|(.))", re.DOTALL)
_UNESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b'"': b'"', b"\\": b"\\"}


def read_chunks(blocks: Iterable[bytes | Truncated], on_reject: OnReject) -> Iterator[Chunk]:
    """The records' values as text, a bounded number at a time; `line` is where a record's header stands, from 1.

    What cannot be cut into attributes goes to `on_reject`. Within a chunk the records are in no order.
    """
    splitter = _Splitter(on_reject)
    for block in blocks:
        if isinstance(block, Truncated):
            splitter.cut(f"the evidence is cut off here: {block.why}")
            return
        yield from (_chunk(line, text, on_reject) for line, text in splitter.feed(block))
    yield from (_chunk(line, text, on_reject) for line, text in splitter.end())


class _Splitter:
    """Cuts a stream of blocks after blank lines."""

    def __init__(self, on_reject: OnReject) -> None:
        self._reject = on_reject
        self._line = 1  # the number of the line that `_tail` begins
        self._tail = b""
        self._skipping = False  # in the rest of an over-long record, which is rejected already

    def feed(self, block: bytes) -> Iterator[tuple[int, str]]:
        self._tail += block
        if b"\r" in self._tail:
            self._tail = self._tail.replace(b"\r\n", b"\n")
        if self._skipping and (found := self._tail.find(b"\n\n")) >= 0:
            self._take(found + 2)
            self._skipping = False
        if not self._skipping and (end := self._tail.rfind(b"\n\n") + 2) > 1:
            yield self._line, _decoded(self._take(end))
        if len(self._tail) > RECORD_BYTES_MAX:
            if not self._skipping:
                self.cut(f"the record is longer than {RECORD_BYTES_MAX} bytes")
            self._skipping = True
            # What may be the first half of the blank line stays.
            self._take(len(self._tail) - (2 if self._tail.endswith(b"\r") else 1))

    def end(self) -> Iterator[tuple[int, str]]:
        """The last record, when no blank line follows it: the file may be being written just now.

        A line without its end may lack digits, and 192.0.2.1 is not 192.0.2.17: such a line is not read.
        """
        if self._skipping or not self._tail.strip():
            return
        whole = self._tail[: self._tail.rfind(b"\n") + 1]
        if whole.strip():
            yield self._line, _decoded(whole)
        else:
            self.cut("the record is cut off at the end of the file")

    def cut(self, reason: str) -> None:
        self._reject(Reject(self._line, reason, _excerpt(self._tail)))

    def _take(self, end: int) -> bytes:
        taken, self._tail = self._tail[:end], self._tail[end:]
        self._line += taken.count(b"\n")
        return taken


def _decoded(data: bytes) -> str:
    text = data.decode("utf-8", errors="backslashreplace")  # two names that differ stay two names
    if "\n " in text or "\n\t\t" in text or "\n\t " in text:
        text = _INDENT.sub("\n\t", text)
    return text


def _excerpt(data: bytes) -> str:
    return bounded(data[:800].decode("utf-8", errors="backslashreplace").strip())


def _chunk(line: int, text: str, on_reject: OnReject) -> Chunk:
    """Columns from whole records, of which the first begins at `line`.

    Records of one height are handled together, line by line: 200,000 records/s on one core. Other ways gave: a
    dictionary for each record 70,000 to 110,000; `re.findall` for each 33,000; lines grouped by record in the
    engine 49,000; one expression an attribute in the engine 50,000.
    """
    records = text.split("\n\n")
    heights = [record.count("\n") for record in records]
    lines = list(accumulate((height + 2 for height in heights), initial=line))
    chunk: Chunk = [[] for _ in COLUMNS]
    alike: dict[int, list[int]] = defaultdict(list)
    odd: list[int] = []
    for place, (record, height) in enumerate(zip(records, heights, strict=True)):
        if (
            record[:1] > "\n"
            and 0 < height <= PLAIN_HEIGHT_MAX
            and "\\" not in record
            and len(record) <= RECORD_BYTES_MAX
        ):
            alike[height].append(place)
        else:
            odd.append(place)
    for height, places in alike.items():
        odd += _take_alike(chunk, records, lines, places, height)
    for place in odd:
        _take_odd(chunk, records[place], lines[place], on_reject)
    return chunk


def _take_alike(chunk: Chunk, records: list[str], lines: list[int], places: list[int], height: int) -> list[int]:
    """Add records of one height, without escapes, to the chunk; returns those that must be looked at one by one."""
    flat = "\n".join([records[place] for place in places]).split("\n")
    rows = [flat[row :: height + 1] for row in range(height + 1)]
    starts = [_start(row[0]) for row in rows]
    for start, row in zip(starts[1:], rows[1:], strict=True):
        if not all(map(str.startswith, row, repeat(start))):
            return _take_apart(chunk, records, lines, places, height, row)
    place_by_start = {start: place for place, start in enumerate(starts)}
    names = {_name(start) for start in starts[1:] if start.startswith("\t") and " = " in start}
    if any(map(str.startswith, rows[0], repeat("\t"))) or len(names) < height:
        return places
    found: list[list[str] | None] = []
    for name in COLUMN_BY_ATTRIBUTE:
        bare, quoted = f"\t{name} = ", f'\t{name} = "'
        values = None
        if (place := place_by_start.get(quoted)) is not None:
            if not all(map(str.endswith, rows[place], repeat('"'))):
                return places
            values = [value[len(quoted) : -1] for value in rows[place]]
        elif (place := place_by_start.get(bare)) is not None:
            values = [value[len(bare) :] for value in rows[place]]
        found.append(values)
    chunk[0].extend([lines[place] for place in places])
    for column, values in zip(chunk[1:], found, strict=True):
        column.extend([None] * len(places) if values is None else values)
    return []


def _start(attribute: str) -> str:
    """`\tNAME = `, with the quote where one follows; the whole of a line that is no attribute."""
    name, equals, value = attribute.partition(" = ")
    return f'{name}{equals}"' if value[:1] == '"' else name + equals


def _name(start: str) -> str:
    return start.removesuffix('"').removesuffix(" = ")


def _take_apart(
    chunk: Chunk, records: list[str], lines: list[int], places: list[int], height: int, row: list[str]
) -> list[int]:
    """The same, when not all have the same attribute in that row: those that have it together."""
    places_by_start: dict[str, list[int]] = defaultdict(list)
    for place, attribute in zip(places, row, strict=True):
        places_by_start[_start(attribute)].append(place)
    odd: list[int] = []
    for start, some in places_by_start.items():
        odd += _take_alike(chunk, records, lines, some, height) if " = " in start else some
    return odd


def _take_odd(chunk: Chunk, record: str, line: int, on_reject: OnReject) -> None:
    """One record that is not plain: with escapes, with an attribute twice, or broken."""
    line += len(record) - len(record.lstrip("\n"))
    record = record.strip("\n")
    if not record.strip():
        return
    named = _named(record)
    if isinstance(named, str):
        on_reject(Reject(line, named, bounded(record)))
        return
    chunk[0].append(line)
    for column, name in zip(chunk[1:], COLUMN_BY_ATTRIBUTE, strict=True):
        column.append(named.get(name))


def _named(record: str) -> dict[str, str] | str:
    """Values by attribute, or why the record cannot be read."""
    header, *attributes = record.split("\n")
    if len(record) > RECORD_BYTES_MAX:
        return f"the record is longer than {RECORD_BYTES_MAX} bytes"
    if header.startswith("\t") or not attributes:
        return "a record without its header line" if header.startswith("\t") else "a record without attributes"
    named: dict[str, str] = {}
    for attribute in attributes:
        match = _ATTRIBUTE.fullmatch(attribute)
        if match is None:
            return f"a line that is no attribute: {bounded(attribute)[:80]!r}"
        name, value = match[1], _unquoted(match[2])
        if name in named and name in _MANY:
            value = f"{named[name]}\n{value}"
        elif name in COLUMN_BY_ATTRIBUTE and named.get(name, value) != value:
            return f"{name} stands twice with different values"
        named[name] = value
    return named


def _unquoted(value: str) -> str:
    """Without its quotes and escapes: FreeRADIUS writes \\" \\\\ \\n \\r \\t and octal bytes."""
    if len(value) >= 2 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if "\\" not in value:
        return value
    return _ESCAPE.sub(_unescaped, value.encode()).decode("utf-8", errors="backslashreplace")


def _unescaped(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 8) & 0xFF]) if match[1] else _UNESCAPED.get(match[2], match[0])
