"""A log in, what the witness says of it out."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from tocsin.engine import Engine
from tocsin.witness.judge import told_rows
from tocsin.witness.own import Spared
from tocsin.witness.told import json_line
from tocsin.witness.watch import Told, watch_file

NOW = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
Line = dict[str, object]


def watched(
    engine: Engine,
    log: str | bytes,
    *,
    services: tuple[str, ...] = (),
    zone: str = "",
    spared: Spared | None = None,
    now: datetime = NOW,
) -> list[Line]:
    """The JSON lines of `tocsin watch`, taken apart."""
    told = Told(services=services, zone=ZoneInfo(zone) if zone else None, spared=spared or Spared())
    read = watch_file(engine, io.BytesIO(log if isinstance(log, bytes) else log.encode()), told, now=now)
    rejects = [{"reject": each.reason, "evidence_line": each.line} for each in read.rejects]
    lines = [msgspec.json.decode(json_line(row, told.source, read.sha256)) for row in told_rows(engine)]
    return [*rejects, *lines]


def addresses(lines: list[Line]) -> set[object]:
    """Those of the sightings."""
    return {line["address"] for line in lines if "reject" not in line}


def rule_of(line: Line) -> object:
    extra = line["extra"]
    assert isinstance(extra, dict)
    return extra["rule"]
