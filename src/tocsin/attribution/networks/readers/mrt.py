"""Routing tables as routers dump them: MRT (RFC 6396), TABLE_DUMP_V2 and the TABLE_DUMP before it.

Of each prefix the origin that most peers saw. Own code, and bounded: a dump has fifty million routes, of each of which
two fields matter; docs/networks.md says what the libraries take for that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from struct import Struct, unpack_from
from typing import NamedTuple

from tocsin.attribution.networks.staging import Range, Source, Staging

RECORD_BYTES_MAX = 1 << 24  # the largest real ones, a prefix with 100 peers, have some 30 KB
_TABLE_DUMP, _TABLE_DUMP_V2 = 12, 13  # RFC 6396 §4
_RIBS_V2 = {2: 4, 4: 16, 8: 4, 10: 16}  # §4.3: subtype to bytes of an address; unicast, and with RFC 8050's path ids
_RIBS_V1 = {1: 4, 2: 16}  # §4.2
_HEADER = Struct(">IHHI")
_SEQUENCE, _SET = 2, 1  # RFC 4271 §4.3
_AS_PATH, _AS4_PATH = 2, 17  # RFC 4271 §5.1.2, RFC 6793 §3
_AS_TRANS = 23456
_V4_HEAD = bytes(10) + b"\xff\xff"
_ROWS_AT_ONCE = 50_000


class _BadRecord(ValueError):
    pass


class _Record(NamedTuple):
    number: int  # from 1, what a line is in text
    kind: int
    subtype: int
    body: bytes


def stage(staging: Staging) -> None:
    """Never raises for what the bytes are."""
    for source in staging.sources:
        staging.add_ranges(_chunks(_ranges(staging, source)))


def _chunks(ranges: Iterator[Range]) -> Iterator[list[list[object]]]:
    columns: list[list[object]] = [[] for _ in range(6)]
    for row in ranges:
        for column, value in zip(columns, row, strict=True):
            column.append(value)
        if len(columns[0]) >= _ROWS_AT_ONCE:
            yield columns
            columns = [[] for _ in range(6)]
    if columns[0]:
        yield columns


def _ranges(staging: Staging, source: Source) -> Iterator[Range]:
    singles: dict[tuple[bytes, int], Counter[int]] = {}  # TABLE_DUMP: one record a peer, a prefix's in a row
    for record in _records(staging, source):
        try:
            if record.kind == _TABLE_DUMP_V2 and record.subtype in _RIBS_V2:
                network, bits, votes = _rib(record)
            elif record.kind == _TABLE_DUMP and record.subtype in _RIBS_V1:
                key, origin = _single(record)
                if key not in singles:
                    yield from _settled(staging, source, record.number - 1, singles)
                    singles = {key: Counter()}
                singles[key][origin] += 1
                continue
            else:
                continue  # peer tables, messages, multicast: nothing of origins
        except (_BadRecord, IndexError, ValueError) as error:
            staging.refuse(source, record.number, f"not a route: {error}", record.body[:40].hex())
            continue
        yield from _settled(staging, source, record.number, {(network, bits): votes})
    yield from _settled(staging, source, 0, singles)


def _settled(
    staging: Staging, source: Source, number: int, votes_by_prefix: dict[tuple[bytes, int], Counter[int]]
) -> Iterator[Range]:
    """The origin that most peers saw, of equals the lowest. A prefix without a public origin is a reject."""
    for (network, bits), votes in votes_by_prefix.items():
        public = [(peers, -origin) for origin, peers in votes.items() if origin]
        if not public:
            staging.refuse(source, number, "no peer saw a public origin", f"{network.hex()}/{bits}")
            continue
        last = (int.from_bytes(network, "big") | ((1 << (128 - bits)) - 1)).to_bytes(16, "big")
        yield source.place + number, network, last, -max(public)[1], None, None


def _records(staging: Staging, source: Source) -> Iterator[_Record]:
    """MRT records, one after another; after one whose length cannot be true nothing can be read."""
    held, at, number = b"", 0, 0
    for block in staging.blocks(source):
        held = held[at:] + block
        at = 0
        while len(held) - at >= _HEADER.size:
            _, kind, subtype, length = _HEADER.unpack_from(held, at)
            if length > RECORD_BYTES_MAX:
                staging.refuse(source, number + 1, f"a record of {length} bytes: no MRT from here on", "")
                return
            if len(held) - at < _HEADER.size + length:
                break
            number += 1
            yield _Record(number, kind, subtype, held[at + 12 : at + 12 + length])
            at += _HEADER.size + length
    if len(held) - at:
        staging.refuse(source, number + 1, "the file ends within a record", "")


def _rib(record: _Record) -> tuple[bytes, int, Counter[int]]:
    """A prefix and how many peers saw each origin (0: none in public). RFC 6396 §4.3.2; RFC 8050 §4 adds a path id."""
    body, width = record.body, _RIBS_V2[record.subtype]
    network, bits = _prefix(body[5:], body[4], width)
    at = 5 + (body[4] + 7) // 8
    head = 12 if record.subtype >= 8 else 8
    count = unpack_from(">H", body, at)[0] if at + 2 <= len(body) else 0
    at += 2
    votes: Counter[int] = Counter()
    for _ in range(count):
        end = at + head + ((body[at + head - 2] << 8) | body[at + head - 1])
        if end > len(body):
            raise _BadRecord("an entry is longer than its record")
        origin = _origin(body, at + head, end, 4)
        votes[origin] = votes.get(origin, 0) + 1
        at = end
    return network, bits, votes


def _single(record: _Record) -> tuple[tuple[bytes, int], int]:
    """RFC 6396 §4.2: view, number, prefix, length, status, time, peer, peer's AS, attributes."""
    body, width = record.body, _RIBS_V1[record.subtype]
    key = _prefix(body[4 : 4 + width], body[4 + width], width)
    at = 4 + width + 2 + 4 + width + 2
    end = at + 2 + ((body[at] << 8) | body[at + 1])
    if end > len(body):
        raise _BadRecord("its attributes are longer than it is")
    return key, _origin(body, at + 2, end, 2)


