"""Lease events folded into the bindings of each day: who held which network, from when until when, and how surely."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from tocsin.attribution.bindings.logs import LogConfig, logs_digest
from tocsin.book.manifest import File
from tocsin.engine import Engine, read_sql, table_of
from tocsin.lake import TABLES, UNDATED
from tocsin.lake.lake import Writing
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment

RULES_NUMBER = 3  # raised when the fold's rules change, so that every day is folded anew
_STEPS = ("fold_events", "fold_sessions", "fold_ends", "fold_times")
_BINDING = ", ".join(name for name, _ in TABLES["bindings"].columns)
_SCRATCH = (
    *(
        "nases",
        "keys",
        "evidence",
        "events",
        "nas_marks",
        "begun",
        "stop_marks",
        "begins",
        "parts",
        "sessions",
        "silences",
    ),
    *("held", "spans", "times", "doubts", "logs", "usual", "leases", "lease_doubts", "touching", "inside_logs", "vrfs"),
)
_LOG_COLUMNS = (("log", "VARCHAR"), ("interim_s", "UINTEGER"), ("gap_s_max", "UINTEGER"), ("accuracy_s", "UINTEGER"))
_INSIDE_COLUMNS = (("log", "VARCHAR"), ("inside_log", "VARCHAR"))
_USUAL_COLUMNS = (("account", "UINTEGER"), ("line", "VARCHAR"), ("starts_at", "TIMESTAMP"), ("ends_at", "TIMESTAMP"))


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """`session_days`: how many days before and after a day are read for it; more than a session is silent for."""

    session_days: int = 2
    lines_share_accounts: bool = False  # one login for many lines is how this provider works


class UsualLines(msgspec.Struct, frozen=True, kw_only=True):
    """What contracts say of an account's line, a list a column: a circuit id, a port's name or a station's address."""

    accounts: Sequence[int] = ()
    lines: Sequence[str] = ()
    starts_at: Sequence[datetime] = ()
    ends_at: Sequence[datetime | None] = ()

    def digest(self) -> str:
        rows = zip(self.accounts, self.lines, self.starts_at, self.ends_at, strict=True)
        return digest(
            *(
                f"{account}\n{line}\n{format_moment(first)}\n{format_moment(last) if last else ''}"
                for account, line, first, last in sorted(rows, key=lambda row: (row[0], row[2], row[1]))
            )
        )


class Folded(msgspec.Struct, frozen=True):
    """A day's bindings: how many, by which generation, and whether they had to be made anew."""

    day: date
    rows: int
    generation: str
    anew: bool


_RULES = Rules()
_NOTHING_USUAL = UsualLines()


def fold_days(
    writing: Writing,
    days: Sequence[date],
    logs: Sequence[LogConfig],
    *,
    at: datetime,
    rules: Rules = _RULES,
    usual: UsualLines = _NOTHING_USUAL,
) -> list[Folded]:
    """Bring the bindings of these days up to date, under the right to write `bindings`; a batch a day.

    A day is made anew only when what it is made from has changed: the lease events of its days, the logs' settings,
    the rules or the usual lines.
    """
    lake = writing.lake
    made = lake.made_from("bindings")
    settings = digest(
        str(RULES_NUMBER), logs_digest(logs), usual.digest(), str(rules.session_days), str(rules.lines_share_accounts)
    )
    folded = []
    for day in sorted(set(days)):
        files = lake.files("lease_events", _days_read(day, rules.session_days))
        inputs = digest(settings, *(file.path for file in files))
        before = made.get(day)
        if before is not None and before.inputs == inputs:
            rows = sum(file.rows for file in lake.files("bindings", [day]))
            folded.append(Folded(day, rows, before.generation, anew=False))
        else:
            folded.append(_fold_day(writing, day, files, logs, inputs, at=at, rules=rules, usual=usual))
    return folded


def _days_read(day: date, around: int) -> list[date]:
    return [UNDATED, *(day + timedelta(days=distance) for distance in range(-around, around + 1))]


def _fold_day(
    writing: Writing,
    day: date,
    files: Sequence[File],
    logs: Sequence[LogConfig],
    inputs: str,
    *,
    at: datetime,
    rules: Rules,
    usual: UsualLines,
) -> Folded:
    lake = writing.lake
    batch = writing.batch(f"bindings-{day.isoformat()}-{inputs[:16]}", kind="fold", at=at)
    try:
        fold(lake.engine, lake.relation("lease_events", files), logs, rules=rules, usual=usual)
        rows = batch.add("bindings", day, touching(lake.engine, day))
    finally:
        drop_scratch(lake.engine)
    batch.replace("bindings", [day], keep=lambda file: file.path.endswith(f"/{batch.name}.parquet"))
    batch.made("bindings", day, inputs)
    batch.commit()
    return Folded(day, rows, batch.name, anew=True)


def fold(
    engine: Engine,
    events: str,
    logs: Sequence[LogConfig],
    *,
    rules: Rules = _RULES,
    usual: UsualLines = _NOTHING_USUAL,
) -> None:
    """Fold a relation of lease events into temporary tables of the engine; `touching` asks them."""
    engine.run(read_sql(__package__, "macros"))
    engine.run(f"CREATE OR REPLACE TEMP VIEW read_events AS SELECT * FROM {events}")
    values = ([log.name for log in logs], *([getattr(log, name) for log in logs] for name, _ in _LOG_COLUMNS[1:]))
    _add_table(engine, "fold_logs", _LOG_COLUMNS, values)
    _add_table(engine, "fold_usual", _USUAL_COLUMNS, (usual.accounts, usual.lines, usual.starts_at, usual.ends_at))
    inside = [(log.name, name) for log in logs for name in log.inside_logs]
    _add_table(engine, "fold_inside_logs", _INSIDE_COLUMNS, ([one[0] for one in inside], [one[1] for one in inside]))
    for step in _STEPS:
        engine.run(read_sql(__package__, step))
    for step in ("fold_doubts", "fold_leases"):
        engine.run(read_sql(__package__, step), lines_share_accounts=rules.lines_share_accounts)


def touching(engine: Engine, day: date) -> str:
    """The query for the bindings that touch the day, the columns of the lake's table, of what has been folded."""
    engine.run(f"CREATE OR REPLACE TEMP TABLE fold_touching AS {read_sql(__package__, 'fold_touching')}", this_day=day)
    [(chained, ruled)] = engine.rows(
        "SELECT EXISTS (SELECT 1 FROM fold_touching WHERE inside IS NOT NULL),"
        " EXISTS (SELECT 1 FROM read_events WHERE status = 'rule')"
    )
    parts = [f"SELECT {_BINDING} FROM fold_touching" + (" WHERE inside IS NULL" if chained else "")]
    parts += [f"SELECT {_BINDING} FROM ({read_sql(__package__, 'fold_inside')})"] if chained else []
    parts += [f"SELECT {_BINDING} FROM ({read_sql(__package__, 'fold_mapped')})"] if ruled else []
    return " UNION ALL ".join(parts)


def _add_table(
    engine: Engine, name: str, columns: Sequence[tuple[str, str]], values: Sequence[Sequence[object]]
) -> None:
    engine.add(f"{name}_rows", table_of(columns, values))
    engine.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_rows")
    engine.drop(f"{name}_rows")


def drop_scratch(engine: Engine) -> None:
    engine.run("DROP VIEW IF EXISTS read_events")
    for name in _SCRATCH:
        engine.run(f"DROP TABLE IF EXISTS fold_{name}")
