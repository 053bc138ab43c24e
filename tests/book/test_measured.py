"""What measuring reads, on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.measure.measured_world import NOW, World
from tocsin.book import Book, measured
from tocsin.cases.control import ACTOR as CONTROL_ACTOR
from tocsin.cases.silence import UNPROVEN
from tocsin.measure.lives import read_lives

DAY = timedelta(days=1)
SINCE = NOW - 180 * DAY


def test_a_life_is_what_the_book_says_of_a_case(any_book: Book) -> None:
    world = World()
    world.case(1, opened=50, last=40, state="quiet")
    world.notice(1, decided=49, state="sent", language="hi", channel="sms", version="hi-3f2a91c0")
    world.write(any_book)
    with any_book.read() as tx:
        (life,) = read_lives(tx, SINCE).lives
    assert (life.case, life.kind, life.malware, life.is_over) == ("C-1", "infected-system", "mirai", True)
    assert (life.opened_at, life.last_at, life.address) == (NOW - 50 * DAY, NOW - 40 * DAY, "192.0.2.1")
    (reached,) = life.reached
    assert (reached.at, reached.channel, reached.version, reached.arrived) == (
        NOW - 49 * DAY,
        "sms",
        "hi-3f2a91c0",
        True,
    )


def test_what_never_arrived_is_known_as_such_and_what_never_left_is_nothing(any_book: Book) -> None:
    world = World()
    for number, (state, has_left) in enumerate(
        [("bounced", True), ("refused", True), ("refused", False), ("queued", True), ("uncertain", True)], 1
    ):
        world.case(number, opened=50, last=40, state="quiet")
        world.notice(number, decided=49, state=state, has_left=has_left)
    world.write(any_book)
    with any_book.read() as tx:
        lives = {life.case: [each.arrived for each in life.reached] for life in read_lives(tx, SINCE).lives}
    assert lives == {"C-1": [False], "C-2": [False], "C-3": [], "C-4": [], "C-5": [True]}


def test_a_notice_from_before_letters_had_versions_is_known_by_its_language(any_book: Book) -> None:
    world = World()
    world.case(1, opened=50, last=40, state="quiet")
    world.notice(1, decided=49, state="sent", language="ja")
    world.write(any_book)
    with any_book.read() as tx:
        (life,) = read_lives(tx, SINCE).lives
    assert [each.version for each in life.reached] == ["ja"]


def test_what_was_no_trouble_is_left_out_and_what_a_person_closed_is_not_over(any_book: Book) -> None:
    world = World()
    world.case(1, opened=50, last=40, state="false-positive", actor="asha")
    world.case(2, opened=50, last=40, state="withdrawn")
    world.case(3, opened=50, last=40, state="closed", actor="asha")
    world.case(4, opened=50, last=40, state="closed")
    world.case(5, opened=190, last=40, state="closed")
    world.case(6, opened=50, last=40, state="closed", reason=f"{UNPROVEN}: no delivery")
    world.write(any_book)
    with any_book.read() as tx:
        found = read_lives(tx, SINCE)
    assert found.left_out == {"false-positive": 1, "withdrawn": 1}
    assert {life.case: life.is_over for life in found.lives} == {"C-3": False, "C-4": True, "C-6": False}


def test_who_was_in_the_control_group_is_known_by_the_case_itself(any_book: Book) -> None:
    world = World()
    world.case(1, opened=50, last=40, state="quiet")
    world.case(2, opened=50, last=40, state="quiet", remarks=[CONTROL_ACTOR])
    world.write(any_book)
    with any_book.read() as tx:
        assert {life.case for life in read_lives(tx, SINCE).lives if life.is_control} == {"C-2"}


def test_objections_and_verdicts_are_counted_by_source(any_book: Book) -> None:
    world = World()
    for number in (1, 2, 3):
        world.case(number, opened=50, last=40, state="quiet", sources=["cert", "own"][: 1 + number % 2])
        world.notice(number, decided=49, state="sent")
    world.objection(1)
    world.objection(1)
    world.objection(2, kind="did-it")
    world.wrong(3, "cert")
    world.wrong(2, "cert", lifted_at=datetime(2026, 11, 1, tzinfo=UTC))
    world.write(any_book)
    with any_book.read() as tx:
        found = measured.objections(tx, SINCE)
    assert {name: (each.cases, each.objected, each.wrong) for name, each in found.items()} == {
        "cert": (3, 1, 1),
        "own": (2, 1, 0),
    }


def test_a_stay_in_the_garden_is_a_channel_and_hides_the_line(any_book: Book) -> None:
    """Last seen before the door closed: it was clean at the earliest known moment when the door opened again."""
    world = World()
    world.case(1, opened=50, last=40, state="quiet")
    world.stay(1, starts=39, released=36)
    world.case(2, opened=50, last=30, state="quiet")
    world.stay(2, starts=39, released=36)
    world.write(any_book)
    with any_book.read() as tx:
        lives = {life.case: life for life in read_lives(tx, SINCE).lives}
    assert [(each.at, each.channel) for each in lives["C-1"].reached] == [(NOW - 39 * DAY, "garden")]
    assert lives["C-1"].ended_at == NOW - 36 * DAY
    assert lives["C-2"].ended_at == NOW - 30 * DAY  # seen again since


def test_after_days_without_a_source_a_line_is_clean_when_it_could_be_seen_again(any_book: Book) -> None:
    world = World()
    world.case(1, opened=50, last=40, state="quiet")
    world.delivered("cert", [50, 45, 40, 33, 32])
    world.delivered("other", range(50))  # spoke of other cases only
    world.case(2, opened=50, last=33, state="quiet")
    world.write(any_book)
    with any_book.read() as tx:
        lives = {life.case: life for life in read_lives(tx, SINCE).lives}
    assert lives["C-1"].ended_at == (NOW - 33 * DAY).replace(hour=0)
    assert lives["C-2"].ended_at == NOW - 33 * DAY  # the next day was told of
