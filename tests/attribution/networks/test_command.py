"""`tocsin networks`: files or the net in, one answer and who says it out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.attribution.networks.test_online import Web, web
from tocsin.cli.networks import command

__all__ = ["web"]  # the fixture
NOW = "2026-11-24T00:00:00Z"
LATER = "2026-11-26T00:00:00Z"
CONFIG = """
[issuer]
name = "Example Net"
domain = "example.net"
mail_from = "abuse@example.net"
[provider]
prefixes = ["192.0.2.0/24"]
[networks]
paths = ["own*.csv"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tocsin.toml").write_text(CONFIG)
    (tmp_path / "own.csv").write_text("prefix,abuse_contact\n192.0.2.0/24,me@own.example\n")
    (tmp_path / "routes").write_text("192.0.2.0\t24\t64500\n192.0.2.0\t99\t64500\n")
    return tmp_path


def run(folder: Path, *arguments: str, now: str = NOW) -> Result:
    options = ("--data", str(folder / "data"), "--config", str(folder / "tocsin.toml"), "--now", now)
    return CliRunner().invoke(command, [*arguments, *options], standalone_mode=False)


def lines(result: Result) -> list[dict[str, object]]:
    assert result.exception is None, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_configured_and_named_files_make_one_answer(folder: Path) -> None:
    assert lines(run(folder, "update", "--json")) == [
        {"tables": ["csv"], "prefixes": 1, "rejects": 0, "already": False}
    ]
    named = run(folder, "update", str(folder / "routes"), "--json", now=LATER)
    assert named.return_value == 1
    assert lines(named) == [
        {"reject": "not a prefix length", "file": "routes", "line": 2, "value": "192.0.2.0\\t99\\t64500"},
        {"tables": ["pfx2as"], "prefixes": 1, "rejects": 1, "valid_from": LATER, "already": False},
    ]
    (shown,) = lines(run(folder, "show", "192.0.2.1", "--json", now=LATER))
    assert {name: shown[name] for name in ("prefix", "origin", "abuse_contact", "at")} == {
        "prefix": "192.0.2.0/24",
        "origin": 64500,
        "abuse_contact": "me@own.example",
        "at": LATER,
    }
    assert shown["claims"] == [
        {
            "said_by": "csv",
            "format": "csv",
            "prefix": "192.0.2.0/24",
            "valid_from": "beginning",
            "abuse_contact": "me@own.example",
        },
        {"said_by": "pfx2as", "format": "pfx2as", "prefix": "192.0.2.0/24", "valid_from": LATER, "origin": 64500},
    ]
    (before,) = lines(run(folder, "show", "192.0.2.1", "--at", NOW, "--json", now=LATER))
    assert "origin" not in before


def test_the_same_files_again_change_nothing(folder: Path) -> None:
    run(folder, "update")
    assert lines(run(folder, "update", "--json", now=LATER))[-1]["already"] is True
    assert "hold already" in run(folder, "update", now=LATER).output


def test_a_table_has_the_name_and_the_date_that_are_said(folder: Path) -> None:
    run(folder, "update", str(folder / "routes"), "--table", "mine", "--valid-from", NOW, now=LATER)
    (shown,) = lines(run(folder, "show", "192.0.2.1", "--at", NOW, "--json", now=LATER))
    assert [claim["said_by"] for claim in shown["claims"]] == ["mine"]  # type: ignore[attr-defined]
    refused = run(folder, "update", str(folder / "routes"), "--table", "Not A Name")
    assert "not a table's name" in str(refused.exception)
    refused = run(folder, "update", str(folder / "routes"), "--as", "whois")
    assert "no such format" in str(refused.exception)
    refused = run(folder, "update", str(folder / "absent"))
    assert "cannot read it" in str(refused.exception)


def test_what_nobody_names_is_said(folder: Path) -> None:
    assert "no table names a prefix around it" in run(folder, "show", "198.51.100.1").output
    assert lines(run(folder, "show", "198.51.100.1", "--json")) == [{"at": NOW, "claims": []}]


def test_nothing_is_fetched_or_asked_without_configuration(folder: Path) -> None:
    assert "nothing is to be fetched" in str(run(folder, "update", "--online").exception)
    assert "nobody may be asked" in str(run(folder, "show", "192.0.2.1", "--online").exception)


def test_tables_are_fetched_when_asked_and_kept(folder: Path, web: Web) -> None:
    table = f'[[networks.tables]]\nname = "routes"\nurls = ["{web.url}/rib.txt", "{web.url}/gone"]\n'
    (folder / "tocsin.toml").write_text(CONFIG + table)
    web.body_by_path["/rib.txt"] = b"192.0.2.0\t24\t64500\n"
    run(folder, "update")
    assert web.asked == []
    fetched = run(folder, "update", "--online", "--json", now=LATER)
    assert fetched.return_value == 1  # one URL failed
    told = lines(fetched)
    assert (told[0]["fresh"], "answered 404" in str(told[1]["failure"]), told[-1]["tables"]) == (True, True, ["routes"])
    (shown,) = lines(run(folder, "show", "192.0.2.1", "--json", now=LATER))
    assert shown["origin"] == 64500
    assert lines(run(folder, "update", "--json", now=LATER))[-1]["already"] is True
    assert len(web.asked) == 2


def test_a_configured_table_is_checked(folder: Path) -> None:
    for bad, what in (
        ('name = "csv"', "is what networks.paths are called"),
        ('name = "A"', "not a table's name"),
        ('name = "a"\nformat = "whois"', "no such format"),
        ('name = "a"\nurls = ["file:///x"]', "not a URL of the web"),
        ('name = "a"\n[[networks.tables]]\nname = "a"', "two tables are named"),
        ('name = "a"\n[networks.online]\nqueries_per_s = 0', "0.01 to 100 is"),
    ):
        (folder / "tocsin.toml").write_text(f"{CONFIG}[[networks.tables]]\n{bad}\n")
        assert what in str(run(folder, "update").exception)
