"""What real captures must say: host verdicts, not flows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tocsin.engine import Engine
from tocsin.traffic.judge import Host, judge
from tocsin.traffic.read import read_traffic

pytestmark = pytest.mark.shared


def hosts_of(engine: Engine, *paths: Path) -> dict[str, Host]:
    return {address: host for host in judge(read_traffic(engine, paths)).hosts for address in host.addresses}


@pytest.mark.parametrize(
    ("capture", "bot"),
    [
        ("iot23-34-1-mirai", "192.168.1.195"),
        ("001-zeek-scenario-malicious/conn.log", "192.168.1.115"),
        ("003-zeek-scenario-malicious", "10.8.0.61"),
        ("005-zeek-scenario-malicious", "192.168.1.116"),
        ("CTU-Malware-Capture-Botnet-4/ground_truth", "10.0.2.19"),
    ],
)
def test_the_bot_is_found_and_nobody_else(engine: Engine, shared: Path, capture: str, bot: str) -> None:
    hosts = hosts_of(engine, shared / "flows" / capture)
    assert hosts[bot].verdict == "infected", hosts[bot].behaviours
    others = {address: host.verdict for address, host in hosts.items() if bot not in host.addresses}
    assert set(others.values()) <= {"clean", "unseen"}, others


def test_a_clean_machine_that_is_attacked_from_outside_is_clean(engine: Engine, shared: Path) -> None:
    hosts = hosts_of(engine, shared / "flows" / "008-zeek-mixed")
    assert {address: host.verdict for address, host in hosts.items()} == {"147.32.81.167": "clean"}


def test_who_scans_his_own_networks_is_suspicious_only(engine: Engine, shared: Path) -> None:
    host = hosts_of(engine, shared / "flows" / "002-zeek-scenario-port-scanning")["172.16.1.11"]
    assert host.verdict == "suspicious"
    assert {each.name for each in host.behaviours} == {"scan-ports"}


def test_a_finding_names_the_rows_it_rests_on(engine: Engine, shared: Path) -> None:
    path = shared / "flows" / "001-zeek-scenario-malicious" / "conn.log"
    finding = next(each for each in hosts_of(engine, path)["192.168.1.115"].behaviours if each.name == "retries")
    lines = path.read_text().splitlines()
    for row in finding.rows:
        name, _, number = row.rpartition(":")
        assert name == "conn.log"
        assert "41.108.179.197\t1177" in lines[int(number) - 1]
