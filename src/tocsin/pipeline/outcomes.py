"""What became of all sightings."""

from __future__ import annotations

import msgspec

from tocsin.engine import read_sql
from tocsin.lake import Lake


class OutcomeCount(msgspec.Struct, frozen=True, kw_only=True):
    """So many sightings have this outcome, for this reason."""

    outcome: str
    reason: str
    sightings: int


def count_outcomes(lake: Lake) -> list[OutcomeCount]:
    """Most frequent first."""
    sql = read_sql(__package__, "outcomes").replace("{attributions}", lake.scan("attributions"))
    return [
        OutcomeCount(outcome=str(outcome), reason=str(reason), sightings=int(str(count)))
        for outcome, reason, count in lake.engine.rows(sql)
    ]
