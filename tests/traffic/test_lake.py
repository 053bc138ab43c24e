"""A provider's own detection enters the chain like any feed, once its legal basis is named."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.home.home_world import Home
from tests.traffic.scene import House
from tests.traffic.scenes import SCENES
from tocsin.cli.main import tocsin
from tocsin.engine import Engine
from tocsin.pipeline import flows_lake
from tocsin.pipeline.detected_lake import told_of_host
from tocsin.terms.errors import BadRequest, Refused
from tocsin.traffic.judge import Host
from tocsin.traffic.verdict import Finding, Window

CONFIG = """
[issuer]
name = "Example Net"
domain = "net.example"
mail_from = "abuse@net.example"

[provider]
prefixes = ["198.51.100.0/24"]
"""
BASIS = """
[traffic]
legal_basis = "consent"
purpose = "to warn subscribers"
retention_days = 30
"""
BOT, READER = "198.51.100.20", "198.51.100.21"


def run(folder: Path, *arguments: str, now: str = "2026-11-24T06:00:00Z") -> str:
    where = ["--config", str(folder / "tocsin.toml"), "--data", str(folder / "data")]
    timed = [] if arguments[0] in ("init", "audit") else ["--now", now]
    result = CliRunner().invoke(tocsin, [*arguments, *where, *timed], standalone_mode=False, catch_exceptions=False)
    return result.stdout + result.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text(CONFIG + BASIS)
    home = Home()
    home.scanner(BOT)
    home.ordinary(READER)
    home.write(tmp_path / "flows")
    run(tmp_path, "init")
    return tmp_path


def held(folder: Path, address: str) -> list[dict[str, str]]:
    told = run(folder, "held", address, "--json")
    return [json.loads(line) for line in told.splitlines() if line.startswith("{")]


def test_an_infected_host_becomes_a_sighting_and_a_clean_one_does_not(folder: Path) -> None:
    assert "1 new sightings of own-flows" in run(folder, "detect", str(folder / "flows"), "--lake")
    [sighting] = held(folder, BOT)
    assert (sighting["source"], sighting["kind"]) == ("own-flows", "scanner")
    assert sighting["seen_at"].startswith("2026-11-23T10:1")
    assert held(folder, READER) == []


def test_the_same_verdicts_again_add_nothing(folder: Path) -> None:
    run(folder, "detect", str(folder / "flows"), "--lake")
    assert "0 new sightings" in run(folder, "detect", str(folder / "flows"), "--lake")
    assert len(held(folder, BOT)) == 1


def test_nothing_is_judged_or_kept_without_a_legal_basis(folder: Path) -> None:
    (folder / "tocsin.toml").write_text(CONFIG)
    with pytest.raises(Refused, match="on what legal basis"):
        run(folder, "detect", str(folder / "flows"), "--lake")
    assert held(folder, BOT) == []


def _finding(name: str, score: float, first: datetime, last: datetime, address: str = BOT) -> Finding:
    hours = (first.replace(minute=0), last.replace(minute=0))
    return Finding(name=name, score=score, text="", first_at=first, last_at=last, address=address, hours=hours)


def _host(*findings: Finding) -> Host:
    day = datetime(2026, 11, 23, tzinfo=UTC)
    whole = Window(starts_at=day, ends_at=day + timedelta(days=1), verdict="infected", score=0.8, behaviours=())
    return Host(
        host=BOT,
        addresses=(BOT,),
        verdict="infected",
        score=0.8,
        first_at=day,
        last_at=day + timedelta(hours=20),
        opened=100,
        behaviours=findings,
        windows=(whole,),
    )


MORNING, NOON, EVENING = (datetime(2026, 11, 23, hour, tzinfo=UTC) for hour in (7, 12, 19))


def test_a_verdict_of_two_findings_spans_both_so_that_one_household_must_have_done_both() -> None:
    beacon = _finding("beacon", 0.7, MORNING, NOON)
    steered = _finding("steered", 0.6, NOON, EVENING)
    [told] = told_of_host(_host(beacon, steered))
    sighting = told.sighting
    assert (sighting["seen_at"], sighting["seen_until"]) == ("2026-11-23T07:00:00Z", "2026-11-23T19:00:00Z")


def test_what_condemns_by_itself_spans_its_own_time_at_its_own_address() -> None:
    scan = _finding("scan", 0.95, MORNING, NOON, "2001:db8::7")
    beacon = _finding("beacon", 0.7, NOON, EVENING)
    by_kind = {told.sighting["kind"]: told.sighting for told in told_of_host(_host(scan, beacon))}
    assert by_kind["scanner"]["seen_until"] == "2026-11-23T12:00:00Z"
    assert by_kind["scanner"]["address"] == "2001:db8::7"
    assert by_kind["infected-system"]["address"] == BOT


def kept(folder: Path, sighting: str) -> list[dict[str, Any]]:
    told = run(folder, "why", sighting, "--json")
    return [json.loads(line) for line in told.splitlines() if line.startswith("{")]


def test_the_flows_behind_a_sighting_can_be_looked_at_later_and_nobody_elses_are_kept(folder: Path) -> None:
    assert ", 400 flows kept" in run(folder, "detect", str(folder / "flows"), "--lake")
    shutil.rmtree(folder / "flows")
    [sighting] = held(folder, BOT)
    flows = kept(folder, sighting["id"])
    assert len(flows) == 400
    assert {(flow["caller"], flow["called_port"], flow["state"]) for flow in flows} == {(BOT, 23, "unanswered")}
    assert flows[0]["file"] == "conn.log"
    assert "why" in run(folder, "audit", "list")


def test_the_same_verdicts_again_keep_no_flow_twice(folder: Path) -> None:
    for _ in range(2):
        told = run(folder, "detect", str(folder / "flows"), "--lake")
    assert ", 0 flows kept" in told
    [sighting] = held(folder, BOT)
    assert len(kept(folder, sighting["id"])) == 400


def test_no_more_flows_are_kept_than_are_needed_to_see_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows_lake, "FLOWS_EACH_MAX", 399)
    assert ", 399 flows kept" in run(folder, "detect", str(folder / "flows"), "--lake")


@pytest.mark.parametrize(("days", "left"), [(1, 0), (2, 400)])
def test_flows_go_by_their_own_retention(folder: Path, days: int, left: int) -> None:
    run(folder, "detect", str(folder / "flows"), "--lake")
    [sighting] = held(folder, BOT)
    shorter = BASIS.replace("retention_days = 30", f"retention_days = {days}")
    (folder / "tocsin.toml").write_text(CONFIG + shorter)
    run(folder, "retention", now="2026-11-25T06:00:00Z")
    assert len(kept(folder, sighting["id"])) == left
    assert len(held(folder, BOT)) == 1


def test_flows_go_where_nobody_may_look_at_flows_any_more(folder: Path) -> None:
    run(folder, "detect", str(folder / "flows"), "--lake")
    [sighting] = held(folder, BOT)
    (folder / "tocsin.toml").write_text(CONFIG)
    run(folder, "retention")
    assert kept(folder, sighting["id"]) == []


def test_a_sighting_that_there_is_not_is_refused(folder: Path) -> None:
    with pytest.raises(BadRequest, match="no sighting is called"):
        run(folder, "why", "00000000-0000-0000-0000-000000000001")


@pytest.mark.parametrize(("scene", "flows"), [("dga", 0), ("peers", 80)])
def test_what_else_a_line_did_is_not_kept(folder: Path, tmp_path: Path, scene: str, flows: int) -> None:
    """Made-up names have no flows behind them; of strangers, those to the twenty that are named: four each."""
    house = House(tmp_path, BOT)
    for number in range(50):
        house.flow(number * 20, "203.0.113.7", 443)
    SCENES[scene].shows(house)
    judged_before = tmp_path / "others"
    judged_before.mkdir()
    with Engine(judged_before) as engine:
        house.judge(engine)
    told = run(folder, "detect", str(tmp_path / "conn.log"), str(tmp_path / "dns.log"), "--lake")
    assert f", {flows} flows kept" in told
    [sighting] = held(folder, BOT)
    assert "203.0.113.7" not in {flow["called"] for flow in kept(folder, sighting["id"])}
