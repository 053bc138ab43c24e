"""The volume of each source in each run, and its mix of outcomes: what the brakes compare."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tocsin.book import runs
from tocsin.book.manifest import File
from tocsin.book.runs import FUTURE, ONE_PORT, SIGNS, SourceRun
from tocsin.engine import read_sql
from tocsin.lake import Lake
from tocsin.terms.roles import Outcome

ADDRESSES_MIN = 5  # fewer say nothing about a source
PORTS_SHARE_MIN = 0.5  # different ports among the pairs of address and port: clients choose theirs by chance (RFC 6056)


def count_sources(lake: Lake) -> list[SourceRun]:
    """Count every run's sightings by source and outcome and keep it; what was counted now.

    A run is known by the moment of the batches that it made, so one that was killed is counted by the next. A run in
    which something was pending is counted again.
    """
    with lake.book.read() as tx:
        sightings, rejects = (runs.paths_by_run(tx, table) for table in ("sightings", "rejects"))
        known = runs.source_runs(tx)
    settled = {each.run_at for each in known} - {each.run_at for each in known if Outcome.PENDING in each.outcomes}
    file_by_path = {file.path: file for table in ("sightings", "rejects") for file in lake.files(table)}

    def files(paths: Sequence[str]) -> list[File]:
        return [file_by_path[path] for path in paths if path in file_by_path]

    counted = [
        each
        for run_at in sorted({*sightings, *rejects} - settled)
        for each in _count(lake, run_at, files(sightings.get(run_at, ())), files(rejects.get(run_at, ())))
    ]
    with lake.book.write() as tx:
        runs.note_sources(tx, counted)
    return counted


def _count(lake: Lake, run_at: datetime, sightings: Sequence[File], rejects: Sequence[File]) -> list[SourceRun]:
    days = sorted({file.day for file in sightings})
    sql = read_sql(__package__, "mix")
    sql = sql.replace("{sightings}", lake.relation("sightings", sightings))
    sql = sql.replace("{attributions}", lake.scan("attributions", days))
    sql = sql.replace("{rejects}", lake.relation("rejects", rejects))
    outcomes: dict[str, dict[str, int]] = {}
    for source, outcome, count in lake.engine.rows(
        sql, future=FUTURE, one_port=ONE_PORT, addresses_min=ADDRESSES_MIN, ports_share_min=PORTS_SHARE_MIN
    ):
        outcomes.setdefault(str(source), {})[str(outcome)] = int(str(count))
    return [
        SourceRun(
            source=source,
            run_at=run_at,
            sightings=sum(count for outcome, count in mix.items() if outcome not in SIGNS),
            outcomes=mix,
        )
        for source, mix in sorted(outcomes.items())
    ]
