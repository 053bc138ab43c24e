"""FreeRADIUS detail: what a record says, when, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.bindings.bindings_text import HEADER, NOON_EPOCH, record, stage_text
from tocsin.attribution.bindings.readers.detail import RECORD_BYTES_MAX, read_chunks
from tocsin.engine import Engine
from tocsin.terms.addresses import format_network, parse_network

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def one(engine: Engine, text: str) -> Mapping[str, object]:
    events, rejects = stage_text(engine, text)
    assert rejects == []
    [event] = events
    return event


def reason(engine: Engine, text: str) -> str:
    events, rejects = stage_text(engine, text)
    assert events == []
    [(_, why, _)] = rejects
    return str(why)


def test_a_start_is_read_with_its_network(engine: Engine) -> None:
    event = one(engine, record(Session_Timeout="3600", Acct_Interim_Interval="600"))
    assert (event["status"], event["nas"], event["session"]) == ("start", "nas-1", "A1")
    assert (event["account_name"], event["moment"]) == ("alice@example", NOON)
    assert (event["network"], event["prefix_bits"]) == parse_network("192.0.2.1")
    assert (event["session_max_s"], event["interim_s"], event["session_s"]) == (3600, 600, None)


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("Start", "start"),
        ("1", "start"),
        ("Stop", "stop"),
        ("2", "stop"),
        ("Interim-Update", "interim"),
        ("3", "interim"),
        ("Accounting-On", "nas-on"),
        ("7", "nas-on"),
        ("Accounting-Off", "nas-off"),
        ("8", "nas-off"),
    ],
)
def test_a_status_is_known_by_name_and_number(engine: Engine, written: str, status: str) -> None:
    assert one(engine, record(Acct_Status_Type=written))["status"] == status


@pytest.mark.parametrize(
    ("event_timestamp", "moment"),
    [
        ('"Nov 24 2026 11:58:20 UTC"', NOON - timedelta(seconds=100)),
        ('"Nov  4 2026 11:58:20 GMT"', None),
        ('"Nov 24 2026 12:58:20 +0100"', NOON - timedelta(seconds=100)),
        ('"2026-11-24T12:58:20+01:00"', NOON - timedelta(seconds=100)),
        ('"2026-11-24T11:58:20Z"', NOON - timedelta(seconds=100)),
        (str(NOON_EPOCH - 100), NOON - timedelta(seconds=100)),
        ('"Nov 24 2026 12:58:20 CET"', NOON - timedelta(seconds=7)),
        ('"Nov 24 2026 17:29:50 IST"', NOON - timedelta(seconds=7)),
        ('"2026-11-24T11:58:20"', NOON - timedelta(seconds=7)),
        ('"yesterday"', NOON - timedelta(seconds=7)),
    ],
)
def test_only_a_certain_zone_beats_the_arrival(engine: Engine, event_timestamp: str, moment: datetime | None) -> None:
    text = record(Event_Timestamp=event_timestamp, Acct_Delay_Time="7")
    if moment is None:
        assert "more than a day" in reason(engine, text)
    else:
        assert one(engine, text)["moment"] == moment


def test_the_header_is_never_believed(engine: Engine) -> None:
    assert one(engine, record("Tue Sep 13 16:24:27 2011"))["moment"] == NOON
    assert "no usable moment" in reason(engine, record(Timestamp=None))


def test_the_named_zone_alone_is_no_moment(engine: Engine) -> None:
    assert "no usable moment" in reason(engine, record(Timestamp=None, Event_Timestamp='"Nov 24 2026 12:00:00 CET"'))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"Timestamp": str(NOON_EPOCH + 86_400)}, "future"),
        ({"Timestamp": "86400"}, "past"),
        ({"Timestamp": "-5"}, "no usable moment"),
        ({"Acct_Delay_Time": "soon"}, "no usable moment"),
        ({"Acct_Status_Type": None}, "no Acct-Status-Type"),
        ({"Acct_Status_Type": "Party"}, "unknown Acct-Status-Type"),
        ({"Acct_Session_Id": None}, "no Acct-Session-Id"),
        ({"NAS_Identifier": None}, "neither NAS-Identifier"),
        ({"Framed_IP_Address": "192.0.2.01"}, "address"),
        ({"Framed_IP_Address": "192.0.2.0/24"}, "address"),
        ({"Framed_IPv6_Prefix": "2001:db8::/16"}, "prefix"),
        ({"Delegated_IPv6_Prefix": "2001:db8::/129"}, "prefix"),
        ({"User_Name": f'"{"a" * 254}"'}, "longer than 253"),
        ({"User_Name": r'"a\nb"'}, "control character"),
    ],
)
def test_what_cannot_be_used_is_a_reject_and_the_rest_goes_on(
    engine: Engine, changes: dict[str, str | None], why: str
) -> None:
    events, rejects = stage_text(engine, record() + record(HEADER, **changes) + record(Acct_Status_Type="Stop"))
    assert [event["status"] for event in events] == ["start", "stop"]
    [(line, said, excerpt)] = rejects
    assert line == 9
    assert why in str(said)
    assert len(str(excerpt)) <= 200


def test_a_tunnels_record_says_nothing_and_is_no_reject(engine: Engine) -> None:
    assert stage_text(engine, record(Acct_Status_Type="Tunnel-Start")) == ([], [])


@pytest.mark.parametrize("marker", ["0.0.0.0", "255.255.255.255", "255.255.255.254"])
def test_a_pool_marker_is_no_address(engine: Engine, marker: str) -> None:
    assert one(engine, record(Framed_IP_Address=marker))["network"] is None


def test_each_network_of_a_record_is_an_event(engine: Engine) -> None:
    text = record(
        Framed_IPv6_Prefix="2001:db8:1::/64",
        Delegated_IPv6_Prefix='"2001:db8:2:ff::7/56"',  # bits past the length are not the network's
        Framed_IPv6_Address="2001:db8:1::5",
    )
    events, _ = stage_text(engine, text)
    networks = {format_network(e["network"], e["prefix_bits"]) for e in events if isinstance(e["network"], UUID)}  # type: ignore[arg-type]
    assert networks == {"192.0.2.1/32", "2001:db8:1::/64", "2001:db8:2::/56", "2001:db8:1::5/128"}


def test_a_prefix_may_stand_twice_and_a_session_may_not(engine: Engine) -> None:
    twice = record().replace("\tTimestamp", "\tFramed-IPv6-Prefix = 2001:db8:1::/64\n" * 1 + "\tTimestamp")
    twice = twice.replace("\tTimestamp", "\tFramed-IPv6-Prefix = 2001:db8:2::/64\n\tTimestamp")
    assert len(stage_text(engine, twice)[0]) == 3
    other = record().replace("\tTimestamp", '\tAcct-Session-Id = "B2"\n\tTimestamp')
    assert "stands twice" in reason(engine, other)


def test_the_nas_is_named_before_it_is_addressed(engine: Engine) -> None:
    assert one(engine, record(NAS_IP_Address="100.64.0.1"))["nas"] == "nas-1"
    assert one(engine, record(NAS_Identifier=None, NAS_IP_Address="100.64.0.1"))["nas"] == "100.64.0.1"


def test_lines_differ_by_port_server_and_circuit_but_not_by_how_a_station_is_written(engine: Engine) -> None:
    port = one(engine, record(NAS_Port_Id='"eth 1/0:7"', Calling_Station_Id='"02-00-5E-00-00-01"'))["line_hash"]
    other_station = one(engine, record(NAS_Port_Id='"eth 1/0:7"', Calling_Station_Id='"02-00-5E-00-00-02"'))
    other_server = one(engine, record(NAS_Port_Id='"eth 1/0:7"', NAS_Identifier='"nas-2"'))
    circuit = one(engine, record(NAS_Port_Id='"eth 1/0:7"', ADSL_Agent_Circuit_Id='"eth 1/0:7"'))
    assert other_station["line_hash"] == port
    assert len({port, other_server["line_hash"], circuit["line_hash"]}) == 3
    station = one(engine, record(Calling_Station_Id='"02-00-5E-00-00-01"'))["line_hash"]
    assert one(engine, record(Calling_Station_Id='"02:00:5e:00:00:01"'))["line_hash"] == station
    assert one(engine, record())["line_hash"] is None


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r'"EXAMPLE\\alice"', "EXAMPLE\\alice"),
        (r'"the \"best\" = alice"', 'the "best" = alice'),
        (r'"caf\303\251@example"', "café@example"),
        ('"a = b"', "a = b"),
        ('"Framed-IP-Address"', "Framed-IP-Address"),
        ("alice", "alice"),
        ('""', None),
    ],
)
def test_a_name_is_read_as_it_was_sent(engine: Engine, written: str, name: str | None) -> None:
    event = one(engine, record(User_Name=written))
    assert event["account_name"] == name
    assert event["network"] == parse_network("192.0.2.1")[0]


def test_two_names_that_are_no_utf8_stay_two(engine: Engine) -> None:
    data = record(User_Name='"a\x01"').encode(), record(User_Name='"a\x02"', Acct_Session_Id='"B"').encode()
    text = data[0].replace(b"\x01", b"\xff") + data[1].replace(b"\x02", b"\xfe")
    assert len({event["account_name"] for event in stage_text(engine, text)[0]}) == 2


@pytest.mark.parametrize("ending", ["\r\n", "\n"])
@pytest.mark.parametrize("indent", ["\t", "    ", "\t\t"])
def test_line_ends_and_indents_make_no_difference(engine: Engine, ending: str, indent: str) -> None:
    text = (record() + record(Acct_Status_Type="Stop")).replace("\t", indent).replace("\n", ending)
    events, rejects = stage_text(engine, text)
    assert rejects == []
    assert [(event["status"], event["evidence_line"]) for event in events] == [("start", 1), ("stop", 9)]


def test_more_blank_lines_than_one_are_counted_and_no_record(engine: Engine) -> None:
    events, rejects = stage_text(engine, "\n" + record() + "\n\n" + record())
    assert rejects == []
    assert [event["evidence_line"] for event in events] == [2, 12]


def test_two_records_without_a_blank_line_between_are_no_record(engine: Engine) -> None:
    events, rejects = stage_text(engine, record().removesuffix("\n") + record())
    assert events == []
    assert [line for line, _, _ in rejects] == [1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n\n",
        "no record\n\n",
        '\tUser-Name = "x"\n\tTimestamp = 1\n\n',
        "Tue\n\tUser-Name\n\n",
        "Tue\n\t = 1\n\n",
    ],
)
def test_what_is_no_record_is_never_an_event(engine: Engine, text: str) -> None:
    events, rejects = stage_text(engine, text)
    assert events == []
    assert len(rejects) == (1 if text.strip() else 0)


def test_a_file_that_is_being_written_gives_its_whole_records(engine: Engine) -> None:
    last = record(Acct_Status_Type="Stop")
    for end in range(1, len(last)):
        events, rejects = stage_text(engine, record() + last[:end])
        assert events[0]["status"] == "start"
        for event in events[1:]:  # read although no blank line follows: then it says what it will say
            assert (event["status"], event["moment"], event["network"]) == ("stop", NOON, parse_network("192.0.2.1")[0])
        assert len(events) + len(rejects) == 2


def test_a_damaged_file_gives_what_comes_before_the_damage(engine: Engine) -> None:
    events, rejects = stage_text(engine, record() + record()[:40], cut="gzip data ends too early")
    assert len(events) == 1
    [(line, why, _)] = rejects
    assert line == 9
    assert "gzip data ends too early" in str(why)


def test_a_record_past_the_bound_is_one_reject(engine: Engine) -> None:
    long = record(Reply_Message='"' + "x" * RECORD_BYTES_MAX + '"')
    endless = record().replace("\n\n", "\n") + "\tFiller = 1\n" * RECORD_BYTES_MAX + "\n"
    events, rejects = stage_text(engine, record() + long + endless + record(), block_bytes=5_000)
    assert len(events) == 2
    assert [line for line, _, _ in rejects] == [9, 18]
    assert events[1]["evidence_line"] == 18 + endless.count("\n")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from(["plain", "escaped", "twice", "broken", "odd", "short"]), min_size=1, max_size=12),
    st.integers(1, 400),
)
def test_blocks_may_be_cut_anywhere(kinds: list[str], block_bytes: int) -> None:
    texts = {
        "plain": record(),
        "escaped": record(User_Name=r'"EX\\a"'),
        "twice": record().replace("\tTimestamp", "\tFramed-IPv6-Prefix = a\n\tFramed-IPv6-Prefix = b\n\tTimestamp"),
        "broken": 'Tue\n\tno attribute\n\tUser-Name = "x"\n\n',
        "odd": record(NAS_Port_Id='"p"', User_Name=None),
        "short": 'Tue\n\tUser-Name = "x"\n\n',
    }
    data = "".join(texts[kind] for kind in kinds).encode()
    whole, cut = rows_of([data]), rows_of([data[at : at + block_bytes] for at in range(0, len(data), block_bytes)])
    assert cut == whole
    assert len(whole) == len(kinds)


def rows_of(blocks: list[bytes]) -> list[tuple[object, ...]]:
    rejects: list[tuple[object, ...]] = []
    chunks = list(read_chunks(blocks, lambda reject: rejects.append((reject.line, reject.reason))))
    return sorted([*(row for chunk in chunks for row in zip(*chunk, strict=True)), *rejects], key=str)


@pytest.mark.shared
def test_real_records_are_read_to_the_second(engine: Engine, shared: Path) -> None:
    samples = (shared / "lease_logs" / "samples.txt").read_text().split("\n")
    first = samples.index("Tue Jun  9 00:03:48 2015")
    text = "\n".join(samples[first : samples.index("", first)]) + "\n\n"
    # 1433801028 is 2015-06-08T22:03:48Z; the record says 00:03:47 CEST, a second earlier, by a clock of its own.
    [(line, why, _)] = stage_text(engine, text)[1]
    assert (line, why) == (1, "the moment lies too far in the past")
    later = text.replace("1433801028", str(NOON_EPOCH)).replace(
        "Jun  9 2015 00:03:47 CEST", "Nov 24 2026 13:59:59 CEST"
    )
    event = one(engine, later)
    assert (event["nas"], event["moment"], event["status"]) == ("MT_HAAP_INFOG", NOON, "interim")
