"""What stops letters until somebody has looked: age, number, share, volume, a first run, the switch."""

from __future__ import annotations

import pytest

from tests.scenes.conftest import Scenes
from tests.scenes.moments import moment
from tests.scenes.scene import ISP, Scene
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import read_all

NAMES = ("anna", "bela", "carl", "dora", "emil", "fred")
ADDRESS = {name: f"198.51.100.{place}" for place, name in enumerate(NAMES, 1)}


def _with(*settings: tuple[str, object]) -> ISP:
    return ISP(notices=(("send", True), *settings))


def _everybody(scene: Scene, *names: str) -> None:
    """They have been on since one o'clock, on a server that asks for a record a day."""
    for name in names or NAMES:
        scene.household(name)
        scene.says("Start", "01:00", name, ADDRESS[name], Acct_Interim_Interval="86400")


def _infected(scene: Scene, at: str, *names: str, source: str = "cert") -> None:
    for name in names:
        scene.sinkhole(at, ADDRESS[name], source=source, port=40_000 + NAMES.index(name))


def _letters_to(scene: Scene) -> list[str]:
    return sorted(letter.to for letter in scene.letters())


def test_nothing_leaves_before_sending_is_switched_on(scenes: Scenes) -> None:
    scene = scenes(ISP(notices=()))
    _everybody(scene, "anna")
    _infected(scene, "03:16", "anna")
    scene.run("14:00")
    assert scene.withheld() == {"sending-off": 1}
    assert scene.states() == {"anna": "open"}
    assert not scene.notices()
    assert not scene.letters()


@pytest.mark.parametrize(("now", "told"), [("2026-11-30 03:15", ["anna"]), ("2026-11-30 03:17", [])])
def test_what_was_seen_more_than_a_week_ago_causes_no_letter(scene: Scene, now: str, told: list[str]) -> None:
    _everybody(scene, "anna")
    _infected(scene, "03:16", "anna")
    scene.run(now)
    assert _letters_to(scene) == told
    assert scene.withheld() == ({} if told else {"too-old": 1})


def test_more_letters_than_a_run_may_write_are_all_held_and_a_release_lets_them_go_once(scenes: Scenes) -> None:
    scene = scenes(_with(("share_max", 1.0), ("notices_max", 2)))
    _everybody(scene)
    _infected(scene, "03:16", "anna", "bela", "carl")
    scene.run("04:00")
    assert scene.withheld() == {"held": 3}
    assert [(hold.brake, hold.notices) for hold in scene.holds()] == [("notices-max", 3)]
    scene.run("05:00")  # nobody has looked
    assert not scene.letters()
    assert len(scene.release()) == 1
    scene.run("06:00")
    assert _letters_to(scene) == ["anna", "bela", "carl"]
    _infected(scene, "07:16", "dora", "emil", "fred")
    scene.run("08:00")
    assert _letters_to(scene) == ["anna", "bela", "carl"]
    assert scene.withheld()["held"] == 3


def test_what_is_released_is_decided_anew(scenes: Scenes) -> None:
    """Until somebody looks, Anna's contract has ended, and Dora's line is in trouble too."""
    scene = scenes(_with(("share_max", 1.0), ("notices_max", 2)))
    _everybody(scene)
    _infected(scene, "03:16", "anna", "bela", "carl")
    scene.run("04:00")
    scene.release()
    scene.forget("anna")
    scene.household("anna", until="04:30")
    _infected(scene, "04:16", "dora")
    scene.run("06:00")
    assert _letters_to(scene) == ["bela", "carl", "dora"]


def test_letters_to_more_than_a_hundredth_of_all_are_held(scenes: Scenes) -> None:
    scene = scenes(_with())  # the default; the smallest provider may write one
    _everybody(scene)
    _infected(scene, "03:16", "anna", "bela")
    scene.run("04:00")
    assert not scene.letters()
    assert [hold.brake for hold in scene.holds()] == ["share-max"]


def test_one_letter_is_within_the_share_of_the_smallest_provider(scenes: Scenes) -> None:
    scene = scenes(_with())
    _everybody(scene)
    _infected(scene, "03:16", "anna")
    scene.run("04:00")
    assert _letters_to(scene) == ["anna"]


@pytest.mark.parametrize(("sightings", "is_held"), [(5, False), (6, True)])
def test_more_than_five_times_the_usual_volume_holds_the_source(scene: Scene, sightings: int, is_held: bool) -> None:
    _everybody(scene)
    for hour in (2, 3, 4):  # one sighting a run, of an address that nobody has
        scene.sinkhole(f"0{hour}:00", "198.51.100.99")
        scene.run(f"0{hour}:30")
    for minute, name in enumerate(NAMES[:sightings], 10):
        _infected(scene, f"05:{minute}", name)
    scene.run("06:00")
    assert len(scene.letters()) == (0 if is_held else sightings)
    assert [(hold.brake, hold.source) for hold in scene.holds()] == ([("volume", "cert")] if is_held else [])
    if is_held:
        scene.release()
        scene.run("07:00")
        assert len(scene.letters()) == sightings


def test_a_held_source_does_not_hold_another(scenes: Scenes) -> None:
    scene = scenes(ISP(sources=(("cert", "known"), ("own", "own"))))
    _everybody(scene)
    for hour in (2, 3, 4):
        scene.sinkhole(f"0{hour}:00", "198.51.100.99")
        scene.run(f"0{hour}:30")
    _infected(scene, "05:16", *NAMES)
    _infected(scene, "05:20", "fred", source="own")
    scene.run("06:00")
    assert _letters_to(scene) == ["fred"]
    assert scene.withheld() == {"source-held": 5}


def test_the_first_run_on_a_source_is_dry_and_the_second_is_not(scenes: Scenes) -> None:
    scene = scenes(ISP(sources=(("cert", "known"), ("new", "known")), later=("new",)))
    _everybody(scene)
    _infected(scene, "03:16", "anna", source="new")
    _infected(scene, "03:16", "bela")
    scene.run("04:00")
    assert _letters_to(scene) == ["bela"]
    assert scene.withheld() == {"new-source": 1}
    scene.run("05:00")
    assert _letters_to(scene) == ["anna", "bela"]


def test_whom_a_new_log_alone_names_is_not_written_to_in_its_first_run(scenes: Scenes) -> None:
    scene = scenes(ISP(second_log=True))
    _everybody(scene, "bela")
    scene.household("anna")
    scene.online("anna", "2001:db8:f::/64", "01:00", "05:00", log="six")
    scene.sinkhole("03:16", "2001:db8:f::9")
    _infected(scene, "03:16", "bela")
    scene.run("14:00")
    assert scene.outcomes()["2001:db8:f::9"] == "subscriber: held-throughout"
    assert scene.withheld() == {"new-log": 1}
    assert _letters_to(scene) == ["bela"]
    scene.run("15:00")
    assert _letters_to(scene) == ["anna", "bela"]


def test_a_run_that_did_not_reach_its_end_does_not_count_as_the_first(scenes: Scenes) -> None:
    scene = scenes(ISP(sources=(("cert", "known"), ("new", "known")), later=("new",)))
    _everybody(scene)
    _infected(scene, "03:16", "anna", source="new")
    scene.now = moment("04:00")
    scene._write_files()
    with scene.house() as house:
        read_all(house, Progress())  # and there the power fails
    scene.run("05:00")
    assert scene.withheld() == {"new-source": 1}
    assert not scene.letters()
