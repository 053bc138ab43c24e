"""The flows behind what `detect --lake` has told, kept in the lake: theirs and nobody else's, as long as configured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from uuid import UUID

from tocsin.engine import read_sql
from tocsin.engine.engine import type_of_value
from tocsin.lake.lake import Writing
from tocsin.pipeline.detected_lake import Told, evidence_sha256, told_of
from tocsin.pipeline.house import House
from tocsin.terms.addresses import format_address, parse_address
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment, parse_moment
from tocsin.traffic.behind import Wanted, copy_flows
from tocsin.traffic.judge import Judgement
from tocsin.traffic.read import Traffic
from tocsin.traffic.verdict import Finding

FLOWS_EACH_MAX = 1_000  # of one sighting: the first ones
TABLE = "flows"


def keep_flows(house: House, judgement: Judgement, traffic: Traffic) -> int:
    """Keep the flows behind each sighting of this judgement that has none yet; returns how many.

    `keep_verdicts` came first. Raises Busy while another process writes the table.
    """
    told = told_of(judgement)
    if not told:
        return 0
    path = traffic.engine.work_dir / "behind.parquet"
    copy_flows(traffic, list(_wanted(told)), path, most=FLOWS_EACH_MAX)
    try:
        with house.lake.writing(TABLE) as writing:
            return _write(house, writing, path, told)
    finally:
        path.unlink(missing_ok=True)


def _wanted(told: Sequence[Told]) -> Iterator[Wanted]:
    for number, each in enumerate(told, 1):
        for finding in each.rests_on:
            for called in _called(finding):
                yield Wanted(
                    told=number,
                    host=parse_address(str(each.sighting["address"])),
                    first_at=parse_moment(str(each.sighting["seen_at"])),
                    last_at=parse_moment(str(each.sighting["seen_until"])),
                    called=called,
                    called_port=finding.port,
                    protocol=finding.protocol,
                )


def _called(finding: Finding) -> list[UUID | None]:
    """Whom the flows behind it went to: one peer; anybody, on its port; or the strangers that it names, if any.

    What is about names alone names nobody: no flow is behind it.
    """
    if finding.peer or finding.port is not None:
        return [parse_address(finding.peer) if finding.peer else None]
    return [parse_address(each) for each in finding.peers]


def _write(house: House, writing: Writing, path: Path, told: Sequence[Told]) -> int:
    """Which sighting each line of the evidence has become stands in `pieces`."""
    engine, lake = house.engine, house.lake
    days = sorted({parse_moment(str(each.sighting["seen_at"])).date() for each in told})
    where = str(path).replace("'", "''")
    relations = (
        ("behind", f"read_parquet('{where}')"),
        ("pieces", lake.scan("pieces", days)),
        ("kept", lake.scan(TABLE)),
    )
    for name, relation in relations:
        engine.run(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {relation}")
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE fresh AS {read_sql(__package__, 'kept_flows')}",
        sha256=evidence_sha256(told),
        sampled=max(each.sampled for each in told),
    )
    rows = _batch(house, writing)
    engine.run("DROP TABLE fresh; DROP VIEW behind; DROP VIEW pieces; DROP VIEW kept")
    return rows


def _batch(house: House, writing: Writing) -> int:
    fresh = house.engine.rows('SELECT DISTINCT sighting, "at"::DATE AS day FROM fresh ORDER BY ALL')
    if not fresh:
        return 0
    name = digest(TABLE, *(str(each) for row in fresh for each in row))[:40]
    batch = writing.batch(name, kind=TABLE, at=house.now)
    rows = 0
    for day in sorted({day for _, day in fresh if isinstance(day, date)}):
        rows += batch.add(TABLE, day, 'SELECT * FROM fresh WHERE "at"::DATE = $this_day', this_day=day)
    batch.commit()
    return rows


def flows_behind(house: House, sighting: UUID) -> Iterator[dict[str, object]]:
    """The kept flows of one sighting in the order of time; none once they are gone. Absent values are absent keys."""
    house.engine.run(f"CREATE OR REPLACE VIEW flows AS SELECT * FROM {house.lake.scan(TABLE)}")
    for batch in house.engine.batches(read_sql(__package__, "flows_behind"), sighting=sighting):
        for row in batch:
            yield {
                name: _shown(value)
                for name, value in row.items()
                if value is not None and (name, value) != ("sampled", 1)
            }


def _shown(value: type_of_value) -> object:
    if isinstance(value, UUID):
        return format_address(value)
    return format_moment(value) if isinstance(value, datetime) else value
