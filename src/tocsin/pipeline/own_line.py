"""What a visitor may be told by nothing but the address he comes from: kind, day, and since when it is one line's.

He may be a guest: so no name, no account, no sensor and nobody the line was in touch with. The question is answered
only when the logs have been read past the moment at which he asked. Before that nobody can know that the address had
not just passed to another line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from tocsin.attribution.tenure import tenure
from tocsin.attribution.who import who
from tocsin.book import Book, Transaction, audit, case_days, jobs, visits
from tocsin.book.case_days import CaseDay
from tocsin.book.visits import Visit
from tocsin.cases.rules import believed
from tocsin.pipeline.house import House
from tocsin.terms.addresses import parse_address, parse_network, within
from tocsin.terms.roles import CASE_ROLES, Outcome, Trust

KIND = "own-line"  # of the job
WAITING_MAX = 5_000  # visits that wait for their answer at once; whoever comes then is asked to come again
SEEN_MAX = 8  # kinds of trouble told; more make no better page
_FIRST_PAUSE, _PAUSE_MAX = timedelta(seconds=15), timedelta(minutes=15)
_Finding = Literal["clear", "seen", "shared", "elsewhere", "unknown"]
_FINDING_BY_OUTCOME: dict[Outcome, _Finding] = {
    Outcome.SHARED: "shared",
    Outcome.NOT_OURS: "elsewhere",
    Outcome.AMBIGUOUS: "unknown",
    Outcome.NO_BINDING: "unknown",
    Outcome.LOG_GAP: "unknown",
}


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of trouble on the address, in the time in which it was this line's."""

    role: str
    kind: str
    first_at: datetime
    last_at: datetime


class LineAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`since`: from when on the address was this line's; only where it is one line's alone."""

    finding: _Finding
    since: datetime | None = None
    seen: tuple[Seen, ...] = ()


class _Question(msgspec.Struct, frozen=True):
    visit: str
    tries: int = 0


def ask(book: Book, visit: Visit, *, at: datetime) -> bool:
    """Begin this visit, and have its address looked up; False when too many wait already."""
    with book.write() as tx:
        if visits.waiting(tx, at=at) >= WAITING_MAX:
            return False
        visits.start(tx, visit)
        _enqueue(tx, _Question(visit.visit), at, at)
    return True


def do(house: House, payload: bytes) -> bytes:
    """The job: answer, or come back later. It may be done twice."""
    question = msgspec.json.decode(payload, type=_Question)
    if answer_visit(house, question.visit):
        return b"{}"
    pause = min(_FIRST_PAUSE * 2 ** min(question.tries, 10), _PAUSE_MAX)
    with house.book.write() as tx:
        _enqueue(tx, _Question(question.visit, question.tries + 1), house.now, house.now + pause)
    return b'{"later": true}'


def _enqueue(tx: Transaction, question: _Question, at: datetime, due_at: datetime) -> None:
    payload = msgspec.json.encode(question).decode()
    jobs.add(tx, KIND, payload, key=f"{question.visit} {question.tries}", made_at=at, due_at=due_at)


def answer_visit(house: House, name: str) -> bool:
    """Answer the question of that visit, if the logs say enough by now; False when it must be asked again later.

    The same steps are taken whatever is found: who holds it, since when, what was seen.
    """
    with house.book.read() as tx:
        visit = visits.find(tx, name, at=house.now)
    if visit is None or visit.address is None or visit.asked_at is None or visit.answer is not None:
        return True
    found = look(house, parse_address(visit.address), visit.asked_at)
    if found is None:
        return False
    _keep(house, visit, *found)
    return True


def look(house: House, address: UUID, at: datetime) -> tuple[LineAnswer, int | None] | None:
    """What may be told of the address, and whose line it was at `at`; None while the logs have not been read so far."""
    if _is_shared(house, address):
        return LineAnswer(finding="shared"), None  # for which no log need be waited
    holder = who(house.lake, house.config.attribution(), address, at=at)
    if holder.outcome is Outcome.PENDING:
        return None
    subscriber = holder.number if holder.outcome is Outcome.SUBSCRIBER else None
    asked = 0 if subscriber is None else subscriber  # nobody has the number 0: the same work for every answer
    since = tenure(house.lake, address, asked, at=at)
    with house.book.read() as tx:
        days = case_days.days_of(tx, [asked])
    if subscriber is None:
        return LineAnswer(finding=_FINDING_BY_OUTCOME.get(holder.outcome, "unknown")), None
    if since is None:
        return LineAnswer(finding="unknown"), None
    mine = [day for day in days if parse_address(day.address) == address and since <= day.last_at]
    seen = tuple(_seen(mine, since, house.config.trust()))
    return LineAnswer(finding="seen" if seen else "clear", since=since, seen=seen), subscriber


def _is_shared(house: House, address: UUID) -> bool:
    return any(within(address, *parse_network(prefix)) for prefix in house.config.provider.shared_prefixes)


def _seen(days: Iterable[CaseDay], since: datetime, trust: Mapping[str, Trust]) -> list[Seen]:
    """By role and kind what is believed, as for a notice; the latest first."""
    by_kind: dict[tuple[str, str], list[CaseDay]] = {}
    for day in days:
        if day.role in CASE_ROLES:
            by_kind.setdefault((day.role, day.kind), []).append(day)
    found = [
        Seen(
            role=role,
            kind=kind,
            first_at=max(since, min(day.first_at for day in told)),
            last_at=max(day.last_at for day in told),
        )
        for (role, kind), them in by_kind.items()
        if (told := believed(them, trust))
    ]
    return sorted(found, key=lambda each: each.last_at, reverse=True)[:SEEN_MAX]


def _keep(house: House, visit: Visit, answer: LineAnswer, subscriber: int | None) -> None:
    text = msgspec.json.encode(answer).decode()
    with house.book.write() as tx:
        visits.answer_line(tx, visit, answer=text, subscriber=subscriber, at=house.now)
        audit.append(
            tx,
            at=house.now,
            actor="portal",
            action="own address",
            object=f"{visit.address} as of {visit.asked_at:%Y-%m-%dT%H:%M:%SZ}",
            reason="the visitor asked about the address that he came from",
            subscriber=subscriber,
        )


def read_answer(text: str) -> LineAnswer:
    return msgspec.json.decode(text, type=LineAnswer)
