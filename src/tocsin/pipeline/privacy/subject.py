"""One subscriber's traces in the lake, as temporary tables of the engine that the questions of this room name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tocsin.book.subject import Span
from tocsin.engine import read_sql, table_of
from tocsin.pipeline.house import House

_TABLES = ("subject_sightings", "subject_accounts", "subject_others")


@contextmanager
def traces(
    house: House, subscriber: int, accounts: Sequence[tuple[int, int]], others: Sequence[Span]
) -> Iterator[None]:
    """`subject_sightings` (id, day), `subject_accounts` (account, becomes), `subject_others` (account, span).

    No TEMP ones: the engine hands out rows by a cursor of its own, which would not see them.
    """
    engine = house.engine
    engine.run(f"CREATE OR REPLACE VIEW attributions AS SELECT * FROM {house.lake.scan('attributions')}")
    sightings = read_sql(__package__, "subject_sightings")
    engine.run(f"CREATE OR REPLACE TABLE subject_sightings AS {sightings}", subscriber=subscriber)
    _load(
        house,
        "subject_accounts",
        (("account", "UINTEGER"), ("becomes", "UINTEGER")),
        ([old for old, _ in accounts], [new for _, new in accounts]),
    )
    _load(
        house,
        "subject_others",
        (("account", "UINTEGER"), ("starts_at", "TIMESTAMP"), ("ends_at", "TIMESTAMP")),
        ([each.account for each in others], [each.starts_at for each in others], [each.ends_at for each in others]),
    )
    try:
        yield
    finally:
        for name in _TABLES:
            engine.run(f"DROP TABLE IF EXISTS {name}")
        engine.run("DROP VIEW IF EXISTS attributions")


def _load(house: House, name: str, columns: Sequence[tuple[str, str]], values: Sequence[Sequence[object]]) -> None:
    house.engine.add(f"{name}_rows", table_of(columns, values))
    house.engine.run(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM {name}_rows")
    house.engine.drop(f"{name}_rows")
