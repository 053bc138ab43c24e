"""Rows of radacct: what a session's row says by the time it is exported."""

from __future__ import annotations

import json

import pytest

from tests.attribution.bindings.log_text import NOON_EPOCH, read_text
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine
from tocsin.terms.errors import BadRequest

LOG = LogConfig(name="radius", reader="radacct", zone="Asia/Tokyo")
NAMES = (
    *("radacctid", "acctsessionid", "acctuniqueid", "username", "nasipaddress", "nasportid", "acctstarttime"),
    *("acctupdatetime", "acctstoptime", "acctsessiontime", "callingstationid", "framedipaddress"),
    *("framedipv6prefix", "delegatedipv6prefix"),
)
Row = dict[str, str | int | None]


def row(**changes: str | int | None) -> Row:
    """A session from noon in UTC, last heard of ten minutes later."""
    usual: Row = dict.fromkeys(NAMES) | {
        "radacctid": 1,
        "acctsessionid": "A1",
        "username": "anna@dsl.example",
        "nasipaddress": "198.51.100.1",
        "acctstarttime": "2026-11-24 21:00:00",
        "acctupdatetime": "2026-11-24 21:10:00",
        "acctsessiontime": 600,
        "framedipaddress": "192.0.2.7",
    }
    return usual | changes


def csv(*rows: Row, delimiter: str = ",", absent: str = "") -> str:
    lines = [NAMES, *([absent if value is None else str(value) for value in each.values()] for each in rows)]
    return "".join(delimiter.join(line) + "\n" for line in lines)


def test_a_row_is_a_start_and_the_latest_interim(engine: Engine) -> None:
    found = read_text(engine, csv(row()), LOG)
    told_of = {told.status: (told.at, told.session_s) for told in found.events}
    assert told_of == {"start": (0, None), "interim": (600, 600)}
    [(nas, session, account)] = {(told.nas, told.session, told.account) for told in found.events}
    assert (nas, session, account) == ("198.51.100.1", "A1", "anna@dsl.example")


def test_a_row_that_has_stopped_is_a_start_and_a_stop(engine: Engine) -> None:
    text = csv(row(acctstoptime="2026-11-24 21:20:00", acctsessiontime=1200))
    assert [(told.status, told.at, told.session_s) for told in read_text(engine, text, LOG).events] == [
        *[("start", 0, None), ("stop", 1200, 1200)]
    ]


def test_every_network_of_the_row(engine: Engine) -> None:
    text = csv(row(acctupdatetime=None, framedipv6prefix="2001:db8:1::/64", delegatedipv6prefix="2001:db8:aa00::/56"))
    assert {told.network for told in read_text(engine, text, LOG).events} == {
        *("192.0.2.7", "2001:db8:1::/64", "2001:db8:aa00::/56")
    }


def test_databases_say_nothing_and_moments_in_their_own_ways(engine: Engine) -> None:
    """MySQL's local time, PostgreSQL's offset, SQLite's epoch; NULL, \\N, the zero date."""
    starts = ("2026-11-24 21:00:00", "2026-11-24 12:00:00+00", "2026-11-24 17:30:00.5+05:30", str(NOON_EPOCH))
    for absent in ("", "NULL", "\\N", "0000-00-00 00:00:00"):
        text = csv(*(row(acctstarttime=start, acctupdatetime=None) for start in starts), absent=absent)
        found = read_text(engine, text, LOG)
        assert [(told.status, told.at) for told in found.events] == [
            *[("start", 0), ("start", 0), ("start", 0.5), ("start", 0)]
        ]
        assert found.rejects == []


def test_a_local_time_needs_a_zone_and_an_hour_that_came_twice_is_none(engine: Engine) -> None:
    found = read_text(engine, csv(row(acctupdatetime=None)), LogConfig(name="radius", reader="radacct"))
    assert [(line, "`zone`" in reason) for line, reason in found.rejects] == [(2, True)]
    twice = csv(row(acctstarttime="2026-10-25 02:30:00", acctupdatetime="2026-10-25 03:30:00", acctsessiontime=3600))
    found = read_text(engine, twice, LogConfig(name="radius", reader="radacct", zone="Europe/Berlin"))
    assert [(told.status, told.session_s) for told in found.events] == [("interim", 3600)]
    assert [reason for _, reason in found.rejects] == ["an hour that the configured zone had twice"]


