"""Attribution of whole days: which subscriber each sighting belongs to. The rules stand in resolve.sql.

A day is made again only when something that its answers depend on has changed: its sightings, the bindings of the days
that its spans touch, what the logs cover there, the contracts of that time, or the margins.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from typing import cast
from uuid import UUID

import msgspec

from tocsin.attribution.config import SPAN_S_MAX, AttributionConfig
from tocsin.attribution.margins import Place, Stretch, coverage_in, make_places, places_loaded
from tocsin.book.contracts import contract_columns
from tocsin.engine import Engine, Value, read_sql, table_of
from tocsin.lake import Lake
from tocsin.lake.lake import Writing
from tocsin.terms.identity import digest

RULES = 3  # one more whenever resolve.sql may answer otherwise: every day is then made again
BUCKET_ROWS = 2_500_000  # sightings resolved at once; what bounds the memory
_STEPS = ("seen", "divided", "hits", "longest", "sharing")
_DAY = timedelta(days=1)
_V4_FIRST, _V4_LAST = UUID(int=0xFFFF << 32), UUID(int=(0xFFFF << 32) + (1 << 32) - 1)
SIGHTING_COLUMNS = ("id", "seen_at", "seen_until", "precision_s", "role", "address", "port", "protocol", "source")
BINDING_COLUMNS = (
    "binding",
    "binding_kind",
    "account",
    "network",
    "prefix_bits",
    "port_first",
    "port_last",
    "protocol",
    "starts_at",
    "ends_at",
    "doubt_until",
    "doubt",
)


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked: sightings and bindings (SQL), and the lengths of the prefixes in the second and in the places."""

    sightings: str
    bindings: str
    lengths: tuple[int, ...]
    places: tuple[Place, ...]


@contextmanager
def answers(engine: Engine, config: AttributionConfig, question: Question) -> Iterator[str]:
    """Runs the steps that lead to resolve.sql; yields its text, which takes `$generation`.

    The tables of `places_loaded` and `contracts_loaded` must be there. One question at a time.
    """
    keys = f"keys AS NOT MATERIALIZED ({read_sql(__package__, 'keys')})"
    held = f"held AS NOT MATERIALIZED ({question.bindings})"
    try:
        _step(
            engine,
            "seen",
            f"asked AS NOT MATERIALIZED ({_asked(question)})",
            accuracy_s=config.accuracy_s,
            span_s_max=SPAN_S_MAX,
        )
        _step(engine, "divided", f"{keys}, {held}", lengths=question.lengths)
        _step(engine, "hits", f"{keys}, {held}", lengths=question.lengths)
        _step(engine, "longest")
        _step(engine, "sharing", f"{keys}, {held}", lengths=question.lengths)
        yield read_sql(__package__, "resolve")
    finally:
        for name in _STEPS:
            engine.run(f"DROP TABLE IF EXISTS resolver_{name}")


def _step(engine: Engine, name: str, reads: str = "", **params: Value) -> None:
    """Puts the rows of `name`.sql into the table `resolver_name`; `reads` are the relations that it names."""
    head = f"WITH {reads}" if reads else ""
    query = f"{head} SELECT step.* FROM ({read_sql(__package__, name)}) step"
    engine.run(f"CREATE OR REPLACE TEMP TABLE resolver_{name} AS {query}", **params)


def attribute_days(
    lake: Lake, writing: Writing, config: AttributionConfig, *, at: datetime, days: Sequence[date] | None = None
) -> list[date]:
    """Bring the attributions of those days (of every day with sightings) up to date; returns the days made again."""
    made = lake.made_from("attributions")
    redone = []
    with contracts_loaded(lake):
        for day in lake.days("sightings") if days is None else days:
            task = _plan(lake, config, day)
            known = made.get(day)
            if task is not None and (known is None or known.inputs != task.inputs):
                _redo(lake, writing, config, task, at)
                redone.append(day)
    return redone


class _Task(msgspec.Struct, frozen=True, kw_only=True):
    day: date
    rows: int
    days: tuple[date, ...]
    places: tuple[Place, ...]
    inputs: str


