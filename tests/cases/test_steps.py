"""A policy at work in a real book: which step is taken when, what is written of it, and that nothing happens twice."""

from __future__ import annotations

import msgspec
import pytest

from tests.cases.case_world import AT, DAY, HOUR, seen
from tests.cases.provider import GENEROUS, Provider
from tests.cases.steps_world import HOME, PHONE, WEEK, case_of, provider_with, state, told, ways
from tocsin.book import Book
from tocsin.book.tables import notices as notices_table
from tocsin.cases import plan as plan_module
from tocsin.cases.followup import Channel, When
from tocsin.cases.moves import State
from tocsin.cases.outbox import bounce, refuse
from tocsin.cases.plan import take
from tocsin.cases.reasons import Reason
from tocsin.proof.canonical import read_facts


def test_what_is_seen_again_goes_by_the_next_channel(book: Book) -> None:
    provider = provider_with(book, ("sms", "resighted"), ("letter", "resighted"))
    provider.see(seen())
    first = told(provider, AT)
    provider.see(seen(AT + 2 * DAY))
    assert provider.run(AT + WEEK - HOUR) == []
    second = told(provider, AT + WEEK)
    provider.see(seen(AT + 10 * DAY))
    third = told(provider, AT + 2 * WEEK)
    assert [each.channel for each in (first, second, third)] == ["mail", "sms", "letter"]
    facts = [read_facts(each.facts.encode()) for each in provider.notices()]
    assert sorted(each.recipient for each in facts) == sorted(["holder1@mail.example", PHONE, HOME])
    assert {each.notice: each.channel for each in provider.notices()} == {
        first.facts.notice: "mail",
        second.facts.notice: "sms",
        third.facts.notice: "letter",
    }


def test_each_step_stands_in_the_book_with_its_notice_and_in_the_case(book: Book) -> None:
    provider = provider_with(book, ("sms", "resighted"))
    provider.see(seen())
    first = told(provider, AT)
    provider.see(seen(AT + 2 * DAY))
    second = told(provider, AT + WEEK)
    case = case_of(provider)
    assert [(s.step, s.channel, s.due_at, s.decided_at, s.notice) for s in provider.steps(case)] == [
        (1, "mail", AT - HOUR, AT, first.facts.notice),
        (2, "sms", AT + WEEK, AT + WEEK, second.facts.notice),
    ]
    moves = provider.moves(case)
    assert [move.state for move in moves] == [State.OPEN, State.NOTIFIED, State.RESIGHTED, State.ESCALATED]
    assert moves[-1].reason.endswith("by sms, step 2: it was seen again after the step before")
    assert moves[-1].at == AT + WEEK


def test_an_escalated_case_that_is_seen_again_is_resighted(book: Book) -> None:
    provider = provider_with(book, ("sms", "unread"))
    provider.see(seen())
    told(provider, AT)
    told(provider, AT + WEEK)
    assert state(provider) == State.ESCALATED
    provider.follow(AT + 8 * DAY)
    assert state(provider) == State.ESCALATED
    provider.see(seen(AT + 8 * DAY))
    provider.follow(AT + 9 * DAY)
    assert state(provider) == State.RESIGHTED


def test_whoever_has_not_read_is_reminded_and_whoever_has_is_not(book: Book) -> None:
    provider = provider_with(book, ("sms", "unread"))
    provider.see(seen(), seen(subscriber=2, account=20))
    first = {each.subscriber: each.facts.notice for each in provider.run(AT)}
    for notice in first.values():
        provider.send(notice)
    with provider.book.write() as tx:
        tx.execute(notices_table.update().where(notices_table.c.notice == first[2]).values(read_at=AT + DAY))
    assert provider.run(AT + WEEK - HOUR) == []
    [reminder] = provider.run(AT + WEEK)
    assert (reminder.subscriber, reminder.channel) == (1, "sms")
    assert reminder.facts.notice != first[1]
    assert provider.run(AT + WEEK + HOUR) == []


def test_what_was_read_between_plan_and_take_reminds_nobody(book: Book) -> None:
    provider = provider_with(book, ("sms", "unread"))
    provider.see(seen())
    first = told(provider, AT)
    plan = provider.plan(AT + WEEK)
    assert len(plan.decisions) == 1
    with provider.book.write() as tx:
        tx.execute(notices_table.update().where(notices_table.c.notice == first.facts.notice).values(read_at=AT + DAY))
    assert take(provider.book, plan) == []


def test_with_mail_alone_nobody_who_was_told_is_looked_at_again(provider: Provider) -> None:
    provider.see(seen())
    told(provider, AT)
    assert provider.plan(AT + DAY).withheld == ()


# --- steps that reach nobody -------------------------------------------------------------------------------------


def test_a_step_that_can_reach_nobody_is_passed_over_and_the_next_one_comes(book: Book) -> None:
    provider = provider_with(book, ("sms", "resighted"), ("letter", "resighted"))
    provider.contract(1, phone=None)
    provider.see(seen())
    told(provider, AT)
    provider.see(seen(AT + 2 * DAY))
    assert provider.run(AT + WEEK) == []
    case = case_of(provider)
    last = provider.steps(case)[-1]
    assert (last.step, last.channel, last.notice) == (2, "sms", None)
    assert last.reason == "passed over: the contract names no telephone number"
    line = provider.moves(case)[-1]
    assert (line.state, line.reason) == (State.RESIGHTED, f"step 2 by sms is {last.reason}")
    provider.see(seen(AT + 12 * DAY))
    assert told(provider, AT + 2 * WEEK).channel == "letter"


