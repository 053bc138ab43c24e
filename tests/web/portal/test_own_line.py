"""What is told by the address alone: only what was seen while it was one line's, and never before the logs know."""

from __future__ import annotations

import time

import pytest

from tests.scenes.conftest import Scenes
from tests.scenes.moments import moment
from tests.scenes.scene import ISP, Scene
from tocsin.pipeline.own_line import LineAnswer, look
from tocsin.terms.addresses import parse_address

ADDRESS = "198.51.100.7"


def told(scene: Scene, address: str, at: str) -> LineAnswer | None:
    with scene.house() as house:
        found = look(house, parse_address(address), moment(at))
    return found[0] if found else None


@pytest.fixture
def home(scene: Scene) -> Scene:
    for name in ("anna", "bela"):
        scene.household(name)
    return scene


def test_what_was_seen_on_the_line_is_told_by_kind_and_day(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "18:00")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    answer = told(home, ADDRESS, "13:30")
    assert answer is not None
    assert (answer.finding, answer.since) == ("seen", moment("01:00"))
    assert [(each.role, each.kind, each.last_at) for each in answer.seen] == [
        ("infected", "infected-system", moment("03:16:38"))
    ]


def test_nothing_is_told_before_the_logs_have_been_read_past_the_visit(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "18:00")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    assert told(home, ADDRESS, "14:05") is None


def test_the_next_holder_is_told_nothing_of_the_one_before(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "05:00")
    home.online("bela", ADDRESS, "06:00", "18:00")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    answer = told(home, ADDRESS, "13:30")
    assert answer == LineAnswer(finding="clear", since=moment("06:00"))


def test_who_comes_back_to_an_address_is_told_only_of_the_time_since(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "03:30")
    home.online("bela", ADDRESS, "04:00", "05:00")
    home.online("anna", ADDRESS, "06:00", "18:00", session="again")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    assert told(home, ADDRESS, "13:30") == LineAnswer(finding="clear", since=moment("06:00"))


def test_a_line_that_dials_in_anew_keeps_its_days(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "05:00")
    home.online("anna", ADDRESS, "05:30", "18:00", session="again")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    answer = told(home, ADDRESS, "13:30")
    assert answer is not None
    assert (answer.finding, answer.since) == ("seen", moment("01:00"))


@pytest.mark.parametrize(("address", "finding"), [("198.51.100.9", "unknown"), ("192.0.2.1", "elsewhere")])
def test_an_address_that_nobody_holds_or_that_is_not_ours_tells_nothing(
    home: Scene, address: str, finding: str
) -> None:
    home.run("14:00")
    assert told(home, address, "13:30") == LineAnswer(finding=finding)  # type: ignore[arg-type]


def test_behind_a_shared_address_nothing_is_told(scenes: Scenes) -> None:
    scene = scenes(ISP(shared=("198.51.100.0/25",)))
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "18:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    assert told(scene, ADDRESS, "13:30") == LineAnswer(finding="shared")


def test_a_guess_of_a_stranger_is_not_told(scenes: Scenes) -> None:
    scene = scenes(ISP(sources=(("cert", "known"), ("alice", "stranger"))))
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "18:00")
    scene.sinkhole("03:16:38", ADDRESS, source="alice")
    scene.run("14:00")
    answer = told(scene, ADDRESS, "13:30")
    assert answer is not None
    assert answer.finding == "clear"


def test_an_answer_takes_a_bounded_time(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "18:00")
    home.run("14:00")
    with home.house() as house:
        look(house, parse_address(ADDRESS), moment("13:30"))
        begun = time.perf_counter()
        look(house, parse_address(ADDRESS), moment("13:30"))
        assert time.perf_counter() - begun < 2
