"""Stories at the edges of the rules, one claim each, and when a day is made again."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tests.attribution.resolve.resolve_oracle import Binding, Contract, Log, Sighting, World
from tests.attribution.resolve.resolve_worlds import MIDNIGHT, config_of, lay_down
from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.attribution.resolve import attribute_days
from tocsin.lake import Lake
from tocsin.terms.errors import BadConfig

FROM, TO = -4_000, -3_000  # of the one binding, in the day before midnight
HELD = Binding(
    number=0,
    kind="session",
    account=1,
    network="192.0.2.1/32",
    port_first=None,
    port_last=None,
    protocol=None,
    starts_at=FROM,
    ends_at=TO,
    doubt_until=TO,
    doubt=None,
)
SEEN = Sighting(
    number=0,
    seen_at=-3_500,
    seen_until=None,
    precision_s=1,
    role="infected",
    address="192.0.2.1",
    port=4_711,
    protocol="tcp",
    source="cert",
)
WORLD = World(
    own=["192.0.2.0/24"],
    shared=[],
    logs=[Log(name="core", accuracy_s=2, spans_by_prefix={"192.0.2.0/24": [(-90_000, 90_000)]})],
    accuracy_by_source={"cert": 5},
    bindings=[HELD],
    contracts=[Contract(account=1, subscriber=1, starts_at=-300_000, ends_at=None)],
    sightings=[SEEN],
)


class Day:
    """One lake in which worlds follow each other."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._laid = 0

    def ask(self, world: World) -> tuple[str, str]:
        """Outcome and reason of the world's only sighting."""
        self.lay(world)
        self.attribute(world)
        ((outcome, reason),) = self.lake.engine.rows(f"SELECT outcome, reason FROM {self.lake.scan('attributions')}")
        return str(outcome), str(reason)

    def lay(self, world: World) -> None:
        self._laid += 1
        lay_down(self.lake, world, f"world-{self._laid}")

    def attribute(self, world: World) -> int:
        """How many days were made again."""
        with self.lake.writing("attributions") as writing:
            return len(attribute_days(self.lake, writing, config_of(world), at=MIDNIGHT))


@pytest.fixture
def day(lake: Lake) -> Day:
    return Day(lake)


def with_sighting(**changes: object) -> World:
    return msgspec.structs.replace(WORLD, sightings=[msgspec.structs.replace(SEEN, **changes)])


def with_binding(**changes: object) -> World:
    return msgspec.structs.replace(WORLD, bindings=[msgspec.structs.replace(HELD, **changes)])


def test_one_who_held_it_throughout_is_named(day: Day) -> None:
    assert day.ask(WORLD) == ("subscriber", "held-throughout")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (FROM + 7, "held-throughout"),  # 5 s of the source and 2 s of the log after its start
        (FROM + 6, "held-for-a-part"),
        (TO - 9, "held-throughout"),  # the margin, the second itself, and one more: an end is not in the binding
        (TO - 8, "held-for-a-part"),
        (TO + 7, "nobody-held-it"),
        (FROM - 9, "nobody-held-it"),
    ],
)
def test_the_margin_is_exact_to_the_second(day: Day, second: int, reason: str) -> None:
    assert day.ask(with_sighting(seen_at=second))[1] == reason


def test_a_lease_that_ended_is_not_blamed(day: Day) -> None:
    assert day.ask(with_sighting(seen_at=TO + 600)) == ("no-binding", "nobody-held-it")


def test_a_session_without_stop_is_a_gap_after_its_last_word(day: Day) -> None:
    world = with_binding(doubt_until=TO + 1_000)
    silent = msgspec.structs.replace(world, sightings=[msgspec.structs.replace(SEEN, seen_at=TO + 600)])
    assert day.ask(silent) == ("log-gap", "session-without-stop")


@pytest.mark.parametrize(
    ("ends_at", "answer"),
    [
        (-3_491, ("subscriber", "held-throughout")),
        (-3_492, ("ambiguous", "contract-changed")),  # in the last second of the margin
        (-3_506, ("ambiguous", "contract-changed")),
        (-3_507, ("no-binding", "no-contract")),
    ],
)
def test_who_left_is_not_blamed_for_what_came_after(day: Day, ends_at: int, answer: tuple[str, str]) -> None:
    contract = Contract(account=1, subscriber=1, starts_at=-300_000, ends_at=ends_at)
    assert day.ask(msgspec.structs.replace(WORLD, contracts=[contract])) == answer


