"""NAT events of flow exporters (NEL, NSEL, RFC 8158), as nfdump prints them: `-o json`, or `-o nel` and `-o nsel`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from types import NoneType

import msgspec

from tocsin.attribution.bindings.readers.syslog import of_syslog
from tocsin.attribution.bindings.records import stage_records
from tocsin.attribution.bindings.staging import Staging
from tocsin.engine import read_sql
from tocsin.engine.readers import RecordBatchReader, reader_of
from tocsin.evidence.lines import OnReject, Reject, Truncated, bounded, numbered_lines
from tocsin.terms.errors import BadRequest

OBJECT_BYTES_MAX = 1 << 16  # nfdump writes about 1,000
_PACKAGE = "tocsin.attribution.bindings.readers"
_ROWS_AT_ONCE = 10_000
_OBJECT = re.compile(rb"\{[^{}]*\}")  # nfdump nests nothing
_BETWEEN = b" \t\r\n,[]"
_stage_text = of_syslog("nel")

_Value = str | int | float | None


class _Event(msgspec.Struct, frozen=True):
    """What is read of nfdump's object; its numbers are strings in some versions."""

    t_event: str | None = None
    first: str | None = None
    received: str | None = None
    ip4_router: _Value = None
    ip6_router: _Value = None
    ingress_vrf: _Value = None
    nat_event_id: _Value = None
    event_id: _Value = None
    src4_addr: _Value = None
    src6_addr: _Value = None
    src4_xlt_ip: _Value = None
    src6_xlt_ip: _Value = None
    src_xlt_port: _Value = None
    proto: _Value = None
    dst4_addr: _Value = None
    dst6_addr: _Value = None
    dst_port: _Value = None
    connect_id: _Value = None
    pblock_start: _Value = None
    pblock_end: _Value = None
    pblock_step: _Value = None
    pblock_size: _Value = None


_COLUMNS = (("line", "UBIGINT"), ("excerpt", "VARCHAR"), *((name, "VARCHAR") for name in _Event.__struct_fields__))
_decode = msgspec.json.Decoder(_Event).decode


def stage(staging: Staging) -> None:
    """Read either form. Raises BadRequest for a form of nfdump that holds no NAT event."""
    blocks = iter(staging.blocks)
    head = next((block for block in blocks if block), b"")
    whole = msgspec.structs.replace(staging, blocks=chain([head] if head else [], blocks))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip() if isinstance(head, bytes) else b""
    if start.startswith(b"ts,te,td,"):
        raise BadRequest("nfdump's csv has no NAT events in it", remedy="print them with `nfdump -o json`")
    if not start.startswith((b"[", b"{")):
        _stage_text(whole)
        return
    staging.engine.run(read_sql(_PACKAGE, "syslog"))
    stage_records(
        whole, read_sql(_PACKAGE, "nel_events"), "nel_events", lambda on_reject: _columns(whole.blocks, on_reject)
    )


def _columns(blocks: Iterable[bytes | Truncated], on_reject: OnReject) -> RecordBatchReader:
    def chunks() -> Iterator[list[list[object]]]:
        rows: list[tuple[object, ...]] = []
        for line, text in _objects(blocks, on_reject):
            try:
                rows.append((line, text[:200].decode(errors="replace"), *msgspec.structs.astuple(_decode(text))))
            except msgspec.DecodeError as error:
                on_reject(
                    Reject(line, f"not an object of nfdump: {error}"[:200], bounded(text.decode(errors="replace")))
                )
            if len(rows) >= _ROWS_AT_ONCE:
                yield _texts(rows)
                rows = []
        if rows:
            yield _texts(rows)

    return reader_of(_COLUMNS, chunks())


def _texts(rows: list[tuple[object, ...]]) -> list[list[object]]:
    return [_text(column) if place else list(column) for place, column in enumerate(zip(*rows, strict=True))]


def _text(column: Sequence[object]) -> list[object]:
    if set(map(type, column)) <= {str, NoneType}:  # as nearly always
        return list(column)
    return [None if value is None else str(value) for value in column]


def _objects(blocks: Iterable[bytes | Truncated], on_reject: OnReject) -> Iterator[tuple[int, bytes]]:
    """(line, bytes) of each object; what stands between them, or is never closed, is a reject."""
    rest, line = b"", 1  # what is not read yet, and the line where it starts
    for lines in numbered_lines(blocks, on_reject):
        if not rest:
            line = lines.first
        text, done = rest + lines.text + b"\n", 0
        for found in _OBJECT.finditer(text):
            begin, end = found.span()
            between = text[done:begin]
            if between != b",\n":  # as nearly always
                _refuse(between, line, on_reject)
            line += between.count(b"\n")
            yield line, text[begin:end]
            line += text.count(b"\n", begin, end)
            done = end
        rest = text[done:]
        if len(rest) > OBJECT_BYTES_MAX or not rest.strip(_BETWEEN):
            _refuse(rest, line, on_reject)
            rest = b""
    _refuse(rest, line, on_reject)


def _refuse(text: bytes, line: int, on_reject: OnReject) -> None:
    junk = text.strip(_BETWEEN)
    if junk:
        at = line + text[: text.index(junk[:1])].count(b"\n")
        reason = "an object that does not close" if junk.startswith(b"{") else "not an object of nfdump"
        on_reject(Reject(at, reason, bounded(junk[:800].decode(errors="replace"))))
