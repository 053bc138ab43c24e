"""From findings to sightings: when, who, how often, and whether the one named can be the one who did it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from tocsin.engine import Engine, Value, read_sql, table_of
from tocsin.evidence.dating import date_yearless
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.witness.own import never_accused
from tocsin.witness.services import Watch

_RULES = (
    *(
        ("number", "USMALLINT"),
        ("service_name", "VARCHAR"),
        ("name", "VARCHAR"),
        ("does", "VARCHAR"),
        ("kind", "VARCHAR"),
    ),
    *(("taxonomy", "VARCHAR"), ("confidence", "UTINYINT"), ("handshake", "BOOLEAN"), ("cve", "VARCHAR")),
    *(("application", "VARCHAR"), ("protocol", "VARCHAR"), ("sessions", "BOOLEAN")),
)
_BEHAVIOURS = (
    *(
        ("number", "USMALLINT"),
        ("service_name", "VARCHAR"),
        ("name", "VARCHAR"),
        ("rule", "USMALLINT"),
        ("at_least", "UINTEGER"),
    ),
    *(
        ("within_s", "UINTEGER"),
        ("by", "VARCHAR"),
        ("kind", "VARCHAR"),
        ("taxonomy", "VARCHAR"),
        ("confidence", "UTINYINT"),
    ),
    *(("application", "VARCHAR"), ("protocol", "VARCHAR")),
)
_NEVER = (("network", "UUID"), ("bits", "UTINYINT"), ("why", "VARCHAR"))

Row = dict[str, Value]


def judge(engine: Engine, watch: Watch, *, source: str, zone: ZoneInfo | None, latest: datetime) -> None:
    """Of the table `findings` the table `told_of` (sightings.sql). `latest`: what the log's own date says, aware."""
    _load(engine, "rules", _RULES, _rules(watch))
    _load(engine, "behaviours", _BEHAVIOURS, _behaviours(watch))
    _load(engine, "never", _NEVER, list(never_accused()))
    _date(engine, zone, latest)
    for question in ("accused", "shown"):
        engine.run(read_sql(__package__, question))
    engine.run(read_sql(__package__, "sightings"), source=source)


def told_rows(engine: Engine) -> Iterator[Row]:
    """The rows of `told_of` in the order of the log; absent values are absent."""
    for batch in engine.batches(read_sql(__package__, "told")):
        for row in batch:
            yield {name: value for name, value in row.items() if value is not None}


def _load(engine: Engine, name: str, columns: tuple[tuple[str, str], ...], rows: list[tuple[object, ...]]) -> None:
    values = [[row[place] for row in rows] for place in range(len(columns))]
    engine.add("loaded", table_of(columns, values))
    # Arrow has no UUID that the engine knows: it comes as a BLOB.
    named = ", ".join(f'"{column}"::{kind} AS "{column}"' for column, kind in columns)
    engine.run(f"CREATE OR REPLACE TABLE {name} AS SELECT {named} FROM loaded")
    engine.drop("loaded")


def _rules(watch: Watch) -> list[tuple[object, ...]]:
    return [
        (
            *(each.number, each.service_name, each.rule.name, each.rule.does, each.rule.kind),
            *(TAXONOMY_BY_KIND.get(each.rule.kind, ""), each.rule.confidence, each.rule.handshake, each.rule.cve),
            *(each.service.application, each.service.protocol, each.service.sessions),
        )
        for each in watch.rules
    ]


def _behaviours(watch: Watch) -> list[tuple[object, ...]]:
    number_by_rule = {(each.service_name, each.rule.name): each.number for each in watch.rules}
    pairs = [(name, service, behaviour) for name, service in watch.services.items() for behaviour in service.behaviours]
    return [
        (
            *(number, name, behaviour.name, number_by_rule[name, rule], behaviour.at_least, behaviour.within_s),
            *(behaviour.distinct, behaviour.kind, TAXONOMY_BY_KIND[behaviour.kind], behaviour.confidence),
            *(service.application, service.protocol),
        )
        for number, (name, service, behaviour) in enumerate(pairs)
        for rule in behaviour.of
    ]


def _date(engine: Engine, zone: ZoneInfo | None, latest: datetime) -> None:
    """Year-less lines get their year, and then their place in UTC."""
    if zone is None or engine.rows("SELECT count(local_at) FROM findings") == [(0,)]:
        return
    date_yearless(engine, zone, latest)
    engine.run(read_sql(__package__, "dated"))
