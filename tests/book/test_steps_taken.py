"""A policy's steps on both databases: written with their notices, and read back as what was taken."""

from __future__ import annotations

from tests.cases.case_world import AT, DAY, seen
from tests.cases.provider import Provider
from tocsin.book import Book, quarantines
from tocsin.book import steps as book_steps
from tocsin.book.tables import notices
from tocsin.cases.followup import FollowUp, Step
from tocsin.cases.rules import Gate, Ways

POLICY = FollowUp(
    steps=(
        Step(channel="mail", when="seen"),
        Step(channel="sms", after_days=7),
        Step(channel="letter", after_days=7),
        Step(channel="garden", after_days=7, when="still"),
    )
)
WAYS = Ways(
    followups=(POLICY,),
    channels=frozenset({"mail", "sms", "letter"}),
    gate=Gate(is_on=True, inside_max=lambda _: 1),
)


def test_a_ladder_on_both_databases(any_book: Book) -> None:
    provider = Provider(any_book, ways=WAYS)
    provider.contract(1, phone="+4915112345678", line_kind="private", care_alarm=False, medical=False)
    told = []
    for week in range(4):
        provider.see(seen(AT + week * 7 * DAY - DAY))
        for decision in provider.run(AT + week * 7 * DAY):
            provider.send(decision.facts.notice, AT + week * 7 * DAY)
            told.append(decision)
    [case] = provider.cases()
    with any_book.read() as tx:
        taken = book_steps.taken_of(tx, [case.case])[case.case]
        [stay] = quarantines.of_cases(tx, [case.case])
        assert book_steps.read_of(tx, [case.case]) == {}
    assert [(row.step.step, row.step.channel, row.state) for row in taken] == [
        (1, "mail", "sent"),
        (2, "sms", "sent"),
        (3, "letter", None),
        (4, "garden", None),
    ]
    assert [row.step.notice for row in taken[:2]] == [each.facts.notice for each in told]
    assert (stay.state, stay.asked_at) == ("asked", taken[3].step.decided_at)
    with any_book.write() as tx:
        tx.execute(notices.update().where(notices.c.notice == told[1].facts.notice).values(read_at=AT + 20 * DAY))
    with any_book.read() as tx:
        assert book_steps.read_of(tx, [case.case]) == {case.case: AT + 7 * DAY}
