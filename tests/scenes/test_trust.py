"""Who is believed: a stranger alone never, two strangers who saw for themselves, and those who are known."""

from __future__ import annotations

import pytest

from tests.scenes.conftest import Scenes
from tests.scenes.scene import ISP, Scene

ADDRESS = "198.51.100.7"
STRANGERS = ISP(sources=(("cert", "known"), ("blog", "stranger"), ("list", "stranger")))


@pytest.fixture
def home(scenes: Scenes) -> Scene:
    scene = scenes(STRANGERS)
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "12:00")
    return scene


def test_a_stranger_alone_never_causes_a_letter_however_often_he_says_it(home: Scene) -> None:
    for minute in range(10, 30):
        home.sinkhole(f"03:{minute}", ADDRESS, source="blog")
    home.run("14:00")
    assert home.withheld() == {"stranger": 1}
    assert home.states() == {"anna": "open"}
    assert not home.letters()


def test_two_strangers_who_saw_for_themselves_may(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS, source="blog")
    home.sinkhole("04:16", ADDRESS, source="list")
    home.run("14:00")
    assert home.told() == [("anna", ADDRESS)]


def test_the_second_stranger_may_come_in_a_later_run(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS, source="blog")
    home.run("10:00")
    assert not home.letters()
    home.sinkhole("04:16", ADDRESS, source="list")
    home.run("14:00")
    assert home.told() == [("anna", ADDRESS)]


def test_two_mirrors_of_one_observer_are_one_stranger(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS, source="blog", observer="Example Sinkhole")
    home.sinkhole("04:16", ADDRESS, source="list", observer="example sinkhole ")
    home.run("14:00")
    assert home.withheld() == {"stranger": 1}
    assert not home.letters()


def test_a_stranger_who_passes_on_what_the_other_saw_adds_nothing(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS, source="blog")
    home.sinkhole("04:16", ADDRESS, source="list", observer="blog")
    home.run("14:00")
    assert not home.letters()


def test_two_strangers_about_different_trouble_do_not_bear_each_other_out(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS, source="blog", malware="mirai")
    home.sinkhole("04:16", ADDRESS, source="list", malware="mozi")
    home.run("14:00")
    assert not home.letters()


def test_a_known_source_needs_nobody_and_its_letter_names_it_alone(home: Scene) -> None:
    home.sinkhole("03:16", ADDRESS)
    home.sinkhole("04:16", ADDRESS, source="blog")
    home.run("14:00")
    (letter,) = home.letters()
    assert letter.seen == ("2026-11-23 03:16:00",)
    assert "Cert of Example" in letter.text
    assert "Blog of Example" not in letter.text
