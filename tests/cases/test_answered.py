"""Whoever has the notice confirms it, once; whoever objects stops what waits, and a person decides. Nobody closes."""

from __future__ import annotations

import pytest

from tests.cases.case_world import AT, DAY, HOUR, seen
from tests.cases.provider import Provider
from tocsin.book import cases as book_cases
from tocsin.book import notices as book_notices
from tocsin.book.cases import Move
from tocsin.cases.answered import objected, was_read
from tocsin.cases.by_hand import act
from tocsin.cases.moves import State


@pytest.fixture
def told(provider: Provider) -> Provider:
    """One case, and its notice has left."""
    provider.see(seen())
    (decision,) = provider.run()
    provider.send(decision.facts.notice)
    return provider


def _notice(provider: Provider) -> str:
    return provider.notices()[-1].notice


def _read(provider: Provider, *, by: str = "code", said: str = "its code was typed") -> bool:
    with provider.book.write() as tx:
        return was_read(tx, _notice(provider), by=by, said=said, actor="portal", at=AT + HOUR)  # type: ignore[arg-type]


def _object(provider: Provider, words: str = "not mine", notice: str = "") -> None:
    with provider.book.write() as tx:
        objected(tx, notice or _notice(provider), by="code", words=words, actor="portal", at=AT + HOUR)


def _state(provider: Provider) -> str:
    (case,) = provider.cases()
    return case.state


def _last(provider: Provider) -> Move:
    return provider.moves(provider.cases()[0].case)[-1]


def test_the_first_sign_confirms_and_the_second_says_nothing(told: Provider) -> None:
    assert _read(told)
    last = _last(told)
    assert (last.state, last.actor, last.reason, last.at) == (
        State.CONFIRMED,
        "portal",
        "its code was typed",
        AT + HOUR,
    )
    assert not _read(told, by="phone", said="again")
    assert _last(told) == last
    (notice,) = told.notices()
    assert (notice.read_at, notice.read_by) == (AT + HOUR, "code")


@pytest.mark.parametrize("before", [State.NOTIFIED, State.RESIGHTED, State.ESCALATED])
def test_each_state_that_waits_for_a_reader_is_confirmed(told: Provider, before: State) -> None:
    (case,) = told.cases()
    if before != State.NOTIFIED:
        with told.book.write() as tx:
            book_cases.move(tx, [Move(case=case.case, at=AT, state=before, actor="test", reason="so")])
    _read(told)
    assert _state(told) == State.CONFIRMED


@pytest.mark.parametrize("action", ["hold", "close", "false-positive"])
def test_a_case_that_a_person_has_moved_stays_there_and_is_told_of_it(told: Provider, action: str) -> None:
    with told.book.write() as tx:
        act(tx, told.cases()[0], action, at=AT, actor="ada", reason="ticket 7")
    before = _state(told)
    _read(told)
    _object(told)
    reasons = [move.reason for move in told.moves(told.cases()[0].case)][-2:]
    assert _state(told) == before
    assert reasons == ["its code was typed", f"{_notice(told)}: its reader says that it is wrong: not mine"]


def test_who_was_seen_again_after_he_read_it_is_resighted(told: Provider) -> None:
    _read(told)
    told.see(seen(AT + DAY))
    told.follow(AT + DAY + HOUR)
    assert _state(told) == State.RESIGHTED


def test_an_objection_waits_for_a_person_whatever_is_seen(told: Provider) -> None:
    _object(told)
    _object(told)
    moves = told.moves(told.cases()[0].case)
    assert [move.state for move in moves].count(State.OBJECTED) == 1
    assert _last(told).reason == f"{_notice(told)}: its reader says that it is wrong: not mine"
    for day in (1, 8, 9):
        told.see(seen(AT + day * DAY))
        assert told.run(AT + day * DAY + HOUR) == []
    assert _state(told) == State.OBJECTED
    with told.book.write() as tx:
        act(tx, told.cases()[0], "reopen", at=AT + 9 * DAY, actor="ada", reason="looked at")
    told.see(seen(AT + 10 * DAY))
    assert len(told.run(AT + 10 * DAY + HOUR)) == 1


def test_an_objection_stops_what_was_decided_and_has_not_left(told: Provider) -> None:
    first = _notice(told)
    told.see(seen(AT + 8 * DAY))
    (decision,) = told.run(AT + 8 * DAY + HOUR)
    second = decision.facts.notice
    told.queue(second)
    _object(told, notice=first)
    with told.book.read() as tx:
        assert book_notices.states_of(tx, [first, second]) == {first: "sent", second: "refused"}
        assert (found := book_notices.find(tx, second)) is not None
        assert found.reason == "its reader says that it is wrong"
    assert _state(told) == State.OBJECTED


def test_what_may_have_left_is_not_called_back(told: Provider) -> None:
    first = _notice(told)
    told.see(seen(AT + 8 * DAY))
    (decision,) = told.run(AT + 8 * DAY + HOUR)
    second = decision.facts.notice
    told.queue(second)
    with told.book.write() as tx:
        book_notices.note_dot(tx, second, AT + 8 * DAY)
    _object(told, notice=first)
    with told.book.read() as tx:
        assert book_notices.states_of(tx, [second]) == {second: "queued"}


def test_long_words_are_cut_and_lines_joined(told: Provider) -> None:
    _object(told, "a\n  b " + "x" * 2000)
    reason = _last(told).reason
    assert len(reason) == 300
    assert "wrong: a b xxx" in reason
