"""Whichever two columns of a sinkhole report are exchanged, nobody is told anything that is not so."""

from __future__ import annotations

from datetime import timedelta
from itertools import combinations

import pytest

from tests.scenes import feeds
from tests.scenes.conftest import Scenes
from tests.scenes.feeds import Row
from tests.scenes.letters import Letter
from tests.scenes.moments import moment
from tests.scenes.scene import Scene

COLUMNS = (
    *("timestamp", "protocol", "src_ip", "src_port", "src_asn", "dst_ip", "dst_port", "dst_asn", "public_source"),
    *("infection", "event_id"),
)
SHARED = "203.0.113.10"
HOMES = {f"home{place}": f"198.51.100.{place}" for place in range(1, 7)}
NEIGHBOURS = {f"flat{place}": (1_024 + 4_000 * place, 5_023 + 4_000 * place) for place in range(6)}


def _town(scene: Scene) -> dict[str, Row]:
    """Six houses with an address each, six flats behind one; the right row of each, by household."""
    rows = {}
    for place, (name, address) in enumerate(HOMES.items()):
        scene.household(name)
        scene.online(name, address, "01:00", "05:00")
        at = moment("03:10") + timedelta(minutes=place)
        rows[name] = feeds.sinkhole(at, address, port=40_512 + place, observer="sinkhole-a", ref=f"2026-{place:04}")
    for place, (name, ports) in enumerate(NEIGHBOURS.items()):
        scene.household(name)
        scene.assigned(SHARED, name, ports=ports)
        at = moment("03:20") + timedelta(minutes=place)
        rows[name] = feeds.sinkhole(at, SHARED, port=ports[0] + 7, observer="sinkhole-a", ref=f"2026-1{place:03}")
        rows[name]["dst_port"] = "6881"  # what a peer-to-peer sinkhole listens on: a port that a flat has too
    return rows


def _is_true(letter: Letter, row: Row) -> bool:
    return (
        letter.addresses == (row["src_ip"],)
        and letter.seen == (row["timestamp"],)
        and letter.ports == (int(row["src_port"]),)
    )


def test_in_their_right_order_they_are_told_to_everybody(scene: Scene) -> None:
    rows = _town(scene)
    scene.bring("event4_sinkhole", *rows.values())
    scene.run("14:00")
    assert sorted(letter.to for letter in scene.letters()) == sorted(rows)
    assert all(_is_true(letter, rows[letter.to]) for letter in scene.letters())


PAIRS = [pytest.param(*pair, id="-".join(pair)) for pair in combinations(COLUMNS, 2)]


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_exchanged_columns_never_make_a_letter_that_is_not_so(scenes: Scenes, one: str, other: str) -> None:
    scene = scenes()
    rows = _town(scene)
    scene.bring("event4_sinkhole", *feeds.swapped(rows.values(), one, other))
    scene.run("14:00")
    untrue = [letter.to for letter in scene.letters() if not _is_true(letter, rows[letter.to])]
    assert not untrue
