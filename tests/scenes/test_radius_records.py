"""What RADIUS means: the moment of a record, its session, its networks (RFC 2866, 2869, 3162, 4818)."""

from __future__ import annotations

import pytest

from tests.scenes.moments import moment
from tests.scenes.radius import record
from tests.scenes.scene import Scene, login

ADDRESS = "198.51.100.7"


@pytest.fixture
def home(scene: Scene) -> Scene:
    for name in ("anna", "bela"):
        scene.household(name)
    return scene


def test_a_stop_that_arrives_late_counts_from_when_it_happened(home: Scene) -> None:
    """RFC 2866 §5.2: the Stop of 03:00 was tried for twenty minutes. Bela has the address since 03:05."""
    home.says("Start", "01:00", "anna", ADDRESS, began_at="01:00")
    home.says("Interim-Update", "02:30", "anna", ADDRESS, began_at="01:00")
    home.says("Stop", "03:00", "anna", ADDRESS, began_at="01:00", arrived_at="03:20")
    home.online("bela", ADDRESS, "03:05", "05:00")
    home.sinkhole("02:50", ADDRESS)
    home.sinkhole("03:10", ADDRESS)
    home.run("14:00")
    assert {(letter.to, *letter.seen) for letter in home.letters()} == {
        ("anna", "2026-11-23 02:50:00"),
        ("bela", "2026-11-23 03:10:00"),
    }


def test_a_start_that_arrives_late_counts_from_when_it_happened(home: Scene) -> None:
    home.says("Start", "03:05", "bela", ADDRESS, began_at="03:05", arrived_at="03:25")
    home.says("Stop", "05:00", "bela", ADDRESS, began_at="03:05")
    home.sinkhole("03:10", ADDRESS)
    home.run("14:00")
    assert home.told() == [("bela", ADDRESS)]


def test_an_event_timestamp_outweighs_the_moment_of_arrival(home: Scene) -> None:
    """RFC 2869 §5.3. The Stop came through a proxy that knew nothing of a delay."""
    home.says("Start", "01:00", "anna", ADDRESS, began_at="01:00")
    event_at = str(int(moment("03:00").timestamp()))
    home.says("Stop", "03:20", "anna", ADDRESS, Event_Timestamp=event_at, Acct_Session_Time="7200")
    home.online("bela", ADDRESS, "03:05", "05:00")
    home.sinkhole("03:10", ADDRESS)
    home.run("14:00")
    assert home.told() == [("bela", ADDRESS)]


@pytest.mark.parametrize("hours_off", ["01:00", "10:05", "Sun 16:05"])
def test_the_local_time_above_a_record_is_not_believed(home: Scene, hours_off: str) -> None:
    home.says("Start", "01:00", "anna", ADDRESS, began_at="01:00", header_at=hours_off)
    home.says("Stop", "03:00", "anna", ADDRESS, began_at="01:00", header_at=hours_off)
    home.says("Start", "03:05", "bela", ADDRESS, began_at="03:05", header_at=hours_off)
    home.says("Stop", "04:00", "bela", ADDRESS, began_at="03:05", header_at=hours_off)
    home.sinkhole("02:50", ADDRESS)
    home.sinkhole("03:30", ADDRESS)
    home.run("14:00")
    assert {(letter.to, *letter.seen) for letter in home.letters()} == {
        ("anna", "2026-11-23 02:50:00"),
        ("bela", "2026-11-23 03:30:00"),
    }


def test_two_servers_may_give_the_same_session_id_to_two_households(home: Scene) -> None:
    """RFC 2866 §5.5: unique per server only. A Stop on one does not end the session on the other."""
    home.online("anna", ADDRESS, "01:00", "05:00", session="0000002A", nas="nas-1")
    home.online("bela", "198.51.100.8", "01:10", "02:00", session="0000002A", nas="nas-2")
    home.sinkhole("03:16:38", ADDRESS)
    home.sinkhole("01:30", "198.51.100.8")
    home.sinkhole("03:16:38", "198.51.100.8")
    home.run("14:00")
    assert home.told() == [("anna", ADDRESS), ("bela", "198.51.100.8")]


def test_a_session_id_that_is_used_again_after_its_stop_is_another_session(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "02:00", session="0000002A")
    home.online("bela", ADDRESS, "03:00", "05:00", session="0000002A")
    home.sinkhole("02:30", ADDRESS)
    home.sinkhole("03:16:38", ADDRESS, malware="mozi")
    home.run("14:00")
    assert [letter.to for letter in home.letters()] == ["bela"]
    assert {case.who for case in home.cases()} == {"bela"}


def test_records_told_twice_and_out_of_order_change_nothing(home: Scene) -> None:
    home.online("bela", ADDRESS, "03:05", "05:00")
    home.online("anna", ADDRESS, "01:00", "03:00")
    home.write(*reversed(home._records["radius"]))
    home.sinkhole("02:50", ADDRESS)
    home.run("14:00")
    assert home.told() == [("anna", ADDRESS)]


def test_a_lost_start_is_known_from_the_session_time(home: Scene) -> None:
    home.online("anna", ADDRESS, "01:00", "05:00", start=False)
    home.sinkhole("01:10", ADDRESS)
    home.run("14:00")
    assert home.told() == [("anna", ADDRESS)]


def test_the_longest_ipv6_prefix_is_the_household(home: Scene) -> None:
    """Anna has a /56; a /64 within it is Bela's, by another record: only Bela is meant there."""
    home.online("anna", "2001:db8:1:100::/56", "01:00", "05:00")
    home.online("bela", "2001:db8:1:142::/64", "01:00", "05:00", nas="nas-2")
    home.sinkhole("03:16:38", "2001:db8:1:142::9")
    home.sinkhole("03:16:39", "2001:db8:1:1ff::9")
    home.sinkhole("03:16:40", "2001:db8:1:200::9")
    home.run("14:00")
    assert home.told() == [("anna", "2001:db8:1:1ff::9"), ("bela", "2001:db8:1:142::9")]
    assert home.outcomes()["2001:db8:1:200::9"] == "no-binding: nobody-held-it"


def test_a_record_from_the_future_is_no_record(home: Scene) -> None:
    text = record("Start", moment("16:00"), account=login("anna"), session="f", Framed_IP_Address=ADDRESS)
    (home.folder / "radius" / "detail-future").write_text(text, "utf-8")
    home.sinkhole("03:16:38", ADDRESS)
    home.run("14:00")
    assert "the moment lies in the future" in home.rejects()
    assert not home.letters()
