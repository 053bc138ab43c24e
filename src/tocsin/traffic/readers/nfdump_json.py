"""What `nfdump -o json` and `-o json-log` print: an array of objects over many lines, or an object a line."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import msgspec

from tocsin.engine.columns import Part
from tocsin.evidence.lines import Reject, bounded, numbered_lines
from tocsin.evidence.texts import Head
from tocsin.traffic.reading import Reading

OBJECT_LINES_MAX = 400
_CHUNK_ROWS = 20_000


class _Record(msgspec.Struct):
    """The keys of nfdump 1.7; those of 1.6 where it calls them otherwise."""

    first: str = ""
    last: str = ""
    t_first: str = ""
    t_last: str = ""
    sampled: int = 0
    src4_addr: str = ""
    dst4_addr: str = ""
    src6_addr: str = ""
    dst6_addr: str = ""
    src_port: int | None = None
    dst_port: int | None = None
    proto: int | str = ""
    tcp_flags: str = ""
    in_packets: int = 0
    in_bytes: int = 0
    out_packets: int = 0
    out_bytes: int = 0


_DECODER = msgspec.json.Decoder(_Record)


def is_one(head: Head) -> bool:
    """An object that names its moment and its ends as nfdump does stands at the start."""
    start = head.start[:4000].removeprefix(b"\xef\xbb\xbf").lstrip(b"[ \t\r\n")
    keys = ((b'"first"', b'"t_first"'), (b'"src4_addr"', b'"src6_addr"'), (b'"in_packets"',))
    return start.startswith(b"{") and all(any(key in start for key in each) for each in keys)


def parts(reading: Reading, names: Sequence[str]) -> Iterator[Part]:
    """Records as tab-separated lines under `names`. Whether they were sampled, and how much, is told to the reading."""
    rate, is_sampled = 0, False
    numbers: list[int] = []
    kept: list[bytes] = []
    for number, text in _objects(reading):
        try:
            record = _DECODER.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            shown = bounded(text[:800].decode(errors="replace"))
            reading.reject(Reject(number, f"not one of nfdump's records: {bounded(str(error))}", shown))
            continue
        if record.sampled:
            is_sampled, rate = True, math.gcd(rate, record.in_packets)
        numbers.append(number)
        kept.append(_row(record))
        if len(kept) >= _CHUNK_ROWS:
            yield names, numbers, b"\n".join(kept)
            numbers, kept = [], []
    yield names, numbers, b"\n".join(kept)
    if is_sampled:
        # nfdump has multiplied the counts by the rate and prints no rate: it is what all of them have in common.
        reading.tell_rate(max(2, rate))


def _row(record: _Record) -> bytes:
    fields = (
        *(record.first or record.t_first, record.last or record.t_last, ""),
        *(record.src4_addr or record.src6_addr, record.dst4_addr or record.dst6_addr),
        *(record.src_port or "", record.dst_port or "", record.proto, record.tcp_flags),
        *(record.in_packets, record.in_bytes, record.out_packets, record.out_bytes),
    )
    return "\t".join(str(field).replace("\t", " ").replace("\n", " ") for field in fields).encode()


def _objects(reading: Reading) -> Iterator[tuple[int, bytes]]:
    """Each object with the line where it begins. One that has no end, or no beginning, is a reject."""
    begun, inside = 0, list[bytes]()
    for chunk in numbered_lines(reading.blocks, reading.reject):
        for number, line in enumerate(chunk.split(), chunk.first):
            text = (line or b"").strip()
            if not begun:
                text = text.lstrip(b"[ \t,")
                if text.startswith(b"{"):
                    begun, inside = number, []
                elif text.strip(b"], \t"):
                    reading.reject(
                        Reject(number, "no record begins here", bounded(text[:800].decode(errors="replace")))
                    )
                    continue
                else:
                    continue
            inside.append(text)
            if text.rstrip(b"], \t").endswith(b"}"):
                yield begun, b" ".join(inside).rstrip(b"], \t")
                begun = 0
            elif len(inside) > OBJECT_LINES_MAX:
                reading.reject(Reject(begun, f"a record of more than {OBJECT_LINES_MAX} lines", ""))
                begun = 0
    if begun:
        reading.reject(Reject(begun, "the record is cut off", ""))
