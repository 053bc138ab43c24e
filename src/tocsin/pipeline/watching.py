"""`tocsin watch`: the logs one after another, their sightings onto the screen."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from tocsin.engine import Engine
from tocsin.pipeline.clock import present
from tocsin.terms.errors import BadRequest
from tocsin.witness.judge import told_rows
from tocsin.witness.told import json_line
from tocsin.witness.watch import SOURCE, Read, Told, watch_file


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line says."""

    logs: tuple[Path, ...]
    service: str | None = None
    zone: str | None = None
    source: str | None = None
    config_file: Path | None = None
    data: Path | None = None
    now: datetime | None = None


def watch_logs(asked: Asked, *, as_json: bool) -> int:
    """Print what the logs show; 1 when some lines could not be used, else 0."""
    told, now = told_about(asked), asked.now or present()
    rejects = 0
    with _engine() as engine:
        for log in asked.logs:
            read = watch_file(engine, sys.stdin.buffer if str(log) == "-" else log, told, now=now)
            rejects += _print_json(engine, told, read)
    return 1 if rejects else 0


def told_about(asked: Asked) -> Told:
    services = (asked.service,) if asked.service else ()
    return Told(source=asked.source or SOURCE, zone=_zone(asked.zone), services=services)


def _print_json(engine: Engine, told: Told, read: Read) -> int:
    rejects = 0
    for reject in read.rejects:
        sys.stdout.buffer.write(
            msgspec.json.encode({"reject": reject.reason, "evidence_line": reject.line, "excerpt": reject.excerpt})
            + b"\n"
        )
        rejects += 1
    for row in told_rows(engine):
        rejects += "reject" in row
        sys.stdout.buffer.write(json_line(row, told.source, read.sha256) + b"\n")
    return rejects


def _zone(name: str | None) -> ZoneInfo | None:
    if not name:
        return None
    try:
        return ZoneInfo(name.removeprefix(":"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadRequest(
            f"not an IANA time zone: {name!r}", where="--zone", remedy="write it as Europe/Berlin"
        ) from error


@contextmanager
def _engine() -> Iterator[Engine]:
    work = Path(tempfile.mkdtemp(prefix="tocsin-watch-"))
    try:
        with Engine(work) as engine:
            yield engine
    finally:
        shutil.rmtree(work, ignore_errors=True)
