"""The list of calls: nothing of a person before it is taken, one at a time, what became of it in the case."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.channels.provider import code_of, decide, provider
from tests.delivery import post_office
from tocsin.book import audit, deliveries
from tocsin.pipeline.calls import (
    IN_HAND,
    LATER_HOURS_MAX,
    NO_ANSWER_HOURS,
    RINGS_MAX,
    Call,
    Outcome,
    in_hand,
    listed,
    note,
    take,
)
from tocsin.pipeline.clock import present
from tocsin.pipeline.house import House
from tocsin.pipeline.outbox import deliver_queued, queue_decided
from tocsin.pipeline.telephone import Desk


def clerk(house: House, name: str = "mika", hours: float = 0) -> Desk:
    at = house.now + timedelta(hours=hours)
    return Desk(book=house.book, issuer=house.issuer, keys=house.keys, actor=name, at=at)


def house_with_calls(folder: Path, calls: int = 1) -> tuple[House, list[str]]:
    house = provider(folder / "provider", "")
    names = [decide(house, "call", number, language="de") for number in range(1, calls + 1)]
    assert list(queue_decided(house)) == []
    return house, names


def test_a_call_waits_for_a_clerk_and_no_machine_delivers_it(tmp_path: Path) -> None:
    house, (name,) = house_with_calls(tmp_path)
    with house:
        assert deliver_queued(house).sent == ()
        (line,) = listed(house.book, house.now)
        assert (line.notice, line.kind, line.language, line.is_due, line.tries) == (
            name,
            "infected-system",
            "de",
            True,
            0,
        )
        assert "Weber" not in repr(line)
        assert "4915112345678" not in repr(line)


def test_whoever_takes_it_sees_whom_to_ring_and_that_is_kept(tmp_path: Path) -> None:
    house, (name,) = house_with_calls(tmp_path)
    with house:
        call = take(clerk(house), name)
        assert isinstance(call, Call)
        assert (call.phone, call.code, call.facts.name) == ("+4915112345678", code_of(house, name), "Anna Weber")
        assert call.steps
        assert "infiziert" in call.matters[0]
        with house.book.read() as tx:
            last = list(audit.entries(tx))[-1]
        assert (last.actor, last.action, last.object) == ("mika", "call taken", name)
        assert in_hand(clerk(house)) == call
        assert take(clerk(house, "sam"), name) is None
        assert [each.is_taken for each in listed(house.book, house.now)] == [True]


def test_nobody_collects_numbers(tmp_path: Path) -> None:
    house, (one, two) = house_with_calls(tmp_path, 2)
    with house:
        take(clerk(house), one)
        again = take(clerk(house), two)
        assert again is not None
        assert again.facts.notice == one
        other = take(clerk(house, "sam"), two)
        assert other is not None
        assert other.facts.notice == two


@pytest.mark.parametrize(
    ("outcome", "state", "case", "said"),
    [
        ("reached", "sent", "confirmed", "was told on the telephone: thanks"),
        ("wrong-number", "bounced", "open", "came back: the telephone number is not the subscriber's: thanks"),
        ("later", "queued", "notified", "asked to be rung later: thanks"),
        ("no-answer", "queued", "notified", "nobody answered: thanks"),
    ],
)
def test_what_became_of_it_stands_in_the_case(
    tmp_path: Path, outcome: Outcome, state: str, case: str, said: str
) -> None:
    house, (name,) = house_with_calls(tmp_path)
    with house:
        take(clerk(house), name)
        assert note(clerk(house), name, outcome, "  thanks\n")
        assert post_office.state_of(house.book, name)[0] == state
        last = post_office.case_story(house.book, name)[-1]
        assert last[0] == case
        assert said in last[1]
        assert not note(clerk(house), name, "reached", "twice"), "it is no longer theirs"


def test_one_that_nobody_answers_comes_back_and_ends(tmp_path: Path) -> None:
    house, (name,) = house_with_calls(tmp_path)
    hours = 0.0
    with house:
        for tried in range(1, RINGS_MAX + 1):
            assert take(clerk(house, hours=hours), name) is not None
            assert note(clerk(house, hours=hours), name, "no-answer", "")
            if tried < RINGS_MAX:
                wait = NO_ANSWER_HOURS[min(tried, 4) - 1]
                assert take(clerk(house, hours=hours + wait - 0.1), name) is None
                hours += wait
        assert post_office.state_of(house.book, name) == ("refused", f"nobody answered {RINGS_MAX} calls")
        assert post_office.case_story(house.book, name)[-1][0] == "open"


@pytest.mark.parametrize(("hours", "waits"), [(-3, 1), (10, 10), (LATER_HOURS_MAX + 1, LATER_HOURS_MAX)])
def test_later_is_within_bounds(tmp_path: Path, hours: int, waits: int) -> None:
    house, (name,) = house_with_calls(tmp_path)
    with house:
        take(clerk(house), name)
        note(clerk(house), name, "later", "", hours)
        (line,) = listed(house.book, house.now)
        assert line.due_at == house.now + timedelta(hours=waits)


def test_a_clerk_who_went_home_loses_the_call(tmp_path: Path) -> None:
    house, (name,) = house_with_calls(tmp_path)
    with house:
        take(clerk(house), name)
        with house.book.write() as tx:
            later = present() + IN_HAND + timedelta(seconds=1)
            deliveries.take_from_the_dead(tx, wall_at=later, is_gone=lambda by: False)
        assert not note(clerk(house), name, "reached", "")
        assert take(clerk(house, "sam"), name) is not None


def test_a_clerk_is_no_process_that_has_died(tmp_path: Path) -> None:
    house, (name,) = house_with_calls(tmp_path)
    with house:
        take(clerk(house), name)
        deliver_queued(house)
        assert note(clerk(house), name, "reached", "")


def test_a_long_word_does_not_break_the_book(tmp_path: Path) -> None:
    house, (name,) = house_with_calls(tmp_path)
    with house:
        take(clerk(house), name)
        assert note(clerk(house), name, "reached", "x" * 10_000)
        assert len(post_office.case_story(house.book, name)[-1][1]) <= 300
