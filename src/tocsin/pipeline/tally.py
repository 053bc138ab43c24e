"""Counting what the start page shows, once for each change of the lake: never when somebody looks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import cast

from tocsin.book import figures, manifest
from tocsin.book.figures import OutcomeDay, Reach
from tocsin.book.manifest import Made
from tocsin.engine import read_sql
from tocsin.lake import UNDATED, Lake
from tocsin.terms.identity import digest

GAPS_DAYS = 30
GAPS_MAX = 50  # of one log; the newest are kept
_DAYS, _REACHES = "outcome_days", "log_reaches"  # as the book's `made` names them


def tally(lake: Lake) -> None:
    """Bring both tables up to the lake. Repeated or interrupted, it does what is left and no more."""
    count_outcome_days(lake)
    note_reaches(lake)


def count_outcome_days(lake: Lake) -> list[date]:
    """Count the days whose attributions have changed; those days."""
    wanted = _inputs_by_day(lake)
    made = lake.made_from(_DAYS)
    changed = [day for day in sorted({*wanted, *made}) if day not in made or made[day].inputs != wanted.get(day, "")]
    for day in changed:
        inputs = wanted.get(day, "")
        counted = list(_count(lake, day)) if inputs else []
        with lake.book.write() as tx:
            figures.replace_outcomes(tx, day, counted)
            manifest.note_made(tx, _DAYS, day, Made(inputs, inputs[:40]))
    return changed


def _count(lake: Lake, day: date) -> Iterator[OutcomeDay]:
    sql = read_sql(__package__, "outcomes").replace("{attributions}", lake.scan("attributions", [day]))
    for outcome, reason, count in lake.engine.rows(sql):
        yield OutcomeDay(day, str(outcome), str(reason), int(str(count)))


def _inputs_by_day(lake: Lake) -> dict[date, str]:
    """A digest of the attribution files of each day. Files never change, so their names say it all."""
    paths: dict[date, list[str]] = {}
    for file in lake.files("attributions"):
        paths.setdefault(file.day, []).append(file.path)
    return {day: digest(*sorted(named)) for day, named in paths.items()}


def note_reaches(lake: Lake) -> bool:
    """How far each log has been read, and its silences; True when it was noted anew."""
    files = lake.files("coverage")
    inputs = digest("reaches", *(file.path for file in files))
    before = lake.made_from(_REACHES).get(UNDATED)
    if before is not None and before.inputs == inputs:
        return False
    found = list(_reaches(lake))
    with lake.book.write() as tx:
        figures.replace_reaches(tx, found)
        manifest.note_made(tx, _REACHES, UNDATED, Made(inputs, inputs[:40]))
    return True


def _reaches(lake: Lake) -> Iterator[Reach]:
    sql = read_sql(__package__, "reaches").replace("{coverage}", lake.scan("coverage"))
    rows = lake.engine.rows(sql, days=GAPS_DAYS, gaps_max=GAPS_MAX)
    for log, read_from, read_until, endless, starts, ends in cast("list[_ReachRow]", rows):
        gaps = tuple(zip(map(_utc, starts or ()), map(_utc, ends or ()), strict=True))
        yield Reach(log, None if endless else read_from, None if endless else read_until, gaps)


_ReachRow = tuple[str, datetime, datetime, bool, "list[datetime] | None", "list[datetime] | None"]


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC)  # moments within a list come without their zone
