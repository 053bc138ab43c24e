"""A feed whose clock is off or whose columns are exchanged writes to nobody."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.scenes import feeds
from tests.scenes.feeds import Row
from tests.scenes.moments import moment
from tests.scenes.scene import Scene

NAMES = [f"home{place:02}" for place in range(1, 31)]
ADDRESSES = [f"198.51.100.{place}" for place in range(1, 31)]


@pytest.fixture
def town(scene: Scene) -> Scene:
    """Thirty households that are on all day."""
    for name, address in zip(NAMES, ADDRESSES, strict=True):
        scene.household(name)
        scene.says("Start", "01:00", name, address, Acct_Interim_Interval="86400")
    return scene


def _rows(at: str, count: int = 30, *, minutes: float = 1.5) -> list[Row]:
    """So many households are seen one after another."""
    first = moment(at)
    return [
        feeds.sinkhole(first + timedelta(minutes=minutes * place), address, port=40_512 + place)
        for place, address in enumerate(ADDRESSES[:count])
    ]


def _usual(scene: Scene) -> None:
    """Three runs in which the source told of twenty sightings each, all of a household that has had its letter."""
    for hour in (2, 3, 4):
        start = moment(f"0{hour}:00")
        scene.bring(
            "event4_sinkhole", *(feeds.sinkhole(start + timedelta(minutes=m), ADDRESSES[29]) for m in range(20))
        )
        scene.run(f"0{hour}:40")
    assert [letter.to for letter in scene.letters()] == ["home30"]


def test_as_it_should_be_it_writes_to_everybody(town: Scene) -> None:
    town.bring("event4_sinkhole", *_rows("13:10"))
    town.run("14:00")
    assert len(town.letters()) == 30


def test_a_feed_of_the_last_hour_that_is_stamped_an_hour_later_writes_to_nobody(town: Scene) -> None:
    town.bring("event4_sinkhole", *_rows("14:10"))  # it really was 13:10
    town.run("14:00")
    assert not town.letters()
    assert not town.cases()
    assert any(reject.startswith("seen in the future") for reject in town.rejects())


def test_nor_does_it_when_its_hour_has_come(town: Scene) -> None:
    town.bring("event4_sinkhole", *_rows("14:02"))
    town.run("14:00")
    town.run("15:30")
    town.run("16:30")
    assert not town.letters()


def test_a_day_s_feed_that_is_stamped_an_hour_later_writes_to_nobody(town: Scene) -> None:
    """Most of it lies in the past even so; that some of it lies in the future shows what its clock is worth."""
    town.bring("event4_sinkhole", *_rows("08:00", minutes=14))  # up to 14:46
    town.run("14:00")
    assert not town.letters()
    town.run("16:00")
    assert not town.letters()


SWAPPED = {
    "who called and who was called": ("src_ip", "dst_ip"),
    "address and port": ("src_ip", "src_port"),
    "address and host": ("src_ip", "src_hostname"),
    "time and protocol": ("timestamp", "protocol"),
    "time and address": ("timestamp", "src_ip"),
    "time and malware": ("timestamp", "infection"),
    "protocol and port": ("protocol", "src_port"),
    "protocol and malware": ("protocol", "infection"),
}


@pytest.mark.parametrize("what", SWAPPED)
def test_a_feed_with_exchanged_columns_writes_to_nobody(town: Scene, what: str) -> None:
    town.bring("event4_sinkhole", *feeds.swapped(_rows("13:10"), *SWAPPED[what]))
    town.run("14:00")
    assert not town.letters()
    assert not town.cases()


def test_a_source_whose_answers_are_otherwise_than_usual_is_held_also_for_what_looks_right(town: Scene) -> None:
    """As usual every sighting has its household; now half of them are of addresses that nobody had."""
    _usual(town)
    empty = [feeds.sinkhole(moment("05:30") + timedelta(minutes=m), f"198.51.100.{100 + m}") for m in range(12)]
    town.bring("event4_sinkhole", *_rows("05:10", 12), *empty)
    town.run("06:30")
    assert [letter.to for letter in town.letters()] == ["home30"]
    assert [(hold.brake, hold.source) for hold in town.holds()] == [("mix", "cert")]
    assert town.withheld()["source-held"] == 12
    town.release()
    town.run("07:30")
    assert len(town.letters()) == 13


def test_a_source_whose_answers_are_as_usual_is_not_held(town: Scene) -> None:
    _usual(town)
    town.bring("event4_sinkhole", *_rows("05:10", 24), feeds.sinkhole(moment("05:50"), "198.51.100.100"))
    town.run("06:30")
    assert len(town.letters()) == 25
    assert town.holds() == []
