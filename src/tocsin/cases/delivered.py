"""Of which days each source has told anything: from the lake, and from files in which nothing stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from tocsin.book import manifest, quiet_days
from tocsin.book.manifest import Made
from tocsin.engine import read_sql
from tocsin.lake import Lake
from tocsin.terms.identity import digest
from tocsin.terms.moments import utc_day

USUAL_LAG_DAYS = 1  # of a source that has never told anything: a daily file comes the day after
NAMED_DAYS_MAX = 31  # a file's name may say which day it is about, so long ago at most
_TABLE = "delivered_days"  # as the book's `made` names it
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d\d)-?(\d\d)-?(\d\d)(?!\d)")


def note_delivered(lake: Lake) -> list[date]:
    """Bring the book's delivered days up to the lake; the days that were made anew. Repeated, it does what is left."""
    paths: dict[date, list[str]] = {}
    for file in lake.files("sightings"):
        paths.setdefault(file.day, []).append(file.path)
    empty = _empty_by_day(lake)
    made = lake.made_from(_TABLE)
    changed = []
    for day in sorted({*paths, *empty, *made}):
        told, silent = sorted(paths.get(day, ())), sorted(empty.get(day, ()))
        inputs = digest(*told, "empty", *silent) if told or silent else ""
        if day in made and made[day].inputs == inputs:
            continue
        counted = dict.fromkeys(silent, 0) | (_count(lake, day) if told else {})
        with lake.book.write() as tx:
            quiet_days.replace_delivered(tx, day, counted)
            manifest.note_made(tx, _TABLE, day, Made(inputs, inputs[:40]))
        changed.append(day)
    return changed


def _count(lake: Lake, day: date) -> dict[str, int]:
    sql = read_sql(__package__, "delivered").replace("{sightings}", lake.scan("sightings", [day]))
    return {str(source): int(str(count)) for source, count in lake.engine.rows(sql)}


def _empty_by_day(lake: Lake) -> dict[date, set[str]]:
    with lake.book.read() as tx:
        empties = quiet_days.empties(tx)
        lags = quiet_days.lags(tx, {source for source, _, _ in empties})
    return days_of_empties(empties, lags)


def days_of_empties(empties: Iterable[tuple[str, str, datetime]], lags: Mapping[str, int]) -> dict[date, set[str]]:
    """By day the sources that said of it that they saw nothing.

    A file is about the day in its name, where one stands there that is not past its coming; else about the day that
    this source's files usually tell of when they come.
    """
    found: dict[date, set[str]] = {}
    for source, name, at in empties:
        came = utc_day(at)
        day = _named_day(name)
        if day is None or not timedelta(0) <= came - day <= timedelta(days=NAMED_DAYS_MAX):
            day = came - timedelta(days=lags.get(source, USUAL_LAG_DAYS))
        found.setdefault(day, set()).add(source)
    return found


def _named_day(name: str) -> date | None:
    match = _DAY_IN_NAME.search(name)
    if match is None:
        return None
    try:
        return date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
