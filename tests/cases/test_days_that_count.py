"""From the lake to the book: of which days sources have told, and on which a line was attributable."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from tests.cases.case_world import AT, DAY, HOUR, seen
from tests.cases.lake_world import Row, attribution, binding, fill, named, sighting
from tests.cases.provider import Provider
from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.book import quiet_days
from tocsin.book.quiet_days import LineDay
from tocsin.book.tables import contracts
from tocsin.cases.delivered import NAMED_DAYS_MAX, USUAL_LAG_DAYS, days_of_empties, note_delivered
from tocsin.cases.line_days import note_line_days
from tocsin.evidence import reading
from tocsin.evidence.reading import read_file
from tocsin.evidence.settle import Counts
from tocsin.lake import UNDATED, Lake
from tocsin.terms.addresses import parse_address, parse_network

pytestmark = pytest.mark.usefixtures("provider")
CONFIG = AttributionConfig(
    prefixes=("192.0.2.0/24", "2001:db8::/32"),
    shared_prefixes=("192.0.2.128/25",),
    logs=(CoveringLog(name="radius", prefixes=("192.0.2.0/24", "2001:db8::/32")),),
)
MIDNIGHT = AT.replace(hour=0)
NOW = MIDNIGHT + 3 * DAY + HOUR  # two whole days lie between the last sighting and today
_ONE, _TWO = (MIDNIGHT + DAY).date(), (MIDNIGHT + 2 * DAY).date()


def _cover(lake: Lake, *spans: tuple[datetime, datetime], name: str = "cover") -> None:
    rows = [
        f"SELECT 'radius' AS log, '{network}'::UUID AS network, {bits} AS prefix_bits,"
        f" TIMESTAMP '{first:%Y-%m-%d %H:%M:%S}' AS starts_at, TIMESTAMP '{last:%Y-%m-%d %H:%M:%S}' AS ends_at"
        for network, bits in map(parse_network, CONFIG.logs[0].prefixes)
        for first, last in spans
    ]
    with lake.writing("coverage") as writing:
        batch = writing.batch(name, kind="coverage", at=AT)
        batch.add("coverage", UNDATED, " UNION ALL ".join(rows))
        batch.replace("coverage", [UNDATED])
        batch.commit()


def _held(name: str, first: datetime, last: datetime, **fields: object) -> list[Row]:
    """A session in each day that it touches."""
    row = binding(binding=named(name)) | {"starts_at": first, "ends_at": last} | fields
    return [{**row, "_day": (first + number * DAY).date()} for number in range((last.date() - first.date()).days + 1)]


def _bind(lake: Lake, *rows: Row, batch: str = "bound") -> None:
    for day in sorted({row["_day"] for row in rows}):
        here = [{key: value for key, value in row.items() if key != "_day"} for row in rows if row["_day"] == day]
        with lake.writing("bindings") as writing:
            made = writing.batch(f"{batch}-{day}", kind="test", at=AT)
            made.replace("bindings", [day])
            made.add("bindings", day, fill_rows(here))
            made.commit()


def fill_rows(rows: list[Row]) -> str:
    from tests.cases.lake_world import _relation

    return _relation("bindings", rows)


def _lines(lake: Lake, subscriber: int = 1) -> dict[date, tuple[int, int]]:
    with lake.book.read() as tx:
        found = quiet_days.lines_of(tx, [subscriber], _ONE - timedelta(days=99)).get(subscriber, {})
    return {day: (line.held_s, line.blind_s) for day, line in found.items()}


@pytest.fixture
def silent(provider: Provider, lake: Lake) -> Lake:
    """Subscriber 1 was seen on the first day, and is silent since; the log is whole."""
    provider.see(seen(AT))
    provider.follow(AT)
    _cover(lake, (MIDNIGHT - DAY, NOW))
    return lake


def test_a_line_that_was_on_is_known_for_as_long_as_it_was(silent: Lake) -> None:
    _bind(silent, *_held("a", MIDNIGHT + DAY + 6 * HOUR, MIDNIGHT + 2 * DAY + 2 * HOUR))
    assert note_line_days(silent, CONFIG, at=NOW) == [_ONE, _TWO]
    assert _lines(silent) == {_ONE: (18 * 3600, 0), _TWO: (2 * 3600, 0)}
    assert note_line_days(silent, CONFIG, at=NOW) == []


def test_other_addresses_and_the_seconds_that_two_bindings_share_count_once(silent: Lake) -> None:
    first, last = MIDNIGHT + DAY, MIDNIGHT + DAY + 10 * HOUR
    v6 = {"network": parse_address("2001:db8:0:100::"), "prefix_bits": 56}
    _bind(
        silent,
        *_held("a", first, last),
        *_held("b", first + 8 * HOUR, last + 4 * HOUR, network=parse_address("192.0.2.9")),
        *_held("c", first + HOUR, last, **v6),
    )
    note_line_days(silent, CONFIG, at=NOW)
    assert _lines(silent)[_ONE] == (14 * 3600, 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"account": 20},  # another's
        {"doubt": "shared-login"},
        {"network": parse_address("198.51.100.7")},  # not ours
        {"network": parse_address("192.0.2.200")},  # shared by many, and the binding names no ports
    ],
)
def test_a_binding_that_would_name_nobody_does_not_count(silent: Lake, fields: Row) -> None:
    _bind(silent, *_held("a", MIDNIGHT + DAY, MIDNIGHT + 2 * DAY - HOUR, **fields))
    note_line_days(silent, CONFIG, at=NOW)
    assert _lines(silent)[_ONE] == (0, 0)


def test_ports_of_its_own_make_a_shared_address_one_s_own(silent: Lake) -> None:
    shared = {"network": parse_address("192.0.2.200"), "port_first": 1024, "port_last": 2047}
    _bind(silent, *_held("a", MIDNIGHT + DAY, MIDNIGHT + 2 * DAY - HOUR, **shared))
    note_line_days(silent, CONFIG, at=NOW)
    assert _lines(silent)[_ONE] == (23 * 3600, 0)


def test_a_lost_log_is_blind_until_it_comes_and_again_when_it_goes(silent: Lake) -> None:
    _bind(silent, *_held("a", MIDNIGHT, NOW))
    _cover(silent, (MIDNIGHT - DAY, MIDNIGHT + DAY + 4 * HOUR), (MIDNIGHT + 2 * DAY, NOW), name="hole")
    note_line_days(silent, CONFIG, at=NOW)
    assert _lines(silent)[_ONE] == (4 * 3600, 20 * 3600)
    _cover(silent, (MIDNIGHT - DAY, NOW), name="late")
    assert note_line_days(silent, CONFIG, at=NOW) == [_ONE]
    assert _lines(silent)[_ONE] == (86_400, 0)
    _cover(silent, (MIDNIGHT - DAY, MIDNIGHT + DAY), name="gone")
    assert note_line_days(silent, CONFIG, at=NOW) == [_ONE, _TWO]
    assert _lines(silent)[_TWO] == (0, 86_400)


def test_who_has_no_contract_for_the_whole_day_has_no_line_on_it(provider: Provider, silent: Lake) -> None:
    _bind(silent, *_held("a", MIDNIGHT, NOW))
    provider.end_contract(1, MIDNIGHT + 2 * DAY + HOUR)
    note_line_days(silent, CONFIG, at=NOW)
    assert set(_lines(silent)) == {_ONE}


def test_another_account_of_theirs_is_looked_for_as_soon_as_it_is_known(provider: Provider, silent: Lake) -> None:
    _bind(silent, *_held("a", MIDNIGHT, NOW, account=20))
    note_line_days(silent, CONFIG, at=NOW)
    assert _lines(silent)[_ONE] == (0, 0)
    with provider.book.write() as tx:
        tx.execute(contracts.update().where(contracts.c.account == 20).values(subscriber=1))
    assert note_line_days(silent, CONFIG, at=NOW) == [_ONE, _TWO]
    assert _lines(silent)[_ONE] == (86_400, 0)


def test_who_is_silent_since_later_is_added_and_nobody_else_is_made_anew(provider: Provider, silent: Lake) -> None:
    _bind(
        silent, *_held("a", MIDNIGHT, NOW), *_held("b", MIDNIGHT, NOW, account=20, network=parse_address("192.0.2.9"))
    )
    note_line_days(silent, CONFIG, at=NOW)
    provider.see(seen(AT, subscriber=2, account=20))
    with silent.book.write() as tx:
        mark = LineDay(subscriber=1, day=_ONE, accounts="10", held_s=7, blind_s=7)
        quiet_days.put_lines(tx, _ONE, [mark], whole=False)
    assert note_line_days(silent, CONFIG, at=NOW) == [_ONE, _TWO]
    assert (_lines(silent)[_ONE], _lines(silent, 2)[_ONE]) == ((7, 7), (86_400, 0))


def test_nobody_who_is_well_is_looked_at(lake: Lake) -> None:
    assert note_line_days(lake, CONFIG, at=NOW) == []


# --- sources -----------------------------------------------------------------------------------------------------


def _delivered(lake: Lake) -> dict[str, set[date]]:
    with lake.book.read() as tx:
        return {source: set(days) for source, days in quiet_days.delivered(tx, date(2020, 1, 1)).items()}


def test_a_source_has_delivered_on_the_days_of_which_it_told_of_anybody(lake: Lake) -> None:
    rows = [sighting("a", MIDNIGHT), sighting("b", MIDNIGHT + DAY, source="own"), sighting("c", MIDNIGHT + DAY)]
    fill(lake, "b1", sightings=rows, attributions=[attribution("a", MIDNIGHT)], bindings=[binding()])
    assert note_delivered(lake) == [AT.date(), _ONE]
    assert note_delivered(lake) == []
    assert _delivered(lake) == {"cert": {AT.date(), _ONE}, "own": {_ONE}}
    with lake.writing("sightings") as writing:  # retention, or an erasure, has taken a day
        batch = writing.batch("gone", kind="test", at=AT)
        batch.replace("sightings", [_ONE])
        batch.commit()
    assert note_delivered(lake) == [_ONE]
    assert _delivered(lake) == {"cert": {AT.date()}}


def test_an_empty_file_is_about_the_day_in_its_name_or_the_usual_one() -> None:
    def day_of(name: str, lag: int | None = None) -> date:
        ((day, sources),) = days_of_empties([("cert", name, AT)], {} if lag is None else {"cert": lag}).items()
        assert sources == {"cert"}
        return day

    today = AT.date()
    assert day_of("2026-11-20-sinkhole.csv") == date(2026, 11, 20)
    assert day_of("sinkhole_20261124.csv") == today
    usual = today - USUAL_LAG_DAYS * DAY
    for strange in ("latest.csv", "2026-11-25.csv", "2026-02-31.csv", f"{today - (NAMED_DAYS_MAX + 1) * DAY}.csv"):
        assert day_of(strange) == usual, strange
    assert day_of("x120261120.csv", 3) == today - 3 * DAY


def test_each_empty_file_with_a_new_name_is_a_delivery_and_one_that_lies_there_still_is_none(
    lake: Lake, tmp_path: Path
) -> None:
    def come(name: str, text: str, at: datetime) -> None:
        path = tmp_path / name
        path.write_text(text)
        read_file(lake, path, source="cert", at=at, reader="jsonl")

    row = '{"seen_at":"2026-11-22T03:00:00Z","role":"infected","kind":"infected-system","address":"192.0.2.7"}\n'
    come("first.jsonl", row, AT)
    for number in range(3):
        come(f"{number}.jsonl", "\n", AT + number * DAY)
        come("0.jsonl", "\n", AT + number * DAY)
    note_delivered(lake)
    lag = (AT.date() - date(2026, 11, 22)).days
    came = {(AT + number * DAY).date() - lag * DAY for number in range(3)}
    assert _delivered(lake)["cert"] == came | {date(2026, 11, 22)}


def test_a_file_that_another_process_has_read_meanwhile_is_not_called_empty(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "feed.jsonl"
    path.write_text('{"seen_at":"2026-11-22T03:00:00Z","role":"infected","kind":"scan","address":"192.0.2.7"}\n')
    monkeypatch.setattr(reading, "settle", lambda *_args, **_more: Counts(already=True, reader="jsonl"))
    assert read_file(lake, path, source="cert", at=AT, reader="jsonl").already
    with lake.book.read() as tx:
        assert quiet_days.empties(tx) == []