def test_the_last_step_is_passed_over_once(book: Book) -> None:
    provider = provider_with(book, ("sms", "still", 0))  # type: ignore[arg-type]
    provider.contract(1, phone=None)
    provider.see(seen())
    told(provider, AT)
    for day in range(7, 13):
        assert provider.run(AT + day * DAY) == []
    assert [step.step for step in provider.steps(case_of(provider))] == [1, 2]
    provider.contract(1, phone=PHONE)
    assert told(provider, AT + 13 * DAY).channel == "sms"


def test_a_mail_address_that_came_back_is_not_the_end(book: Book) -> None:
    provider = provider_with(book, ("sms", "unreached", 0))  # type: ignore[arg-type]
    provider.see(seen())
    first = told(provider, AT)
    with provider.book.write() as tx:
        bounce(tx, first.facts.notice, reason="550 no such mailbox", at=AT + HOUR)
    assert told(provider, AT + 2 * HOUR).channel == "sms"


def test_without_a_mail_address_the_first_step_is_passed_over(book: Book) -> None:
    provider = provider_with(book, ("letter", "resighted", 0))  # type: ignore[arg-type]
    provider.contract(1, email="")
    provider.see(seen())
    assert provider.run(AT) == []
    assert provider.steps(case_of(provider))[0].reason == "passed over: the contract names no mail address"
    assert told(provider, AT + HOUR).channel == "letter"


def test_a_strangers_word_passes_no_step_over(book: Book) -> None:
    provider = provider_with(book, ("letter", "resighted"))
    provider.contract(1, email="")
    provider.see(seen(source="alice"))
    provider.run(AT)
    assert provider.steps(case_of(provider)) == []


@pytest.mark.parametrize("policy", [{"send": False}, {"share_max": 0.0, "notices_max": 0}])
def test_while_nothing_may_leave_no_step_is_passed_over(book: Book, policy: dict[str, object]) -> None:
    provider = provider_with(book, ("letter", "resighted"))
    provider.contract(1, email="")
    provider.see(seen(), *(seen(subscriber=n, account=10 * n) for n in (2, 3)))
    provider.policy = msgspec.structs.replace(GENEROUS, **policy)
    assert provider.run(AT) == []
    assert provider.plan(AT + HOUR).reasons().keys() <= {Reason.SENDING_OFF, Reason.HELD, Reason.NO_ADDRESS}
    assert [provider.steps(case.case) for case in provider.cases()] == [[], [], []]


def test_a_refused_step_gives_its_case_back_for_the_next(book: Book) -> None:
    provider = provider_with(book, ("sms", "resighted"), ("letter", "unreached", 0))  # type: ignore[arg-type]
    provider.see(seen())
    told(provider, AT)
    provider.see(seen(AT + 2 * DAY))
    [second] = provider.run(AT + WEEK)
    with provider.book.write() as tx:
        refuse(tx, second.facts.notice, reason="not a telephone number", at=AT + WEEK)
    assert state(provider) == State.RESIGHTED
    assert told(provider, AT + WEEK + HOUR).channel == "letter"


def test_an_old_mail_that_comes_back_late_takes_no_later_step_back(book: Book) -> None:
    provider = provider_with(book, ("sms", "resighted"))
    provider.see(seen())
    first = told(provider, AT)
    provider.see(seen(AT + 2 * DAY))
    told(provider, AT + WEEK)
    with provider.book.write() as tx:
        bounce(tx, first.facts.notice, reason="expired", at=AT + 8 * DAY)
    assert state(provider) == State.ESCALATED


# --- the rest, and nothing twice -----------------------------------------------------------------------------------


def test_a_policy_in_a_hurry_still_rests(book: Book) -> None:
    hurry: list[tuple[Channel, When, int]] = [("sms", "still", 0), ("call", "still", 0), ("letter", "still", 0)]
    provider = Provider(book, ways=ways(*hurry))
    provider.contract(1, phone=PHONE, postal_address=HOME)
    provider.see(seen())
    moments = []
    for hours in range(0, 24 * 13, 6):  # then it is quiet
        for decision in provider.run(AT + hours * HOUR):
            provider.send(decision.facts.notice, AT + hours * HOUR)
            moments.append((hours, decision.channel))
    assert moments == [(0, "mail"), (24 * 7, "sms")]


def test_a_plan_that_is_taken_twice_takes_its_step_once(book: Book) -> None:
    provider = provider_with(book, ("sms", "resighted"))
    provider.see(seen())
    told(provider, AT)
    provider.see(seen(AT + 2 * DAY))
    provider.follow(AT + WEEK)
    plan = provider.plan(AT + WEEK)
    assert len(take(provider.book, plan)) == 1
    assert take(provider.book, plan) == []
    assert [step.step for step in provider.steps(case_of(provider))] == [1, 2]


WRITES = ("write_told", "pass_over", "enclose", "_note_control")


@pytest.mark.parametrize("place", WRITES)
def test_a_take_that_dies_at_any_place_has_written_nothing(
    book: Book, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = provider_with(book, ("sms", "resighted"))
    provider.see(seen())
    provider.follow(AT)
    plan = provider.plan(AT)

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(plan_module, place, die)
        with pytest.raises(KeyboardInterrupt):
            take(provider.book, plan)
    assert (provider.notices(), provider.steps(case_of(provider)), state(provider)) == ([], [], State.OPEN)
    assert len(take(provider.book, plan)) == 1
    assert [step.step for step in provider.steps(case_of(provider))] == [1]
