"""Static assignments: what a row says, and what is refused."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.readers import static
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.engine import Engine
from tocsin.evidence.lines import open_blocks
from tocsin.terms.addresses import parse_network
from tocsin.terms.errors import BadRequest

HEADER = "network,account,port_first,port_last,protocol,starts_at,ends_at\n"
AT = datetime(2026, 11, 24, tzinfo=UTC)


def stage(engine: Engine, text: str) -> tuple[Sequence[Sequence[object]], Sequence[Sequence[object]]]:
    try:
        blocks = open_blocks(io.BytesIO(text.encode()))
        log = LogConfig(name="fixed", reader="static")
        static.stage(Staging(engine=engine, blocks=blocks, newest=AT, oldest=AT, log=log))
        events = engine.rows(
            "SELECT account_name, network, prefix_bits, port_first, port_last, protocol, moment, until, status"
            " FROM staged_events ORDER BY evidence_line"
        )
        return events, engine.rows("SELECT line, reason FROM staged_rejects ORDER BY line")
    finally:
        drop_staged(engine)


def test_a_row_is_an_assignment(engine: Engine) -> None:
    row = "192.0.2.0/29,s1,,,,2026-01-01T00:00:00Z,2026-02-01T00:00:00+01:00\n"
    [event], rejects = stage(engine, HEADER + row)
    assert rejects == []
    starts_at, ends_at = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, 23, tzinfo=UTC)
    assert tuple(event) == ("s1", *parse_network("192.0.2.0/29"), None, None, None, starts_at, ends_at, "assigned")


def test_a_bare_address_a_prefix_and_a_slice_of_ports_are_networks(engine: Engine) -> None:
    rows = "192.0.2.1,s1,1024,2047,TCP,,\n2001:db8:1::/56,s2,,,,,\n"
    events, rejects = stage(engine, HEADER + rows)
    assert rejects == []
    assert tuple(events[0][1:6]) == (*parse_network("192.0.2.1"), 1024, 2047, "tcp")
    assert events[0][6:8] == (datetime(1, 1, 1, tzinfo=UTC), None)
    assert events[1][1:3] == parse_network("2001:db8:1::/56")


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("192.0.2.1/24,s1,,,,,", "bits set past"),
        ("192.0.2.300,s1,,,,,", "not an IP address"),
        ("192.0.2.1,,,,,,", "not an account"),
        ("192.0.2.1,s1,2000,1000,,,", "range of ports"),
        ("192.0.2.1,s1,1000,,,,", "range of ports"),
        ("192.0.2.1,s1,1,70000,,,", "range of ports"),
        ("192.0.2.1,s1,,,carrier-pigeon,,", "not a protocol"),
        ("192.0.2.1,s1,,,,2026-01-01,", "not an RFC 3339 moment"),
        ("192.0.2.1,s1,,,,2026-02-01T00:00:00Z,2026-01-01T00:00:00Z", "ends before it starts"),
        ("192.0.2.1,s1", "2 fields"),
    ],
)
def test_a_wrong_row_is_a_reject_and_the_rest_goes_on(engine: Engine, row: str, why: str) -> None:
    events, rejects = stage(engine, f"{HEADER}192.0.2.7,s7,,,,,\n{row}\n192.0.2.8,s8,,,,,\n")
    assert [event[0] for event in events] == ["s7", "s8"]
    [(line, said)] = rejects
    assert line == 3
    assert why in str(said)


@pytest.mark.parametrize("text", ["", "192.0.2.1,s1,,,,,\n", "account,account,network\n"])
def test_a_file_that_does_not_name_its_columns_is_refused(engine: Engine, text: str) -> None:
    with pytest.raises(BadRequest, match="does not name its columns"):
        stage(engine, text)


def test_columns_may_stand_in_any_order_and_more_may_stand(engine: Engine) -> None:
    events, _ = stage(engine, "note,account,network\nhello,s1,192.0.2.1\n")
    assert events[0][:3] == ("s1", *parse_network("192.0.2.1"))
