"""A run's notices over all subscribers, in a real book: planned, braked, taken down once."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import sqlalchemy as sa

from tests.cases.case_world import AT, DAY, HOUR, SENDING, facts_of, seen
from tests.cases.provider import Provider
from tocsin.book import Book, evidence, runs
from tocsin.book import notices as book_notices
from tocsin.cases.moves import State
from tocsin.cases.outbox import refuse
from tocsin.cases.plan import take
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import Reason
from tocsin.proof.canonical import read_facts

MINUTE = timedelta(minutes=1)


def _infected(provider: Provider, *numbers: int, at: object = AT - HOUR, **fields: object) -> None:
    provider.see(*(seen(at, subscriber=n, account=10 * n, **fields) for n in numbers))  # type: ignore[arg-type]


def test_a_run_writes_a_decision_and_moves_its_cases_in_one_step(provider: Provider) -> None:
    provider.see(seen(), seen(AT - 2 * HOUR, malware="qakbot"))
    (decision,) = provider.run()
    (notice,) = provider.notices()
    assert (notice.notice, notice.state, notice.decided_at) == (decision.facts.notice, "decided", AT)
    assert read_facts(notice.facts.encode()) == decision.facts
    rows = provider.rows()
    assert {row.state for row in rows} == {State.NOTIFIED}
    assert [row.notices for row in rows] == [[notice.notice]] * 2
    assert [move.state for move in provider.moves(rows[0].case)] == [State.OPEN, State.NOTIFIED]


def test_a_second_run_finds_nothing_new_and_writes_nothing(provider: Provider) -> None:
    provider.see(seen())
    provider.run()
    assert provider.run(AT + HOUR) == []
    assert provider.plan(AT + 2 * HOUR).withheld == ()


def test_a_plan_changes_nothing(provider: Provider) -> None:
    provider.see(seen())
    provider.follow()
    assert provider.plan() == provider.plan()
    assert provider.notices() == []


def test_a_plan_that_is_taken_twice_is_taken_once(provider: Provider) -> None:
    provider.see(seen())
    provider.follow()
    plan = provider.plan()
    assert len(take(provider.book, plan)) == 1
    assert take(provider.book, plan) == []
    assert len(provider.notices()) == 1


def test_two_processes_with_a_plan_each_write_one_notice(provider: Provider) -> None:
    provider.see(seen())
    provider.follow()
    mine = provider.plan()
    provider.see(seen(AT, malware="qakbot"))
    provider.follow()
    other = provider.plan()
    assert mine.decisions[0].facts.notice != other.decisions[0].facts.notice
    assert len(take(provider.book, other)) == 1
    assert take(provider.book, mine) == []


def test_two_processes_that_tell_of_different_cases_write_to_nobody_twice(provider: Provider) -> None:
    provider.see(seen())
    provider.follow()
    mine = provider.plan()
    provider.forget(seen())
    provider.see(seen(malware="qakbot"))
    changes = [change for change in provider.follow() if change.before is None]
    other = provider.plan()
    with provider.book.write() as tx:  # the first case comes back before its plan is taken
        tx.execute(sa.text("UPDATE cases SET state = 'open'"))
    assert [each.cases for each in other.decisions] == [tuple(change.after.case for change in changes)]
    assert len(take(provider.book, other)) == 1
    assert take(provider.book, mine) == []


def test_a_case_that_was_withdrawn_since_the_plan_is_not_told_of(provider: Provider) -> None:
    provider.see(seen())
    provider.follow()
    plan = provider.plan()
    provider.forget(seen())
    provider.follow()
    assert take(provider.book, plan) == []


def test_the_next_notice_comes_after_the_rest_and_only_for_what_is_new(provider: Provider) -> None:
    provider.see(seen())
    assert len(provider.run()) == 1
    _infected(provider, 1, at=AT + DAY)
    assert provider.run(AT + DAY + HOUR) == []
    assert provider.run(AT + 7 * DAY - MINUTE) == []
    (again,) = provider.run(AT + 7 * DAY)
    assert again.facts.troubles[0].seen_at == AT + DAY
    assert again.facts.troubles[0].count == 2
    assert [move.state for move in provider.moves(again.cases[0])][-2:] == [State.RESIGHTED, State.NOTIFIED]


def test_the_first_run_on_a_source_is_dry_and_the_second_is_not(book: Book) -> None:
    provider = Provider(book)
    with book.write() as tx:
        evidence.meet_source(tx, "own-new", AT)
    provider.see(seen(source="own-new"))
    provider.follow()
    assert provider.plan().reasons() == {Reason.NEW_SOURCE: 1}
    assert provider.run() == []
    assert provider.plan(AT + MINUTE).reasons() == {Reason.STRANGER: 1}


def test_a_run_that_never_reached_its_end_seasons_nothing(provider: Provider) -> None:
    with provider.book.write() as tx:
        evidence.meet_source(tx, "radius2", AT - DAY)
        runs.finish(tx, AT - 2 * DAY, "{}")
    provider.see(seen(log="radius2"))
    provider.follow()
    assert provider.plan().reasons() == {Reason.NEW_LOG: 1}
    with provider.book.write() as tx:
        runs.finish(tx, AT - HOUR, "{}")
    assert len(provider.plan().decisions) == 1


def test_a_run_of_the_future_seasons_nothing(provider: Provider) -> None:
    with provider.book.write() as tx:
        evidence.meet_source(tx, "radius2", AT)
        runs.finish(tx, AT + DAY, "{}")
    provider.see(seen(log="radius2"))
    provider.follow()
    assert provider.plan().reasons() == {Reason.NEW_LOG: 1}


def test_sending_off_writes_nothing_and_says_how_many_it_would_be(book: Book) -> None:
    provider = Provider(book, policy=Policy(share_max=1.0))
    _infected(provider, 1, 2, 3)
    provider.follow()
    assert provider.plan().reasons() == {Reason.SENDING_OFF: 3}
    assert provider.run() == []


# --- brakes ------------------------------------------------------------------------------------------------------


def test_too_many_at_once_are_held_until_released_and_then_go_once(book: Book) -> None:
    provider = Provider(book, policy=SENDING)  # ten subscribers, 1 %: one notice a run
    _infected(provider, 1, 2, 3)
    assert provider.run() == []
    (hold,) = provider.holds()
    assert (hold.brake, hold.source, hold.notices) == ("share-max", None, 3)
    assert provider.run(AT + HOUR) == []
    assert provider.plan(AT + HOUR).reasons() == {Reason.HELD: 3}
    assert len(provider.holds()) == 1
    provider.release(AT + 2 * HOUR)
    assert len(provider.run(AT + 2 * HOUR)) == 3
    _infected(provider, 4, 5, at=AT + 3 * HOUR)
    assert provider.run(AT + 3 * HOUR) == []
    assert len(provider.holds()) == 2


def test_a_held_run_stays_held_though_the_next_would_be_small_enough(book: Book) -> None:
    provider = Provider(book, policy=SENDING)
    first, second = (seen(subscriber=n, account=10 * n) for n in (1, 2))
    provider.see(first, second)
    provider.run()
    provider.forget(second)
    assert provider.run(AT + HOUR) == []
    provider.release(AT + HOUR)
    assert len(provider.run(AT + HOUR)) == 1


def test_a_release_lifts_no_other_rule(book: Book) -> None:
    provider = Provider(book, policy=SENDING)
    _infected(provider, 1, 2, 3)
    provider.run()
    provider.end_contract(2, AT)
    provider.release(AT + HOUR)
    assert {decision.subscriber for decision in provider.run(AT + HOUR)} == {1, 3}
    assert provider.plan(AT + HOUR).reasons() == {Reason.CONTRACT_ENDED: 1}


def test_a_feed_with_swapped_columns_causes_no_notice(provider: Provider) -> None:
    for days in (4, 3, 2):
        provider.bring(AT - days * DAY, {"subscriber": 90, "no-binding": 10})
    provider.bring(AT, {"not-ours": 95, "subscriber": 5})
    _infected(provider, 1, 2, 3, 4, 5)
    _infected(provider, 6, source="own")
    assert [decision.subscriber for decision in provider.run()] == [6]
    (hold,) = provider.holds()
    assert (hold.brake, hold.source, hold.notices) == ("mix", "cert", 5)


def test_a_flood_is_held_with_its_source_and_released_with_it(provider: Provider) -> None:
    for days in (4, 3, 2):
        provider.bring(AT - days * DAY, {"subscriber": 1})
    provider.bring(AT, {"subscriber": 6})
    _infected(provider, 1, 2, 3, 4, 5, 6)
    assert provider.run() == []
    assert provider.plan(AT + HOUR).reasons() == {Reason.SOURCE_HELD: 6}
    provider.bring(AT + DAY, {"subscriber": 1})
    _infected(provider, 7, at=AT + DAY)
    assert provider.run(AT + DAY) == []
    provider.release(AT + DAY)
    assert len(provider.run(AT + DAY + HOUR)) == 7
    assert provider.plan(AT + DAY + HOUR).holds == ()


def test_a_feed_an_hour_in_the_future_causes_no_notice(provider: Provider) -> None:
    for number in range(1, 11):
        _infected(provider, number, at=AT + number * 5 * MINUTE)
    provider.follow()
    assert provider.plan().reasons() == {Reason.FUTURE: 10}
    assert provider.run() == []


# --- what becomes of a notice ------------------------------------------------------------------------------------


def test_a_notice_that_our_checker_refused_gives_its_cases_back_and_is_not_decided_again(provider: Provider) -> None:
    provider.see(seen())
    (decision,) = provider.run()
    with provider.book.write() as tx:
        refuse(tx, decision.facts.notice, reason="judged unclear", at=AT)
    (row,) = provider.rows()
    assert row.state == State.OPEN
    assert "judged unclear" in provider.moves(row.case)[-1].reason
    provider.follow(AT + HOUR)
    assert provider.plan(AT + HOUR).reasons() == {Reason.DECIDED_BEFORE: 1}
    _infected(provider, 1, at=AT + DAY)
    assert len(provider.run(AT + DAY)) == 1


def test_a_refused_second_notice_leaves_the_case_resighted(provider: Provider) -> None:
    provider.see(seen())
    (first,) = provider.run()
    provider.send(first.facts.notice)
    _infected(provider, 1, at=AT + 7 * DAY)
    (second,) = provider.run(AT + 7 * DAY)
    with provider.book.write() as tx:
        refuse(tx, second.facts.notice, reason="judged unclear", at=AT + 7 * DAY)
    assert [row.state for row in provider.rows()] == [State.RESIGHTED]


def test_a_waiting_notice_about_a_withdrawn_case_is_stopped(provider: Provider) -> None:
    wrong, right = seen(), seen(AT - 2 * HOUR, malware="qakbot")
    provider.see(wrong, right)
    (decision,) = provider.run()
    provider.forget(wrong)
    provider.follow(AT + HOUR)
    assert [notice.state for notice in provider.notices()] == ["refused"]
    assert {row.malware: row.state for row in provider.rows()} == {"mirai": State.WITHDRAWN, "qakbot": State.OPEN}
    (again,) = provider.run(AT + HOUR)
    assert [trouble.malware for trouble in again.facts.troubles] == ["qakbot"]
    assert again.facts.notice != decision.facts.notice


def test_a_waiting_notice_that_lost_one_of_its_sightings_is_stopped_and_written_anew(provider: Provider) -> None:
    provider.see(seen(), seen(AT - 2 * DAY))
    provider.run()
    provider.forget(seen())
    (again,) = provider.run(AT + HOUR)
    assert again.facts.troubles[0].seen_at == AT - 2 * DAY
    assert sorted(notice.state for notice in provider.notices()) == ["decided", "refused"]


def test_a_waiting_notice_that_counted_one_too_many_is_stopped_and_written_anew(provider: Provider) -> None:
    provider.see(seen(), seen(AT - 2 * DAY))
    provider.run()
    provider.forget(seen(AT - 2 * DAY))
    (again,) = provider.run(AT + HOUR)
    assert again.facts.troubles[0].count == 1
    assert sorted(notice.state for notice in provider.notices()) == ["decided", "refused"]


def test_a_notice_that_may_have_left_before_it_was_stopped_begins_a_rest(provider: Provider) -> None:
    wrong, right = seen(), seen(AT - 2 * HOUR, malware="qakbot")
    provider.see(wrong, right)
    (decision,) = provider.run()
    provider.queue(decision.facts.notice)  # delivered, and the process died before it could say so
    provider.forget(wrong)
    assert provider.run(AT + HOUR) == []
    assert [notice.state for notice in provider.notices()] == ["refused"]
    assert provider.plan(AT + HOUR).reasons() == {Reason.REST: 1}


def test_a_notice_that_has_left_cannot_be_stopped_and_the_case_says_so(provider: Provider) -> None:
    provider.see(seen())
    (decision,) = provider.run()
    provider.send(decision.facts.notice)
    provider.forget(seen())
    provider.follow(AT + HOUR)
    (notice,), (row,) = provider.notices(), provider.rows()
    assert (notice.state, row.state) == ("sent", State.WITHDRAWN)
    assert provider.moves(row.case)[-1].reason.endswith(f"{notice.notice} about it had been sent")


def test_a_notice_whose_dot_was_about_to_go_counts_as_gone(provider: Provider) -> None:
    provider.see(seen())
    (decision,) = provider.run()
    with provider.book.write() as tx:
        book_notices.queue(
            tx, decision.facts.notice, message_id="<1@isp.example>", envelope_from="b@isp.example", raw=b"x"
        )
        book_notices.note_dot(tx, decision.facts.notice, AT)
    provider.forget(seen())
    provider.follow(AT + HOUR)
    assert [notice.state for notice in provider.notices()] == ["queued"]


def test_facts_do_not_change_with_the_moment_of_the_plan_but_for_that_moment(provider: Provider) -> None:
    provider.see(seen())
    provider.follow()
    now, later = (facts_of(provider.plan(at).decisions[0]).facts for at in (AT, AT + HOUR))
    assert msgspec.structs.replace(later, issued_at=now.issued_at, expires_at=now.expires_at) == now
