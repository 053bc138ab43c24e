"""What is worth a report: addresses that did something sure enough, with the lines that show it."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.engine import Engine, read_sql
from tocsin.witness.judge import Row

CONFIDENCE_MIN = 75
SAMPLES_MAX = 20


def offence_rows(engine: Engine, *, confidence_min: int = CONFIDENCE_MIN, with_leads: bool = False) -> Iterator[Row]:
    """Rows of offences.sql, by address. `with_leads`: also what a bare packet says, which anybody can forge."""
    asked = {"confidence_min": confidence_min, "with_leads": with_leads, "samples_max": SAMPLES_MAX}
    for batch in engine.batches(read_sql(__package__, "offences"), **asked):
        for row in batch:
            yield {**row}
