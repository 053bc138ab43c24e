"""A repeated first run stays dry, a single step sends nothing, what is switched on later is still true."""

from __future__ import annotations

import pytest

from tests.scenes import feeds
from tests.scenes.conftest import Scenes
from tests.scenes.moments import moment
from tests.scenes.scene import ISP, Scene
from tocsin.cli.main import tocsin

ADDRESS = "198.51.100.7"


def _home(scene: Scene) -> Scene:
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    return scene


def test_the_first_run_repeated_at_its_moment_stays_dry(scenes: Scenes) -> None:
    scene = _home(scenes(ISP(sources=(("cert", "known"), ("new", "known")), later=("new",))))
    scene.sinkhole("03:16:38", ADDRESS, source="new")
    for _ in range(3):
        scene.run("14:00")
    assert scene.withheld() == {"new-source": 1}
    assert not scene.letters()


def test_sending_that_is_switched_on_later_tells_what_is_still_true(scenes: Scenes) -> None:
    scene = _home(scenes(ISP(notices=(("send", False), ("share_max", 1.0)))))
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("14:00")
    config = scene.folder / "tocsin.toml"
    config.write_text(config.read_text("utf-8").replace("send = false", "send = true"), "utf-8")
    scene.run("15:00")
    assert scene.told() == [("anna", ADDRESS)]


@pytest.mark.parametrize("verb", ["read", "attribute"])
def test_a_single_step_sends_nothing(scene: Scene, verb: str) -> None:
    _home(scene).bring("event4_sinkhole", feeds.sinkhole(moment("03:16:38"), ADDRESS))
    scene.come("14:00")
    told = ["--config", str(scene.folder / "tocsin.toml"), "--now", "2026-11-23T14:00:00Z"]
    assert tocsin.main([verb, *told], standalone_mode=False) in (None, 0)
    assert not scene.letters()
    scene.run("15:00")
    assert scene.told() == [("anna", ADDRESS)]


def test_a_dry_run_of_notify_writes_nothing_down(scene: Scene) -> None:
    _home(scene).sinkhole("03:16:38", ADDRESS)
    scene.come("14:00")
    told = ["--config", str(scene.folder / "tocsin.toml"), "--now", "2026-11-23T14:00:00Z"]
    for verb in (["read"], ["attribute"], ["notify", "--dry-run"]):
        assert tocsin.main([*verb, *told], standalone_mode=False) in (None, 0)
    assert not scene.notices()
    assert not scene.letters()
    assert tocsin.main(["notify", *told], standalone_mode=False) in (None, 0)
    assert scene.told() == [("anna", ADDRESS)]
