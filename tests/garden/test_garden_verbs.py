"""`tocsin garden`: each verb says what it did, by its words and its exit code."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from tests.garden.conftest import Garden
from tocsin.cli.garden import command
from tocsin.terms.errors import BadRequest, Refused
from tocsin.terms.moments import format_moment


def tocsin(garden: Garden, *arguments: str) -> tuple[int, str]:
    scene = garden.scene
    told = [
        "--config",
        str(scene.folder / "tocsin.toml"),
        *(["--now", format_moment(scene.now)] if _timed(arguments) else []),
    ]
    done = CliRunner().invoke(command, [*arguments, *told], standalone_mode=False)
    if done.exception is not None:
        raise done.exception
    return int(done.return_value or 0), done.output


def _timed(arguments: tuple[str, ...]) -> bool:
    return arguments[0] not in ("allow", "signals")


def test_a_stay_from_the_first_verb_to_the_last(garden: Garden) -> None:
    case = garden.infected()
    name = tocsin(garden, "ask", case, "--reason", "seen again")[1].strip()
    assert tocsin(garden, "list") == (0, f"{name}  {case}  asked\n")
    tocsin(garden, "approve", name, "--reason", "looked at")
    assert tocsin(garden, "queue") == (0, f"enclosed {name}\n")
    [shown] = [json.loads(line) for line in tocsin(garden, "list", "--json")[1].splitlines()]
    assert (shown["quarantine"], shown["state"], shown["nas"]) == (name, "active", "nas-1")
    assert not {"subscriber", "account"} & shown.keys(), "nobody's number"
    assert all(value not in (None, "") for value in shown.values())
    with pytest.raises(Refused, match="release it"):
        tocsin(garden, "refuse", name, "--reason", "no")
    tocsin(garden, "release", name, "--clerk", "--reason", "a doctor rang")
    assert tocsin(garden, "queue") == (0, f"released {name}\n")
    assert tocsin(garden, "list") == (0, f"{name}  {case}  released by clerk\n")
    assert tocsin(garden, "queue") == (0, "")


def test_what_failed_is_told_by_the_exit_code(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.nas.says(501)
    code, said = tocsin(garden, "queue")
    assert (code, said) == (1, f"failed {name}\n")
    assert "501" in tocsin(garden, "list")[1]


def test_a_refused_one_is_over(garden: Garden) -> None:
    name = garden.asked(garden.infected())
    tocsin(garden, "refuse", name, "--reason", "a hospital")
    assert garden.one(name).state == "refused"
    with pytest.raises(Refused):
        tocsin(garden, "approve", name, "--reason", "yes")


def test_what_is_not_there_is_told(garden: Garden) -> None:
    for verb in ("approve", "refuse", "release"):
        with pytest.raises(BadRequest, match="no quarantine is named"):
            tocsin(garden, verb, "G-000000000000", "--reason", "x y z")
    with pytest.raises(BadRequest, match="no case"):
        tocsin(garden, "ask", "C-NONE", "--reason", "x y z")


def test_lists_and_signals_are_printed(garden: Garden) -> None:
    for form, part in (
        ("list", "# "),
        ("nftables", "table inet"),
        ("dnsmasq", "nftset=/"),
        ("radius", "NAS-Filter-Rule"),
    ):
        assert part in tocsin(garden, "allow", "--to", form)[1]
    with pytest.raises(BadRequest, match="https alone"):
        tocsin(garden, "signals")
