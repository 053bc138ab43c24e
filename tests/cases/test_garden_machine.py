"""Whatever is seen, said and decided in whatever order: whom no policy encloses, and that everybody gets out.

Through the real plan and the real `take`, in a real book; the garden's rules are asked again by other words.
"""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.cases.case_world import AT, DAY, HOUR, SENDING, TRUST, seen
from tests.cases.provider import Provider
from tocsin.book import Book, quarantines
from tocsin.book import notices as book_notices
from tocsin.book import steps as book_steps
from tocsin.book.quarantines import Quarantine
from tocsin.cases.followup import FollowUp, Step
from tocsin.cases.rules import Gate, Ways
from tocsin.terms.errors import Refused
from tocsin.terms.roles import Trust

FEW = 5  # subscribers that anything happens to
INSIDE_MAX = 2
POLICY = msgspec.structs.replace(SENDING, share_max=1.0, rest_days=2, notice_age_max_days=4, quiet_days=9)
LADDER = FollowUp(
    steps=(
        Step(channel="mail", when="seen"),
        Step(channel="garden", after_days=1),
        Step(channel="sms", after_days=1, when="still"),
        Step(channel="garden", after_days=1, when="still"),
    )
)
numbers = st.integers(1, FEW)
flags = st.sampled_from([False, False, False, True, None])


