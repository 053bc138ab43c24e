"""Whose hosts are judged, where nobody says so."""

from __future__ import annotations

from pathlib import Path

from tests.traffic.scene import House
from tocsin.engine import Engine
from tocsin.traffic.judge import judge
from tocsin.traffic.read import read_traffic

CALLER, CALLED = "203.0.113.119", "198.51.100.62"


def test_of_two_who_are_watched_each_is_an_outsider_to_the_other(engine: Engine, tmp_path: Path) -> None:
    """A capture of one host that calls another in vain, thousands of times, and of little else."""
    house = House(tmp_path, CALLER)
    for number in range(2000):
        house.flow(number * 0.02, CALLED, 902, state="REJ", packets=(1, 1))
    for number in range(30):
        house.flow(number, "192.0.2.9", 443, caller=CALLED)
    house.judge(engine)
    found = judge(read_traffic(engine, [tmp_path / "conn.log"]))
    assert found.own_by == "watched"
    assert {host.host: host.verdict for host in found.hosts} == {CALLER: "infected", CALLED: "clean"}
