"""Any reader of binding logs, given a text: what it stages, in words that a test can read."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from ipaddress import IPv6Address
from uuid import UUID

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.read import READERS
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import Truncated, open_blocks

OLDEST, NEWEST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOON_EPOCH = 1_795_521_600


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """An event; seconds from noon of 24 November 2026."""

    line: int
    status: str
    at: float
    account: str | None
    network: str | None
    until: float | None = None
    nas: str = ""
    session: str | None = None
    session_s: int | None = None
    line_hash: int | None = None


class Read(msgspec.Struct, frozen=True):
    """What a reader made of a text."""

    events: list[Told]
    rejects: list[tuple[int, str]]  # line and reason

    def brief(self) -> list[tuple[str, float, str | None, str | None]]:
        """(status, at, account, network) of each event."""
        return [(told.status, told.at, told.account, told.network) for told in self.events]


def read_text(
    engine: Engine,
    text: str | bytes,
    log: LogConfig,
    *,
    block_bytes: int = 1 << 20,
    cut: str | None = None,
    oldest: datetime = OLDEST,
) -> Read:
    """Stage the text; every record of a line is in the order of status, network."""
    data = text.encode() if isinstance(text, str) else text
    blocks: list[bytes | Truncated] = list(open_blocks(io.BytesIO(data), block_bytes=block_bytes))
    if cut is not None:
        blocks.append(Truncated(cut))
    try:
        staging = Staging(engine=engine, blocks=blocks, newest=NEWEST, oldest=oldest, log=log)
        READERS[log.reader].stage(staging)
        rows = engine.rows(
            "SELECT evidence_line, status, moment, account_name, network, prefix_bits, until, nas, session, session_s,"
            " line_hash FROM staged_events ORDER BY evidence_line, status, network"
        )
        rejects = engine.rows("SELECT line, reason FROM staged_rejects ORDER BY line, reason")
    finally:
        drop_staged(engine)
    return Read([_told(row) for row in rows], [(_int(line), str(reason)) for line, reason in rejects])


def _told(row: Iterable[object]) -> Told:
    line, status, moment, account, network, bits, until, nas, session, session_s, line_hash = row
    assert isinstance(moment, datetime)
    return Told(
        line=_int(line),
        status=str(status),
        at=(moment - NOON).total_seconds(),
        account=None if account is None else str(account),
        network=_shown(network, bits),
        until=(until - NOON).total_seconds() if isinstance(until, datetime) else None,
        nas=str(nas or ""),
        session=None if session is None else str(session),
        session_s=None if session_s is None else _int(session_s),
        line_hash=None if line_hash is None else _int(line_hash),
    )


def _shown(network: object, bits: object) -> str | None:
    """`192.0.2.1`, or `2001:db8::/56`."""
    if not isinstance(network, UUID) or not isinstance(bits, int):
        return None
    address = IPv6Address(network.int)
    shown = str(address.ipv4_mapped or address)
    return shown if bits == 128 else f"{shown}/{bits}"


def _int(value: object) -> int:
    assert isinstance(value, int)
    return value