class Town(RuleBasedStateMachine):
    """Sightings come, time goes by, contracts change, people approve, lines go in and out, the switch is turned."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.book = Book.at(Path(self.folder.name))
        self.book.migrate()
        self.is_on = True
        gate = Gate(is_on=True, inside_max=lambda _: INSIDE_MAX)
        ways = Ways(followups=(LADDER,), channels=frozenset({"mail", "sms"}), gate=gate)
        self.provider = Provider(self.book, policy=POLICY, ways=ways)
        self.now = AT
        self.lines: dict[int, dict[str, object]] = {}
        for number in range(1, FEW + 1):
            self._describe(number, line_kind="private", care_alarm=False, medical=False, phone="+4915112345678")
        self.see([(number, "cert", 1) for number in range(1, FEW)])  # all but one have been told
        self.run()

    def teardown(self) -> None:
        self.everybody_can_leave()
        self.book.close()
        self.folder.cleanup()

    # --- what happens --------------------------------------------------------------------------------------------

    @rule(
        many=st.lists(
            st.tuples(numbers, st.sampled_from(["own", "cert", "alice", "bob"]), st.integers(0, 60)), max_size=6
        )
    )
    def see(self, many: list[tuple[int, str, int]]) -> None:
        days = {}  # a source says one thing of a day
        for number, source, hours in many:
            day = seen(self.now - hours * HOUR, subscriber=number, account=10 * number, source=source)
            days[day.day, number, source] = day
        for (_, number, source), day in days.items():
            said = self.provider.days.setdefault(day.day, [])
            said[:] = [each for each in said if (each.subscriber, each.source) != (number, source)]
        self.provider.see(*days.values())

    @rule(
        number=numbers,
        kind=st.sampled_from(["private", "private", "private", "business", None]),
        alarm=flags,
        ill=flags,
    )
    def describe(self, number: int, kind: str | None, alarm: bool | None, ill: bool | None) -> None:
        self._describe(number, line_kind=kind, care_alarm=alarm, medical=ill)

    @rule(hours=st.integers(1, 80))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(is_on=st.sampled_from([True, True, True, False]), inside_max=st.sampled_from([INSIDE_MAX, INSIDE_MAX, 1, 0]))
    def turn(self, is_on: bool, inside_max: int) -> None:
        self.is_on = is_on
        gate = Gate(is_on=is_on, inside_max=lambda _: inside_max)
        self.provider.ways = msgspec.structs.replace(self.provider.ways, gate=gate)

    @rule(several=st.lists(st.tuples(st.integers(40, 80), st.lists(numbers, max_size=3)), max_size=3))
    def go_on(self, several: list[tuple[int, list[int]]]) -> None:
        """Days in which what is infected stays so."""
        for hours, ill in several:
            self.wait(hours)
            self.see([(number, "cert", 1) for number in ill])
            self.run()

    @rule()
    def run(self) -> None:
        before, inside = {stay.quarantine for stay in self.stays()}, self.inside()
        been = {stay.subscriber for stay in self.stays() if stay.by_person and stay.starts_at}
        self.now += timedelta(seconds=1)
        for decision in self.provider.run(self.now):
            self.provider.send(decision.facts.notice, self.now)
        for stay in self.stays():
            if stay.quarantine not in before:
                self._check(stay, been=stay.subscriber in been)
        if not self.is_on:
            assert self.inside() == inside

    @rule(leave=st.sampled_from([0, 0, 1]))
    def approve(self, leave: int) -> None:
        """A person; care alarm or not. Then the access server is told."""
        for stay in [stay for stay in self.stays() if stay.state == "asked"][leave:]:
            with contextlib.suppress(Refused), self.book.write() as tx:
                quarantines.approve(tx, stay.quarantine, by="lena", at=self.now, inside_max=INSIDE_MAX)
        self.enclose()

    @rule()
    def everybody_in_and_out(self) -> None:
        self.approve(0)
        self.everybody_can_leave()

    @rule()
    def enclose(self) -> None:
        for stay in self.stays():
            if stay.state == "approved":
                session = quarantines.Session(nas="nas-1", session="s", address="192.0.2.7")
                with self.book.write() as tx:
                    quarantines.note_sent(tx, stay.quarantine, session, at=self.now, stay_max=14 * DAY)
                    quarantines.note_active(tx, stay.quarantine, at=self.now, stay_max=14 * DAY)

    @rule(chosen=st.integers(0, 9))
    def let_out(self, chosen: int) -> None:
        if stays := self.open():
            self._release(stays[chosen % len(stays)])

    # --- what never happens --------------------------------------------------------------------------------------

    @invariant()
    def never_more_than_the_maximum(self) -> None:
        assert self.inside() <= INSIDE_MAX

    @invariant()
    def nobody_twice_at_once(self) -> None:
        inside = [stay.subscriber for stay in self.open()]
        assert len(inside) == len(set(inside))

    @invariant()
    def nobody_is_written_to_before_the_rest_is_over(self) -> None:
        told: dict[int, list[datetime]] = {}
        for notice in sorted(self.provider.notices(), key=lambda each: each.decided_at):
            told.setdefault(notice.subscriber, []).append(notice.decided_at)
        for moments in told.values():
            assert all(later - sooner >= POLICY.rest for sooner, later in itertools.pairwise(moments))

    @invariant()
    def no_step_is_taken_twice(self) -> None:
        with self.book.read() as tx:
            taken = book_steps.taken_of(tx, [case.case for case in self.provider.cases()])
        for rows in taken.values():
            steps = [row.step.step for row in rows]
            assert steps == sorted(set(steps))

    def everybody_can_leave(self) -> None:
        """Whatever has happened, and with the switch off."""
        for stay in self.open():
            self._release(stay)
        assert self.open() == []

    def _check(self, stay: Quarantine, *, been: bool) -> None:
        """A policy has asked for it just now."""
        assert self.is_on
        words = [
            day
            for days in self.provider.days.values()
            for day in days
            if (day.subscriber, day.account) == (stay.subscriber, stay.account)
            and TRUST[day.source] is not Trust.STRANGER
            and self.now - day.last_at <= POLICY.age_max
        ]
        assert words, "on nobody's word but strangers'"
        with self.book.read() as tx:
            told = book_notices.of_cases(tx, [stay.case])[stay.case]
        assert any(notice.sent_at and notice.sent_at < self.now for notice in told), "before being told"
        if stay.state != "asked":
            line = self.lines[stay.subscriber]
            assert (line["line_kind"], line["care_alarm"], line["medical"]) == ("private", False, False)
            assert been, "the first time a person decides"

    # --- the means -----------------------------------------------------------------------------------------------

    def _describe(self, number: int, **values: object) -> None:
        self.lines.setdefault(number, {}).update(values)
        self.provider.contract(number, **values)

    def _release(self, stay: Quarantine) -> None:
        with self.book.write() as tx:
            way = quarantines.release(tx, stay.quarantine, way="clerk", by="paul", reason="rang", at=self.now)
            if way.state == "releasing":
                quarantines.note_released(tx, stay.quarantine, at=self.now)

    def stays(self) -> list[Quarantine]:
        with self.book.read() as tx:
            return quarantines.newest(tx, 1_000)

    def open(self) -> list[Quarantine]:
        return [stay for stay in self.stays() if stay.state in quarantines.OPEN]

    def inside(self) -> int:
        with self.book.read() as tx:
            return quarantines.active_count(tx)


TestTown = Town.TestCase
TestTown.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)
