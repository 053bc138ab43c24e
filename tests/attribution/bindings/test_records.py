"""Records of line-regular logs: several on a line, and the years of times that have none."""

from __future__ import annotations

from tests.attribution.bindings.nat.nat_lines import read_lines
from tocsin.attribution.bindings.readers.syslog import of_syslog
from tocsin.engine import Engine

CISCO, NFWARE = of_syslog("cisco"), of_syslog("nfware")


def _day(date: str) -> str:
    return f"{date} 12:00:00 nat-1 app: A VRF 0 INT 10.0.0.1 EXT 198.51.100.1\n"


def test_each_record_of_a_line_is_judged_by_itself(engine: Engine) -> None:
    records = "".join(
        f"[Userbased{event} - 10.0.0.{n} VRF - {public} - {n}024 {n}535 - - ]"
        for event, n, public in (("A", 1, "198.51.100.1"), ("W", 2, "198.51.100.1"), ("A", 3, "198.51.100.300"))
    )
    found = read_lines(engine, CISCO, f"<134> 1 2026 May 31 11:30:00 192.0.2.9 - - NAT44 - {records}\n")
    assert [(m.status, m.inside, m.ports) for m in found.mappings] == [
        ("start", "10.0.0.1", "1024-1535"),
        ("stop", "10.0.0.2", "2024-2535"),
    ]
    assert found.refused == [1]


def test_a_log_over_new_year_has_two_years(engine: Engine) -> None:
    text = _day("Dec 30") + _day("Dec 31") + _day("Jan  1") + _day("Nov 24")
    assert [m.at[:10] for m in read_lines(engine, NFWARE, text).mappings] == [
        *("2025-12-30", "2025-12-31", "2026-01-01", "2026-11-24")
    ]


def test_an_archive_is_of_the_years_from_the_one_that_is_told(engine: Engine) -> None:
    text = _day("Dec 31") + _day("Jan  1") + _day("Dec 31") + _day("Jan  1")
    assert [m.at[:4] for m in read_lines(engine, NFWARE, text, year=2021).mappings] == ["2021", "2022", "2022", "2023"]