def test_a_span_longer_than_a_week_names_nobody(day: Day) -> None:
    forever = with_binding(starts_at=-900_000, ends_at=900_000, doubt_until=900_000)
    for length_s, answer in ((7 * 86_400 - 15, "pending"), (7 * 86_400 - 14, "ambiguous")):
        seen = msgspec.structs.replace(SEEN, seen_until=SEEN.seen_at + length_s)
        assert day.ask(msgspec.structs.replace(forever, sightings=[seen]))[0] == answer


def test_an_ipv4_address_is_no_part_of_an_ipv6_network(day: Day) -> None:
    assert day.ask(with_binding(network="::/0")) == ("no-binding", "nobody-held-it")


def test_protocols_are_the_same_in_any_case(day: Day) -> None:
    world = with_binding(port_first=4_000, port_last=5_000, protocol="tcp")
    seen = msgspec.structs.replace(SEEN, protocol="TCP")
    assert day.ask(msgspec.structs.replace(world, sightings=[seen])) == ("subscriber", "held-throughout")


def test_a_day_is_not_made_again_when_nothing_has_changed(day: Day) -> None:
    day.ask(WORLD)
    assert day.attribute(WORLD) == 0


def test_a_log_that_is_read_further_changes_no_settled_day(day: Day) -> None:
    """Coverage that grows past the day's spans is no reason to answer it again; files are what a run adds."""
    day.ask(WORLD)
    extend_coverage(day.lake, 200_000)
    assert day.attribute(WORLD) == 0


def test_a_pending_day_is_made_again_once_the_log_has_been_read(day: Day) -> None:
    log = Log(name="core", accuracy_s=2, spans_by_prefix={"192.0.2.0/24": [(-90_000, -3_600)]})
    assert day.ask(msgspec.structs.replace(WORLD, logs=[log])) == ("pending", "log-not-read-so-far")
    assert day.attribute(WORLD) == 0
    extend_coverage(day.lake, -3_400)
    assert day.attribute(WORLD) == 1
    assert day.lake.engine.rows(f"SELECT outcome FROM {day.lake.scan('attributions')}") == [("subscriber",)]


def test_a_changed_margin_makes_the_day_again(day: Day) -> None:
    day.ask(WORLD)
    assert day.attribute(msgspec.structs.replace(WORLD, accuracy_by_source={"cert": 6})) == 1


def test_the_generation_of_an_answer_is_its_days(day: Day) -> None:
    day.ask(WORLD)
    ((generation,),) = day.lake.engine.rows(f"SELECT generation FROM {day.lake.scan('attributions')}")
    made = day.lake.made_from("attributions")
    assert [each.generation for each in made.values()] == [generation]
    assert len(str(generation)) <= 40


def test_an_accuracy_beyond_a_month_is_refused() -> None:
    with pytest.raises(BadConfig, match="seconds"):
        AttributionConfig(prefixes=(), logs=(CoveringLog(name="core", prefixes=(), accuracy_s=31 * 86_400 + 1),))
    with pytest.raises(BadConfig, match="past the prefix"):
        AttributionConfig(prefixes=("192.0.2.1/24",))


def extend_coverage(lake: Lake, until: int) -> None:
    with lake.writing("coverage") as writing:
        batch = writing.batch(f"further-{until}", kind="test", at=MIDNIGHT)
        batch.replace("coverage")
        batch.add(
            "coverage",
            MIDNIGHT.date(),
            f"SELECT log, network, prefix_bits, starts_at, $until AS ends_at FROM {lake.scan('coverage')}",
            until=MIDNIGHT + timedelta(seconds=until),
        )
        batch.commit()


def _beside_a_forward(port_first: int, port_last: int) -> World:
    """Port 23 is forwarded to one household, another has the given ports, and somebody's port 23 was found open."""
    forward = msgspec.structs.replace(HELD, kind="assignment", port_first=23, port_last=23, protocol="tcp")
    other = msgspec.structs.replace(
        HELD, number=1, kind="mapping", account=2, port_first=port_first, port_last=port_last
    )
    seen = msgspec.structs.replace(SEEN, role="exposed", port=23)
    return msgspec.structs.replace(WORLD, shared=["192.0.2.1/32"], bindings=[forward, other], sightings=[seen])


def test_an_open_port_that_is_forwarded_is_its_holders_whoever_has_other_ports(day: Day) -> None:
    assert day.ask(_beside_a_forward(1_024, 2_047)) == ("subscriber", "held-throughout")


def test_an_open_port_that_a_nat_gave_to_another_as_well_names_nobody(day: Day) -> None:
    assert day.ask(_beside_a_forward(1, 2_047)) == ("shared", "port-not-the-clients")
