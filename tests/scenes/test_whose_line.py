"""One household had the address for the whole of the sighting's span, or nobody is written to."""

from __future__ import annotations

import pytest

from tests.scenes import feeds
from tests.scenes.conftest import Scenes
from tests.scenes.moments import moment
from tests.scenes.scene import ISP, Scene

ADDRESS = "198.51.100.7"
MARGIN_S = 7  # the source's 5 and the log's 2; a stamp in whole seconds adds one more after it


@pytest.fixture
def home(scene: Scene) -> Scene:
    for name in ("anna", "bela"):
        scene.household(name)
    return scene


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("02:59:52", ["anna"]),  # with its margin it ends a second before Anna's session does
        ("02:59:53", []),
        ("03:00:00", []),
        ("03:00:36", []),
        ("03:00:37", ["bela"]),  # with its margin it begins when Bela's session does
        ("03:00:38", ["bela"]),
    ],
)
def test_an_address_that_changes_hands_names_nobody_within_the_clocks_margin(
    home: Scene, at: str, told: list[str]
) -> None:
    home.online("anna", ADDRESS, "01:00", "03:00:01")
    home.online("bela", ADDRESS, "03:00:30", "05:00")
    home.sinkhole(at, ADDRESS)
    home.run("14:00")
    assert [who for who, _ in home.told()] == told
    assert home.outcome().startswith("subscriber" if told else "ambiguous")


def test_a_span_that_crosses_two_sessions_names_nobody_although_it_begins_and_ends_well_inside(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "03:00")
    home.online("bela", ADDRESS, "03:00:30", "05:00")
    home.bring("event4_honeypot_brute_force", feeds.brute_force(moment("02:30"), ADDRESS, until=moment("03:30")))
    home.run("14:00")
    assert home.outcome().startswith("ambiguous")
    assert not home.letters()


def test_a_span_within_one_session_names_its_household(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "03:00")
    home.bring("event4_honeypot_brute_force", feeds.brute_force(moment("01:10"), ADDRESS, until=moment("02:50")))
    home.run("14:00")
    assert home.told() == [("anna", ADDRESS)]


def test_two_sessions_that_say_they_held_the_address_at_once_name_nobody(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "05:00")
    home.online("bela", ADDRESS, "02:00", "04:00", nas="nas-2")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    assert home.outcome() == "ambiguous: several-held-it-at-once"
    assert not home.letters()


def test_an_address_that_nobody_held_is_nobodys(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "03:00")
    home.sinkhole("04:00", ADDRESS)
    home.run("14:00")
    assert home.outcome() == "no-binding: nobody-held-it"
    assert not home.cases()


def test_somebody_elses_address_is_not_ours_even_if_our_log_names_it(home: Scene) -> None:
    home.online("anna", "192.0.2.7", "01:00", "05:00")
    home.sinkhole("03:16:38", "192.0.2.7")
    home.run("14:00")
    assert home.outcome() == "not-ours: outside-own-prefixes"
    assert not home.letters()


SHARED = "203.0.113.10"


@pytest.fixture
def shared(home: Scene) -> Scene:
    home.assigned(SHARED, "anna", ports=(1_024, 9_999))
    home.assigned(SHARED, "bela", ports=(10_000, 19_999))
    return home


def test_a_shared_address_without_a_port_names_nobody(shared: Scene) -> None:
    shared.sinkhole("03:16:38", SHARED, port=None)
    shared.sinkhole("03:16:39", SHARED, port=0)
    shared.run("14:00")
    assert shared.outcome() == "shared: no-port"
    assert not shared.letters()


def test_the_clients_own_port_tells_who_of_those_who_share_it_was(shared: Scene) -> None:
    shared.sinkhole("03:16:38", SHARED, port=9_999)
    shared.sinkhole("03:16:39", SHARED, port=10_000)
    shared.run("14:00")
    assert {(letter.to, *letter.ports) for letter in shared.letters()} == {("anna", 9_999), ("bela", 10_000)}


def test_a_port_that_nobody_was_given_names_nobody(shared: Scene) -> None:
    shared.sinkhole("03:16:38", SHARED, port=20_000)
    shared.run("14:00")
    assert shared.outcome() == "no-binding: port-outside-every-range"
    assert not shared.letters()


def test_the_port_that_was_attacked_says_nothing_of_who_did_it(shared: Scene) -> None:
    row = feeds.sinkhole(moment("03:16:38"), SHARED, port=None) | {"dst_port": "10001"}
    shared.bring("event4_sinkhole", row)
    shared.run("14:00")
    assert shared.outcome() == "shared: no-port"
    assert not shared.letters()


def test_a_scanned_port_does_no_harm_where_the_address_alone_tells(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "05:00")
    home.bring("scan_telnet", feeds.telnet(moment("03:16:38"), ADDRESS, port=2_323))
    home.run("14:00")
    assert home.told() == [("anna", ADDRESS)]


def test_in_a_prefix_that_is_always_shared_a_lone_session_is_not_believed_to_be_alone(scenes: Scenes) -> None:
    scene = scenes(ISP(shared=("198.51.100.0/28",)))
    scene.household("anna")
    scene.online("anna", ADDRESS, "01:00", "05:00")
    scene.sinkhole("03:16:38", ADDRESS)
    scene.bring("scan_telnet", feeds.telnet(moment("03:20"), ADDRESS))
    scene.run("14:00")
    with scene.house() as house:
        outcomes = house.lake.engine.rows(f"SELECT DISTINCT outcome FROM {house.lake.scan('attributions')}")
    assert outcomes == [("shared",)]
    assert not scene.letters()


def test_a_range_of_one_protocol_is_not_another_protocols(home: Scene) -> None:
    home.assigned(SHARED, "anna", ports=(1_024, 9_999), protocol="udp")
    home.assigned(SHARED, "bela", ports=(1_024, 9_999), protocol="tcp")
    home.sinkhole("03:16:38", SHARED, port=5_000)
    home.run("14:00")
    assert home.told() == [("bela", SHARED)]
