"""Until a log has been read past a moment nobody is named; what a later line changes is taken back."""

from __future__ import annotations

import pytest

from tests.scenes.conftest import Scenes
from tests.scenes.moments import moment
from tests.scenes.scene import ISP, Scene
from tocsin.attribution.resolve import attribute_days
from tocsin.pipeline.outbox import deliver_queued, queue_decided
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import attribute, follow, read_all

ADDRESS = "198.51.100.7"


@pytest.fixture
def home(scene: Scene) -> Scene:
    for name in ("anna", "bela"):
        scene.household(name)
    return scene


def test_nobody_is_named_before_the_log_has_been_read_past_the_moment(home: Scene) -> None:
    home.says("Start", "01:00", "anna", ADDRESS, began_at="01:00")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("03:20", log_until="03:16:40")  # its last record is of 03:10
    assert home.outcome() == "pending: log-not-read-so-far"
    assert not home.cases()
    home.says("Stop", "05:00", "anna", ADDRESS, began_at="01:00")
    home.run("06:00")
    assert home.told() == [("anna", ADDRESS)]


def test_what_was_pending_goes_to_whom_the_log_names_when_it_arrives(home: Scene) -> None:
    """Anna's Start is all that is known at first; then her Stop and Bela's Start arrive."""
    home.says("Start", "01:00", "anna", ADDRESS, began_at="01:00")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("03:20", log_until="03:10")
    home.says("Stop", "03:12", "anna", ADDRESS, began_at="01:00")
    home.online("bela", ADDRESS, "03:13", "05:00")
    home.run("06:00")
    assert home.told() == [("bela", ADDRESS)]


def test_each_log_that_covers_the_address_must_have_been_read(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "03:00")
    home.sinkhole("02:00", ADDRESS)
    home.run("06:00", log_until="01:50")
    assert home.outcome() == "subscriber: held-throughout"  # Anna's own Stop of 03:00 is the log's last record
    home.sinkhole("03:30", "198.51.100.9")
    home.run("06:10", log_until="01:50")
    assert home.outcomes()["198.51.100.9"] == "pending: log-not-read-so-far"


def test_a_late_line_withdraws_the_case_and_the_right_household_is_told(scenes: Scenes) -> None:
    """The first run believes that Anna kept the address; her Stop and Bela's Start were delayed by an hour."""
    scene = scenes(ISP(notices=(("send", False), ("share_max", 1.0))))
    _first_anna_then_bela(scene)
    (anna, bela) = scene.cases()
    assert (anna.who, anna.state, bela.who, bela.state) == ("anna", "withdrawn", "bela", "open")
    assert "log" in anna.reasons[-1]


def _first_anna_then_bela(scene: Scene) -> None:
    for name in ("anna", "bela"):
        scene.household(name)
    scene.online("anna", ADDRESS, "01:00", "03:10", stop=False)
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("03:45")
    assert scene.states() == {"anna": "notified" if scene.letters() else "open"}
    scene.says("Stop", "03:12", "anna", ADDRESS, began_at="01:00", arrived_at="03:50")
    scene.says("Start", "03:13", "bela", ADDRESS, began_at="03:13", arrived_at="03:51")
    scene.says("Stop", "05:00", "bela", ADDRESS, began_at="03:13")
    scene.run("06:00")


def test_a_letter_that_had_left_is_named_in_the_case_that_was_withdrawn(scene: Scene) -> None:
    _first_anna_then_bela(scene)
    (anna, bela) = scene.cases()
    assert (anna.who, anna.state, bela.state) == ("anna", "withdrawn", "notified")
    (sent,) = (notice.notice for notice in scene.notices() if "anna@post.example" in notice.facts)
    assert sent in anna.reasons[-1]
    assert scene.told() == [("anna", ADDRESS), ("bela", ADDRESS)]


def test_a_letter_that_has_not_left_is_stopped(scene: Scene) -> None:
    """Decided and queued, then a late line comes before anything was delivered."""
    for name in ("anna", "bela"):
        scene.household(name)
    scene.online("anna", ADDRESS, "01:00", "03:10", stop=False)
    scene.sinkhole("03:16:38", ADDRESS)
    _all_but_delivery(scene, "03:45")
    assert [notice.state for notice in scene.notices()] == ["queued"]
    scene.says("Stop", "03:12", "anna", ADDRESS, began_at="01:00", arrived_at="03:50")
    scene.online("bela", ADDRESS, "03:13", "05:00")
    scene.run("06:00")
    assert scene.told() == [("bela", ADDRESS)]
    stopped = {notice.state: notice.reason for notice in scene.notices()}
    assert set(stopped) == {"refused", "sent"}
    assert stopped["refused"]
    assert scene.states() == {"anna": "withdrawn", "bela": "notified"}


def _all_but_delivery(scene: Scene, at: str) -> None:
    """A run that is stopped when the notice is queued."""
    from tocsin.cases.mix import count_sources
    from tocsin.cases.plan import take
    from tocsin.pipeline.run import _plan

    scene.now = moment(at)
    scene._heartbeat(scene.now)
    scene._write_files()
    with scene.house() as house:
        read_all(house, Progress())
        attribute(house, Progress())
        follow(house, Progress())
        count_sources(house.lake)
        take(house.book, _plan(house))
        assert not list(queue_decided(house))


def test_what_is_queued_leaves_with_the_next_run_when_nothing_has_changed(scene: Scene) -> None:
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("02:00", ADDRESS)
    _all_but_delivery(scene, "06:00")
    assert not scene.letters()
    scene.run("07:00")
    assert scene.told() == [("anna", ADDRESS)]
    with scene.house() as house:
        assert not deliver_queued(house).sent


def test_a_late_line_that_makes_it_doubtful_withdraws_the_case_and_names_nobody_else(scene: Scene) -> None:
    for name in ("anna", "bela"):
        scene.household(name)
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.run("06:00")
    scene.online("bela", ADDRESS, "02:00", "04:00", nas="nas-2")
    scene.run("07:00")
    assert scene.outcome() == "ambiguous: several-held-it-at-once"
    assert scene.states() == {"anna": "withdrawn"}
    assert scene.told() == [("anna", ADDRESS)]  # that one had left


def test_days_that_nothing_has_changed_are_not_answered_again(scene: Scene) -> None:
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("02:00", ADDRESS)
    scene.run("06:00")
    with scene.house() as house, house.lake.writing("attributions") as writing:
        assert attribute_days(house.lake, writing, house.config.attribution(), at=house.now) == []
