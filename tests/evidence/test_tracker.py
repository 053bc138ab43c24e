"""Lists of attackers' servers: seen when they were last online, and never anybody's infection."""

from __future__ import annotations

import pytest

from tests.evidence.evidence_world import Read
from tocsin.evidence.formats import recognise
from tocsin.evidence.texts import Head
from tocsin.terms.errors import BadRequest

HEADER = '"first_seen_utc","dst_ip","dst_port","c2_status","last_online","malware"'


def listed(*rows: str, updated: str = "") -> bytes:
    comment = f"# Last updated: {updated} UTC\n" if updated else "# a list\n"
    return (comment + "\n".join([HEADER, *rows]) + "\n").encode()


def entry(address: str = "192.0.2.61", last: str = "2026-11-20", first: str = "2026-11-01 08:00:00") -> str:
    return f'"{first}","{address}","443","online","{last}","Dridex"'


def test_an_entry_is_infrastructure_and_nothing_else(read: Read) -> None:
    [found] = read(listed(entry()), "list.csv")
    assert (found["role"], found["kind"], found["malware"]) == ("infrastructure", "c2-server", "dridex")


def test_a_mere_day_is_a_whole_day(read: Read) -> None:
    [found, _] = read(listed(entry(), entry("192.0.2.62", "2026-11-23")), "list.csv")
    assert (found["seen_at"], found["seen_until"]) == ("2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z")


def test_the_newest_day_ends_when_the_list_was_made(read: Read) -> None:
    [found] = read(listed(entry(), updated="2026-11-20 03:10:13"), "list.csv")
    assert (found["seen_at"], found["seen_until"]) == ("2026-11-20T00:00:00Z", "2026-11-20T03:10:13Z")
    [found] = read(listed(entry()), "list.csv")
    assert found["seen_until"] == "2026-11-20T00:00:00Z"


def test_what_was_first_seen_that_day_was_not_seen_before(read: Read) -> None:
    [found, _] = read(listed(entry(first="2026-11-20 09:30:00"), entry("192.0.2.62", "2026-11-23")), "list.csv")
    assert found["seen_at"] == "2026-11-20T09:30:00Z"


def test_a_name_in_front_of_the_host_is_not_the_host(read: Read) -> None:
    content = b"# id,dateadded,url,threat\n1,2026-11-20 08:00:00,http://192.0.2.1@files.example/a,malware_download\n"
    [found] = read(content, "urls.csv")
    assert found["reject"] == "not an IP address: files.example"


def test_entries_after_one_that_is_ragged_are_read(read: Read) -> None:
    found = read(listed(entry(), '"2026-11-01 08:00:00","192.0.2.1', entry("192.0.2.62")), "list.csv")
    assert [line["evidence_line"] for line in found] == [3, 4, 5]
    assert ["reject" in line for line in found] == [False, True, False]


def test_an_export_by_number_is_read(read: Read) -> None:
    content = (
        b'{"17": [{"ioc_value": "192.0.2.81:80", "threat_type": "botnet_cc", "first_seen_utc": "2026-11-20 08:00:00"}]}'
    )
    [found] = read(content, "export.json")
    assert (found["address"], found["port"], found["kind"]) == ("192.0.2.81", 80, "c2-server")


def test_a_list_without_a_header_is_refused(read: Read) -> None:
    assert recognise(Head("list.csv", b"# comment\n192.0.2.1,443\n")) is None
    with pytest.raises(BadRequest, match="not the header of a tracker's list"):
        read(b"# comment\n192.0.2.1,443\n", "list.csv", reader="tracker")
