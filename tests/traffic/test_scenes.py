"""Every behaviour shows in its scene and does not in its near miss; bots are found by what is published of them."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

import pytest

from tests.docs.test_documented import ROOT
from tests.traffic.benign import BENIGN
from tests.traffic.bots import BOTS, UNSEEN
from tests.traffic.scene import House, judged
from tests.traffic.scenes import SCENES, TRAPS, Act
from tocsin.engine import Engine
from tocsin.traffic.behaviours.table import BEHAVIOURS, BY_NAME
from tocsin.traffic.judge import Host
from tocsin.traffic.verdict import COUNTS_FROM


def _acts() -> dict[str, Act]:
    shown = {f"{name}/shows": scene.shows for name, scene in SCENES.items()}
    missed = {f"{name}/misses": scene.misses for name, scene in SCENES.items()}
    rest = {"benign": BENIGN, "bot": BOTS, "unseen": UNSEEN}
    return shown | missed | {f"{kind}/{act.__name__}": act for kind, acts in rest.items() for act in acts}


@cache
def street(*, flows_alone: bool = False) -> dict[str, Host]:
    """All scenes at once, each in its own house, as a provider's sensor would see them; or as NetFlow would.

    With flows alone there is no look-up, and no service is recognised.
    """
    with tempfile.TemporaryDirectory() as folder, Engine(Path(folder)) as engine:
        houses = []
        for number, act in enumerate(_acts().values()):
            house = House(Path(folder), f"192.168.{20 + number}.10")
            house.ordinary()
            act(house)
            if flows_alone:
                house.forget()
            houses.append(house)
        hosts = judged(engine, Path(folder), houses, TRAPS)
        return {name: hosts[house.home] for name, house in zip(_acts(), houses, strict=True)}


def strength(name: str, scene: str) -> float:
    return max((each.score for each in street()[scene].behaviours if each.name == name), default=0.0)


def test_no_behaviour_is_without_a_scene() -> None:
    assert list(SCENES) == [each.name for each in BEHAVIOURS]


def test_the_page_says_of_each_behaviour_how_far_it_goes() -> None:
    page = (ROOT / "docs" / "detect.md").read_text("utf-8")
    for each in BEHAVIOURS:
        alone = "infected" if each.is_specific else "suspicious" if each.cap >= COUNTS_FROM else "a hint"
        assert f"| {each.cap} | {each.aspect} | {alone} |" in page.partition(f"| `{each.name}` |")[2].partition("\n")[0]


@pytest.mark.parametrize("name", SCENES)
def test_it_shows_where_it_is(name: str) -> None:
    assert strength(name, f"{name}/shows") >= min(COUNTS_FROM, BY_NAME[name].cap)


@pytest.mark.parametrize("name", SCENES)
def test_it_does_not_show_where_people_do_something_alike(name: str) -> None:
    near = street()[f"{name}/misses"]
    assert strength(name, f"{name}/misses") < min(COUNTS_FROM, BY_NAME[name].cap), near.behaviours
    assert near.verdict == "clean", near.behaviours


@pytest.mark.parametrize("act", BENIGN, ids=lambda act: act.__name__)
def test_nobody_is_a_bot_for_what_people_do(act: Act) -> None:
    host = street()[f"benign/{act.__name__}"]
    assert host.verdict in ("clean", "suspicious"), host.behaviours


@pytest.mark.parametrize("name", [name for name in _acts() if name.startswith("benign/") or name.endswith("/misses")])
def test_nobody_is_a_bot_where_flows_alone_are_seen(name: str) -> None:
    host = street(flows_alone=True)[name]
    assert host.verdict != "infected", host.behaviours


def test_of_what_people_do_one_in_ten_may_look_suspicious() -> None:
    verdicts = {act.__name__: street()[f"benign/{act.__name__}"].verdict for act in BENIGN}
    suspicious = [name for name, verdict in verdicts.items() if verdict != "clean"]
    assert len(suspicious) <= len(BENIGN) / 10, suspicious


@pytest.mark.parametrize("act", BOTS, ids=lambda act: act.__name__)
def test_a_bot_is_found_by_its_published_behaviour(act: Act) -> None:
    host = street()[f"bot/{act.__name__}"]
    assert host.verdict == "infected", host.behaviours


@pytest.mark.parametrize("act", UNSEEN, ids=lambda act: act.__name__)
def test_what_looks_like_everybodys_traffic_is_told_apart_by_nothing_here(act: Act) -> None:
    """Said in docs/detect.md: only a list of its servers finds it. When this fails, the page must say otherwise."""
    assert street()[f"unseen/{act.__name__}"].verdict != "infected"
