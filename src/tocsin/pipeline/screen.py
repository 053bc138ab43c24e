"""Records onto the screen: no data folder, nothing kept."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tocsin.engine import Engine
from tocsin.evidence.read import Staged, stage
from tocsin.evidence.store import keep, measure
from tocsin.evidence.writers.intelmq import intelmq_lines
from tocsin.evidence.writers.jsonl import jsonl_lines
from tocsin.pipeline.clock import present


def print_records(
    file: Path, target: str, *, source: str | None, reader: str | None, out: BinaryIO, now: datetime | None
) -> int:
    """Write every record of the file as `jsonl` or `intelmq` lines, in its order; 1 when there were rejects, else 0.

    Warnings, and the rejects that a target has no form for, go to standard error.
    """
    work = Path(tempfile.mkdtemp(prefix="tocsin-"))
    try:
        with Engine(work) as engine:
            is_stream = str(file) == "-"
            kept = keep(work, sys.stdin.buffer) if is_stream else measure(file)
            name = "standard input" if is_stream else file.name
            staged = stage(engine, kept, name=name, source=source or "screen", reader=reader)
            for warning in staged.warnings:
                sys.stderr.write(f"{name}: {warning}\n")
            for line in _lines(engine, staged, target, now or present(), name):
                out.write(line + b"\n")
            out.flush()
            return 1 if staged.rejects else 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _lines(engine: Engine, staged: Staged, target: str, now: datetime, name: str) -> Iterator[bytes]:
    if target == "jsonl":
        return jsonl_lines(engine, staged)

    def tell(line: int, reason: str) -> None:
        sys.stderr.write(f"{name}, line {line}: {reason}\n")

    return intelmq_lines(engine, staged, observed_at=now, on_reject=tell)
