"""Whatever happens in whatever order, some things never do."""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.cases.case_world import AT, HOUR, SENDING, TRUST, seen
from tests.cases.provider import SUBSCRIBERS, Provider
from tocsin.book import Book
from tocsin.book.case_days import CaseDay
from tocsin.cases.by_hand import ACTIONS, act
from tocsin.cases.decide import Decision
from tocsin.cases.moves import MOVES, OVER, State
from tocsin.cases.outbox import bounce, refuse
from tocsin.terms.errors import Refused
from tocsin.terms.roles import Trust

POLICY = msgspec.structs.replace(
    SENDING, notice_age_max_days=3, rest_days=4, share_max=0.3, quiet_days=3, close_days=3, notices_max=4
)
numbers = st.integers(1, SUBSCRIBERS)
sources = st.sampled_from(["own", "cert", "alice", "bob"])
roles = st.sampled_from(["infected", "infected", "attacker", "victim", "infrastructure", "lead"])
malware = st.sampled_from(["mirai", "mirai", "qakbot", ""])
observers = st.sampled_from(["", "", "carol", "dave"])


class Provision(RuleBasedStateMachine):
    """Sightings come, lines turn out to be another's, people leave, clocks jump, notices go out or fail."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.book = Book.at(Path(self.folder.name))
        self.book.migrate()
        self.provider = Provider(self.book, policy=POLICY)
        self.now = AT
        self.said: list[CaseDay] = []  # what the lake says now
        self.ever: list[CaseDay] = []
        self.taken: list[tuple[datetime, Decision]] = []
        self.left: dict[int, datetime] = {}  # who has no contract any more
        self.returned: set[int] = set()
        self.fresh = False  # whether a hold was released since the last run

    def teardown(self) -> None:
        self.book.close()
        self.folder.cleanup()

    # --- what happens --------------------------------------------------------------------------------------------

    @rule(days=st.lists(st.tuples(numbers, sources, roles, malware, st.integers(-2, 80), observers), max_size=8))
    def see(self, days: list[tuple[int, str, str, str, int, str]]) -> None:
        for number, source, role, name, ago, observer in days:
            self._add(
                seen(
                    self.now - ago * HOUR,
                    subscriber=number,
                    account=10 * number,
                    source=source,
                    role=role,
                    malware=name,
                    observers=(observer or source,),
                )
            )

    @rule(number=numbers, hours=st.sampled_from([24, 24 * 4, 24 * 5]))
    def see_again_later_and_run(self, number: int, hours: int) -> None:
        self.now += timedelta(hours=hours)
        self._add(seen(self.now - HOUR, subscriber=number, account=10 * number))
        self.run()

    def _add(self, day: CaseDay) -> None:
        if all(_key(day) != _key(other) for other in self.said):
            self.provider.see(day)
            self.said.append(day)
            self.ever.append(day)

    @precondition(lambda self: bool(self.said))
    @rule(data=st.data(), to=st.one_of(st.none(), numbers))
    def correct(self, data: st.DataObject, to: int | None) -> None:
        """A late line: somebody else held the address, or nobody did."""
        day = data.draw(st.sampled_from(self.said))
        self.provider.forget(day)
        self.said.remove(day)
        if to is not None:
            self._add(msgspec.structs.replace(day, subscriber=to, account=10 * to))

    @rule(number=numbers)
    def leave(self, number: int) -> None:
        self.provider.end_contract(number, self.now)
        self.left.setdefault(number, self.now)

    @rule(hours=st.sampled_from([1, 24, 24 * 4, 24 * 8, -3, -24 * 5]))
    def pass_time(self, hours: int) -> None:
        """Clocks jump back, too."""
        self.now += timedelta(hours=hours)

    @rule(source=st.sampled_from(["own", "cert"]), count=st.sampled_from([30, 40, 900]), ours=st.booleans())
    def bring(self, source: str, count: int, ours: bool) -> None:
        self.provider.bring(self.now, {"subscriber" if ours else "not-ours": count}, source)

    @rule()
    def run(self) -> None:
        taken = self.provider.run(self.now)
        self.taken += [(self.now, decision) for decision in taken]
        assert self.fresh or len(taken) <= 3, "more than three in ten without a release"
        assert not self.returned & {each.subscriber for each in taken}, "their only address has returned a notice"
        self.fresh = False

    @rule()
    def run_and_die_before_the_plan_is_taken(self) -> None:
        self.provider.follow(self.now)
        self.provider.plan(self.now)

    @rule()
    def release(self) -> None:
        self.fresh = bool(self.provider.release(self.now)) or self.fresh

    @rule(refused=st.integers(0, 3), died=st.booleans())
    def deliver(self, refused: int, died: bool) -> None:
        """Our checker refuses some of what waits; the rest goes out, or out and the process dies before it says so."""
        for place, notice in enumerate(each.notice for each in self.provider.notices() if each.state == "decided"):
            if place >= refused and died:
                self.provider.queue(notice)
            elif place < refused:
                with self.book.write() as tx:
                    refuse(tx, notice, reason="refused", at=self.now)
            else:
                self.provider.send(notice, self.now)

    @precondition(lambda self: bool(self.provider.cases()))
    @rule(data=st.data(), action=st.sampled_from(list(ACTIONS)))
    def act_by_hand(self, data: st.DataObject, action: str) -> None:
        case = data.draw(st.sampled_from(self.provider.cases()))
        with contextlib.suppress(Refused), self.book.write() as tx:
            act(tx, case, action, at=self.now, actor="ada", reason="ticket 7")

    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        """A notice that was sent bounces."""
        gone = sorted((each.notice, each.subscriber) for each in self.provider.notices() if each.state == "sent")
        if gone:
            notice, subscriber = data.draw(st.sampled_from(gone))
            with self.book.write() as tx:
                bounce(tx, notice, reason="5.1.1 no such mailbox", at=self.now)
            self.returned.add(subscriber)

    # --- what never does -----------------------------------------------------------------------------------------

    @invariant()
    def nobody_is_written_to_twice_within_a_rest(self) -> None:
        moments: dict[int, list[datetime]] = {}
        for notice in self.provider.notices():
            if notice.state != "bounced" and (notice.state != "refused" or notice.message_id is not None):
                moments.setdefault(notice.subscriber, []).append(notice.decided_at)
        for found in moments.values():
            ordered = sorted(found)
            gaps = [later - earlier for earlier, later in itertools.pairwise(ordered)]
            assert all(gap >= POLICY.rest for gap in gaps)

    @invariant()
    def every_notice_rests_on_what_it_may(self) -> None:
        for at, decision in self.taken:
            for trouble in decision.facts.troubles:
                assert trouble.role in ("infected", "attacker", "exposed")
                assert at - POLICY.age_max <= trouble.seen_at <= at
            for case_malware in {trouble.malware or "" for trouble in decision.facts.troubles}:
                words = {
                    d.source for d in self.ever if d.subscriber == decision.subscriber and d.malware == case_malware
                }
                known = words & {source for source, trust in TRUST.items() if trust is not Trust.STRANGER}
                assert known or {"alice", "bob"} <= words
            assert decision.subscriber not in self.left or at < self.left[decision.subscriber]
        self.taken.clear()  # each was looked at when it was new: people who leave later were right to be told

    @invariant()
    def a_subscriber_has_one_living_case_of_a_kind(self) -> None:
        alive = [(c.subscriber, c.kind, c.malware, c.role) for c in self.provider.cases() if c.state not in OVER]
        assert len(alive) == len(set(alive))
        assert {role for *_, role in alive} <= {"infected", "attacker"}

    @invariant()
    def cases_moved_only_as_the_table_says(self) -> None:
        for row in self.provider.rows():
            states = [State(move.state) for move in self.provider.moves(row.case)]
            assert states[0] == State.OPEN
            assert all(after == before or after in MOVES[before] for before, after in itertools.pairwise(states))
            assert states[-1] == row.state

    @invariant()
    def a_notified_case_has_a_notice_that_was_neither_refused_nor_returned(self) -> None:
        alive = {notice.notice for notice in self.provider.notices() if notice.state not in ("refused", "bounced")}
        for row in self.provider.rows():
            if row.state == State.NOTIFIED:
                assert alive & set(row.notices)

    @invariant()
    def what_waits_tells_of_no_case_that_is_gone(self) -> None:
        self.provider.follow(self.now)
        waiting = {notice.notice for notice in self.provider.notices() if notice.state == "decided"}
        for row in self.provider.rows():
            if row.state in (State.WITHDRAWN, State.OPEN):
                assert not waiting & set(row.notices)


def _key(day: CaseDay) -> tuple[object, ...]:
    return day.subscriber, day.kind, day.malware, day.role, day.day, day.source, day.account, day.log


TestProvision = Provision.TestCase
TestProvision.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
