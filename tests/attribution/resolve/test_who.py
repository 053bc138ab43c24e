"""`who` and the attribution of whole days are one and the same."""

from __future__ import annotations

import msgspec
import pytest

from tests.attribution.resolve.resolve_oracle import answer
from tests.attribution.resolve.resolve_town import town
from tests.attribution.resolve.resolve_worlds import MIDNIGHT, at, config_of, identity, lay_down
from tocsin.attribution.config import ACCURACY_S
from tocsin.attribution.who import who
from tocsin.lake import Lake
from tocsin.terms.addresses import parse_address
from tocsin.terms.roles import Outcome


def test_who_gives_the_answer_that_a_sighting_would_get(lake: Lake) -> None:
    world = town(3, sightings=120)
    lay_down(lake, world, "town")
    seen = set()
    for sighting in world.sightings:
        asked = msgspec.structs.replace(sighting, seen_until=None, precision_s=None, role="infected")
        found = who(
            lake,
            config_of(world),
            parse_address(asked.address),
            at=at(asked.seen_at),
            port=asked.port,
            protocol=asked.protocol,
            source=asked.source,
        )
        expected = answer(world, asked, ACCURACY_S)
        assert (found.outcome, found.number, found.sharers, found.margin_s) == (
            expected.outcome,
            expected.subscriber,
            expected.sharers,
            expected.margin_s,
        )
        assert found.bindings == tuple(map(identity, expected.bindings))
        assert found.subscriber == (None if found.number is None else f"C-{found.number}")
        seen.add(found.outcome)
    assert seen == {*Outcome}


def test_an_empty_house_answers_too(lake: Lake) -> None:
    world = town(0, sightings=1)
    found = who(lake, config_of(world), parse_address("192.0.2.1"), at=MIDNIGHT)
    assert (found.outcome, found.reason) == (Outcome.PENDING, "log-not-read-so-far")
    assert found.subscriber is None


def test_a_sighting_of_a_victim_is_no_way_to_ask(lake: Lake) -> None:
    """The port of the question is the client's own, so a shared address can be told by it."""
    world = town(3, sightings=1)
    lay_down(lake, world, "town")
    asked = [
        who(lake, config_of(world), parse_address("198.51.100.1"), at=at(second), port=port, protocol="tcp").outcome
        for second in range(-1_500, 1_500, 300)
        for port in (50, None)
    ]
    assert Outcome.SHARED in asked[1::2]
    assert Outcome.SHARED not in asked[0::2]


@pytest.mark.parametrize("when", [-1_850, 1_890])
def test_who_at_the_edge_of_a_day_sees_the_bindings_of_both(lake: Lake, when: int) -> None:
    world = town(5, sightings=1)
    lay_down(lake, world, "town")
    config = config_of(world)
    answers = [who(lake, config, parse_address(f"192.0.2.{host}"), at=at(0)) for host in range(48)]
    assert any(found.outcome is Outcome.SUBSCRIBER for found in answers)
    assert who(lake, config, parse_address("192.0.2.1"), at=at(when)).margin_s == ACCURACY_S + 2
