"""Into the garden and out of it, at a real FreeRADIUS: only who is certain goes in, whoever wants out gets out."""

from __future__ import annotations

import pytest

from tests.garden.conftest import ADDRESS, SESSION, Garden
from tests.scenes.conftest import Scenes
from tests.scenes.scene import ISP, login
from tocsin.book import cases as book_cases
from tocsin.book import quarantines
from tocsin.book.quarantines import Session
from tocsin.cases.by_hand import act
from tocsin.garden import queue
from tocsin.garden.queue import Wish
from tocsin.garden.roster import read_roster
from tocsin.terms.errors import Refused


def test_a_person_approves_and_the_line_is_enclosed(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    assert garden.round().enclosed == (name,)
    assert garden.filter == "garden"
    mine = garden.one(name)
    assert (mine.state, mine.nas, mine.session, mine.address) == ("active", "nas-1", SESSION, ADDRESS)
    assert mine.starts_at is not None
    assert mine.ends_at is not None
    assert (mine.ends_at - mine.starts_at).days == 14


def test_what_nobody_has_approved_is_not_done(garden: Garden) -> None:
    name = garden.asked(garden.infected())
    garden.round()
    assert (garden.filter, garden.one(name).state) == ("", "asked")


def test_a_clerk_lets_out(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.round()
    garden.released(name)
    assert garden.round().released == (name,)
    assert (garden.filter, garden.one(name).state, garden.one(name).way) == ("open", "released", "clerk")


def test_each_step_stands_in_the_audit_and_in_the_cases_time_line(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.round()
    garden.released(name)
    garden.round()
    actions = [entry.action for entry in garden.scene.audit() if entry.object == name]
    assert actions == ["garden asked for", "garden approved", "garden entered", "garden release"]
    [case] = garden.scene.cases()
    assert [reason for reason in case.reasons if reason.startswith(name)] == [
        f"{name} the garden is asked for: seen again after two letters",
        f"{name} the garden is approved: yes",
        f"{name} is in the garden: seen again after two letters",
        f"{name} is let out of the garden (clerk): rang",
        f"{name} is out of the garden (clerk): rang",
    ]


def test_a_case_is_quarantined_when_the_server_says_so_and_released_when_it_says_so(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    assert garden.scene.states() == {"anna": "notified"}
    garden.nas.says(506)
    garden.round()
    assert garden.scene.states() == {"anna": "notified"}, "asked, and not done"
    garden.nas.says(0)
    garden.round("14:10")
    assert garden.moved_to("quarantined") == [("lena", f"{name} is in the garden: seen again after two letters")]
    garden.released(name)
    assert garden.scene.states() == {"anna": "quarantined"}, "wished for, and not done"
    garden.round()
    assert garden.moved_to("released") == [("paul", f"{name} is out of the garden (clerk): rang")]
    assert garden.scene.states() == {"anna": "released"}


def test_who_is_seen_after_the_garden_is_resighted_and_goes_in_again(garden: Garden) -> None:
    case = garden.infected()
    for at in ("14:10", "15:10"):
        name = garden.approved(case)
        garden.round(at)
        assert garden.scene.states() == {"anna": "quarantined"}
        garden.released(name)
        garden.round()
        assert garden.scene.states() == {"anna": "released"}
        garden.scene.sinkhole(at.replace(":10", ":20"), ADDRESS)
        garden.scene.run(at.replace(":10", ":40"))
        assert garden.scene.states() == {"anna": "resighted"}
    assert [by for by, _ in garden.moved_to("quarantined")] == ["lena", "lena"]


def test_a_case_that_was_held_meanwhile_stays_where_the_person_put_it(garden: Garden) -> None:
    name = garden.approved(case := garden.infected())
    garden.round()
    with garden.house() as house, house.book.write() as tx:
        found = book_cases.find(tx, case)
        assert found is not None
        act(tx, found, "hold", at=house.now, actor="lena", reason="a doctor rang")
    assert garden.round().released == (name,)
    assert (garden.filter, garden.one(name).way, garden.scene.states()) == ("open", "withdrawn", {"anna": "held"})


def test_what_a_killed_round_had_sent_is_done_again_and_has_an_end(garden: Garden) -> None:
    """The process died between the request and the answer: it may have been done."""
    name = garden.approved(garden.infected())
    with garden.house() as house, house.book.write() as tx:
        meant = Session(nas="nas-1", session=SESSION, address=ADDRESS)
        quarantines.note_sent(tx, name, meant, at=house.now, stay_max=house.config.garden.stay_max)
    assert garden.one(name).ends_at is not None
    garden.round()
    assert (garden.one(name).state, garden.filter) == ("active", "garden")


def test_the_way_out_needs_no_book(garden: Garden) -> None:
    """The book is taken away; the wish is obeyed; the book learns of it when it is back."""
    name = garden.approved(garden.infected())
    garden.round()
    with garden.house() as house:
        config, folder, data, now = house.config.garden, house.config_file.parent, house.data, house.now
    book = data / "book.sqlite"
    book.rename(data / "gone")
    queue.wish(data, Wish(quarantine=name, asked_at=now))
    with queue.alone(data):
        [done] = queue.obey(data, config, folder, at=now)
    assert done.is_out
    assert garden.filter == "open"
    roster = read_roster(data)
    assert roster is not None
    assert roster.inside == ()
    (data / "gone").rename(book)
    assert garden.round().released == (name,)
    assert (garden.one(name).state, garden.one(name).way) == ("released", "self")
    assert queue.obeyed(data) == []


def test_after_two_self_releases_the_button_does_nothing_and_a_clerk_must_help(garden: Garden) -> None:
    case = garden.infected()
    for left in (2, 1, 0):
        name = garden.approved(case)
        garden.round()
        data = garden.scene.data
        roster = read_roster(data)
        assert roster is not None
        assert [each.self_left for each in roster.inside] == [left]
        queue.wish(data, Wish(quarantine=name, asked_at=garden.scene.now))
        garden.round()
        assert garden.one(name).state == ("released" if left else "active")
        garden.scene.come(f"14:{30 - 10 * left}:00")
    garden.released(name)
    garden.round()
    assert garden.one(name).state == "released"


def test_everybody_gets_out_after_fourteen_days(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.round()
    assert garden.round("2026-12-07 13:59").released == ()
    assert garden.round("2026-12-07 14:00").released == (name,)
    assert garden.one(name).way == "time"


def test_a_line_that_comes_back_with_another_session_is_enclosed_again(garden: Garden) -> None:
    name = garden.approved(garden.infected(until="14:05"))
    garden.round()
    garden.nas.close(SESSION)
    garden.scene.online("anna", "198.51.100.9", "14:06", "Tue 14:00", session="a-2", stop=False)
    garden.nas.open(login("anna"), "a-2", "198.51.100.9", nas="nas-1")
    done = garden.round("14:10")
    assert (done.moved, done.enclosed) == ((name,), (name,))
    assert garden.nas.filters == {"a-2": "garden"}
    assert str(garden.one(name).starts_at).startswith("2026-11-23 14:00"), "the end counts from the first time"


def test_whoever_connects_anew_after_a_week_inside_is_still_inside(garden: Garden) -> None:
    """In the garden nothing can be seen: that the last sighting is old says nothing then."""
    name = garden.approved(garden.infected(until="2026-12-02 14:00"))
    garden.round()
    garden.scene.online("anna", ADDRESS, "2026-12-02 14:01", "2026-12-09 14:00", session="a-2", stop=False)
    garden.nas.open(login("anna"), "a-2", ADDRESS, nas="nas-1")
    assert garden.round("2026-12-02 14:10").enclosed == (name,)
    assert garden.nas.filters["a-2"] == "garden"


def test_another_household_that_has_the_address_now_is_left_alone(garden: Garden) -> None:
    """Anna's line went, Ben got her address a second ago; the log knows, whatever the case says."""
    name = garden.approved(garden.infected(until="14:05"))
    garden.scene.household("ben")
    garden.scene.online("ben", ADDRESS, "14:06", "Tue 14:00", session="b-1", stop=False)
    garden.nas.close(SESSION)
    garden.nas.open(login("ben"), "b-1", ADDRESS, nas="nas-1")
    assert garden.round("14:10").enclosed == ()
    assert garden.nas.filters == {"b-1": ""}
    assert garden.one(name).error == "the line is not connected"


def test_two_sessions_of_a_login_are_a_doubt(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.scene.online("anna", "198.51.100.9", "14:06", "Tue 14:00", session="a-2", stop=False)
    assert garden.round("14:10").enclosed == ()
    assert garden.one(name).error == "the login has several sessions at once"
    assert garden.nas.heard == []


def test_a_log_that_is_not_read_up_to_now_is_a_doubt(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.scene.come("14:29", log_until="14:10")
    assert garden.round().enclosed == ()
    assert garden.one(name).error is not None
    assert "not read up to now" in str(garden.one(name).error)


def test_a_strangers_word_encloses_nobody_whoever_asks(scenes: Scenes, garden: Garden) -> None:
    two = scenes(ISP(sources=(("cert", "stranger"), ("other", "stranger"))))
    stranger = Garden(two, garden.nas)
    case = stranger.infected()
    with pytest.raises(Refused, match="the word of a stranger"):
        stranger.asked(case)
    name = stranger.automatic(case)
    with pytest.raises(Refused, match="the word of a stranger"):
        stranger.approve(name)
    with stranger.house() as house, house.book.write() as tx:  # as if it had been believed then
        quarantines.approve(tx, name, by="lena", at=house.now, inside_max=5)
    stranger.round()
    assert (stranger.one(name).state, stranger.one(name).error) == ("failed", "it rests on the word of a stranger")
    assert stranger.filter == ""


def test_a_stranger_makes_nothing_fresh_again(scenes: Scenes, garden: Garden) -> None:
    """The CERT saw it long ago; that a stranger says so again today encloses nobody, and keeps nobody out."""
    two = scenes(ISP(sources=(("cert", "known"), ("other", "stranger"))))
    mixed = Garden(two, garden.nas)
    case = mixed.infected()
    two.sinkhole("Tue 03:16:38", ADDRESS, source="other")
    two.run("Tue 14:00")
    mixed.approved(case)  # a stranger's word does not keep out
    two.sinkhole("2026-12-01 03:16:38", ADDRESS, source="other")
    two.run("2026-12-01 14:00")
    mixed.round()
    assert mixed.filter == ""
    assert "is too old" in str(mixed.newest.error)


def test_two_sessions_that_the_server_knows_stop_for_a_person(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.nas.open(login("anna"), SESSION, ADDRESS, nas="nas-1")
    garden.round()
    assert garden.one(name).state == "failed"
    assert "508" in str(garden.one(name).error)


def test_a_release_is_tried_until_the_server_obeys(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.round()
    garden.released(name)
    garden.nas.says(501)
    garden.round()
    assert (garden.one(name).state, garden.filter) == ("releasing", "garden")
    assert "501" in str(garden.one(name).error)
    garden.nas.says(0)
    assert garden.round("14:10").released == (name,)


def test_no_more_than_the_share_are_inside(garden: Garden) -> None:
    """Of one subscriber one may be inside; of two, one."""
    case = garden.infected()
    garden.approved(case)
    garden.scene.household("ben")
    garden.scene.online("ben", "198.51.100.8", "04:00", "Tue 14:00", session="b-1", stop=False)
    garden.scene.sinkhole("05:16:38", "198.51.100.8")
    garden.scene.run("14:20")
    [ben] = [each.case for each in garden.scene.cases() if each.who == "ben"]
    with pytest.raises(Refused, match="as many as may be"):
        garden.approved(ben)


def test_with_the_garden_shut_nobody_goes_in_and_everybody_gets_out(garden: Garden) -> None:
    name = garden.approved(garden.infected())
    garden.round()
    path = garden.scene.folder / "tocsin.toml"
    path.write_text(path.read_text("utf-8").replace("enclose = true", "enclose = false"), encoding="utf-8")
    with pytest.raises(Refused, match="enclose is off"):
        garden.asked(garden.scene.cases()[0].case)
    garden.released(name)
    assert garden.round().released == (name,)
    assert garden.filter == "open"


def test_an_automatic_wish_waits_for_a_person_the_first_time_and_for_what_is_not_known(garden: Garden) -> None:
    """A policy asks; nobody knows whether a care alarm hangs on the line: it stays asked, and then it fails."""
    case = garden.infected()
    first = garden.automatic(case)
    assert garden.one(first).state == "asked"
    garden.approve(first)
    garden.round()
    garden.released(first)
    garden.round()
    second = garden.automatic(case)
    assert garden.one(second).state == "approved", "a person has decided so for this line before"
    garden.round("14:10")
    assert garden.one(second).state == "failed"
    assert "emergency call" in str(garden.one(second).error)
    assert garden.filter == "open"
