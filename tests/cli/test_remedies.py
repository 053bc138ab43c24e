"""`tocsin remedies`: a line for each threat, all of one, the alerts, what is not translated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tocsin.cli.remedies import command
from tocsin.cli.wrapping import columns_of
from tocsin.mailcheck.alert_list import load_alerts
from tocsin.remedies.catalogue import threats
from tocsin.remedies.words import LANGUAGES, missing, say
from tocsin.terms.errors import BadConfig


def run(*arguments: str) -> Result:
    """The verb, its exit code as it returns it."""
    return CliRunner().invoke(command, list(arguments), standalone_mode=False, catch_exceptions=False)


def test_without_a_name_there_is_a_line_for_each_threat() -> None:
    lines = run("--lang", "en").output.splitlines()
    assert [line.split()[0] for line in lines] == list(threats())


def test_a_kind_narrows_the_list() -> None:
    lines = run("--kind", "ddos-amplifier").output.splitlines()
    assert "open-dns" in {line.split()[0] for line in lines}
    assert "mirai" not in {line.split()[0] for line in lines}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_threat_is_shown_whole_by_the_name_of_a_feed(language: str) -> None:
    result = run("b68-zeroaccess-2-32bit", "--lang", language)
    assert result.return_value == 0
    assert result.output.startswith("ZeroAccess\n")
    for label in ("devices", "signs", "seen", "sources", "tools"):
        assert say(f"label.{label}", language) in result.output
    assert "16464" in result.output
    assert max(columns_of(line) for line in result.output.splitlines()) <= 88


def test_as_json_one_line_holds_all_of_it() -> None:
    (line,) = run("open-dns", "--json").output.splitlines()
    found = json.loads(line)
    assert found["threat"] == "open-dns"
    assert found["ports"] == ["53/udp", "53/tcp"]
    assert [each["device"] for each in found["by_device"]] == list(threats()["open-dns"].devices)
    assert found["tools"] == []
    assert "null" not in line
    assert len(run("--json").output.splitlines()) == len(threats())


def test_a_name_that_nothing_has_is_told_with_code_1() -> None:
    result = run("nobodysname")
    assert result.return_value == 1
    assert "nothing in the catalogue is called 'nobodysname'" in result.stderr


def test_the_alerts_are_a_file_that_the_mail_check_takes(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('[[alert]]\nthreat = "mozi"\nsince = 2026-11-20\nsource = "Example CERT"\n')
    (tmp_path / "alerts.json").write_text(run("--alerts", "--own", str(own), "--lang", "en").output)
    assert load_alerts(tmp_path / "alerts.json").alerts[0].malware == "Mozi"
    own.write_text("[[alert]]\n")
    with pytest.raises(BadConfig, match=r"own\.toml: no alerts"):
        run("--alerts", "--own", str(own))


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_what_is_not_translated_is_a_line_each(language: str) -> None:
    result = run("--missing", language)
    assert result.output.splitlines() == missing(language)
    assert result.return_value == (1 if missing(language) else 0)
