"""What a person does to a case, and what no person can do."""

from __future__ import annotations

import pytest

from tests.cases.case_world import AT, DAY, HOUR, SENDER, TITLES, TRUST, seen
from tests.cases.provider import GENEROUS, Provider
from tocsin.book import audit, verdicts
from tocsin.book.cases import Case
from tocsin.cases.by_hand import ACTIONS, Asked, act, allowed, answers, plan_for
from tocsin.cases.moves import State
from tocsin.cases.plan import take
from tocsin.cases.policy import Policy
from tocsin.cases.reasons import Reason
from tocsin.terms.errors import Refused


def _case(provider: Provider, name: str | None = None) -> Case:
    return next(case for case in provider.cases() if name in (None, case.case))


def _act(provider: Provider, action: str, at: object = AT, case: str | None = None) -> Case:
    before = _case(provider, case)
    with provider.book.write() as tx:
        act(tx, before, action, at=at, actor="ada", reason="ticket 7")  # type: ignore[arg-type]
    return _case(provider, before.case)


def _ask(provider: Provider, *numbers: int, at: object = AT, policy: Policy | None = None) -> list[Asked]:
    planned = plan_for(
        provider.book,
        numbers,
        at=at,  # type: ignore[arg-type]
        policy=policy or provider.policy,
        sender=SENDER,
        trust=TRUST,
        titles=TITLES,
    )
    taken = [each.facts.notice for each in take(provider.book, planned)]
    return answers(planned, taken, [case for case in provider.cases() if case.subscriber in numbers])


@pytest.fixture
def seen_once(provider: Provider) -> Provider:
    provider.see(seen())
    provider.follow()
    return provider


def test_a_held_case_gets_no_notice_until_somebody_reopens_it(seen_once: Provider) -> None:
    assert _act(seen_once, "hold").state == "held"
    assert seen_once.run() == []
    seen_once.see(seen(AT + DAY))
    assert seen_once.run(AT + DAY + HOUR) == []
    assert _case(seen_once).sightings == 2
    assert _act(seen_once, "reopen", AT + DAY + HOUR).state == "reopened"
    assert len(seen_once.run(AT + DAY + 2 * HOUR)) == 1


def test_who_did_it_and_why_stands_in_the_time_line_and_in_the_audit(seen_once: Provider) -> None:
    case = _act(seen_once, "close")
    last = seen_once.moves(case.case)[-1]
    assert (last.state, last.actor, last.reason) == ("closed", "ada", "ticket 7")
    with seen_once.book.read() as tx:
        line = list(audit.entries(tx))[-1]
    assert (line.actor, line.action, line.object, line.reason) == ("ada", "case closed", case.case, "ticket 7")


@pytest.mark.parametrize("action", ["hold", "close", "false-positive"])
def test_a_notice_that_has_not_left_stays_here(seen_once: Provider, action: str) -> None:
    [decision] = seen_once.run()
    seen_once.queue(decision.facts.notice)
    after = _act(seen_once, action)
    assert after.state == ACTIONS[action].to
    assert [notice.state for notice in seen_once.notices()] == ["refused"]


def test_a_notice_that_has_left_is_not_called_back(seen_once: Provider) -> None:
    [decision] = seen_once.run()
    seen_once.send(decision.facts.notice)
    _act(seen_once, "close")
    assert [notice.state for notice in seen_once.notices()] == ["sent"]


def test_what_is_seen_after_a_case_was_closed_by_hand_is_another_case(seen_once: Provider) -> None:
    closed = _act(seen_once, "close")
    seen_once.see(seen(AT + DAY))
    seen_once.run(AT + DAY + HOUR)
    states = {case.case: case.state for case in seen_once.cases()}
    assert states.pop(closed.case) == "closed"
    assert list(states.values()) == ["notified"]


def test_a_closed_case_comes_back_only_while_it_is_the_newest_of_its_trouble(seen_once: Provider) -> None:
    closed = _act(seen_once, "close")
    seen_once.see(seen(AT + DAY))
    seen_once.follow(AT + DAY + HOUR)
    with pytest.raises(Refused, match="newer case"):
        _act(seen_once, "reopen", AT + DAY + HOUR, closed.case)


def test_a_reopened_case_is_not_closed_again_by_the_next_run(seen_once: Provider) -> None:
    later = AT + 40 * DAY
    seen_once.run(AT)
    seen_once.deliver(later + 16 * DAY)
    seen_once.follow(later)
    assert _case(seen_once).state == "closed"
    _act(seen_once, "reopen", later)
    seen_once.follow(later + DAY)
    assert _case(seen_once).state == "reopened"
    seen_once.follow(later + 16 * DAY)  # two weeks of silence are enough: what came before them counts as it did
    assert _case(seen_once).state == "closed"


