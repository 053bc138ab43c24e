"""`tocsin measure --json` over a real house: curves by the notice's version, and the three kinds of scorecards."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from tests.measure.measured_world import NOW, World
from tests.scenes.scene import ISP, V4, Scene, found
from tocsin.book import codes
from tocsin.book import notices as book_notices
from tocsin.book.tables import notices
from tocsin.cli.measure import command
from tocsin.notices.letters.catalogue import LANGUAGES, letters_version
from tocsin.pipeline.own_notice import state

Line = dict[str, object]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """One line was seen on Monday and told of it; the log was silent for three hours. Beside it others have lived."""
    scene = found(tmp_path_factory.mktemp("measured"), ISP())
    scene.household("anna")
    scene.online("anna", "198.51.100.7", "01:00", "05:00")
    scene.sinkhole("04:00:00", "198.51.100.7")
    scene.silent("06:00", "09:00")
    scene.run("14:00")
    world = World()
    for number in range(1001, 1013):
        old = number % 2
        world.case(number, opened=50, last=48 - 10 * old, state="quiet", sources=("old",))
        world.notice(number, decided=50, state="sent", version=f"en-{'old' if old else 'new'}")
    with scene.house() as opened:
        world.write(opened.book)
    return scene


def measured(scene: Scene) -> dict[str, list[Line]]:
    told = CliRunner().invoke(
        command, ["--json", "--config", str(scene.folder / "tocsin.toml"), "--now", f"{NOW:%Y-%m-%dT%H:%M:%SZ}"]
    )
    assert told.exit_code == 0, told.output
    lines: dict[str, list[Line]] = {}
    for line in told.output.splitlines():
        value = json.loads(line)
        lines.setdefault(value.pop("measured"), []).append(value)
    return lines


def test_each_version_of_the_notice_has_its_curve(house: Scene) -> None:
    lines = measured(house)
    by_name = {line["name"]: line for line in lines["curve/version"]}
    assert {name: line["subjects"] for name, line in by_name.items()} == {"mail, en-new": 6, "mail, en-old": 6}
    assert {name: line["days"] for name, line in by_name.items()} == {
        "mail, en-new": [0.0, 2.0],
        "mail, en-old": [0.0, 12.0],
    }
    assert {tuple(sorted((str(each["one"]), str(each["other"])))) for each in lines["compared/version"]} == {
        ("mail, en-new", "mail, en-old")
    }


def test_a_source_is_judged_by_objections_and_delay(house: Scene) -> None:
    with house.house() as opened:
        (notice,) = [each for each in _sent(house) if not each.startswith("N-0")]
        with opened.book.read() as tx:
            told = codes.told(tx, notice, at=house.now)
        assert told is not None
        assert state(opened.book, told, kind="objection", text="not mine", proven_by="code", at=house.now)
    (cert,) = [line for line in measured(house)["source"] if line["source"] == "cert"]
    assert (cert["cases"], cert["objected"], cert["wrong"]) == (1, 1, 0)
    assert cert["delay"] == {"source": "cert", "sightings": 1, "median_h": 10.0, "ninth_h": 10.0}
    (old,) = [line for line in measured(house)["source"] if line["source"] == "old"]
    assert (old["cases"], old["objected"], "delay" in old) == (12, 0, False)


def test_a_network_is_counted_by_its_addresses(house: Scene) -> None:
    (here,) = [line for line in measured(house)["network"] if line["network"] == V4]
    assert (here["size"], here["sightings"], here["addresses"]) == (256, 1, 1)
    assert here["per_1000"] == pytest.approx(1000 / 256 / 30)


def test_a_log_s_silence_is_a_gap(house: Scene) -> None:
    (log,) = [line for line in measured(house)["log"] if line["log"] == "radius"]
    assert log["gaps"] == 2  # in the morning, and after its last line
    assert log["longest_h"] == pytest.approx(22.0)  # until now
    assert 0.3 < log["covered"] < 0.5  # type: ignore[operator]


def test_a_notice_keeps_the_version_of_its_words(house: Scene) -> None:
    (notice,) = [each for each in _sent(house) if not each.startswith("N-0")]
    with house.house() as opened, opened.book.read() as tx:
        kept = dict(tx.execute(notices.select().with_only_columns(notices.c.notice, notices.c.letter_version)).all())
    assert kept[notice] == letters_version("en")
    assert len({letters_version(language) for language in LANGUAGES}) == len(LANGUAGES)


def test_another_word_is_another_version(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tocsin.notices.letters import catalogue as room

    before, english = letters_version("en"), room.catalogue("en")
    changed = msgspec.structs.replace(english, sentences=english.sentences | {"heading_do": "Please"})
    monkeypatch.setattr(room, "catalogue", lambda language: changed)
    letters_version.cache_clear()
    try:
        assert letters_version("en") != before
    finally:
        letters_version.cache_clear()


def _sent(house: Scene) -> list[str]:
    with house.house() as opened, opened.book.read() as tx:
        return [each.notice for each in book_notices.in_state(tx, "sent")]
