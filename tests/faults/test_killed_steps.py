"""A process is killed at each statement of the transaction that takes steps: it took all of them, or none."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from tests.cases.case_world import AT, seen
from tests.cases.provider import GENEROUS, Provider
from tocsin.book import Book, quarantines
from tocsin.book.steps import Step as Row
from tocsin.cases.followup import FollowUp, Step
from tocsin.cases.plan import take
from tocsin.cases.rules import Gate, Ways

DAY = timedelta(days=1)
AGAIN = AT + 8 * DAY
LADDER = FollowUp(
    kinds=("infected-system",),
    steps=(Step(channel="mail", when="seen"), Step(channel="sms", after_days=1), Step(channel="letter", after_days=1)),
)
GARDEN = FollowUp(kinds=("scanner",), steps=(Step(channel="mail", when="seen"), Step(channel="garden", after_days=1)))
WAYS = Ways(
    followups=(LADDER, GARDEN),
    channels=frozenset({"mail", "sms", "letter"}),
    gate=Gate(is_on=True, inside_max=lambda _: 5),
)


def town(folder: Path) -> Provider:
    """1 is to be told by SMS, 2 has no telephone, 3 is to be enclosed; a plan for all of them is due at AGAIN."""
    folder.mkdir()
    book = Book.at(folder)
    book.migrate()
    provider = Provider(book, policy=GENEROUS, ways=WAYS)
    kinds = {1: "infected-system", 2: "infected-system", 3: "scanner"}
    provider.see(*(seen(subscriber=n, account=10 * n, kind=kind) for n, kind in kinds.items()))
    provider.contract(1, phone="+4915112345678")
    for decision in provider.run(AT):
        provider.send(decision.facts.notice, AT)
    provider.see(*(seen(AT + 5 * DAY, subscriber=n, account=10 * n, kind=kind) for n, kind in kinds.items()))
    provider.follow(AGAIN)
    return provider


def took(provider: Provider) -> tuple[list[object], list[Row], list[quarantines.Quarantine]]:
    """All that a take writes, in words that do not depend on when it was tried."""
    cases = provider.cases()
    steps: list[Row] = [step for case in cases for step in provider.steps(case.case)]
    moves = [move for case in cases for move in provider.moves(case.case)]
    with provider.book.read() as tx:
        stays = quarantines.newest(tx, 10)
    return [provider.notices(), [case.state for case in cases], moves], steps, stays


def killed(provider: Provider, statement: int) -> bool:
    """A child plans, and dies before that statement of `take`; False where it was not reached."""
    provider.book.close()  # no connection goes over into the child
    child = os.fork()
    if child == 0:
        _die_at(provider, statement)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WIFSIGNALED(status)


def _die_at(provider: Provider, statement: int) -> None:
    """Never returns."""
    code = 1
    try:
        plan = provider.plan(AGAIN)
        left = iter(range(statement, -1, -1))

        def count(*_: object) -> None:
            if next(left, -1) == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        sa.event.listen(provider.book.engine, "before_cursor_execute", count)
        take(provider.book, plan)
        code = 0
    finally:
        os._exit(code)


def test_a_take_killed_at_any_statement_is_as_if_it_had_not_begun(tmp_path: Path) -> None:
    undisturbed = town(tmp_path / "undisturbed")
    before = took(undisturbed)
    plan = undisturbed.plan(AGAIN)
    assert len(take(undisturbed.book, plan)) == 1
    whole = took(undisturbed)
    assert take(undisturbed.book, plan) == []
    assert took(undisturbed) == whole, "the same plan twice"
    _, steps, stays = whole
    assert {step.reason.partition(":")[0] for step in steps} >= {"step 1", "step 2", "passed over"}
    assert len(stays) == 1
    undisturbed.book.close()
    provider = town(tmp_path / "killed")
    places = 0
    while killed(provider, places):
        assert took(provider) == before, f"statement {places}"
        places += 1
    assert places > 20
    assert took(provider) == whole
    provider.book.close()
