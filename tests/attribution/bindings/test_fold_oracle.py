"""The fold against the slow way: who truly held each network at each second of a tiny world."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.bindings.bindings_world import (
    ADDRESSES,
    PREFIXES,
    Binding,
    fold_events,
    make_world,
)
from tocsin.engine import Engine

SLOW = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLACES = {f"{network}/{bits}": place for each in (ADDRESSES, PREFIXES) for place, (network, bits) in enumerate(each)}


@pytest.fixture(scope="module")
def folder_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Path(tmp_path_factory.mktemp("fold")), threads=1) as opened:
        yield opened


def wrong_seconds(bindings: list[Binding], held: list[list[int | None]]) -> list[tuple[Binding, int]]:
    """Each second at which a binding is trusted and another account truly held the network."""
    return [
        (binding, second)
        for binding in bindings
        for second in range(binding.starts, binding.ends)
        if held[PLACES[binding.network]][second] not in (None, binding.account)
    ]


@SLOW
@given(seed=st.integers(0, 2**32), timed=st.booleans())
def test_nobody_is_trusted_for_a_second_that_was_anothers(folder_engine: Engine, seed: int, timed: bool) -> None:
    world = make_world(Random(seed), lossy=True, timed=timed)
    assert wrong_seconds(fold_events(folder_engine, world.events()), world.holders()) == []


@SLOW
@given(seed=st.integers(0, 2**32))
def test_whole_records_give_exactly_the_truth(folder_engine: Engine, seed: int) -> None:
    world = make_world(Random(seed), lossy=False)
    for session in world.sessions:
        session.bare = frozenset()
    told = {
        (session.nas[0], session.account, PLACES_OF[session.place][kind], session.starts, session.ends)
        for session in world.sessions
        for kind in range(2)
        if session.end in ("stop", "timeout")
    }
    found = {
        (each.log, each.account, each.network, each.starts, each.ends)
        for each in fold_events(folder_engine, world.events())
        if each.end_reason == "stop"
    }
    assert found == told


@SLOW
@given(seed=st.integers(0, 2**32), timed=st.booleans())
def test_order_and_repetition_of_records_change_nothing(folder_engine: Engine, seed: int, timed: bool) -> None:
    rng = Random(seed)
    events = make_world(rng, lossy=True, timed=timed).events()
    told = [*events, *rng.choices(events, k=len(events) // 2)] if events else []
    rng.shuffle(told)
    assert fold_events(folder_engine, told) == fold_events(folder_engine, events)


@SLOW
@given(seed=st.integers(0, 2**32))
def test_a_lost_start_is_known_by_the_session_time(folder_engine: Engine, seed: int) -> None:
    world = make_world(Random(seed), lossy=False)
    whole = fold_events(folder_engine, world.events())
    for session in world.sessions:
        if len(session.said) > 1:
            session.said = session.said[1:]
    # A Start that names no network says that the session began before the network was held; without it nobody says so.
    if all("start" not in session.bare for session in world.sessions):
        spans = {(each.account, each.network, each.starts, each.ends) for each in whole if each.end_reason == "stop"}
        found = fold_events(folder_engine, world.events())
        stopped = {(each.account, each.network, each.starts, each.ends) for each in found if each.end_reason == "stop"}
        assert stopped <= spans
        # A server that gives one id to the next session within seconds: without the Start the two can look like one.
        ids = [(session.nas, session.name) for session in world.sessions]
        assert stopped == spans or len(ids) > len(set(ids))


@SLOW
@given(seed=st.integers(0, 2**32))
def test_a_name_in_two_sessions_at_once_is_doubted_and_no_other(folder_engine: Engine, seed: int) -> None:
    world = make_world(Random(seed), lossy=False)
    for session in world.sessions:
        session.bare = frozenset()
    world.sessions = [session for session in world.sessions if session.end in ("stop", "timeout")]
    doubted = {
        (session.place, session.starts)
        for session in world.sessions
        for other in world.sessions
        if other is not session and other.account == session.account
        if other.starts < session.ends and session.starts < other.ends
    }
    found = fold_events(folder_engine, world.events())
    assert {(PLACES[each.network], each.starts) for each in found if each.doubt == "shared-login"} == doubted


PLACES_OF = [
    (f"{ADDRESSES[place][0]}/{ADDRESSES[place][1]}", f"{PREFIXES[place][0]}/{PREFIXES[place][1]}")
    for place in range(len(ADDRESSES))
]
