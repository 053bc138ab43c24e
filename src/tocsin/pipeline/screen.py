"""Records onto the screen: no data folder, nothing kept."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine
from tocsin.evidence.containers import Unpacking, unpacking
from tocsin.evidence.formats import writer
from tocsin.evidence.read import stage
from tocsin.evidence.staged import Output
from tocsin.evidence.store import Kept, keep, measure
from tocsin.evidence.texts import Settings
from tocsin.pipeline.clock import present
from tocsin.pipeline.queues import Sink
from tocsin.terms.errors import BadRequest


def print_records(
    file: Path,
    target: str,
    *,
    source: str | None,
    reader: str | None,
    out: Sink,
    now: datetime | None,
    settings: Settings | None = None,
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
            screen = _Screen(engine, write, source or "screen", reader, out, now or present(), settings or Settings())
            container = unpacking(kept.path, name, work, reader)
            rejects = screen.show(kept, name) if container is None else screen.show_members(container)
            out.flush()
            return 1 if rejects else 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


class _Screen(msgspec.Struct, frozen=True):
    engine: Engine
    write: Callable[[Output], Iterator[bytes]]
    source: str
    reader: str | None
    out: Sink
    now: datetime
    settings: Settings

    def show(self, kept: Kept, name: str) -> int:
        """Write the records; returns how many were rejected."""
        staged = stage(self.engine, kept, name=name, source=self.source, reader=self.reader, settings=self.settings)
        for warning in staged.warnings:
            sys.stderr.write(f"{name}: {warning}\n")

        def tell(line: int, reason: str) -> None:
            sys.stderr.write(f"{name}, line {line}: {reason}\n")

        for line in self.write(Output(self.engine, staged, self.now, tell)):
            self.out.write(line + b"\n")
        staged.discard()
        return staged.rejects

    def show_members(self, container: Unpacking) -> int:
        rejects = shown = 0
        for member in container.members():
            try:
                rejects += self.show(measure(member.path), member.name)
                shown += 1
            except BadRequest as error:
                container.faults.append(f"{member.name}: {error.what}")
        container.demand_any(shown)
        for warning in container.warnings():
            sys.stderr.write(f"{warning}\n")
        return rejects + len(container.faults)
