"""The one answer: whose address was it at that moment? By the very rules that attribute whole days."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID

import msgspec

from tocsin.attribution.config import AttributionConfig
from tocsin.attribution.margins import coverage_in, make_places, places_loaded
from tocsin.attribution.networks import find_network
from tocsin.attribution.reasons import REASON_BY_CODE
from tocsin.attribution.resolve import (
    BINDING_COLUMNS,
    SIGHTING_COLUMNS,
    Question,
    answers,
    bindings_of,
    contracts_loaded,
    days_of,
    masked,
    prefix_lengths,
)
from tocsin.book.contracts import refs_of
from tocsin.engine import table_of
from tocsin.lake import TABLES, Lake
from tocsin.terms.roles import Outcome, Role

_ASKED = UUID(int=1)  # the id of the one sighting that is made up for the question


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The outcome for one address (and port) at one moment, its reason, and what it rests on.

    `subscriber` is the provider's customer number, `number` the same one's number in lake and book; both only where
    the outcome is `subscriber`. `sharers` only where it is `shared`.
    """

    outcome: Outcome
    reason: str
    margin_s: int
    at: datetime
    subscriber: str | None = None
    number: int | None = None
    account: int | None = None
    bindings: tuple[UUID, ...] = ()
    sharers: int | None = None
    prefix: str | None = None
    origin: int | None = None
    country: str | None = None
    abuse_contact: str | None = None

    @property
    def sentence(self) -> str:
        """The reason in words for people."""
        return REASON_BY_CODE[self.reason].sentence


def who(
    lake: Lake,
    config: AttributionConfig,
    address: UUID,
    *,
    at: datetime,
    port: int | None = None,
    protocol: str | None = None,
    source: str | None = None,
) -> Answer:
    """Who held the address (with that client port) at that moment; a source's accuracy widens the margin."""
    margin = timedelta(seconds=config.margin_s_max)
    window = (at - margin, at + margin)
    days = days_of(window)
    with _asked(lake, (address, at, port, protocol, source)), _held(lake, address, at, days) as lengths:
        places = make_places(config, coverage_in(lake, window))
        named = lake.engine.rows("SELECT DISTINCT account FROM who_held WHERE account IS NOT NULL")
        accounts = [int(str(account)) for (account,) in named]
        with contracts_loaded(lake, accounts), places_loaded(lake.engine, config, places):
            question = Question(
                sightings="who_asked",
                bindings=f"SELECT {', '.join(BINDING_COLUMNS)} FROM who_held",
                lengths=lengths,
                places=tuple(places),
            )
            with answers(lake.engine, config, question) as sql:
                rows = lake.engine.rows(
                    f"SELECT outcome, reason, subscriber, account, bindings, sharers, margin_s FROM ({sql})",
                    generation="",
                )
    return _answer(lake, rows[0], address, at)


@contextmanager
def _asked(lake: Lake, values: tuple[object, ...]) -> Iterator[None]:
    """The question as a sighting of role `infected`: the port is the client's own."""
    address, at, port, protocol, source = values
    value_by_column = {
        "id": _ASKED,
        "seen_at": at,
        "role": Role.INFECTED.value,
        "address": address,
        "port": port,
        "protocol": protocol,
        "source": source,
    }
    columns = [(name, kind) for name, kind in TABLES["sightings"].columns if name in SIGHTING_COLUMNS]
    casts = ", ".join(f"{name}::{kind} AS {name}" for name, kind in columns)
    lake.engine.add("who_row", table_of(columns, [[value_by_column.get(name)] for name, _ in columns]))
    try:
        lake.engine.run(f"CREATE OR REPLACE TEMP TABLE who_asked AS SELECT {casts} FROM who_row")
        yield
    finally:
        lake.engine.drop("who_row")
        lake.engine.run("DROP TABLE IF EXISTS who_asked")


@contextmanager
def _held(lake: Lake, address: UUID, at: datetime, days: Sequence[date]) -> Iterator[tuple[int, ...]]:
    """The bindings around that moment whose network may contain the address: a few rows of a sorted file."""
    lengths = prefix_lengths(lake, days)
    networks = ", ".join(f"'{network}'::UUID" for network in masked(address, lengths))
    only = f"network IN ({networks})" if networks else "false"
    lake.engine.run(f"CREATE OR REPLACE TEMP TABLE who_held AS {bindings_of(lake, at.date(), days, only)}")
    try:
        yield lengths
    finally:
        lake.engine.run("DROP TABLE who_held")


def _answer(lake: Lake, row: tuple[object, ...], address: UUID, at: datetime) -> Answer:
    outcome, reason, subscriber, account, bindings, sharers, margin_s = row
    found = find_network(lake, address, at)
    with lake.book.read() as tx:
        refs = refs_of(tx, [int(str(subscriber))] if subscriber is not None else [])
    return msgspec.convert(
        {
            "outcome": outcome,
            "reason": reason,
            "margin_s": margin_s,
            "at": at,
            "subscriber": refs.get(subscriber) if isinstance(subscriber, int) else None,
            "number": subscriber,
            "account": account,
            "bindings": bindings,
            "sharers": sharers,
            **(msgspec.structs.asdict(found) if found else {}),
        },
        Answer,
    )
