"""The two questions that scorecards ask of the lake."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date
from uuid import UUID

from tocsin.book import evidence
from tocsin.engine import read_sql
from tocsin.lake import Lake
from tocsin.measure.scorecards import Delay, NetworkCount, span_of
from tocsin.terms.roles import CASE_ROLES


def count_networks(lake: Lake, networks: Sequence[str], days: Sequence[date]) -> list[NetworkCount]:
    """What was seen in each of these networks on these days, in their order."""
    if not networks:
        return []
    spans = [span_of(each) for each in networks]
    sql = read_sql(__package__, "networks").replace("{sightings}", lake.scan("sightings", days))
    rows = lake.engine.rows(
        sql,
        networks=list(networks),
        firsts=[UUID(int=first) for first, _ in spans],
        lasts=[UUID(int=last) for _, last in spans],
        roles=[str(role) for role in CASE_ROLES],
    )
    counted = {str(name): (int(str(sightings)), int(str(addresses))) for name, sightings, addresses in rows}
    nothing = (0, 0)
    return [
        NetworkCount(network=each, sightings=counted.get(each, nothing)[0], addresses=counted.get(each, nothing)[1])
        for each in networks
    ]


def measure_delays(lake: Lake, days: Sequence[date]) -> dict[str, Delay]:
    """By source, over the sightings of these days that came by evidence that the book still knows."""
    with lake.book.read() as tx:
        received = {each.sha256: each.received_at for each in reversed(evidence.every(tx))}  # the first of each
    if not received:
        return {}
    sql = read_sql(__package__, "delays")
    for name in ("sightings", "pieces"):
        sql = sql.replace(f"{{{name}}}", lake.scan(name, days))
    moments = [moment.astimezone(UTC).replace(tzinfo=None) for moment in received.values()]
    return {
        str(source): Delay(
            source=str(source), sightings=int(str(count)), median_h=float(str(median)), ninth_h=float(str(ninth))
        )
        for source, count, median, ninth in lake.engine.rows(sql, digests=list(received), moments=moments)
    }
