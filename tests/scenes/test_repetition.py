"""The same thing in another dress is the same thing; and a household is one household however many lines it has."""

from __future__ import annotations

import gzip

import pytest

from tests.scenes import feeds
from tests.scenes.conftest import Scenes
from tests.scenes.moments import moment
from tests.scenes.scene import ISP, Scene
from tocsin.pipeline.dump import dump

ADDRESS, OTHER = "198.51.100.7", "198.51.100.8"


@pytest.fixture
def home(scene: Scene) -> Scene:
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    return scene


def test_a_household_with_two_lines_in_trouble_gets_one_letter(scene: Scene) -> None:
    scene.household("anna")
    scene.household("anna", account="second@isp.example")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.online("second@isp.example", OTHER, "01:00", "05:00")
    scene.sinkhole("03:00", ADDRESS)
    scene.sinkhole("03:10", OTHER, malware="mozi")
    scene.run("14:00")
    scene.run("15:00")
    (letter,) = scene.letters()
    assert letter.addresses == (OTHER,)  # the line that was seen last


def test_the_same_run_at_the_same_moment_changes_nothing_at_all(home: Scene) -> None:
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    before = _dumped(home)
    home.run("14:00")
    assert _dumped(home) == before


def test_the_same_row_with_its_columns_in_another_order_is_a_further_piece(home: Scene) -> None:
    row = feeds.sinkhole(moment("03:16:38"), ADDRESS)
    home.bring_text("2026-11-23-event4_sinkhole-first.csv", feeds.text_of(feeds.SINKHOLE, [row]))
    home.run("14:00")
    cases = home.cases()
    home.bring_text("2026-11-23-event4_sinkhole-second.csv", feeds.text_of([*reversed(feeds.SINKHOLE)], [row]))
    home.run("15:00")
    assert (home.count("sightings"), home.count("pieces")) == (1, 2)
    assert home.cases() == cases
    assert len(home.letters()) == 1


def test_the_same_feed_compressed_is_no_second_sighting(home: Scene) -> None:
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    (path,) = [path for path in (home.folder / "feeds" / "cert").glob("*") if ADDRESS in path.read_text("utf-8")]
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    home.run("15:00")
    assert (home.count("sightings"), home.count("pieces")) == (1, 2)


def test_another_source_that_saw_the_same_joins_the_case(scenes: Scenes) -> None:
    scene = scenes(ISP(sources=(("cert", "known"), ("other", "known"))))
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.sinkhole("03:16:38", ADDRESS, source="other")
    scene.run("14:00")
    assert scene.count("sightings") == 2  # two saw it
    (case,) = scene.cases()
    assert case.sightings == 2
    assert len(scene.letters()) == 1


def test_after_the_week_two_new_troubles_are_one_letter(home: Scene) -> None:
    home.sinkhole("03:16:38", ADDRESS)
    home.run("06:00")
    home.online("anna", ADDRESS, "2026-11-29 01:00", "2026-11-29 23:00")
    home.sinkhole("2026-11-29 03:00", ADDRESS)
    home.sinkhole("2026-11-29 03:10", ADDRESS, malware="mozi")
    home.run("2026-11-30 06:00")
    assert sorted(len(letter.addresses) for letter in home.letters()) == [1, 2]


def _dumped(scene: Scene) -> list[bytes]:
    with scene.house() as house:
        return list(dump(house.book, house.lake, house.maildir))
