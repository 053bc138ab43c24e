"""The verbs one by one do what `run` does, no less carefully: a notice never rests on what is known to be otherwise."""

from __future__ import annotations

import pytest

from tests.scenes.conftest import Scenes
from tests.scenes.moments import zulu
from tests.scenes.scene import ISP, Scene
from tests.scenes.test_late_lines import _all_but_delivery
from tocsin.cli.main import tocsin

ADDRESS = "198.51.100.7"


def _do(scene: Scene, *verb: str) -> None:
    told = ("--config", str(scene.folder / "tocsin.toml"), "--now", zulu(scene.now))
    assert tocsin.main([*verb, *told], standalone_mode=False) in (None, 0)


def _home(scene: Scene) -> Scene:
    for name in ("anna", "bela"):
        scene.household(name)
    scene.online("anna", ADDRESS, "01:00", "03:10", stop=False)
    scene.sinkhole("03:16:38", ADDRESS)
    return scene


def _late_line(scene: Scene) -> None:
    """Anna had gone at 03:12, and Bela had her address by 03:13."""
    scene.says("Stop", "03:12", "anna", ADDRESS, began_at="01:00", arrived_at="03:50")
    scene.online("bela", ADDRESS, "03:13", "05:00")
    scene.come("06:00")


def test_reading_and_attributing_send_nothing_and_notify_does(scene: Scene) -> None:
    _home(scene).come("03:45")
    for verb in (("read",), ("attribute",), ("notify", "--dry-run")):
        _do(scene, *verb)
        assert not scene.notices()
        assert not scene.letters()
    _do(scene, "notify")
    assert scene.told() == [("anna", ADDRESS)]
    _do(scene, "notify")
    assert scene.told() == [("anna", ADDRESS)]


@pytest.mark.parametrize("verbs", [("read", "attribute"), ("read",)])
def test_a_release_after_a_late_line_writes_to_the_right_household(scenes: Scenes, verbs: tuple[str, ...]) -> None:
    """Held by a brake; then the late line is read (and answered), and somebody releases without another run."""
    scene = _home(scenes(ISP(notices=(("send", True), ("share_max", 1.0), ("notices_max", 0)))))
    scene.run("03:45")
    assert [hold.brake for hold in scene.holds()] == ["notices-max"]
    _late_line(scene)
    for verb in verbs:
        _do(scene, verb)
    _do(scene, "notify", "--release")
    assert scene.told() == [("bela", ADDRESS)]
    assert scene.states() == {"anna": "withdrawn", "bela": "notified"}


def test_what_was_queued_before_a_late_line_does_not_leave_by_notify_alone(scene: Scene) -> None:
    _home(scene)
    _all_but_delivery(scene, "03:45")
    assert [notice.state for notice in scene.notices()] == ["queued"]
    _late_line(scene)
    for verb in ("read", "attribute", "notify"):
        _do(scene, verb)
    assert scene.told() == [("bela", ADDRESS)]


def test_who_is_asked_before_the_log_has_been_read_so_far_is_not_named(scene: Scene) -> None:
    scene.household("anna")
    scene.says("Start", "01:00", "anna", ADDRESS, began_at="01:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.come("03:20", log_until="03:10")
    _do(scene, "read")
    _do(scene, "attribute")
    assert scene.outcome() == "pending: log-not-read-so-far"
