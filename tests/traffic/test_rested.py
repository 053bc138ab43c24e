"""The rows that a finding names are those it rests on: what else somebody looked up or called is not among them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.traffic.scene import House
from tests.traffic.scenes import SCENES
from tocsin.engine import Engine
from tocsin.traffic.lists import Indicator


def _names_of(folder: Path, rows: tuple[str, ...]) -> list[str]:
    lines = (folder / "dns.log").read_text().splitlines()
    found = []
    for row in rows:
        name, _, line = row.rpartition(":")
        assert name == "dns.log"
        found.append(lines[int(line) - 1].split("\t")[5])
    return found


@pytest.mark.parametrize(
    ("name", "is_one"),
    [
        ("dga", lambda name: "shop" not in name),
        ("tunnel", lambda name: name.endswith(".t.relay.example")),
        ("flux", lambda name: name == "win.prize.example"),
    ],
)
def test_what_is_about_names_rests_on_these_names(
    engine: Engine, tmp_path: Path, name: str, is_one: Callable[[str], bool]
) -> None:
    house = House(tmp_path)
    house.ordinary()
    SCENES[name].shows(house)
    for finding in house.judge(engine).behaviours:
        names = _names_of(tmp_path, finding.rows)
        assert finding.name == name
        assert len(names) == 20
        assert all(map(is_one, names))


def test_a_listed_name_rests_on_its_own_questions(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.ordinary()
    house.lookup(70, "cc.bad.example", "203.0.113.44")
    [finding] = house.judge(engine, [Indicator(kind="name", value="bad.example", list="l")]).behaviours
    assert _names_of(tmp_path, finding.rows) == ["cc.bad.example"]
    assert finding.hours


def test_a_pools_name_rests_on_its_own_questions(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.ordinary()
    house.lookup(70, "pool.supportxmr.com", "203.0.113.45")
    [finding] = house.judge(engine).behaviours
    assert _names_of(tmp_path, finding.rows) == ["pool.supportxmr.com"]


def test_a_company_of_strangers_rests_on_calls_to_them(engine: Engine, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.ordinary()
    SCENES["peers"].shows(house)
    [finding] = house.judge(engine).behaviours
    lines = (tmp_path / "conn.log").read_text().splitlines()
    called = {lines[int(row.rpartition(":")[2]) - 1].split("\t")[3] for row in finding.rows}
    assert called <= set(finding.peers)
