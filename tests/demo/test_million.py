"""A million attributions of a generated population by the real resolver, against the truth, by SQL."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.attribution.resolve import attribute_days
from tocsin.book.accounts import add_accounts
from tocsin.book.contracts import Contract, add_subscribers, replace_contracts
from tocsin.lake import UNDATED, Batch, Lake
from tocsin.pipeline.demo.worlds import MARGIN_S, write_population

FIRST = datetime(2026, 11, 20, tzinfo=UTC)
DAYS, ACCOUNTS, SIGHTINGS = 3, 60_000, 1_000_000
NOW = FIRST + timedelta(days=DAYS, hours=6)
CONFIG = AttributionConfig(
    prefixes=("198.18.0.0/15", "2001:db8::/32"),
    logs=(CoveringLog(name="all", prefixes=("198.18.0.0/15", "2001:db8::/32"), accuracy_s=2),),
    accuracy_by_source={"cert": MARGIN_S - 2},
)
_MOMENT = "TIMESTAMP '1970-01-01' + to_seconds({}::BIGINT)"


@pytest.mark.slow
def test_of_a_million_nobody_is_taken_for_another(lake: Lake, tmp_path: Path) -> None:
    counts = write_population(
        tmp_path / "town", seed=20, accounts=ACCOUNTS, sightings=SIGHTINGS, begins_at=int(FIRST.timestamp()), days=DAYS
    )
    assert counts.glimpses == SIGHTINGS
    _contracts(lake)
    _lay_down(lake, tmp_path / "town")
    with lake.writing("attributions") as writing:
        assert len(attribute_days(lake, writing, CONFIG, at=NOW)) >= DAYS
    rows = lake.engine.rows(
        "SELECT g.expected, a.outcome, count(*), count(*) FILTER (a.outcome = 'subscriber' AND a.account <> g.holder)"
        f" FROM town_glimpses g JOIN {lake.scan('attributions')} a ON a.sighting = g.id GROUP BY ALL"
    )
    answered = sum(int(str(count)) for _, _, count, _ in rows)
    wrong = sum(int(str(wrong)) for _, _, _, wrong in rows)
    right = sum(int(str(count)) for _, outcome, count, _ in rows if outcome == "subscriber") - wrong
    as_expected = sum(int(str(count)) for expected, outcome, count, _ in rows if expected == outcome)
    assert answered == SIGHTINGS
    assert wrong == 0
    assert right > SIGHTINGS * 0.5
    assert as_expected == SIGHTINGS


def _contracts(lake: Lake) -> None:
    names = [f"a{number:07}" for number in range(1, ACCOUNTS + 1)]
    with lake.book.write() as tx:
        accounts = add_accounts(tx, names)
        subscribers = add_subscribers(tx, names)
        replace_contracts(
            tx,
            (
                Contract(
                    subscriber=subscribers[name],
                    account=accounts[name],
                    name="Ada Example",
                    email="ada@home.example",
                    language="en",
                    zone="UTC",
                    line="0000",
                    line_id=None,
                    starts_at=FIRST - timedelta(days=100),
                    ends_at=None,
                )
                for name in names
            ),
        )
    assert accounts["a0000001"] == 1  # an account's number is the one that the truth calls it by


def _lay_down(lake: Lake, town: Path) -> None:
    engine = lake.engine
    for name in ("held", "sightings"):
        engine.run(
            f"CREATE TABLE town_{name} AS"
            f" SELECT * FROM read_csv('{town / name}.tsv', delim='\t', header=true, sample_size=-1)"
        )
    engine.run(
        "CREATE TABLE town_glimpses AS SELECT row_number() OVER ()::UHUGEINT::UUID AS id,"
        " address_of(address) AS address,"
        f" nullif(port, 0)::USMALLINT AS port, holder, expected, {_MOMENT.format('seen_at')} AS seen_at"
        " FROM town_sightings"
    )
    ports = "nullif(port_{0}, 0)::USMALLINT AS port_{0}"
    spans = ", ".join(f"{_MOMENT.format(name)} AS {name}" for name in ("starts_at", "ends_at", "doubt_until"))
    engine.run(
        "CREATE TABLE town_bindings AS SELECT (row_number() OVER () + 2000000000)::UHUGEINT::UUID AS binding,"
        " 'session' AS binding_kind, 'all' AS log, account, address_of(network) AS network, prefix_bits,"
        f" {ports.format('first')}, {ports.format('last')}, NULL AS protocol, {spans}, 'stop' AS end_reason,"
        " NULL AS doubt,"
        " '' AS first_evidence, 0 AS first_line, '' AS last_evidence, 0 AS last_line FROM town_held"
    )
    with lake.writing("sightings", "bindings", "coverage") as writing:
        batch = writing.batch("town", kind="test", at=NOW)
        for place in range(-1, DAYS + 1):  # clocks may be off by a few seconds around the first and the last midnight
            day = (FIRST + timedelta(days=place)).date()
            _day(batch, day)
        batch.add(
            "coverage",
            UNDATED,
            "SELECT 'all' AS log, address_of(p[1]) AS network, p[2]::UTINYINT AS prefix_bits, $first AS starts_at,"
            " $last AS ends_at FROM (VALUES (['198.18.0.0', '111']), (['2001:db8::', '32'])) t(p)",
            first=FIRST - timedelta(days=1),
            last=NOW,
        )
        batch.commit()


def _day(batch: Batch, day: date) -> None:
    batch.add(
        "sightings",
        day,
        "SELECT id, seen_at, seen_at AS seen_until, 0 AS precision_s, 'infected' AS role, NULL AS source_ref, address,"
        " port,"
        " 'tcp' AS protocol, NULL AS peer_address, NULL AS peer_port, NULL AS peer_name, 'infected-system' AS kind,"
        " 'malicious-code' AS taxonomy, NULL AS malware, NULL AS confidence, 'cert' AS source, 'cert' AS observer,"
        " 'test' AS reader, NULL AS extra FROM town_glimpses WHERE seen_at::DATE = $this_day",
        this_day=day,
    )
    batch.add(
        "bindings",
        day,
        "SELECT * FROM town_bindings WHERE starts_at < $this_day::TIMESTAMP + INTERVAL 25 HOUR"
        " AND doubt_until >= $this_day::TIMESTAMP - INTERVAL 1 HOUR",
        this_day=day,
    )
