"""From the lake to the book: the days of trouble of each subscriber, made anew for the days that have changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec

from tocsin.book import case_days, manifest
from tocsin.book.case_days import OBSERVERS_MAX, CaseDay
from tocsin.book.manifest import Made
from tocsin.engine import read_sql
from tocsin.lake import UNDATED, Lake
from tocsin.terms.addresses import format_address
from tocsin.terms.identity import digest
from tocsin.terms.roles import CASE_ROLES

_TABLE = "case_days"  # as the book's `made` names it


def group_days(lake: Lake) -> list[date]:
    """Bring the book's case days up to the lake's attributions; the days that were made anew.

    A day is made in one transaction and noted with the attributions that it was made from, so that a repeated or
    interrupted call does what is left and no more.
    """
    wanted = _inputs_by_day(lake)
    made = lake.made_from(_TABLE)
    done: list[date] = []
    for day in sorted({*wanted, *made}):
        inputs = wanted.get(day, "")
        if day in made and made[day].inputs == inputs:
            continue
        rows = list(group_day(lake, day, inputs)) if inputs else []
        with lake.book.write() as tx:
            case_days.replace_day(tx, day, rows)
            manifest.note_made(tx, _TABLE, day, Made(inputs, inputs[:40]))
        done.append(day)
    return done


def group_day(lake: Lake, day: date, generation: str) -> Iterator[CaseDay]:
    """The day's rows, as the lake has them now."""
    sql = read_sql(__package__, "groups")
    for name, days in (("attributions", [day]), ("sightings", [day]), ("bindings", [day, UNDATED])):
        sql = sql.replace(f"{{{name}}}", lake.scan(name, days))
    roles = [str(role) for role in CASE_ROLES]
    for batch in lake.engine.batches(sql, day=day, generation=generation, roles=roles, observers_max=OBSERVERS_MAX):
        for row in batch:
            yield msgspec.convert({name: _plain(name, value) for name, value in row.items()}, CaseDay)


def _inputs_by_day(lake: Lake) -> dict[date, str]:
    """A digest of the attribution files of each day. Files never change, so their names say it all."""
    paths: dict[date, list[str]] = {}
    for file in lake.files("attributions"):
        paths.setdefault(file.day, []).append(file.path)
    return {day: digest(*sorted(named)) for day, named in paths.items()}


def _plain(name: str, value: object) -> object:
    if isinstance(value, UUID):
        return str(value) if name == "last_sighting" else format_address(value)
    return value
