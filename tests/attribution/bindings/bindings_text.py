"""Detail records as FreeRADIUS writes them, made from the attributes that a test cares about."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.readers import freeradius
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import Truncated, open_blocks

HEADER = "Tue Nov 24 12:00:00 2026"
OLDEST, NEWEST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 11, 25, tzinfo=UTC)
LOG = LogConfig(name="radius", reader="freeradius")
NOON_EPOCH = 1_795_521_600  # 2026-11-24T12:00:00Z
_USUAL = {
    "User-Name": '"alice@example"',
    "NAS-Identifier": '"nas-1"',
    "Framed-IP-Address": "192.0.2.1",
    "Acct-Session-Id": '"A1"',
    "Acct-Status-Type": "Start",
    "Timestamp": str(NOON_EPOCH),
}

_EVENT = (
    *("moment", "nas", "session", "status", "account_name", "line_hash", "network", "prefix_bits"),
    *("session_s", "session_max_s", "interim_s", "evidence_line"),
)


def record(header: str = HEADER, **changes: str | None) -> str:
    """One record; `changes` name attributes with `_` for `-`, None leaves one out."""
    attributes = _USUAL | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [f"\t{name} = {value}\n" for name, value in attributes.items() if value is not None]
    return f"{header}\n{''.join(lines)}\n"


def stage_text(
    engine: Engine, text: str | bytes, *, block_bytes: int = 1 << 20, cut: str | None = None
) -> tuple[Sequence[Mapping[str, object]], Sequence[Sequence[object]]]:
    """(events in the order of their lines, rejects as (line, reason, excerpt))."""
    data = text.encode() if isinstance(text, str) else text
    blocks: list[bytes | Truncated] = list(open_blocks(io.BytesIO(data), block_bytes=block_bytes))
    if cut is not None:
        blocks.append(Truncated(cut))
    try:
        freeradius.stage(Staging(engine=engine, blocks=blocks, newest=NEWEST, oldest=OLDEST, log=LOG))
        found = engine.rows(f"SELECT {', '.join(_EVENT)} FROM staged_events ORDER BY evidence_line, network")
        events = [dict(zip(_EVENT, row, strict=True)) for row in found]
        rejects = engine.rows("SELECT line, reason, excerpt FROM staged_rejects ORDER BY line")
    finally:
        drop_staged(engine)
    return events, rejects
