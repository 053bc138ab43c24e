"""A journal is read again and again while its server writes and clears it: nothing doubles, nothing is forgotten."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime

from tests.attribution.bindings.test_dhcpd import lease
from tests.attribution.bindings.test_radacct import csv, row
from tocsin.attribution.bindings import LogConfig, LogRead, fold_days, read_log
from tocsin.attribution.bindings.read import TABLES
from tocsin.evidence.settle import window_at
from tocsin.evidence.store import keep
from tocsin.lake import Lake

AT = datetime(2026, 11, 24, 18, tzinfo=UTC)
DAY = date(2026, 11, 24)
DHCP = LogConfig(name="dhcp", reader="dhcpd", prefixes=("192.0.2.0/24",))
RADIUS = LogConfig(name="radius", reader="radacct", prefixes=("192.0.2.0/24",), zone="Asia/Tokyo", interim_s=600)
RENEWED = lease(starts="2 2026/11/24 12:05:00", ends="2 2026/11/24 12:15:00", cltt="2 2026/11/24 12:05:00")
FREED = lease(starts="2 2026/11/24 12:05:00", ends="2 2026/11/24 12:12:00", state="free")
OTHER = lease(mac="02:00:00:00:00:02", starts="2 2026/11/24 13:00:00", ends="2 2026/11/24 13:10:00")


def read(lake: Lake, text: str, log: LogConfig) -> LogRead:
    kept = keep(lake.root.parent, io.BytesIO(text.encode()))
    with lake.writing(*TABLES) as writing:
        return read_log(writing, kept, log, name="journal", at=AT, window=window_at(AT))


def bindings(lake: Lake, log: LogConfig) -> list[tuple[object, ...]]:
    with lake.writing("bindings", "coverage") as writing:
        list(fold_days(writing, [DAY], [log], at=AT))
    rows = lake.engine.rows(
        f"SELECT account, starts_at, ends_at, end_reason FROM {lake.scan('bindings', [DAY])} ORDER BY starts_at"
    )
    return [(row[0], *(f"{at:%H:%M}" for at in row[1:3] if isinstance(at, datetime)), row[3]) for row in rows]


def test_a_lease_that_is_renewed_and_given_back_is_one_binding(lake: Lake) -> None:
    assert read(lake, lease(), DHCP) == LogRead(events=1)
    assert read(lake, lease() + RENEWED, DHCP) == LogRead(events=1, known=1)
    assert bindings(lake, DHCP) == [(1, "12:00", "12:15", "expiry")]
    read(lake, lease() + RENEWED + FREED + OTHER, DHCP)
    assert bindings(lake, DHCP) == [(1, "12:00", "12:12", "release"), (2, "13:00", "13:10", "expiry")]


def test_what_the_server_has_cleared_away_stays(lake: Lake) -> None:
    read(lake, lease() + RENEWED + FREED, DHCP)
    before = bindings(lake, DHCP)
    assert read(lake, "# This lease file was written anew\n" + FREED, DHCP) == LogRead(known=2)
    assert bindings(lake, DHCP) == before


def test_a_row_that_grows_is_one_session(lake: Lake) -> None:
    assert read(lake, csv(row(acctupdatetime=None, acctsessiontime=None)), RADIUS) == LogRead(events=1)
    assert read(lake, csv(row()), RADIUS) == LogRead(events=1, known=1)
    stopped = csv(row(acctstoptime="2026-11-24 21:20:00", acctsessiontime=1200))
    assert read(lake, stopped, RADIUS) == LogRead(events=1, known=1)
    assert bindings(lake, RADIUS) == [(1, "12:00", "12:20", "stop")]
