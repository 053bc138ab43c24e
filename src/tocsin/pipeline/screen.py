"""Records onto the screen: no data folder, nothing kept."""

from __future__ import annotations

import shutil
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from tocsin.engine import Engine
from tocsin.evidence.formats import writer
from tocsin.evidence.read import stage
from tocsin.evidence.staged import Output
from tocsin.evidence.store import keep, measure
from tocsin.pipeline.clock import present


def print_records(
    file: Path, target: str, *, source: str | None, reader: str | None, out: BinaryIO, now: datetime | None
) -> int:
    """Write every record of the file as lines of that format, in its order; 1 when there were rejects, else 0.

    Warnings, and the rejects that a target has no form for, go to standard error.
    """
    write = writer(target)
    work = Path(tempfile.mkdtemp(prefix="tocsin-"))
    try:
        with Engine(work) as engine:
            is_stream = str(file) == "-"
            kept = keep(work, sys.stdin.buffer) if is_stream else measure(file)
            name = "standard input" if is_stream else file.name
            staged = stage(engine, kept, name=name, source=source or "screen", reader=reader)
            for warning in staged.warnings:
                sys.stderr.write(f"{name}: {warning}\n")

            def tell(line: int, reason: str) -> None:
                sys.stderr.write(f"{name}, line {line}: {reason}\n")

            for line in write(Output(engine, staged, now or present(), tell)):
                out.write(line + b"\n")
            out.flush()
            return 1 if staged.rejects else 0
    finally:
        shutil.rmtree(work, ignore_errors=True)
