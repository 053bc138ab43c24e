"""The provider's own files: subscribers.csv, static.csv, prefixes.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from tocsin.pipeline.demo.plant import LONG_AGO, OWN_PREFIXES, Account, Assignment
from tocsin.pipeline.demo.truth import moment_text

SUBSCRIBER_COLUMNS = (
    "subscriber",
    "account",
    "name",
    "email",
    "language",
    "zone",
    "line",
    "line_id",
    "starts_at",
    "ends_at",
)
STATIC_COLUMNS = ("network", "account", "port_first", "port_last", "protocol", "starts_at", "ends_at")
PREFIX_COLUMNS = ("prefix", "origin", "country", "abuse_contact")
_FOREIGN = (
    ("192.0.2.0/24", 64_496, "NL", "abuse@sinkhole.example"),
    ("198.19.0.0/16", 64_511, "DE", "abuse@elsewhere.example"),
    ("2001:db8:8000::/33", 64_511, "DE", "abuse@elsewhere.example"),
)


def write_tables(folder: Path, accounts: Iterable[Account], assignments: Iterable[Assignment]) -> None:
    _write(folder / "subscribers.csv", SUBSCRIBER_COLUMNS, _subscriber_rows(accounts))
    rows = sorted(assignments, key=lambda each: (str(each.network), each.ports or (0, 0), each.starts_at))
    _write(folder / "static.csv", STATIC_COLUMNS, map(_static_row, rows))
    own = [(prefix, 64_500, "JP", "abuse@demo.example") for prefix in OWN_PREFIXES]
    _write(folder / "prefixes.csv", PREFIX_COLUMNS, [*own, *_FOREIGN])


def _subscriber_rows(accounts: Iterable[Account]) -> Iterable[tuple[object, ...]]:
    for account in accounts:
        for tenure in account.line.tenures:
            person = tenure.person
            yield (
                person.number,
                account.login,
                person.name,
                person.email,
                person.language,
                person.zone,
                account.line.phone,
                _line_id(account),
                moment_text(tenure.starts_at),
                _text(tenure.ends_at),
            )


def _line_id(account: Account) -> str:
    return account.line.port_id if account.line_id_known else ""


def _static_row(each: Assignment) -> tuple[object, ...]:
    network = str(each.network.network_address) if each.network.num_addresses == 1 else str(each.network)
    ports = (*(each.ports or ("", "")), each.protocol or "")
    return network, each.account.login, *ports, moment_text(max(each.starts_at, LONG_AGO)), _text(each.ends_at)


def _text(at: int | None) -> str:
    return "" if at is None else moment_text(at)


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)
