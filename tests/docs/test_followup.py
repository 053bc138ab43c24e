"""The page of the follow-up: its table and its drawing are what the verb makes of the page's own example."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.cli.test_followup_config import HEAD, WAYS
from tocsin.cases.followup import WHENS
from tocsin.cli.main import tocsin

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "followup.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "tocsin.toml"
    path.write_text(HEAD + blocks("toml")[0] + "".join(WAYS.values()), encoding="utf-8")
    return path


def policy(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(tocsin, ["policy", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def test_the_table_is_what_the_verb_prints(config: Path) -> None:
    assert blocks("text")[0].strip() == policy("--config", config).output.strip()


def test_the_drawing_is_what_the_verb_draws(config: Path, tmp_path: Path) -> None:
    policy("--config", config, "--svg", tmp_path / "drawn.svg")
    drawn = (tmp_path / "drawn.svg").read_text("utf-8")
    assert (DOCS / "followup.svg").read_text("utf-8") == drawn
    for step in ("mail", "sms", "letter", "garden"):
        assert f">{step}</text>" in drawn


def test_every_condition_is_told(config: Path) -> None:
    assert re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE) == ["when", *WHENS]


def test_json_is_a_line_a_step(config: Path) -> None:
    lines = [json.loads(line) for line in policy("--config", config, "--json").output.splitlines()]
    assert lines[1] == {
        "kinds": ["infected-system"],
        "step": 2,
        "channel": "sms",
        "after_days": 7,
        "when": "resighted",
    }
    assert [line["step"] for line in lines] == [1, 2, 3, 4, 1, 2]


def test_without_any_policy_the_default_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    path.write_text(HEAD, encoding="utf-8")
    said = policy("--config", path).output
    assert "all other kinds" in said
    assert "then mail again" in said
