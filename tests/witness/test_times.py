"""When a line was written: what it says, what is configured, what the file's date says; otherwise it is a reject."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.witness.world import Line, watched
from tocsin.engine import Engine
from tocsin.evidence.stamps import Stamps

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
TEXT = "gate sshd[1]: Invalid user x from 192.0.2.1 port 1001\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-24T03:16:38Z", "2026-11-24T03:16:38+00:00"),
        ("2026-11-24T03:16:38.5+01:00", "2026-11-24T02:16:38.500000+00:00"),
        ("24/Nov/2026:03:16:38 +0100", "2026-11-24T02:16:38+00:00"),
        ("24-Nov-2026 03:16:38 -0500", "2026-11-24T08:16:38+00:00"),
        ("1795490197.25", "2026-11-24T03:16:37.250000+00:00"),
        ("@400000004c91b044077a9e94", "2010-09-16T05:50:50+00:00"),
        ("2026-11-24 03:16:38", "2026-11-24T02:16:38+00:00"),  # Berlin
        ("Tue Nov 24 03:16:38.123 2026", "2026-11-24T02:16:38.123000+00:00"),
    ],
)
def test_each_form_is_read(text: str, expected: str) -> None:
    stamp = Stamps(ZoneInfo("Europe/Berlin")).read(text)
    assert stamp.at is not None
    assert stamp.at.isoformat() == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no moment"),
        ("yesterday", "not a moment"),
        ("31/Feb/2026:03:16:38 +0000", "not a day"),
        ("24/Nov/2026:24:16:38 +0000", "not a day"),
        ("2026-03-29 02:30:00", "never had"),
        ("2026-10-25 02:30:00", "twice"),
    ],
)
def test_what_is_no_moment_says_why(text: str, why: str) -> None:
    stamp = Stamps(ZoneInfo("Europe/Berlin")).read(text)
    assert stamp.at is None
    assert stamp.local is None
    assert why in stamp.why_not


def seen(lines: list[Line]) -> list[object]:
    return [line["seen_at"] for line in lines]


def test_a_time_without_zone_or_year_is_a_reject_that_names_the_host(engine: Engine) -> None:
    lines = watched(engine, f"Mar  9 03:16:38 {TEXT}", now=NOW)
    assert [(line["address"], "--zone" in str(line["reject"])) for line in lines] == [("192.0.2.1", True)]


def test_with_a_zone_the_year_is_the_latest_that_is_not_ahead(engine: Engine) -> None:
    log = f"Dec 30 03:16:38 {TEXT}Mar  9 03:16:38 {TEXT}"
    assert seen(watched(engine, log, zone="Europe/Berlin", now=NOW)) == ["2025-12-30T02:16:38Z", "2026-03-09T02:16:38Z"]


def test_a_log_over_two_turns_of_the_year_counts_both(engine: Engine) -> None:
    log = (
        f"Feb  1 00:00:00 {TEXT}Nov  1 00:00:00 {TEXT}Jan  5 00:00:00 {TEXT}Dec 1 00:00:00 {TEXT}Mar  9 00:00:00 {TEXT}"
    )
    years = [str(each)[:4] for each in seen(watched(engine, log, zone="UTC", now=NOW))]
    assert years == ["2024", "2024", "2025", "2025", "2026"]


def test_a_log_in_no_order_is_dated_line_by_line(engine: Engine) -> None:
    log = f"Mar  9 00:00:00 {TEXT}Jan  5 00:00:00 {TEXT}Dec  1 00:00:00 {TEXT}Feb  1 00:00:00 {TEXT}"
    years = [str(each)[:4] for each in seen(watched(engine, log, zone="UTC", now=NOW))]
    assert years == ["2026", "2026", "2025", "2026"]
