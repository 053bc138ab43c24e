"""A provider in a few lines: logs as texts, read into a lake and folded; then the question who held an address."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tocsin.attribution.bindings import LogConfig, fold_days, make_coverage, read_log
from tocsin.attribution.bindings.read import TABLES, LogRead
from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.attribution.who import Answer, who
from tocsin.book.accounts import add_accounts
from tocsin.book.contracts import Contract, add_subscribers, replace_contracts
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake
from tocsin.terms.addresses import parse_address

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW = NOON + timedelta(hours=8)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def read(lake: Lake, log: LogConfig, text: str | bytes, *, at: datetime = NOW) -> LogRead:
    data = text.encode() if isinstance(text, str) else text
    kept = keep(lake.root.parent, io.BytesIO(data))
    with lake.writing(*TABLES) as writing:
        return read_log(writing, kept, log, name=f"{log.name}.log", at=at, window=window_at(at))


def derive(lake: Lake, logs: Sequence[LogConfig], *, at: datetime = NOW) -> None:
    """Fold the days around noon, and say what the logs cover."""
    with lake.writing("bindings", "coverage") as writing:
        days = [(NOON + timedelta(days=distance)).date() for distance in (-1, 0, 1)]
        fold_days(writing, days, logs, at=at)
        make_coverage(writing, logs, at=at)


def sign_contracts(lake: Lake, accounts: Sequence[str]) -> None:
    """A contract for each account; the subscriber is called as the account is."""
    with lake.book.write() as tx:
        numbers = add_accounts(tx, list(accounts))
        subscribers = add_subscribers(tx, list(accounts))
        replace_contracts(tx, [_contract(subscribers[name], numbers[name]) for name in accounts])


def _contract(subscriber: int, account: int) -> Contract:
    return Contract(
        subscriber=subscriber,
        account=account,
        name="A. Example",
        email="a@example.example",
        language="en",
        zone="UTC",
        line="the line",
        line_id=None,
        starts_at=LONG_AGO,
        ends_at=None,
    )


def config_of(logs: Sequence[LogConfig], prefixes: Sequence[str], shared: Sequence[str] = ()) -> AttributionConfig:
    return AttributionConfig(
        prefixes=tuple(prefixes),
        shared_prefixes=tuple(shared),
        logs=tuple(
            CoveringLog(name=log.name, prefixes=log.prefixes, accuracy_s=log.accuracy_s, inside_logs=log.inside_logs)
            for log in logs
        ),
        accuracy_s=0,
    )


def ask(
    lake: Lake,
    config: AttributionConfig,
    address: str,
    *,
    at: datetime,
    port: int | None = None,
    protocol: str | None = None,
) -> Answer:
    return who(lake, config, parse_address(address), at=at, port=port, protocol=protocol)
