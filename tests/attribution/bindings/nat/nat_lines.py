"""Lines of a NAT log to what a reader makes of them."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import Truncated, open_blocks
from tocsin.terms.addresses import format_address

OLDEST, NEWEST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
Stage = Callable[[Staging], None]


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """An event, said the short way: `at` in UTC, `ports` as `1024-2047` or `1024`."""

    line: int
    status: str
    at: str
    inside: str | None
    network: str
    ports: str | None = None
    protocol: str | None = None
    nas: str = ""
    vrf: str | None = None


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What was read: the events with their sessions' ids, and (line, reason) of each reject."""

    mappings: list[Mapping]
    sessions: list[str]
    seconds: list[int | None]
    rejects: list[tuple[int, str]]

    @property
    def refused(self) -> list[int]:
        return [line for line, _ in self.rejects]


def read_lines(
    engine: Engine,
    stage: Stage,
    text: str | bytes,
    *,
    zone: str | None = "UTC",
    year: int | None = None,
    vrf: str | None = None,
    cut: str | None = None,
) -> Read:
    """Stage the text as a file of a log whose times are of `zone`."""
    data = text.encode() if isinstance(text, str) else text
    log = LogConfig(name="nat", reader="static", zone=zone, year=year, vrf=vrf)
    blocks: list[bytes | Truncated] = list(open_blocks(io.BytesIO(data)))
    if cut is not None:
        blocks.append(Truncated(cut))
    try:
        stage(Staging(engine=engine, blocks=blocks, newest=NEWEST, oldest=OLDEST, log=log))
        rows = engine.rows(
            "SELECT evidence_line, status, moment, inside, network, port_first, port_last, protocol, nas, vrf, session,"
            " session_s FROM staged_events ORDER BY evidence_line, moment, status, port_first, protocol"
        )
        rejects = engine.rows("SELECT line, reason FROM staged_rejects ORDER BY line")
    finally:
        drop_staged(engine)
    return Read(
        mappings=[_mapping(row[:10]) for row in rows],
        sessions=[str(row[10]) for row in rows],
        seconds=[row[11] if isinstance(row[11], int) else None for row in rows],
        rejects=[(int(str(line)), str(reason)) for line, reason in rejects],
    )


def _mapping(row: Sequence[object]) -> Mapping:
    line, status, moment, inside, network, first, last, protocol, nas, vrf = row
    assert isinstance(moment, datetime)
    assert isinstance(network, UUID)
    return Mapping(
        line=int(str(line)),
        status=str(status),
        at=moment.replace(tzinfo=None).isoformat(sep=" "),
        inside=format_address(inside) if isinstance(inside, UUID) else None,
        network=format_address(network),
        ports=None if first is None else str(first) if first == last else f"{first}-{last}",
        protocol=None if protocol is None else str(protocol),
        nas=str(nas),
        vrf=None if vrf is None else str(vrf),
    )