def _plan(lake: Lake, config: AttributionConfig, day: date) -> _Task | None:
    """What making that day needs, or None where it has no sightings. Reads two columns and the coverage."""
    sightings = lake.files("sightings", [day])
    if not sightings:
        return None
    window = _window(lake, config, day)
    days = days_of(window)
    bindings = lake.files("bindings", days)
    places = make_places(config, coverage_in(lake, window))
    inputs = digest(
        str(RULES),
        config.digest(),
        *(file.path for file in sightings),
        "bindings",
        *(file.path for file in bindings),
        "places",
        *(place.digest(window) for place in places),
        "contracts",
        _contracts_digest(lake.engine, window),
    )
    return _Task(
        day=day,
        rows=sum(file.rows for file in sightings),
        days=tuple(sorted({file.day for file in bindings} | {day})),
        places=tuple(places),
        inputs=inputs,
    )


def _redo(lake: Lake, writing: Writing, config: AttributionConfig, task: _Task, at: datetime) -> None:
    name = f"attributed-{task.day:%Y%m%d}-{task.inputs[:16]}"
    batch = writing.batch(name, kind="attributions", at=at)
    batch.replace("attributions", [task.day])
    with places_loaded(lake.engine, config, task.places):
        ranges = _ranges(lake, task)
        if len(ranges) == 1:
            with answers(lake.engine, config, _question(lake, task)) as sql:
                batch.add("attributions", task.day, sql, generation=name)
        else:
            _answer_in_turn(lake, config, task, ranges, name)
            batch.add("attributions", task.day, f"SELECT {_ANSWER_COLUMNS} FROM resolver_answers")
            lake.engine.run("DROP TABLE resolver_answers")
    batch.made("attributions", task.day, task.inputs)
    batch.commit()


_ANSWER_COLUMNS = (
    "sighting, seen_at, outcome, reason, subscriber, account, binding, bindings, sharers, margin_s, generation"
)


def _answer_in_turn(
    lake: Lake, config: AttributionConfig, task: _Task, ranges: list[tuple[UUID, UUID]], name: str
) -> None:
    """A big day in ranges of addresses, each within the memory; the answers are gathered (and spilled) in a table."""
    for place, (first, last) in enumerate(ranges):
        head = "INSERT INTO resolver_answers" if place else "CREATE OR REPLACE TEMP TABLE resolver_answers AS"
        with answers(lake.engine, config, _question(lake, task, first, last)) as sql:
            lake.engine.run(f"{head} SELECT {_ANSWER_COLUMNS} FROM ({sql})", generation=name)


def _question(lake: Lake, task: _Task, first: UUID | None = None, last: UUID | None = None) -> Question:
    """The day's question, for sightings of addresses `first` to `last` where these are given."""
    lengths = prefix_lengths(lake, task.days)
    asked = f"SELECT {', '.join(SIGHTING_COLUMNS)} FROM {lake.scan('sightings', [task.day])}"
    only = ""
    if first is not None and last is not None:
        asked += f" WHERE address BETWEEN '{first}'::UUID AND '{last}'::UUID"
        shortest = min((bits for bits in lengths if bits >= 96 or not _V4_FIRST <= first <= _V4_LAST), default=128)
        reach = UUID(int=first.int >> (128 - shortest) << (128 - shortest))
        only = f"network BETWEEN '{reach}'::UUID AND '{last}'::UUID"
    return Question(
        sightings=f"({asked})",
        bindings=bindings_of(lake, task.day, task.days, only),
        lengths=lengths,
        places=task.places,
    )


def days_of(window: Stretch) -> list[date]:
    """The days that the window touches."""
    first, last = window[0].date(), window[1].date()
    return [first + place * _DAY for place in range((last - first).days + 1)]


def bindings_of(lake: Lake, day: date, days: Sequence[date], only: str = "") -> str:
    """The bindings that stand in those days, each once, as a query; `only` is a condition on their networks.

    A binding stands, with its whole span, in every day that it touches. It is taken from the file of `day` where it
    touches that; else from the day it starts in (later days) or the last one it touches (earlier days).
    """
    parts = []
    for each in sorted({*days, day}):
        start, end = f"TIMESTAMP '{each} 00:00:00'", f"TIMESTAMP '{each + _DAY} 00:00:00'"
        touches = f"(doubt_until > {start} OR starts_at >= {start}) AND starts_at < {end}"
        condition = {
            -1: f"{touches} AND doubt_until <= {end}",
            0: touches,
            1: f"starts_at >= {start} AND starts_at < {end}",
        }[(each > day) - (each < day)]
        also = f" AND {only}" if only else ""
        parts.append(
            f"SELECT {', '.join(BINDING_COLUMNS)} FROM {lake.scan('bindings', [each])} WHERE {condition}{also}"
        )
    return "\nUNION ALL ".join(parts)