def test_a_false_positive_is_counted_against_its_source_until_it_is_lifted(seen_once: Provider) -> None:
    case = _act(seen_once, "false-positive")
    with seen_once.book.read() as tx:
        assert verdicts.by_source(tx)["cert"].cases == 1
        assert [each.source for each in verdicts.of_case(tx, case.case)] == ["cert"]
    _act(seen_once, "reopen")
    with seen_once.book.read() as tx:
        assert verdicts.by_source(tx) == {}
        assert [each.lifted_at for each in verdicts.of_case(tx, case.case)] == [AT]


def test_a_source_that_repeats_a_false_positive_causes_no_notice_and_no_other_case(seen_once: Provider) -> None:
    _act(seen_once, "false-positive")
    for day in range(1, 20):
        seen_once.see(seen(AT + day * DAY))
        assert seen_once.run(AT + day * DAY + HOUR) == []
    assert [(case.state, case.sightings) for case in seen_once.cases()] == [("false-positive", 20)]


def test_a_parked_case_closes_when_nothing_is_seen_for_long(seen_once: Provider) -> None:
    _act(seen_once, "hold")
    seen_once.deliver(AT + 29 * DAY)
    seen_once.follow(AT + 20 * DAY)
    assert _case(seen_once).state == "held"
    seen_once.follow(AT + 29 * DAY)
    assert _case(seen_once).state == "closed"


def test_a_log_that_takes_a_held_case_away_still_does(seen_once: Provider) -> None:
    _act(seen_once, "hold")
    seen_once.forget(seen())
    seen_once.follow()
    assert _case(seen_once).state == "withdrawn"


def test_what_the_table_does_not_allow_is_refused_and_not_offered(seen_once: Provider) -> None:
    assert allowed(_case(seen_once)) == ["hold", "close", "false-positive"]
    closed = _act(seen_once, "close")
    assert allowed(closed) == ["reopen"]
    with pytest.raises(Refused, match="cannot become held"):
        _act(seen_once, "hold")


# --- a notice now ------------------------------------------------------------------------------------------------


def test_a_notice_that_is_asked_for_is_decided_at_once(seen_once: Provider) -> None:
    [asked] = _ask(seen_once, 1)
    assert asked.notice is not None
    assert _case(seen_once).state == "notified"


def test_asking_twice_writes_once(seen_once: Provider) -> None:
    _ask(seen_once, 1)
    [again] = _ask(seen_once, 1)
    assert again.notice is None
    assert len(seen_once.notices()) == 1


def test_rest_holds_for_whoever_asks(seen_once: Provider) -> None:
    seen_once.send(seen_once.run()[0].facts.notice)
    seen_once.see(seen(AT + DAY))
    seen_once.follow(AT + DAY + HOUR)
    assert [each.reason for each in _ask(seen_once, 1, at=AT + DAY + HOUR)] == [Reason.REST]


def test_a_stranger_alone_causes_no_notice_for_whoever_asks(provider: Provider) -> None:
    provider.see(seen(source="alice"))
    provider.follow()
    assert [each.reason for each in _ask(provider, 1)] == [Reason.STRANGER]


def test_only_those_who_are_asked_for_are_written_to(provider: Provider) -> None:
    provider.see(seen(), seen(subscriber=2, account=20))
    provider.follow()
    _ask(provider, 2)
    assert [notice.subscriber for notice in provider.notices()] == [2]


def test_many_small_asks_meet_the_brake_of_one_large_run(provider: Provider) -> None:
    provider.see(*(seen(subscriber=number, account=10 * number) for number in range(1, 6)))
    provider.follow()
    tight = Policy(send=True, share_max=0.3)  # three of ten
    reasons = [_ask(provider, number, policy=tight)[0].reason for number in range(1, 6)]
    assert reasons == [None, None, None, Reason.HELD, Reason.HELD]
    assert provider.holds() == []


def test_a_release_is_neither_used_up_nor_used_by_asking(provider: Provider) -> None:
    provider.policy = Policy(send=True, share_max=0.1)
    provider.see(*(seen(subscriber=number, account=10 * number) for number in range(1, 6)))
    assert provider.run() == []
    provider.release(AT + HOUR)
    first, second = (_ask(provider, number, at=AT + 2 * HOUR)[0] for number in (1, 2))
    assert (first.reason, second.reason) == (None, Reason.HELD)
    assert [hold.spent_at for hold in provider.holds()] == [None]


def test_a_brake_that_waits_holds_whoever_asks(provider: Provider) -> None:
    provider.policy = Policy(send=True, share_max=0.1)
    provider.see(*(seen(subscriber=number, account=10 * number) for number in range(1, 6)))
    provider.run()
    assert [each.reason for each in _ask(provider, 1, policy=GENEROUS)] == [Reason.HELD]


def test_no_state_but_those_of_the_table_is_reached_by_hand() -> None:
    assert {action.to for action in ACTIONS.values()} == {State.HELD, State.CLOSED, State.REOPENED, State.FALSE}
