"""The resolver against the same question asked the slow way."""

from __future__ import annotations

from collections import Counter
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings

from tests.attribution.resolve import resolve_oracle as oracle
from tests.attribution.resolve.resolve_town import town
from tests.attribution.resolve.resolve_worlds import MIDNIGHT, config_of, lay_down, worlds
from tocsin.attribution import resolve
from tocsin.attribution.config import ACCURACY_S
from tocsin.attribution.reasons import REASON_BY_CODE
from tocsin.lake import Lake
from tocsin.terms.roles import Outcome

_numbers = count()


def resolver_answers(lake: Lake, world: oracle.World) -> dict[int, oracle.Answer]:
    lay_down(lake, world, f"world-{next(_numbers)}")
    with lake.writing("attributions") as writing:
        resolve.attribute_days(lake, writing, config_of(world), at=MIDNIGHT)
    rows = lake.engine.rows(
        "SELECT sighting, outcome, reason, subscriber, bindings, sharers, margin_s"
        f" FROM {lake.scan('attributions', lake.days('sightings'))}"
    )
    found = {}
    for sighting, outcome, reason, subscriber, bindings, sharers, margin_s in rows:
        assert REASON_BY_CODE[str(reason)].outcome == outcome
        found[sighting.int - 1] = oracle.Answer(  # type: ignore[union-attr]
            outcome=str(outcome),
            margin_s=margin_s,  # type: ignore[arg-type]
            subscriber=subscriber,  # type: ignore[arg-type]
            bindings=tuple(binding.int - 1 for binding in bindings),  # type: ignore[union-attr]
            sharers=sharers,  # type: ignore[arg-type]
        )
    assert len(rows) == len(found)
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
def test_every_sighting_gets_the_answer_that_was_found_the_slow_way(lake: Lake, world: oracle.World) -> None:
    expected = {each.number: oracle.answer(world, each, ACCURACY_S) for each in world.sightings}
    assert resolver_answers(lake, world) == expected


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
def test_a_day_resolved_in_buckets_of_addresses_is_the_same(
    lake: Lake, world: oracle.World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolve, "BUCKET_ROWS", 4)
    expected = {each.number: oracle.answer(world, each, ACCURACY_S) for each in world.sightings}
    assert resolver_answers(lake, world) == expected


@pytest.mark.parametrize("seed", range(8))
def test_a_town_gets_the_answers_that_were_found_the_slow_way(lake: Lake, seed: int) -> None:
    world = town(seed)
    expected = {each.number: oracle.answer(world, each, ACCURACY_S) for each in world.sightings}
    assert resolver_answers(lake, world) == expected


def test_a_town_reaches_every_outcome_and_every_reason(lake: Lake) -> None:
    """The oracle would prove little about answers that its worlds never ask for."""
    outcomes = Counter(each.outcome for each in resolver_answers(lake, town(0)).values())
    assert set(outcomes) == {*Outcome}
    assert min(outcomes.values()) >= 50, outcomes
    reasons = {reason for (reason,) in lake.engine.rows(f"SELECT DISTINCT reason FROM {lake.scan('attributions')}")}
    assert reasons == set(REASON_BY_CODE)
