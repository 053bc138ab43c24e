"""A policy's step into the garden: asked for, decided by a person, forbidden, full; and never twice."""

from __future__ import annotations

import msgspec

from tests.cases.case_world import AT, DAY, HOUR, seen
from tests.cases.provider import GENEROUS, Provider
from tests.cases.steps_world import WEEK, case_of, provider_with, state, told, ways
from tocsin.book import Book, quarantines
from tocsin.book import notices as book_notices
from tocsin.book.tables_followup import steps as steps_table
from tocsin.cases.moves import State
from tocsin.cases.plan import take
from tocsin.cases.rules import Gate


def enclosed(book: Book, **more: object) -> Provider:
    """Told by mail, seen again, and a run a week later: the garden is the next step."""
    provider = provider_with(book, ("garden", "resighted"), ("letter", "resighted"), **more)
    provider.see(seen())
    told(provider, AT)
    provider.see(seen(AT + 5 * DAY))
    assert provider.run(AT + WEEK) == []
    return provider


def stays(provider: Provider) -> list[quarantines.Quarantine]:
    with provider.book.read() as tx:
        return quarantines.of_cases(tx, [case_of(provider)])


def test_the_first_time_the_garden_is_asked_for_and_a_person_decides(book: Book) -> None:
    provider = enclosed(book)
    [stay] = stays(provider)
    assert (stay.state, stay.asked_by, stay.asked_at) == ("asked", "policy", AT + WEEK)
    step = provider.steps(case_of(provider))[-1]
    assert (step.step, step.channel, step.notice) == (2, "garden", None)
    assert step.reason.endswith(f"{stay.quarantine} is asked: the first time a person decides")
    provider.follow(AT + 8 * DAY)
    assert state(provider) == State.ESCALATED, "what it was asked for is not seen again"


def test_nothing_else_is_done_while_a_stay_is_open_and_the_letter_comes_after_it(book: Book) -> None:
    provider = enclosed(book)
    provider.see(seen(AT + 15 * DAY))
    assert provider.run(AT + 16 * DAY) == []
    [stay] = stays(provider)
    with provider.book.write() as tx:
        quarantines.release(tx, stay.quarantine, way="clerk", by="lena", reason="rang", at=AT + 16 * DAY)
    provider.see(seen(AT + 17 * DAY))
    assert provider.run(AT + 22 * DAY) == []
    assert told(provider, AT + 23 * DAY).channel == "letter"
    assert [step.step for step in provider.steps(case_of(provider))] == [1, 2, 3]


def test_whom_a_person_has_enclosed_before_needs_nobody_the_second_time(book: Book) -> None:
    provider = provider_with(book, ("garden", "resighted"))
    provider.see(seen())
    told(provider, AT)
    case = case_of(provider)
    with provider.book.write() as tx:
        wish = quarantines.Wish(case=case, subscriber=1, account=10, by="lena", reason="seen twice")
        name = quarantines.ask(tx, wish, at=AT + HOUR, inside_max=5).quarantine
        quarantines.approve(tx, name, by="lena", at=AT + HOUR, inside_max=5)
        session = quarantines.Session(nas="nas-1", session="a", address="192.0.2.7")
        quarantines.note_sent(tx, name, session, at=AT + HOUR, stay_max=WEEK)
        quarantines.note_active(tx, name, at=AT + HOUR, stay_max=WEEK)
        quarantines.release(tx, name, way="self", by="self", reason="", at=AT + DAY)
        quarantines.note_released(tx, name, at=AT + DAY)
    provider.see(seen(AT + 5 * DAY))
    assert provider.run(AT + WEEK + HOUR) == []
    assert [stay.state for stay in stays(provider)] == ["released"], "a week from when the line was released"
    assert provider.run(AT + 8 * DAY) == []
    assert [stay.state for stay in stays(provider)] == ["released", "approved"]


def test_what_the_rules_forbid_is_passed_over_with_the_rule(book: Book) -> None:
    provider = enclosed(book, gate=Gate(is_on=False, inside_max=lambda _: 5))
    assert stays(provider) == []
    step = provider.steps(case_of(provider))[-1]
    assert (step.channel, step.reason) == ("garden", "passed over: nobody is enclosed: garden.enclose is off")
    assert state(provider) == State.RESIGHTED
    provider.see(seen(AT + 10 * DAY))
    assert told(provider, AT + 14 * DAY).channel == "letter"


def test_while_the_garden_is_full_the_step_waits_and_says_so_once(book: Book) -> None:
    provider = enclosed(book, inside_max=0)
    provider.run(AT + 8 * DAY)
    assert stays(provider) == []
    case = case_of(provider)
    assert [step.step for step in provider.steps(case)] == [1]
    waits = [move for move in provider.moves(case) if "waits" in move.reason]
    assert [move.reason for move in waits] == ["step 2 by garden waits: as many as may be are in the garden"]
    provider.ways = ways(("garden", "resighted"), inside_max=1)
    provider.run(AT + 9 * DAY)
    assert len(stays(provider)) == 1


def test_a_held_run_asks_for_no_garden(book: Book) -> None:
    provider = provider_with(book, ("garden", "resighted"))
    provider.see(seen())
    told(provider, AT)
    provider.see(seen(AT + 5 * DAY), *(seen(AT + 5 * DAY, subscriber=n, account=10 * n) for n in (2, 3)))
    provider.policy = msgspec.structs.replace(GENEROUS, notices_max=1)
    provider.run(AT + WEEK)
    assert len(provider.holds()) == 1
    assert quarantines_of(provider, provider.cases()[0].case) == []


def quarantines_of(provider: Provider, case: str) -> list[quarantines.Quarantine]:
    with provider.book.read() as tx:
        return quarantines.of_cases(tx, [case])


def test_two_processes_ask_for_one_stay(book: Book) -> None:
    provider = provider_with(book, ("garden", "resighted"))
    provider.see(seen())
    told(provider, AT)
    provider.see(seen(AT + 5 * DAY))
    provider.follow(AT + WEEK)
    mine, other = provider.plan(AT + WEEK), provider.plan(AT + WEEK)
    take(provider.book, other)
    take(provider.book, mine)
    assert len(stays(provider)) == 1
    assert [step.step for step in provider.steps(case_of(provider))] == [1, 2]


def test_a_case_of_before_the_follow_up_begins_with_the_first_step(book: Book) -> None:
    """Its notices have no steps: mail comes again, and then the policy goes on."""
    provider = provider_with(book, ("sms", "resighted"))
    provider.see(seen())
    told(provider, AT)
    case = case_of(provider)
    with provider.book.write() as tx:
        tx.execute(steps_table.delete())
    provider.see(seen(AT + 2 * DAY))
    assert told(provider, AT + WEEK).channel == "mail"
    provider.see(seen(AT + 9 * DAY))
    assert told(provider, AT + 2 * WEEK).channel == "sms"
    assert [step.step for step in provider.steps(case)] == [1, 2]
    with provider.book.read() as tx:
        assert len(book_notices.of_cases(tx, [case])[case]) == 3
