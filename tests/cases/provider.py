"""A small provider in a real book: what its runs do, step by step, at moments of the test's choosing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from tests.cases.case_world import AT, DAY, SENDER, SENDING, TITLES, TRUST
from tocsin.book import Book, Transaction, case_days, evidence, quiet_days, runs
from tocsin.book import cases as book_cases
from tocsin.book import holds as book_holds
from tocsin.book import notices as book_notices
from tocsin.book import steps as book_steps
from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, CaseRow, Change, Move
from tocsin.book.holds import Hold
from tocsin.book.notices import Notice
from tocsin.book.quiet_days import LineDay
from tocsin.book.runs import SourceRun
from tocsin.book.steps import Step
from tocsin.book.tables import accounts, contracts, subscribers
from tocsin.cases.decide import Decision
from tocsin.cases.outbox import follow_all
from tocsin.cases.plan import Plan, plan_notices, take
from tocsin.cases.policy import Policy
from tocsin.cases.rules import MAIL_ALONE, Ways

SUBSCRIBERS = 10
GENEROUS = msgspec.structs.replace(SENDING, share_max=1.0)


class Provider:
    """Subscriber 1 to 10 has account 10 to 100; one run two weeks ago met every source and log."""

    def __init__(self, book: Book, *, policy: Policy = GENEROUS, ways: Ways = MAIL_ALONE) -> None:
        self.book, self.policy, self.ways, self.days = book, policy, ways, dict[object, list[CaseDay]]()
        with book.write() as tx:
            for number in range(1, SUBSCRIBERS + 1):
                _subscribe(tx, number)
            for name in (*TRUST, "radius", "static"):
                evidence.meet_source(tx, name, AT - 14 * DAY)
            runs.finish(tx, AT - 14 * DAY, "{}")

    def see(self, *days: CaseDay) -> None:
        """Add to what the lake says."""
        for day in days:
            self.days.setdefault(day.day, []).append(day)
        self._bring({day.day for day in days})

    def forget(self, day: CaseDay) -> None:
        """A late line has given this day to somebody else."""
        self.days[day.day].remove(day)
        self._bring({day.day})

    def _bring(self, changed: Iterable[object]) -> None:
        with self.book.write() as tx:
            for day in changed:
                case_days.replace_day(tx, day, self.days[day])  # type: ignore[arg-type]

    def bring(self, run_at: datetime, outcomes: dict[str, int], source: str = "cert") -> None:
        """What a source brought into a run."""
        counted = SourceRun(source=source, run_at=run_at, sightings=sum(outcomes.values()), outcomes=outcomes)
        with self.book.write() as tx:
            runs.note_sources(tx, [counted])

    def deliver(self, until: datetime, *, sources: Iterable[str] = TRUST, days: int = 120) -> None:
        """Each day up to then every source has delivered, the logs were whole and every line was on."""
        with self.book.write() as tx:
            for number in range(1, days):
                day = (until - number * DAY).date()
                quiet_days.replace_delivered(tx, day, dict.fromkeys(sources, 1))
                lines = [line_day(number, day) for number in range(1, SUBSCRIBERS + 1)]
                quiet_days.put_lines(tx, day, lines, whole=True)

    def follow(self, at: datetime = AT) -> list[Change]:
        return follow_all(self.book, at=at, policy=self.policy)

    def plan(self, at: datetime = AT) -> Plan:
        rules = {"policy": self.policy, "trust": TRUST, "titles": TITLES, "ways": self.ways}
        return plan_notices(self.book, at=at, sender=SENDER, **rules)  # type: ignore[arg-type]

    def run(self, at: datetime = AT) -> list[Decision]:
        """One whole run: follow, plan, take, finish."""
        self.follow(at)
        taken = take(self.book, self.plan(at))
        with self.book.write() as tx:
            runs.finish(tx, at, json.dumps({"notices": len(taken)}))
        return taken

    def queue(self, notice: str) -> None:
        sealed = {"message_id": f"<{notice}@isp.example>", "envelope_from": "b@isp.example"}
        with self.book.write() as tx:
            book_notices.queue(tx, notice, raw=b"x", **sealed)

    def send(self, notice: str, at: datetime = AT) -> None:
        self.queue(notice)
        with self.book.write() as tx:
            book_notices.note_dot(tx, notice, at)
            book_notices.note_sent(tx, notice, at)

    def release(self, at: datetime = AT) -> list[str]:
        """Every hold that waits."""
        with self.book.write() as tx:
            waiting = [hold.hold for hold in book_holds.unreleased(tx)]
            for hold in waiting:
                book_holds.release(tx, hold, at=at, by="desk")
        return waiting

    def holds(self) -> list[Hold]:
        with self.book.read() as tx:
            return book_holds.every(tx)

    def notices(self) -> list[Notice]:
        with self.book.read() as tx:
            return book_notices.in_state(tx, "decided", "queued", "sent", "refused", "uncertain", "bounced")

    def rows(self) -> list[CaseRow]:
        with self.book.read() as tx:
            return book_cases.case_rows(tx)

    def cases(self) -> list[Case]:
        with self.book.read() as tx:
            return book_cases.cases_of(tx, range(1, SUBSCRIBERS + 1))

    def moves(self, case: str) -> list[Move]:
        with self.book.read() as tx:
            return book_cases.moves_of(tx, [case])

    def contract(self, number: int, **values: object) -> None:
        """What the subscriber's contract says from now on."""
        with self.book.write() as tx:
            tx.execute(contracts.update().where(contracts.c.subscriber == number).values(**values))

    def steps(self, case: str) -> list[Step]:
        with self.book.read() as tx:
            return [each.step for each in book_steps.taken_of(tx, [case]).get(case, ())]

    def end_contract(self, number: int, at: datetime) -> None:
        with self.book.write() as tx:
            tx.execute(contracts.update().where(contracts.c.subscriber == number).values(ends_at=at))


def line_day(subscriber: int, day: date, *, held_s: int = 86_400, blind_s: int = 0) -> LineDay:
    return LineDay(subscriber=subscriber, day=day, accounts=str(10 * subscriber), held_s=held_s, blind_s=blind_s)


def _subscribe(tx: Transaction, number: int) -> None:
    tx.execute(subscribers.insert().values(number=number, ref=f"K-{number}"))
    tx.execute(accounts.insert().values(number=10 * number, name=f"login{number}"))
    tx.execute(
        sa.insert(contracts).values(
            number=100 * number,
            subscriber=number,
            account=10 * number,
            name=f"Holder {number}",
            email=f"holder{number}@mail.example",
            language="en",
            zone="UTC",
            line=f"L-000{number:05}",
            starts_at=AT - 500 * DAY,
        )
    )
