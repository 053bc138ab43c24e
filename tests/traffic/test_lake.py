"""A provider's own detection enters the chain like any feed, once its legal basis is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.home.home_world import Home
from tocsin.cli.main import tocsin
from tocsin.terms.errors import Refused

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


def run(folder: Path, *arguments: str) -> str:
    where = ["--config", str(folder / "tocsin.toml"), "--data", str(folder / "data")]
    timed = [] if arguments[0] == "init" else ["--now", "2026-11-24T06:00:00Z"]
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
