"""`tocsin people`, `subscriber` and `retention` as they are run."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.faults import small_provider
from tocsin.book import people
from tocsin.cli.main import tocsin
from tocsin.pipeline.house import House
from tocsin.pipeline.passwords import is_right
from tocsin.terms.errors import TocsinError


@pytest.fixture
def config(tmp_path: Path) -> Path:
    small_provider.found(tmp_path)
    return tmp_path / "tocsin.toml"


def run(config: Path, *words: str, given: str = "") -> str:
    ran = CliRunner().invoke(tocsin, [*words, "--config", str(config)], input=given)
    if ran.exception and not isinstance(ran.exception, SystemExit):
        raise ran.exception
    return ran.stdout


def test_somebody_is_added_by_a_link_or_with_a_password_and_shut_out_again(config: Path) -> None:
    assert re.fullmatch(
        r"http://127.0.0.1:8081/welcome/[\w-]{43}\n", run(config, "people", "add", "Anna", "--role", "admin")
    )
    run(config, "people", "add", "bert", "--role", "agent", "--password-stdin", given="bakotu-fafi-teno-lumi\n")
    assert "/welcome/" in run(config, "people", "link", "bert")
    run(config, "people", "disable", "bert", "--reason", "has left")
    told = [json.loads(line) for line in run(config, "people", "list", "--json").splitlines()]
    assert [(each["name"], each["role"], "disabled_at" in each) for each in told] == [
        ("anna", "admin", False),
        ("bert", "agent", True),
    ]
    with House.open(config_file=config, data=None) as house, house.book.read() as tx:
        assert is_right(people.demand(tx, "bert").password, "bakotu-fafi-teno-lumi")


@pytest.mark.parametrize(
    ("words", "given", "says"),
    [
        (("add", "anna", "--role", "agent"), "", "already"),
        (("add", "Not A Name", "--role", "agent"), "", "not a name"),
        (("add", "bert", "--role", "agent", "--password-stdin"), "short\n", "Too short"),
        (("disable", "anna"), "", "only admin"),
        (("disable", "nobody"), "", "nobody is called"),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(
    config: Path, words: tuple[str, ...], given: str, says: str
) -> None:
    run(config, "people", "add", "anna", "--role", "admin")
    with pytest.raises(TocsinError, match=says):
        run(config, "people", *words, given=given)
    assert len(run(config, "people", "list").splitlines()) == 1


def test_a_subscriber_is_handed_over_and_erased(config: Path, tmp_path: Path) -> None:
    from tocsin.pipeline.intake import read_contracts

    with House.open(config_file=config, data=None) as house:
        read_contracts(house)
    target = tmp_path / "subject.zip"
    run(config, "subscriber", "export", "C-000", "--reason", "a letter", "--to", str(target))
    assert target.read_bytes().startswith(b"PK")
    run(config, "subscriber", "erase", "C-000", "--reason", "a letter", "--yes")
    with pytest.raises(TocsinError, match="no subscriber"):
        run(config, "subscriber", "export", "C-000", "--reason", "a letter", "--to", str(target))
    assert json.loads(run(config, "retention", "--json"))["erasures"] == 0
