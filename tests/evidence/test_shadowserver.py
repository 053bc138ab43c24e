"""Shadowserver's reports: which type it is, what each row makes of an address, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.evidence.evidence_world import HEADER, Read, sinkhole_file, sinkhole_row
from tocsin.evidence.formats import recognise
from tocsin.evidence.readers.shadowserver_families import FAMILIES
from tocsin.evidence.readers.shadowserver_reports import REPORT_BY_NAME, REPORTS, report_named
from tocsin.evidence.texts import Head
from tocsin.terms.errors import BadRequest
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import CASE_ROLES, Role

TELNET = "timestamp,ip,protocol,port,hostname,tag,asn,geo,region,city,naics,sic,banner\n"
BRUTE = HEADER + ",username,password,client_version,start_time,end_time\n"


def variant(header: str, name: str) -> str | None:
    choice = recognise(Head(name, header.encode()))
    return choice.variant if choice else None


@pytest.mark.parametrize(
    ("name", "header", "report"),
    [
        ("2026-11-23-event4_sinkhole-example-asn.csv", HEADER, "event4_sinkhole"),
        ("2026-11-23-event4_sinkhole-example-asn.csv.gz", HEADER, "event4_sinkhole"),
        ("2026-11-23-scan_telnet-123-example-geo.csv", TELNET, "scan_telnet"),
        ("2026-11-23-scan_new_thing-example.csv", TELNET, "scan_new_thing"),
        ("event6_sinkhole.csv", HEADER, "event6_sinkhole"),
        ("feed.csv", HEADER, "event4_sinkhole"),
        ("<stdin>", TELNET, "scan_telnet"),
        ("mail-attachment", BRUTE, "event4_honeypot_brute_force"),
        ("feed.csv", HEADER + ",http_host", None),
        ("feed.csv", "timestamp,ip,port\n", None),
        ("2026-11-23-event4_sinkhole-example-asn.csv", "when,who\n", None),
        ("2021-03-25-scan_telnet-test-test.csv", TELNET, "scan_telnet"),
        ("scan_telnet-test.csv", TELNET, "scan_telnet"),
        ("event_sinkhole.csv", HEADER, "event_sinkhole"),
        ("dns_openresolver.csv", "timestamp,ip,port,min_amplification\n", "dns_openresolver"),
        ("x", "timestamp,ip,port,protocol,dns_version,min_amplification\n", "scan_dns"),
        ("x", "timestamp,protocol,http_referer_ip,http_referer_port\n", "event4_sinkhole_http_referer"),
        ("x", "timestamp,email,source_url,service\n", "compromised_account"),
        # A scan and a census of the same service have the same columns and do not mean the same.
        ("x", "timestamp,ip,protocol,port,proxy_authenticate,via\n", None),
    ],
)
def test_the_report_type_is_known_by_name_or_by_columns(name: str, header: str, report: str | None) -> None:
    assert variant(header, name) == report


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("event_honeypot_brute_force", "event4_honeypot_brute_force"),
        ("event6_honeypot_http_scan", "event4_honeypot_http_scan"),
        ("event6_sinkhole", "event6_sinkhole"),
        ("scan6_redis", "scan_redis"),
        ("scan_ldap", "scan_ldap_udp"),
        ("cisco_smart_install", "scan_cisco_smart_install"),
        ("blacklist", "blocklist"),
    ],
)
def test_old_names_and_twins_are_known(name: str, report: str) -> None:
    found = report_named(name)
    assert found is not None
    assert found.name == report


def test_no_two_reports_are_known_by_the_same_columns() -> None:
    signed = [report for report in REPORTS if report.signature]
    assert len({report.signature for report in signed}) == len(signed)
    assert len(REPORT_BY_NAME) == len(REPORTS)


def test_each_type_and_each_difference_from_intelmq_stands_in_the_docs() -> None:
    docs = (Path(__file__).parents[2] / "docs" / "formats.md").read_text()
    for family in FAMILIES:
        for line in family.lines.strip().splitlines():
            assert f"`{line.split()[0].partition('/')[0]}`" in docs
    for report in REPORTS:
        if report.intelmq_kind:
            assert f"| {report.kind}, {report.role} | {report.intelmq_kind} |" in docs, report.name


HTTP = "timestamp,protocol,src_ip,src_port,dst_ip,dst_port,infection,family,tag,http_url,forwarded_by"
HTTP_ROW = '"2026-11-23 10:00:00","tcp","192.0.2.10",40001,"198.51.100.7",80,"ramnit",,"x"'


@pytest.mark.parametrize(
    ("rows", "is_reject"),
    [
        ([HTTP_ROW], [False]),
        ([HTTP_ROW + ","], [False]),
        ([HTTP_ROW, HTTP_ROW], [True, False]),  # only the last line may have been trimmed
        ([HTTP_ROW.removesuffix(',"x"')], [True]),  # what it says of the malware is not there
        ([HTTP_ROW + ",GET"], [True]),  # this value may have been cut
        ([HTTP_ROW + ',"GET'], [True]),
    ],
)
def test_a_last_line_without_its_last_separators_is_whole(read: Read, rows: list[str], is_reject: list[bool]) -> None:
    assert ["reject" in line for line in read("\n".join([HTTP, *rows]).encode())] == is_reject


def test_each_report_of_the_table_has_a_kind_of_rsit_and_a_role() -> None:
    for report in REPORTS:
        assert report.kind in TAXONOMY_BY_KIND
        assert report.role in Role
        # Only what took a whole conversation condemns an address; a scanned service answered from where it was asked.
        assert report.proof or report.role not in CASE_ROLES or report.role is Role.EXPOSED


@pytest.mark.parametrize(
    ("protocol", "role"), [("tcp", "infected"), ("TCP", "infected"), ("udp", "lead"), ("", "lead"), ("icmp", "lead")]
)
def test_a_sinkhole_condemns_only_over_a_completed_connection(read: Read, protocol: str, role: str) -> None:
    [sighting] = read(sinkhole_file(sinkhole_row(protocol=protocol)))
    assert sighting["role"] == role


def test_an_unknown_report_type_is_a_lead_whatever_it_says(read: Read) -> None:
    [sighting] = read(sinkhole_file(sinkhole_row()), "2026-11-23-event4_brand_new-example-asn.csv")
    assert (sighting["role"], sighting["kind"], sighting["taxonomy"]) == ("lead", "undetermined", "other")


def test_a_name_that_lies_about_the_columns_makes_leads(read: Read) -> None:
    [sighting] = read(sinkhole_file(sinkhole_row()), "2026-11-23-scan_telnet-example-asn.csv")
    assert sighting["role"] == "lead"


def test_asked_for_and_not_fitting_is_an_error(read: Read) -> None:
    with pytest.raises(BadRequest, match="no column ip"):
        read(sinkhole_file(sinkhole_row()), reader="shadowserver:scan_telnet")


def test_a_type_asked_for_beats_the_name(read: Read) -> None:
    [sighting] = read(sinkhole_file(sinkhole_row()), "whatever.txt", reader="shadowserver:event6_sinkhole")
    assert sighting["reader"] == "shadowserver:event6_sinkhole"


def test_a_header_that_is_none_is_an_error(read: Read) -> None:
    with pytest.raises(BadRequest, match="not a Shadowserver header"):
        read(b"\x00\n", reader="shadowserver")


def test_an_empty_report_has_no_sightings(read: Read) -> None:
    assert read(sinkhole_file()) == []
    assert read(b"", reader="shadowserver:event4_sinkhole") == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"port": 65536}, "not a port: 65536"),
        ({"port": "ssh"}, "not a port: ssh"),
        ({"port": "-1"}, "not a port: -1"),
        ({"address": "192.0.2.300"}, "not an IP address: 192.0.2.300"),
        ({"address": ""}, "not an IP address: nothing there"),
        ({"address": "0.0.0.0"}, "an address that no host can have: 0.0.0.0"),
        ({"address": "XX"}, "not an IP address: XX"),
        ({"at": ""}, "not a moment: nothing there"),
        ({"at": "yesterday"}, "not a moment: yesterday"),
        ({"at": "1970-01-01 00:00:00"}, "a moment before 1995: 1970-01-01 00:00:00"),
        ({"protocol": "ramnit"}, "not a transport protocol: ramnit"),
    ],
)
def test_what_cannot_be_is_a_reject_with_its_line_and_value(read: Read, change: dict[str, str], reason: str) -> None:
    lines = read(sinkhole_file(sinkhole_row(), sinkhole_row(**change), sinkhole_row(port=40002)))
    assert [line["evidence_line"] for line in lines] == [2, 3, 4]
    assert [line.get("reject") for line in lines] == [None, reason, None]


SWAPPED = [
    ("src_ip", "src_port"),
    ("timestamp", "src_ip"),
    ("protocol", "infection"),
    ("src_geo", "src_port"),
    ("dst_ip", "dst_port"),
    ("protocol", "src_ip"),
    ("src_port", "infection"),
    ("dst_ip", "infection"),
    ("timestamp", "protocol"),
]


@pytest.mark.parametrize("swapped", SWAPPED)
def test_swapped_columns_make_rejects_and_no_sightings(read: Read, swapped: tuple[str, str]) -> None:
    names = HEADER.split(",")
    one, other = (names.index(name) for name in swapped)
    names[one], names[other] = names[other], names[one]
    content = "\n".join([",".join(names), sinkhole_row(), sinkhole_row(port=40001)]).encode()
    assert ["reject" in line for line in read(content)] == [True, True]


def test_hostile_texts_are_bounded_and_shown_without_control_characters(read: Read) -> None:
    [sighting] = read(sinkhole_file(sinkhole_row(malware="a\x1b[31m\u202e" + "b" * 500)))
    malware = str(sighting["malware"])
    assert len(malware) == 200
    assert malware.isprintable()


def test_unknown_columns_are_kept_in_extra_under_their_names(read: Read) -> None:
    header = HEADER + ',"quo""ted",tag,tag,'
    content = f'{header}\n{sinkhole_row()},"a \\ and a """,one,two,three\n'.encode()
    [sighting] = read(content)
    extra = sighting["extra"]
    assert isinstance(extra, dict)
    assert {name: extra[name] for name in ('quo"ted', "tag", "tag_2", "column")} == {
        'quo"ted': 'a \\ and a "',
        "tag": "one",
        "tag_2": "two",
        "column": "three",
    }
    assert "src_hostname" not in extra  # it is empty


def test_a_span_is_what_start_and_end_say(read: Read) -> None:
    row = sinkhole_row(at="2026-11-23 10:00:00")
    [sighting] = read(
        f"{BRUTE}{row},root,admin,SSH,2026-11-23T10:00:00.25Z,2026-11-23T10:05:00Z\n".encode(), "feed.csv"
    )
    assert (sighting["seen_at"], sighting["seen_until"]) == ("2026-11-23T10:00:00.25Z", "2026-11-23T10:05:00Z")
    assert sighting["precision_s"] == 0
    assert sighting["role"] == "attacker"