@pytest.mark.parametrize("delimiter", [";", "\t", "|"])
def test_other_delimiters(engine: Engine, delimiter: str) -> None:
    assert len(read_text(engine, csv(row(), delimiter=delimiter), LOG).events) == 2


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(json.dumps(row(acctsessionid=name)) for name in "AB"),
        json.dumps([row(acctsessionid=name) for name in "AB"]),
        json.dumps([row(acctsessionid=name) for name in "AB"], indent=1),
        json.dumps([{"type": "header"}, {"type": "table", "data": [row(acctsessionid=name) for name in "AB"]}]),
    ],
)
def test_json_in_every_form(engine: Engine, text: str) -> None:
    found = read_text(engine, text, LOG)
    assert sorted((told.session, told.status) for told in found.events) == [
        *[("A", "interim"), ("A", "start"), ("B", "interim"), ("B", "start")]
    ]
    assert found.rejects == []


def test_what_freeradius_escapes_in_sql_is_undone(engine: Engine) -> None:
    names = {
        "anna=2Btv=3D1": "anna+tv=1",
        "m=C3=BCller": "müller",
        "a=b": "a=b",
        "a=2b": "a=2b",
        "=FF": "=FF",
    }
    text = csv(*(row(username=name, acctupdatetime=None) for name in names))
    assert [told.account for told in read_text(engine, text, LOG).events] == list(names.values())


def test_the_line_is_the_port_unless_that_is_a_number_of_the_moment(engine: Engine) -> None:
    text = csv(
        *(
            row(nasportid=port, callingstationid=station, acctupdatetime=None)
            for port, station in (("slot 3", "aa"), ("slot 3", "bb"), ("17", "aa"), ("18", "aa"), (None, None))
        )
    )
    hashes = [told.line_hash for told in read_text(engine, text, LOG).events]
    assert hashes[0] == hashes[1]
    assert hashes[2] == hashes[3]
    assert len(set(hashes)) == 3
    assert hashes[4] is None


def test_a_length_that_is_of_something_else_is_not_believed(engine: Engine) -> None:
    """FreeRADIUS's query for Accounting-On once put an epoch there."""
    text = csv(row(acctstoptime="2026-11-24 21:20:00", acctsessiontime=NOON_EPOCH))
    assert [told.session_s for told in read_text(engine, text, LOG).events] == [None, None]


def test_a_bad_row_is_one_reject(engine: Engine) -> None:
    bad = [
        (row(framedipaddress="192.0.2.777"), "an address or prefix that is none, or shorter than /32"),
        (row(acctstarttime=None, acctupdatetime=None), "neither acctstarttime nor acctstoptime"),
        (row(nasipaddress=None), "neither nasidentifier nor nasipaddress"),
        (row(acctsessionid=None), "no acctsessionid"),
        (row(acctstarttime="2026-13-24 21:00:00", acctupdatetime=None), "no moment"),
        (row(username="eve=0A"), "a control character in a name"),
    ]
    text = csv(*(each for each, _ in bad), row(acctsessionid="B")) + "1,2\n"
    found = read_text(engine, text, LOG)
    assert {told.session for told in found.events} == {"B"}
    assert found.rejects == [*enumerate((reason for _, reason in bad), 2), (9, "2 fields where the header has 14")]


def test_a_stop_before_the_start_is_a_reject_and_the_start_stays(engine: Engine) -> None:
    found = read_text(engine, csv(row(acctstoptime="2026-11-24 20:00:00")), LOG)
    assert [told.status for told in found.events] == ["start"]
    assert found.rejects == [(2, "it stops, or is updated, before it starts")]


def test_a_file_without_a_header_is_refused(engine: Engine) -> None:
    with pytest.raises(BadRequest, match="columns"):
        read_text(engine, csv(row()).partition("\n")[2], LOG)
