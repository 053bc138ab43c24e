"""On which days something seen at a subscriber's line would have been known as theirs, of those with a case."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from tocsin.attribution.config import AttributionConfig
from tocsin.attribution.margins import Place, Stretch, coverage_in, make_places, places_loaded
from tocsin.book import manifest, quiet_days
from tocsin.book.manifest import File, Made
from tocsin.book.quiet_days import LineDay, Watched
from tocsin.cases.silence import DAYS_MAX
from tocsin.engine import read_sql, table_of
from tocsin.lake import UNDATED, Lake
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment, utc_day

RULES = 1  # one more whenever line_days.sql may answer otherwise
DAY_S = 86_400
_TABLE = "line_days"  # as the book's `made` names it
_DAY = timedelta(days=1)
_FOLLOWED = (("subscriber", "UINTEGER"), ("account", "UINTEGER"))
_BLIND = (("place", "UINTEGER"), ("blind_s", "UINTEGER"))


def note_line_days(lake: Lake, config: AttributionConfig, *, at: datetime) -> list[date]:
    """Bring the book's line days up to the lake, up to yesterday; the days on which something was made anew.

    A day is made again for everybody when its bindings or what the logs cover of it have changed; else only for those
    of whom nothing is known yet, or whose accounts are others.
    """
    with lake.book.read() as tx:
        watched = quiet_days.lines_to_watch(tx)
    days = _days(watched, utc_day(at))
    if not days:
        return []
    known = _Known(lake, config, days)
    made = lake.made_from(_TABLE)
    changed = []
    for day in days:
        wanted = _wanted(watched, day)
        inputs = known.inputs(day)
        whole = day not in made or made[day].inputs != inputs
        missing = wanted if whole else _missing(lake, day, wanted)
        if whole or missing:
            rows = list(_lines(lake, known, day, missing))
            with lake.book.write() as tx:
                quiet_days.put_lines(tx, day, rows, whole=whole)
                manifest.note_made(tx, _TABLE, day, Made(inputs, inputs[:40]))
            changed.append(day)
    return changed


def _days(watched: Sequence[Watched], today: date) -> list[date]:
    first = max(min((each.since for each in watched), default=today) + _DAY, today - DAYS_MAX * _DAY)
    return [first + number * _DAY for number in range((today - first).days)]


def _wanted(watched: Sequence[Watched], day: date) -> dict[int, tuple[int, ...]]:
    """By subscriber the accounts that were theirs for the whole of the day."""
    first, last = _window(day)
    found: dict[int, set[int]] = defaultdict(set)
    for each in watched:
        if each.since < day and each.starts_at <= first and (each.ends_at is None or each.ends_at >= last):
            found[each.subscriber].add(each.account)
    return {subscriber: tuple(sorted(accounts)) for subscriber, accounts in found.items()}


def _missing(lake: Lake, day: date, wanted: Mapping[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
    with lake.book.read() as tx:
        known = quiet_days.known_lines(tx, day)
    return {number: accounts for number, accounts in wanted.items() if known.get(number) != _listed(accounts)}


class _Known:
    """What the lake says of these days, read once: the files of bindings, and what the logs cover."""

    def __init__(self, lake: Lake, config: AttributionConfig, days: Sequence[date]) -> None:
        self.config = config
        self.coverage = coverage_in(lake, (_window(days[0])[0], _window(days[-1])[1]))
        self._files: dict[date, list[File]] = defaultdict(list)
        for file in lake.files("bindings"):
            self._files[file.day].append(file)

    def files(self, day: date) -> list[File]:
        return [*self._files.get(UNDATED, ()), *self._files.get(day, ())]

    def inputs(self, day: date) -> str:
        """A digest of what the answers of that day depend on."""
        config = self.config
        spans = [
            f"{each.log} {each.network}/{each.prefix_bits} {format_moment(first)}/{format_moment(last)}"
            for each in self.coverage
            for first, last in _clipped(each.stretches, _window(day))
        ]
        logs = [f"{log.name} {' '.join(log.prefixes)} {' '.join(log.inside_logs)}" for log in config.logs]
        prefixes = (" ".join(sorted(config.prefixes)), " ".join(sorted(config.shared_prefixes)))
        paths = sorted(file.path for file in self.files(day))
        return digest(str(RULES), *prefixes, *logs, "files", *paths, "spans", *sorted(spans))

    def places(self, day: date) -> list[Place]:
        window = _window(day)
        told = [
            msgspec.structs.replace(each, stretches=tuple(_clipped(each.stretches, window))) for each in self.coverage
        ]
        return make_places(self.config, [*told])


def _lines(lake: Lake, known: _Known, day: date, wanted: Mapping[int, tuple[int, ...]]) -> Iterator[LineDay]:
    if not wanted:
        return
    places = known.places(day)
    blind = [DAY_S - _covered_s(place) for place in places]
    pairs = [(number, account) for number, accounts in wanted.items() for account in accounts]
    engine = lake.engine
    engine.add("line_followed", table_of(_FOLLOWED, ([pair[0] for pair in pairs], [pair[1] for pair in pairs])))
    engine.add("line_places", table_of(_BLIND, (list(range(len(places))), blind)))
    sql = read_sql(__package__, "line_days").replace("{bindings}", lake.relation("bindings", known.files(day)))
    first, last = _window(day)
    otherwise = max((s for s, place in zip(blind, places, strict=True) if place.ours), default=DAY_S)
    try:
        with places_loaded(engine, known.config, places):
            for number, held_s, blind_s in engine.rows(sql, first=first, last=last, otherwise=otherwise):
                subscriber = int(str(number))
                yield LineDay(
                    subscriber=subscriber,
                    day=day,
                    accounts=_listed(wanted[subscriber]),
                    held_s=int(str(held_s)),
                    blind_s=int(str(blind_s)),
                )
    finally:
        engine.drop("line_followed")
        engine.drop("line_places")


def _covered_s(place: Place) -> int:
    """Seconds of the day that all the place's logs cover; its stretches may overlap, none lies within another."""
    total, until = timedelta(0), datetime.min.replace(tzinfo=UTC)
    for first, last in place.stretches:
        total += max(last - max(first, until), timedelta(0))
        until = max(until, last)
    return int(total.total_seconds())


def _clipped(stretches: Sequence[Stretch], window: Stretch) -> list[Stretch]:
    first, last = window
    return [(max(a, first), min(b, last)) for a, b in stretches if b > first and a < last]


def _window(day: date) -> Stretch:
    first = datetime.combine(day, time(), UTC)
    return first, first + _DAY


def _listed(accounts: Sequence[int]) -> str:
    return ",".join(map(str, accounts))
