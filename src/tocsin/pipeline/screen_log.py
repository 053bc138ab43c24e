"""What a binding log says, onto the screen: no data folder, nothing kept."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from uuid import UUID

import msgspec

from tocsin.attribution.bindings.logs import READERS, LogConfig
from tocsin.attribution.bindings.read import READERS as READER_BY_NAME
from tocsin.attribution.bindings.staging import EVENTS, Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import open_blocks
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep, measure
from tocsin.pipeline.clock import present
from tocsin.pipeline.config import find_config, load_config
from tocsin.pipeline.intake import LOG_AHEAD, find_log
from tocsin.pipeline.queues import Sink
from tocsin.terms.addresses import format_network
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import format_moment

_NAMES = ", ".join(name for name, _ in EVENTS)
_BITS = {"network": "prefix_bits", "inside": "inside_bits"}


def log_asked(config_file: Path | None, log: str | None, reader: str | None) -> LogConfig | None:
    """The binding log that is meant: one of the configuration's, or any file of a binding log's format."""
    if log is not None:
        return find_log(load_config(find_config(config_file)), log)
    return LogConfig(name="screen", reader=reader) if reader in READERS else None


def print_log(file: Path, target: str, log: LogConfig, *, out: Sink, now: datetime | None) -> int:
    """Write each event and reject as a JSON line, in the order of the file; 1 when there were rejects, else 0.

    Raises BadRequest when the file cannot be read or is none of the log's format.
    """
    if target != "jsonl":
        raise BadRequest(f"a binding log has no form as {target}", remedy="print it with --to jsonl")
    work = Path(tempfile.mkdtemp(prefix="tocsin-"))
    try:
        kept = keep(work, sys.stdin.buffer) if str(file) == "-" else measure(file)
        with Engine(work) as engine:
            window = window_at(now or present(), margin=LOG_AHEAD)
            oldest = window.oldest.replace(year=1995)
            blocks = open_blocks(kept.path)
            READER_BY_NAME[log.reader].stage(
                Staging(engine=engine, blocks=blocks, newest=window.newest, oldest=oldest, log=log)
            )
            return _print(engine, out)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _print(engine: Engine, out: Sink) -> int:
    events = engine.work_dir / "events.parquet"
    engine.copy(
        f"SELECT {_NAMES} FROM staged_events UNION ALL BY NAME"
        " SELECT line AS evidence_line, reason AS reject, excerpt FROM staged_rejects",
        events,
    )
    drop_staged(engine)
    rejects = 0
    for batch in engine.batches(f"FROM read_parquet('{events}') ORDER BY evidence_line, status, network"):
        for row in batch:
            fields = {name: _shown(name, value, row) for name, value in row.items() if value not in (None, "")}
            for bits in _BITS.values():
                fields.pop(bits, None)
            rejects += "reject" in fields
            out.write(msgspec.json.encode(fields) + b"\n")
    out.flush()
    return 1 if rejects else 0


def _shown(name: str, value: object, row: Mapping[str, object]) -> object:
    if isinstance(value, datetime):
        return format_moment(value)
    if isinstance(value, UUID) and name in _BITS:
        return format_network(value, int(str(row[_BITS[name]])))
    return value