def _prefix(address: bytes, length: int, width: int) -> tuple[bytes, int]:
    octets = (length + 7) // 8
    if length > width * 8 or len(address) < octets:
        raise _BadRecord(f"a prefix of {length} bits")
    head = address[:octets]
    if length % 8 and head[-1] & (0xFF >> length % 8):
        raise _BadRecord("bits set past the prefix length")
    whole = head + bytes(width - octets)
    return (_V4_HEAD + whole, length + 96) if width == 4 else (whole, length)


def _origin(body: bytes, at: int, end: int, asn_bytes: int) -> int:
    """The origin that this route's attributes say, 0 where it is none. AS4_PATH has what two bytes could not say."""
    found = 0
    while at < end:
        flags, kind = body[at], body[at + 1]
        if flags & 0x10:  # RFC 4271 §4.3: extended length
            length, start = (body[at + 2] << 8) | body[at + 3], at + 4
        else:
            length, start = body[at + 2], at + 3
        at = start + length
        if at > end:
            raise _BadRecord("an attribute is longer than all of them")
        if kind == _AS_PATH:
            found = _last_asn(body, start, at, asn_bytes)
            if asn_bytes == 4 or found != _AS_TRANS:
                break
        elif kind == _AS4_PATH and found == _AS_TRANS:
            found = _last_asn(body, start, at, 4)
            break
    return 0 if _is_private(found) else found


def _last_asn(body: bytes, at: int, end: int, asn_bytes: int) -> int:
    """The last AS of the last segment; 0 where that is a set (RFC 6811 §2: NONE), but for a set of one."""
    origin = 0
    while at + 2 <= end:
        kind, count = body[at], body[at + 1]
        stop = at + 2 + count * asn_bytes
        if stop > end:
            raise _BadRecord("a path segment is longer than its path")
        if kind == _SEQUENCE or (kind == _SET and count == 1):
            origin = int.from_bytes(body[stop - asn_bytes : stop], "big") if count else origin
        elif kind == _SET:
            origin = 0
        at = stop
    return origin


def _is_private(asn: int) -> bool:
    """Just as is_private_asn in macros.sql."""
    return asn in (0, _AS_TRANS) or 64512 <= asn <= 65535 or asn >= 4_200_000_000
