"""Hosts are judged a part at a time: how many parts there are, and who else is in a host's own, changes nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.traffic.scene import House, judged
from tocsin.engine import Engine
from tocsin.traffic import judge as judging
from tocsin.traffic.judge import Host

HOSTS = 60
CROWD = "198.51.100.200"  # spoken to by all, on a port that is nobody's


def town(folder: Path) -> list[House]:
    """All use one server; one in six each scans, spams, calls like a clock or tries doors, one in twelve floods."""
    dice = Random(7)
    houses = []
    for number in range(HOSTS):
        house = House(folder, f"10.1.{number // 20}.{number % 20 + 1}")
        for turn in range(30):
            house.flow(turn * 700 + dice.random() * 600, CROWD, 8123)
        for turn in range(60 + number if number % 6 == 1 else 0):
            house.flow(4000 + turn, f"100.{130 + turn % 60}.{number}.{turn + 1}", 23, state="S0")
        for turn in range(40 if number % 6 == 2 else 0):
            house.flow(9000 + turn * 9, f"100.{130 + turn}.{number}.7", 25)
        for turn in range(1200 if number % 12 == 3 else 0):
            house.flow(20_000 + turn * 0.02, f"203.0.113.{number}", 80, state="OTH", back=0, packets=(3, 0))
        for turn in range(200 if number % 6 == 4 else 0):
            house.flow(turn * 300, f"203.0.113.{number}", 9001)
        for turn in range(40 if number % 6 == 5 else 0):
            house.flow(30_000 + turn, "10.1.0.1", 1000 + turn, state="REJ")
        house.lookup(number, "news.example", "198.51.100.9")
        houses.append(house)
    return houses


def verdicts(folder: Path, monkeypatch: pytest.MonkeyPatch, part_flows: int) -> tuple[dict[str, Host], set[str]]:
    """What is said of each, and which addresses were taken for popular."""
    monkeypatch.setattr(judging, "PART_FLOWS", part_flows)
    with Engine(folder / f"work-{part_flows}") as engine:
        found = judged(engine, folder, town(folder))
        return found, {str(row[0]) for row in engine.rows("SELECT address_text(address) FROM popular")}


def test_the_same_is_said_in_one_part_and_in_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, crowded = verdicts(tmp_path, monkeypatch, 10_000_000)
    assert len(whole) == HOSTS
    told = {each.name for host in whole.values() for each in host.behaviours}
    assert told >= {"scan", "scan-ports", "mail", "flood", "beacon"}
    assert verdicts(tmp_path, monkeypatch, 2500) == (whole, crowded)


def test_what_is_everybodys_is_known_though_no_part_sees_more_than_a_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, crowded = verdicts(tmp_path, monkeypatch, 2500)
    assert crowded == {CROWD}
    assert found["10.1.0.1"].verdict == "clean"
