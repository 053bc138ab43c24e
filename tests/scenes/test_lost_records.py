"""A session whose Stop is lost is trusted no further than the first thing that may have ended it."""

from __future__ import annotations

import pytest

from tests.scenes.conftest import Scenes
from tests.scenes.moments import moment
from tests.scenes.radius import record
from tests.scenes.scene import ISP, Scene

ADDRESS = "198.51.100.7"


@pytest.fixture
def lost(scene: Scene) -> Scene:
    """Anna's last record is the interim of 04:00; the next one would be due at 04:30."""
    for name in ("anna", "bela"):
        scene.household(name)
    scene.online("anna", ADDRESS, "02:00", "04:10", stop=False)
    return scene


def seen(scene: Scene, *moments: str) -> dict[str, str]:
    """The outcome at each of these moments."""
    for at in moments:
        scene.sinkhole(at, ADDRESS, ref=at)
    scene.run("14:00")
    with scene.house() as house:
        rows = house.lake.engine.rows(
            f"SELECT s.source_ref, a.outcome FROM {house.lake.scan('sightings')} s"
            f" JOIN {house.lake.scan('attributions')} a ON a.sighting = s.id"
        )
    return {str(at): str(outcome) for at, outcome in rows}


def test_it_is_trusted_for_one_interval_after_its_last_word_and_not_a_second_longer(lost: Scene) -> None:
    said = seen(lost, "04:29:51", "04:30:10", "06:00")
    assert said == {"04:29:51": "subscriber", "04:30:10": "log-gap", "06:00": "log-gap"}
    assert lost.told() == [("anna", ADDRESS)]


def test_the_next_session_on_the_address_ends_it(lost: Scene) -> None:
    lost.online("bela", ADDRESS, "04:15", "05:00")
    said = seen(lost, "04:12", "04:14:58", "04:20", "05:30")
    assert said == {"04:12": "subscriber", "04:14:58": "ambiguous", "04:20": "subscriber", "05:30": "no-binding"}
    assert {(letter.to, *letter.seen) for letter in lost.letters()} == {
        ("anna", "2026-11-23 04:12:00"),
        ("bela", "2026-11-23 04:20:00"),
    }


@pytest.mark.parametrize("status", ["Accounting-On", "Accounting-Off"])
def test_a_restart_of_its_access_server_ends_it(lost: Scene, status: str) -> None:
    lost.write(record(status, moment("04:15")))
    said = seen(lost, "04:12", "04:20", "06:00")
    assert said == {"04:12": "subscriber", "04:20": "no-binding", "06:00": "no-binding"}
    assert lost.told() == [("anna", ADDRESS)]


def test_a_restart_of_another_access_server_does_not(lost: Scene) -> None:
    lost.write(record("Accounting-On", moment("04:15"), nas="nas-2"))
    assert seen(lost, "04:20") == {"04:20": "subscriber"}


def test_its_session_timeout_ends_it(scene: Scene) -> None:
    scene.household("anna")
    scene.online("anna", ADDRESS, "02:00", "04:10", stop=False, Session_Timeout="8100")  # until 04:15
    said = seen(scene, "04:12", "04:20")
    assert said == {"04:12": "subscriber", "04:20": "no-binding"}
    assert scene.told() == [("anna", ADDRESS)]


def test_a_silence_of_its_access_server_is_a_gap_and_not_nobody(lost: Scene) -> None:
    lost.silent("05:00", "06:30")
    said = seen(lost, "05:20", "06:00")
    assert said == {"05:20": "log-gap", "06:00": "log-gap"}
    assert not lost.letters()


def test_who_connected_while_the_log_was_silent_is_not_blamed_on_who_was_there_before(scene: Scene) -> None:
    """Anna's session goes on by her later interims; what was said between is lost all the same."""
    scene.household("anna")
    scene.online("anna", ADDRESS, "02:00", "04:10")
    scene.online("anna", ADDRESS, "07:00", "09:00")
    scene.silent("04:30", "06:45")
    assert seen(scene, "05:00", "08:00") == {"05:00": "log-gap", "08:00": "subscriber"}
    assert {letter.seen for letter in scene.letters()} == {("2026-11-23 08:00:00",)}


def test_silence_of_one_server_of_two_bars_its_own_silent_sessions(scenes: Scenes) -> None:
    scene = scenes(ISP(gap_s_max=900))
    scene.household("anna")
    scene.online("anna", ADDRESS, "02:00", "04:10", stop=False)
    scene.silent("04:05", "06:00")
    assert seen(scene, "04:25") == {"04:25": "log-gap"}
    assert not scene.letters()
