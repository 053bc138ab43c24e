"""What the demo writes: the same bytes for the same seed, and files like those of real machines."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from tests.demo.demo_example import FIRST_DAY, all_records, detail_records, example, happened_at, rows_of, seconds
from tocsin.pipeline.demo import generate
from tocsin.pipeline.demo.hard_cases import EXPECTED

SHARED = Path(__file__).parents[3] / "shared" / "data" / "feeds" / "shadowserver"
SESSION_ATTRIBUTES = (
    "User-Name NAS-IP-Address NAS-Identifier NAS-Port-Id NAS-Port-Type Framed-Protocol Framed-IP-Address "
    "Framed-IPv6-Prefix Delegated-IPv6-Prefix Calling-Station-Id Acct-Session-Id Acct-Status-Type Acct-Delay-Time "
    "Acct-Unique-Session-Id Timestamp"
)


def _digest(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_writes_the_same_bytes_even_over_an_older_demo(tmp_path: Path) -> None:
    for folder, seed in (("one", 3), ("two", 4), ("two", 3)):
        generate(tmp_path / folder, seed=seed, subscribers=150, first_day=FIRST_DAY, days=2)
    assert _digest(tmp_path / "one") == _digest(tmp_path / "two")


def test_another_seed_is_another_world(tmp_path: Path) -> None:
    for seed in ("3", "4"):
        generate(tmp_path / seed, seed=int(seed), subscribers=150, first_day=FIRST_DAY, days=1)
    one, two = _digest(tmp_path / "3"), _digest(tmp_path / "4")
    assert {name for name in one if one[name] == two.get(name)} == {
        *("prefixes.csv", "tocsin.toml", "nat/deterministic.csv"),
    }


@pytest.mark.parametrize("subscribers", [149, 3001])
def test_a_size_that_the_pools_cannot_hold_is_refused(tmp_path: Path, subscribers: int) -> None:
    with pytest.raises(ValueError, match="150 to 3000"):
        generate(tmp_path, seed=1, subscribers=subscribers, first_day=FIRST_DAY)


def test_there_are_fifty_of_every_hard_case_and_no_other_case() -> None:
    count = Counter(truth.case for truth in example().truth)
    assert count.keys() == EXPECTED.keys()
    assert {case: number for case, number in count.items() if number < 50} == {}


def test_the_default_demo_is_a_provider_and_no_toy() -> None:
    assert example().records > 40_000


def test_there_are_as_many_subscribers_as_asked_for_and_all_are_plainly_made_up() -> None:
    rows = rows_of(example().folder / "subscribers.csv")
    assert len({row["subscriber"] for row in rows}) == example().subscribers == 2_000
    assert all(row["email"].endswith(".example") for row in rows)
    assert {row["language"] for row in rows} == {"en", "ja", "de", "hi"}
    assert all(row["name"].isascii() == (row["language"] == "en") for row in rows if row["language"] != "de")
    assert any(row["line_id"] == "" for row in rows)


def test_no_two_contracts_hold_a_line_at_once() -> None:
    by_account: dict[str, list[tuple[str, str]]] = {}
    for row in rows_of(example().folder / "subscribers.csv"):
        by_account.setdefault(row["account"], []).append((row["starts_at"], row["ends_at"] or "9999"))
    changed = [sorted(spans) for spans in by_account.values() if len(spans) > 1]
    assert changed
    for spans in changed:
        assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))


def test_each_detail_record_has_the_attributes_of_a_session_or_a_server() -> None:
    kinds: Counter[str] = Counter()
    for record in all_records(example().folder):
        kinds[record["Acct-Status-Type"]] += 1
        if not record["Acct-Status-Type"].startswith("Accounting-"):
            assert [name for name in SESSION_ATTRIBUTES.split() if name not in record] == []
        assert ("Acct-Session-Time" in record) == (record["Acct-Status-Type"] in ("Interim-Update", "Stop"))
    assert kinds.keys() == {"Start", "Interim-Update", "Stop", "Accounting-On", "Accounting-Off"}
    assert sum(kinds.values()) < example().records  # leases and mappings are records too


def test_a_header_is_ctime_in_japan_and_the_file_is_that_day_s() -> None:
    pattern = re.compile(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d \d{4}")
    for path in example().folder.glob("radius/*/detail-*"):
        for header, record in detail_records(path):
            assert pattern.fullmatch(header)
            arrived = int(record["Timestamp"]) + 9 * 3600
            assert path.name == "detail-" + (FIRST_DAY + timedelta(days=_day(arrived))).strftime("%Y%m%d")


def _day(at: int) -> int:
    return (at - seconds(f"{FIRST_DAY}T00:00:00+00:00")) // 86_400


def test_the_log_has_every_flaw_that_it_promises() -> None:
    records = all_records(example().folder)
    sessions = [record for record in records if "User-Name" in record]
    assert any("Event-Timestamp" not in record for record in sessions)
    assert any(int(record["Acct-Delay-Time"]) > 3_600 for record in sessions)
    assert any("Session-Timeout" in record for record in sessions)
    starts = {(r["NAS-Identifier"], r["Acct-Session-Id"], r["User-Name"]) for r in sessions if _is(r, "Start")}
    ends = {(r["NAS-Identifier"], r["Acct-Session-Id"], r["User-Name"]) for r in sessions if _is(r, "Stop")}
    assert len(ends - starts) > 50
    assert len(starts - ends) > 50
    seen = Counter((r["NAS-Identifier"], r["Acct-Session-Id"], r["User-Name"], happened_at(r)) for r in sessions)
    assert sum(count > 1 for count in seen.values()) > 50


def _is(record: dict[str, str], status: str) -> bool:
    return record["Acct-Status-Type"] == status


def test_only_the_edge_log_has_a_hole_and_only_one() -> None:
    for log, holes in (("core", 0), ("edge", 1)):
        paths = sorted(example().folder.glob(f"radius/{log}/detail-*"))
        moments = sorted(happened_at(record) for path in paths for _, record in detail_records(path))
        silences = [second - first for first, second in itertools.pairwise(moments)]
        assert sum(silence > 1_500 for silence in silences) == holes


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="no samples beside the checkout")
@pytest.mark.parametrize("report", ["event4_sinkhole", "event4_honeypot_brute_force", "scan_telnet"])
def test_each_report_has_the_genuine_header(report: str) -> None:
    genuine = (SHARED / f"{report}.csv").read_text(encoding="utf-8").splitlines()[0]
    paths = list(example().folder.glob(f"feeds/*-{report}-demo-as64500.csv"))
    assert len(paths) >= 3
    assert {path.read_text(encoding="utf-8").splitlines()[0] for path in paths} == {genuine}


def test_the_feed_tells_exactly_what_the_truth_speaks_of() -> None:
    told: Counter[tuple[str, str, int | None, str]] = Counter()
    for path in example().folder.glob("feeds/*.csv"):
        for row in rows_of(path):
            assert path.name.startswith(row["timestamp"][:10])
            port = int(row.get("src_port") or row.get("port") or 0) or None
            address = row.get("src_ip") or row["ip"]
            told[(row["timestamp"].replace(" ", "T") + "Z", address, port, row["protocol"])] += 1
    assert told == Counter((t.seen_at, t.address, t.port, t.protocol) for t in example().truth)
    assert max(told.values()) == 1
