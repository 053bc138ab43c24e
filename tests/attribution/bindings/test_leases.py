"""DHCP leases and NAT mappings: the fold's rules, each as a claim, and the leases against the slow way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.attribution.bindings.bindings_world import ADDRESSES, NOON, Binding, Event, fold_events
from tocsin.attribution.bindings.fold import UsualLines
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine
from tocsin.terms.addresses import parse_network

P, Q = ADDRESSES[0], ADDRESSES[1]
INSIDE, OTHER = parse_network("10.0.0.7/32"), parse_network("10.0.0.8/32")
DHCP = LogConfig(name="dhcp", reader="static", accuracy_s=0)
NAT = LogConfig(name="nat", reader="static", accuracy_s=0, inside_logs=("dhcp",))
LOGS = (DHCP, NAT)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(Path(tmp_path_factory.mktemp("leases")), threads=1) as opened:
        yield opened


def lease(at: int, until: int, account: int | None = 1, **more: Any) -> Event:
    told: dict[str, Any] = {
        "at": at,
        "status": "lease",
        "until": until,
        "account": account,
        "network": P,
        "log": "dhcp",
        "session": None,
    }
    return Event(**(told | more))


def release(at: int, account: int | None = 1, **more: Any) -> Event:
    return msgspec.structs.replace(lease(at, 0, account, **more), status="release", until=None)


def mapping(status: str, at: int, **more: Any) -> Event:
    told: dict[str, Any] = {
        "at": at,
        "status": status,
        "log": "nat",
        "nas": "cgn",
        "session": "m",
        "network": Q,
        "inside": INSIDE,
    }
    return Event(**(told | {"port_first": 1024, "port_last": 2047} | more))


def spans(engine: Engine, *events: Event) -> list[tuple[int | None, int, int, str]]:
    found = [(b.account, b.starts, b.ends, b.end_reason) for b in fold_events(engine, events, LOGS)]
    return sorted(found, key=lambda span: span[1])


def of_nat(engine: Engine, *events: Event, logs: tuple[LogConfig, ...] = LOGS) -> list[Binding]:
    return [binding for binding in fold_events(engine, events, logs) if binding.log == "nat"]


def test_a_lease_lasts_to_its_end(engine: Engine) -> None:
    assert spans(engine, lease(0, 600)) == [(1, 0, 600, "expiry")]


def test_renewals_are_one_binding(engine: Engine) -> None:
    assert spans(engine, lease(0, 600), lease(300, 900), lease(900, 1_500)) == [(1, 0, 1_500, "expiry")]


def test_a_renewal_after_the_end_is_another_binding(engine: Engine) -> None:
    assert spans(engine, lease(0, 600), lease(601, 900)) == [(1, 0, 600, "expiry"), (1, 601, 900, "expiry")]


def test_a_renewal_may_shorten(engine: Engine) -> None:
    assert spans(engine, lease(0, 6_000), lease(300, 400)) == [(1, 0, 400, "expiry")]


def test_what_is_given_back_is_held_no_longer(engine: Engine) -> None:
    assert spans(engine, lease(0, 600), release(200)) == [(1, 0, 200, "release")]


def test_what_another_client_gives_back_ends_nothing(engine: Engine) -> None:
    assert spans(engine, lease(0, 600), release(200, 2)) == [(1, 0, 600, "expiry")]


def test_what_is_given_back_without_a_name_is_the_holders(engine: Engine) -> None:
    events = [lease(0, 600), release(200, None), release(300, None), lease(400, 900, 2)]
    assert spans(engine, *events) == [(1, 0, 200, "release"), (2, 400, 900, "expiry")]


def test_a_client_that_is_not_named_ends_the_lease_before_and_names_nobody(engine: Engine) -> None:
    found = spans(engine, lease(0, 600), lease(400, 1_000, None), lease(1_000, 1_200))
    assert found == [
        (1, 0, 400, "next-lease"),
        (None, 400, 1_000, "next-lease"),
        (1, 1_000, 1_200, "expiry"),
    ]


def test_the_next_client_ends_the_lease_before_his(engine: Engine) -> None:
    assert spans(engine, lease(0, 600), lease(400, 1_000, 2)) == [(1, 0, 400, "next-lease"), (2, 400, 1_000, "expiry")]


def test_a_late_giving_back_of_the_client_before_ends_nothing(engine: Engine) -> None:
    found = spans(engine, lease(0, 600), lease(400, 1_000, 2), release(500, 1))
    assert found == [(1, 0, 400, "next-lease"), (2, 400, 1_000, "expiry")]


def test_a_client_on_two_lines_at_once_is_doubtful(engine: Engine) -> None:
    found = fold_events(engine, [lease(0, 600, line=7), lease(100, 700, network=Q, line=8)], LOGS)
    assert [binding.doubt for binding in found] == ["shared-login", "shared-login"]


def test_two_addresses_of_a_client_on_one_line_are_no_doubt(engine: Engine) -> None:
    found = fold_events(engine, [lease(0, 600, line=7), lease(100, 700, network=Q, line=7)], LOGS)
    assert [binding.doubt for binding in found] == [None, None]


def test_a_lease_on_a_line_that_is_not_the_contracts_is_doubtful(engine: Engine) -> None:
    usual = UsualLines(accounts=[1], lines=["rack 3"], starts_at=[NOON.replace(year=2025)], ends_at=[None])
    [found] = fold_events(engine, [lease(0, 600, line=7)], LOGS, usual=usual)
    assert found.doubt == "unusual-line"


def test_a_mapping_is_whose_the_inside_was(engine: Engine) -> None:
    [found] = of_nat(engine, lease(0, 900, network=INSIDE), mapping("start", 100), mapping("stop", 500))
    assert (found.account, found.starts, found.ends, found.doubt_until) == (1, 100, 500, 500)


def test_a_mapping_that_outlives_the_inside_is_cut_there(engine: Engine) -> None:
    events = [lease(0, 300, network=INSIDE), lease(400, 900, 2, network=INSIDE)]
    found = of_nat(engine, *events, mapping("start", 100), mapping("stop", 500))
    assert [(b.account, b.starts, b.ends) for b in found] == [(1, 100, 300), (2, 400, 500)]


def test_a_mapping_of_an_inside_that_nobody_held_names_nobody(engine: Engine) -> None:
    [found] = of_nat(engine, lease(0, 900, network=OTHER), mapping("start", 100), mapping("stop", 500))
    assert found.account is None


def test_only_the_named_logs_tell_who_held_the_inside(engine: Engine) -> None:
    elsewhere = LogConfig(name="elsewhere", reader="static", accuracy_s=0)
    events = [lease(0, 900, network=INSIDE, log="elsewhere"), mapping("start", 100), mapping("stop", 500)]
    [found] = of_nat(engine, *events, logs=(*LOGS, elsewhere))
    assert found.account is None


def test_a_mapping_without_an_end_is_trusted_no_further_than_its_last_record(engine: Engine) -> None:
    [found] = of_nat(
        engine, lease(0, 900, network=INSIDE), mapping("start", 100), mapping("interim", 300, session_s=200)
    )
    assert (found.starts, found.ends, found.doubt_until) == (100, 300, 900)


def test_the_next_mapping_of_the_same_ports_ends_the_one_before(engine: Engine) -> None:
    after = {"inside": OTHER, "session": "n"}
    leases = [lease(0, 900, network=INSIDE), lease(0, 900, 2, network=OTHER)]
    events = [mapping("start", 100), mapping("start", 300, **after), mapping("stop", 500, **after)]
    found = of_nat(engine, *leases, *events)
    assert [(b.account, b.starts, b.ends, b.doubt_until) for b in found] == [(1, 100, 100, 300), (2, 300, 500, 500)]


def test_other_ports_of_the_address_end_nothing(engine: Engine) -> None:
    beside = {"port_first": 2048, "port_last": 3071, "inside": OTHER, "session": "n"}
    events = [mapping("start", 100), mapping("start", 300, **beside), mapping("stop", 900)]
    leases = [lease(0, 900, network=INSIDE), lease(0, 900, 2, network=OTHER)]
    first, second = of_nat(engine, *leases, *events)
    assert (first.account, first.starts, first.ends) == (1, 100, 900)
    assert (second.account, second.starts) == (2, 300)


def test_several_routing_tables_in_one_log_are_a_doubt(engine: Engine) -> None:
    blue, red = {"vrf": "blue"}, {"vrf": "red", "session": "n", "port_first": 3000, "port_last": 3999}
    events = [mapping(s, at, **v) for v in (blue, red) for s, at in (("start", 100), ("stop", 500))]
    found = of_nat(engine, lease(0, 900, network=INSIDE), *events)
    assert {binding.doubt for binding in found} == {"several-vrfs"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_leases_hold_exactly_what_the_server_gave(engine: Engine, seed: int) -> None:
    """The slow way: a server that gives an address only when it is free, second by second."""
    rng = Random(seed)
    held: list[int | None] = [None] * 400
    events: list[Event] = []
    holder, until = None, 0
    for second in range(400):
        if holder is not None and second >= until:
            holder = None
        if holder is not None and rng.random() < 0.05:
            events.append(release(second, holder))
            holder = None
        elif holder is not None and rng.random() < 0.05:
            until = second + rng.randrange(1, 80)
            events.append(lease(second, until, holder))
        elif holder is None and rng.random() < 0.1:
            holder, until = rng.randrange(1, 4), second + rng.randrange(1, 80)
            events.append(lease(second, until, holder))
        held[second] = holder
    rng.shuffle(events)
    told: list[int | None] = [None] * 400
    for binding in fold_events(engine, [*events, *events[:3]], LOGS):
        for second in range(binding.starts, min(binding.ends, 400)):
            assert told[second] is None
            told[second] = binding.account
    assert told == held
