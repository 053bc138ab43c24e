"""Captures (pcap and pcapng) to flows and names: slower than logs, and nothing of the content is kept."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import dpkt

from tocsin.engine import reader_of
from tocsin.evidence.blocks import Truncated
from tocsin.evidence.lines import Reject
from tocsin.evidence.texts import Head
from tocsin.traffic.readers.packets import Meter, address_bytes, frames
from tocsin.traffic.reading import Reading
from tocsin.traffic.tables import TABLES

CHUNK_ROWS = 20_000
_MAGIC = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d")
_NG = b"\x0a\x0d\x0d\x0a"
_RAW_IP = frozenset({12, 14, 101, 228, 229})  # LINKTYPE_RAW and its kin: https://www.tcpdump.org/linktypes.html
_REJECTS_TOLD_MAX = 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None)
_LATEST = 4_102_444_800  # 2100


def recognise_pcap(head: Head) -> str | None:
    if head.start.startswith(_NG):
        return "ng"
    return "" if head.start.startswith(_MAGIC) else None


class _Pulled(io.RawIOBase):
    """A file to read from, over blocks; a cut ends it."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._rest = b""
        self.name = reading.head.name

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        parts, have = [self._rest], len(self._rest)
        while size < 0 or have < size:
            block = next(self._reading.blocks, b"")
            if isinstance(block, Truncated) or not block:
                if isinstance(block, Truncated):
                    self._reading.reject(Reject(0, f"the capture is cut off: {block.why}", ""))
                break
            parts.append(block)
            have += len(block)
        whole = b"".join(parts)
        size = len(whole) if size < 0 else size
        self._rest = whole[size:]
        return whole[:size]


def read_pcap(reading: Reading) -> None:
    source = _Pulled(reading)
    try:
        capture = dpkt.pcapng.Reader(source) if reading.variant == "ng" else dpkt.pcap.Reader(source)
    except (dpkt.UnpackError, ValueError, EOFError) as error:
        reading.reject(Reject(0, f"the capture's head cannot be read: {error}", ""))
        return
    _Sorter(reading).run(capture)


class _Sorter:
    """Rows of several tables out of one pass: kept in chunks, each staged when it is full."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._rows: dict[str, list[tuple[object, ...]]] = {table: [] for table in TABLES}
        self._refused = 0

    def run(self, capture: dpkt.pcap.Reader) -> None:
        meter = Meter(self._add)
        link = capture.datalink()
        number = 0
        for number, (at, frame) in enumerate(frames(capture), 1):
            if not 0 <= at < _LATEST:
                self._refuse(number, "its moment is none")
                continue
            try:
                self._packet(meter, link, at, frame, number)
            except (dpkt.UnpackError, IndexError, ValueError) as error:
                self._refuse(number, f"the packet cannot be taken apart: {type(error).__name__}")
        meter.close()
        for table in TABLES:
            self._flush(table)
        if self._refused > _REJECTS_TOLD_MAX:
            self._reading.warn(f"{self._reading.head.name}: {self._refused} packets could not be read")
        if not number:
            self._reading.warn(f"{self._reading.head.name}: no packet in it")

    @staticmethod
    def _packet(meter: Meter, link: int, at: float, frame: bytes, number: int) -> None:
        if link == dpkt.pcap.DLT_EN10MB:
            meter.ethernet(at, frame, number)
        elif link in _RAW_IP:
            meter.ip(at, frame, number)
        elif link == dpkt.pcap.DLT_LINUX_SLL and frame[14:16] in (b"\x08\x00", b"\x86\xdd"):
            meter.ip(at, frame[16:], number, frame[6:12].hex(":"))
        elif link == 276 and frame[:2] in (b"\x08\x00", b"\x86\xdd"):  # LINKTYPE_LINUX_SLL2
            meter.ip(at, frame[20:], number, frame[12:18].hex(":"))
        elif link in (dpkt.pcap.DLT_NULL, dpkt.pcap.DLT_LOOP):
            meter.ip(at, frame[4:], number)

    def _refuse(self, number: int, why: str) -> None:
        self._refused += 1
        if self._refused <= _REJECTS_TOLD_MAX:
            self._reading.reject(Reject(number, why, ""))

    def _add(self, table: str, row: tuple[object, ...]) -> None:
        rows = self._rows[table]
        rows.append(row)
        if len(rows) >= CHUNK_ROWS:
            self._flush(table)

    def _flush(self, table: str) -> None:
        rows = self._rows[table]
        if not rows:
            return
        columns = [(name, kind) for name, kind in TABLES[table] if name != "file"]
        plain = [(name, "VARCHAR" if kind == "VARCHAR[]" else kind) for name, kind in columns]
        values = [_column(kind, [row[place] for row in rows]) for place, (_, kind) in enumerate(columns)]
        shown = ", ".join(
            f'string_split("{name}", \' \') AS "{name}"' if kind == "VARCHAR[]" else f'"{name}"'
            for name, kind in columns
        )
        sql = f"SELECT {shown}, {self._reading.file} AS file, NULL AS reject, NULL AS excerpt FROM raw"
        self._reading.add(table, reader_of(plain, _once(values)), sql)
        rows.clear()


def _once(values: list[list[object]]) -> Iterator[list[list[object]]]:
    yield values


def _column(kind: str, values: list[object]) -> list[object]:
    if kind == "TIMESTAMP":
        return [_EPOCH + timedelta(seconds=cast(float, value)) for value in values]
    if kind == "UUID":
        return [address_bytes(cast(bytes, value)) for value in values]
    if kind == "VARCHAR[]":
        return [" ".join(cast(list[str], value)) or None for value in values]
    return values