def prefix_lengths(lake: Lake, days: Sequence[date]) -> tuple[int, ...]:
    rows = lake.engine.rows(f"SELECT DISTINCT prefix_bits FROM {lake.scan('bindings', days)} ORDER BY prefix_bits")
    return tuple(int(str(row[0])) for row in rows)


def masked(address: UUID, lengths: Sequence[int]) -> list[UUID]:
    """The first addresses of the networks of those lengths around an address."""
    return sorted({UUID(int=address.int >> (128 - bits) << (128 - bits)) for bits in lengths})


def _asked(question: Question) -> str:
    """Each sighting with the number of the longest configured prefix that contains it."""
    joins, found = [], []
    for bits in sorted({place.prefix_bits for place in question.places}, reverse=True):
        family = "" if bits >= 96 else f" AND s.address NOT BETWEEN '{_V4_FIRST}'::UUID AND '{_V4_LAST}'::UUID"
        joins.append(
            f"LEFT JOIN resolver_places p{bits} ON p{bits}.prefix_bits = {bits}"
            f" AND p{bits}.network = network_of(s.address, {bits}){family}"
        )
        found.append(f"p{bits}.place")
    place = f"coalesce({', '.join(found)})" if found else "NULL::UINTEGER"
    columns = ", ".join(f"s.{name}" for name in SIGHTING_COLUMNS)
    return f"SELECT {columns}, {place} AS place FROM {question.sightings} s {' '.join(joins)}"


def _window(lake: Lake, config: AttributionConfig, day: date) -> Stretch:
    """From the earliest to the latest moment that a span of the day's sightings may touch, margins included."""
    ((last,),) = lake.engine.rows(
        "SELECT max(least(greatest(seen_at, coalesce(seen_until, seen_at)) + to_seconds(coalesce(precision_s, 0)),"
        f" seen_at + to_seconds($span_s_max))) FROM {lake.scan('sightings', [day])}",
        span_s_max=SPAN_S_MAX,
    )
    margin = timedelta(seconds=config.margin_s_max)
    start = datetime.combine(day, time(), UTC)
    return start - margin, max(cast("datetime", last), start + _DAY) + margin


def _ranges(lake: Lake, task: _Task) -> list[tuple[UUID, UUID]]:
    """Ranges of addresses that hold about BUCKET_ROWS sightings each and, together, every address."""
    count = -(-task.rows // BUCKET_ROWS)
    cuts: list[UUID] = []
    if count > 1:
        shares = [place / count for place in range(1, count)]
        ((found,),) = lake.engine.rows(
            "SELECT quantile_disc(address, $shares) "
            f"FROM {lake.scan('sightings', [task.day])} WHERE id::UHUGEINT % 64 = 0",
            shares=shares,
        )
        cuts = sorted(set(cast("list[UUID] | None", found) or ()))
    firsts = [UUID(int=0), *cuts]
    lasts = [*(UUID(int=cut.int - 1) for cut in cuts), UUID(int=(1 << 128) - 1)]
    return list(zip(firsts, lasts, strict=True))


@contextmanager
def contracts_loaded(lake: Lake, accounts: Sequence[int] | None = None) -> Iterator[None]:
    """The book's contracts (of those accounts) as the table that resolve.sql joins: one row an account."""
    with lake.book.read() as tx:
        columns = contract_columns(tx, accounts)
    kinds = (("account", "UINTEGER"), ("subscriber", "UINTEGER"), ("starts_at", "TIMESTAMP"), ("ends_at", "TIMESTAMP"))
    lake.engine.add("resolver_contract_rows", table_of(kinds, columns))
    try:
        lake.engine.run(
            "CREATE OR REPLACE TEMP TABLE resolver_contracts AS SELECT account,"
            " list(struct_pack(subscriber := subscriber, starts_at := starts_at, ends_at := ends_at)) AS spans"
            " FROM resolver_contract_rows GROUP BY account"
        )
        yield
    finally:
        lake.engine.drop("resolver_contract_rows")
        lake.engine.run("DROP TABLE IF EXISTS resolver_contracts")


def _contracts_digest(engine: Engine, window: Stretch) -> str:
    """Of the contracts that an answer within the window may depend on."""
    ((found,),) = engine.rows(
        "SELECT count(*) || ':' || sum(hash(account, subscriber, greatest(starts_at, $first),"
        " least(coalesce(ends_at, $last), $last)))"
        " FROM resolver_contract_rows WHERE starts_at <= $last AND (ends_at IS NULL OR ends_at > $first)",
        first=window[0],
        last=window[1],
    )
    return str(found)
