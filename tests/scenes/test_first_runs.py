"""A repeated first run stays dry; what is switched on later is still true."""

from __future__ import annotations

from tests.scenes.conftest import Scenes
from tests.scenes.scene import ISP, Scene

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
