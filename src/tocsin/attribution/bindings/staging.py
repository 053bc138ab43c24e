"""Where a reader leaves what it found, before it becomes lease events: two temporary tables of the engine.

`staged_events`: moment, nas, session, status, account_name, line_hash, network, prefix_bits, port_first, port_last,
protocol, session_s, session_max_s, interim_s, until, evidence_line. `staged_rejects`: line, reason, excerpt.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tocsin.engine import Engine
from tocsin.evidence.lines import OnReject
from tocsin.evidence.rejects import RejectFile


@contextmanager
def rejects_staged(engine: Engine) -> Iterator[OnReject]:
    """Takes what Python refuses, and puts it beside what SQL refused when the block ends."""
    path = engine.work_dir / "log.rejects"  # a file: a bad log may have more rejects than memory
    try:
        with RejectFile(path) as rejects:
            yield rejects.add
        engine.run("CREATE TEMP TABLE IF NOT EXISTS staged_rejects (line UBIGINT, reason VARCHAR, excerpt VARCHAR)")
        engine.run(f"INSERT INTO staged_rejects SELECT evidence_line, reject, excerpt FROM {rejects.relation()}")
    finally:
        path.unlink(missing_ok=True)


def drop_staged(engine: Engine) -> None:
    engine.run("DROP TABLE IF EXISTS staged_events; DROP TABLE IF EXISTS staged_rejects")
