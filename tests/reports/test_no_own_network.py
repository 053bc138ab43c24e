"""A clearing house, or who watches a server, has constituents and no lines of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.reports.test_report import CONFIG, NETWORKS, run, sighting
from tocsin.pipeline.config import load_config
from tocsin.terms.errors import BadConfig

OWN = '\n[provider]\nprefixes = ["198.18.0.0/15"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    assert OWN in CONFIG
    (tmp_path / "tocsin.toml").write_text(CONFIG.replace(OWN, "\n").replace("paths = []", 'paths = ["feed/*"]'))
    (tmp_path / "networks.csv").write_text(NETWORKS)
    (tmp_path / "feed").mkdir()
    (tmp_path / "feed/one.jsonl").write_text(sighting("192.0.2.10") + "\n")
    run(tmp_path, "init")
    run(tmp_path, "networks", "update", str(tmp_path / "networks.csv"), "--valid-from", "2026-01-01T00:00:00Z")
    return tmp_path


def test_it_reads_holds_and_reports_without_a_network_of_its_own(folder: Path) -> None:
    run(folder, "run")
    told = [json.loads(line) for line in run(folder, "report", "--json").splitlines()]
    assert {line["contact"] for line in told} == {"abuse@one.example", "soc@ministry.example"}
    held = run(folder, "held", "192.0.2.10", "--json", "--reason", "test")
    assert json.loads(held.splitlines()[0])["source"] == "sinkhole"


def test_whose_line_it_was_is_nobodys_here(folder: Path) -> None:
    run(folder, "run")
    [answer] = [
        json.loads(line)
        for line in run(folder, "who", "192.0.2.10", "--at", "2026-11-23T10:00:00Z", "--json").splitlines()
    ]
    assert answer["outcome"] == "not-ours"
    assert answer["abuse_contact"] == "abuse@one.example"


@pytest.mark.parametrize(
    "more",
    [
        '[[logs]]\nname = "r"\nreader = "freeradius"\npaths = ["x"]\nprefixes = ["192.0.2.0/24"]\n',
        '[subscribers]\npaths = ["customers.csv"]\n',
    ],
)
def test_whoever_has_lines_names_the_networks_that_they_are_in(folder: Path, more: str) -> None:
    path = folder / "tocsin.toml"
    path.write_text(path.read_text() + more)
    with pytest.raises(BadConfig, match="no network is yours"):
        load_config(path)
