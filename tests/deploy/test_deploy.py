"""The files with which it is put on a server are whole, and say what the product says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tocsin.cli.serve import command
from tocsin.pipeline.config import load_config

_ROOT = Path(__file__).parents[2]
DEPLOY = _ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PARTS = next(list(option.type.choices) for option in command.params if option.name == "only")  # type: ignore[attr-defined]


def _compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8")))


def test_there_is_a_unit_for_each_part() -> None:
    started = [re.search(r"serve --only (\w+)$", unit.read_text("utf-8"), re.MULTILINE) for unit in UNITS]
    assert sorted(found[1] for found in started if found) == sorted(PARTS)


@pytest.fixture
def units(tmp_path: Path) -> list[Path]:
    """The units, with a program that is there on any machine."""
    made = []
    for unit in UNITS:
        made.append(tmp_path / unit.name.replace("@", "@1"))
        made[-1].write_text(unit.read_text("utf-8").replace("/opt/tocsin/bin/tocsin", "/bin/true"), "utf-8")
    return made


def test_systemd_takes_the_units(units: list[Path]) -> None:
    done = _systemd_analyze("verify", "--man=no", *units)
    assert [line for line in done.stderr.splitlines() if "tocsin-" in line] == []


def test_systemd_finds_the_units_little_exposed(units: list[Path]) -> None:
    done = _systemd_analyze("security", "--offline=true", "--no-pager", "--threshold=25", *units)
    levels = re.findall(r"Overall exposure level for .*?: ([0-9.]+)", done.stdout)
    assert len(levels) == len(UNITS)
    assert done.returncode == 0, levels


def _systemd_analyze(*words: object) -> subprocess.CompletedProcess[str]:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("Debian's package systemd is not installed")
    return subprocess.run([program, *map(str, words)], capture_output=True, text=True, check=False, timeout=60)


def test_the_compose_file_has_every_part_and_the_database() -> None:
    services = _compose()["services"]
    assert {*services} == {*PARTS, "db"}
    for part in PARTS:
        assert services[part]["command"] == ["serve", "--only", part]
        assert services[part]["read_only"] is True
        assert services[part]["cap_drop"] == ["ALL"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_the_example_configuration_is_taken_and_fits_the_compose_file() -> None:
    config = load_config(DEPLOY / "tocsin.toml")
    published = [port for each in ("portal", "desk") for port in _compose()["services"][each]["ports"]]
    assert [port.rsplit(":", 1)[1] for port in published] == [
        listen.rpartition(":")[2] for listen in (config.web.portal, config.web.desk)
    ]
    assert config.book.url.startswith("postgresql+psycopg://tocsin@db/")


def test_the_image_runs_as_nobody_of_importance_and_copies_only_what_is_there() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    steps = re.findall(r"(?m)^([A-Z]+) (.*)$", text)
    assert steps[0][0] == "FROM"
    assert [words for step, words in steps if step == "USER"] == ["tocsin"]
    for words in (words.split() for step, words in steps if step == "COPY" and "--from" not in words):
        assert all((_ROOT / name).exists() for name in words[:-1]), words
    extras = re.search(r"'\.\[([a-z,]+)\]'", text)
    assert extras
    known = re.findall(r"(?m)^(\w+) = \[", (_ROOT / "pyproject.toml").read_text("utf-8"))
    assert {*extras[1].split(",")} <= {*known}


def test_the_servers_requirements_keep_their_hashes_and_leave_the_tests_tools_out(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    names = ("tocsin", "Litestar", "psycopg-binary")
    report.write_text(json.dumps({"install": [{"metadata": {"name": name}} for name in names]}), "utf-8")
    told = subprocess.run(
        [sys.executable, DEPLOY / "requirements", report], capture_output=True, text=True, check=True
    ).stdout
    assert re.findall(r"(?m)^([a-z-]+)==", told) == ["litestar", "psycopg-binary"]
    assert told.count("--hash=sha256:") > 2
