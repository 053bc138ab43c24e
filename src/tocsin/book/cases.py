"""Cases, every move they made, and what is asked about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book import case_sources, changes
from tocsin.book.book import Transaction
from tocsin.book.parts import in_parts
from tocsin.book.tables import case_moves, cases, contracts, notice_cases, notices, subscribers

_CHANGING = ("state", "changed_at", "sightings", "first_at", "last_at")
_REASON_MAX = 300


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One subscriber's trouble of one kind, malware and role."""

    case: str
    subscriber: int
    kind: str
    malware: str  # '' where the source named none
    role: str
    state: str
    opened_at: datetime  # the sighting that opened it
    changed_at: datetime  # its last move
    sightings: int
    first_at: datetime
    last_at: datetime


class Move(msgspec.Struct, frozen=True, kw_only=True):
    """A case came into a state, and why."""

    case: str
    at: datetime
    state: str
    actor: str
    reason: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it was (absent: it is new), as it is to be, and the moves between the two, in order."""

    before: Case | None
    after: Case
    moves: tuple[Move, ...] = ()


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """Whose account it was, from when until when (absent: it still runs)."""

    number: int
    subscriber: int
    account: int
    name: str
    email: str
    language: str
    zone: str
    line: str
    starts_at: datetime
    ends_at: datetime | None = None
    phone: str | None = None  # E.164; absent, as the next four, where the subscriber file does not say
    postal_address: str | None = None  # its lines, the name not among them
    line_kind: str | None = None  # private | business
    care_alarm: bool | None = None
    medical: bool | None = None


class CaseRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A case as the command line prints it; an absent malware is an absent key."""

    case: str
    subscriber: str  # the provider's customer number
    kind: str
    state: str
    opened_at: datetime
    sightings: int
    notices: list[str]  # their references, oldest first
    malware: str | None = None


def cases_of(tx: Transaction, numbers: Iterable[int]) -> list[Case]:
    """Every case of these subscribers, oldest first."""
    query = sa.select(cases).order_by(cases.c.subscriber, cases.c.opened_at, cases.c.case)
    return [
        Case(**row)
        for part in in_parts(numbers)
        for row in tx.execute(query.where(cases.c.subscriber.in_(part))).mappings()
    ]


def _found(tx: Transaction, wanted: Iterable[str]) -> list[Case]:
    query = sa.select(cases)
    return [
        Case(**row) for part in in_parts(wanted) for row in tx.execute(query.where(cases.c.case.in_(part))).mappings()
    ]


def subscribers_in(tx: Transaction, states: Collection[str], only: Collection[int] | None = None) -> set[int]:
    """Who (of these) has a case in one of these states."""
    query = sa.select(cases.c.subscriber).where(cases.c.state.in_(states)).distinct()
    if only is None:
        return set(tx.execute(query).scalars())
    return {
        number for part in in_parts(only) for number in tx.execute(query.where(cases.c.subscriber.in_(part))).scalars()
    }


def find(tx: Transaction, case: str) -> Case | None:
    """The case of that name."""
    return next(iter(_found(tx, [case])), None)


def find_all(tx: Transaction, wanted: Iterable[str]) -> dict[str, Case]:
    """The cases of those names, by name."""
    return {case.case: case for case in _found(tx, wanted)}


def states_of(tx: Transaction, wanted: Iterable[str]) -> dict[str, str]:
    """State by case."""
    query = sa.select(cases.c.case, cases.c.state)
    return {row.case: row.state for part in in_parts(wanted) for row in tx.execute(query.where(cases.c.case.in_(part)))}


def save(tx: Transaction, wanted: Sequence[Change]) -> list[Change]:
    """Make these changes; those that were made. One whose case is no longer as it was is left to the next run."""
    present = {case.case: case for case in _found(tx, [change.after.case for change in wanted])}
    made = [change for change in wanted if present.get(change.after.case) == change.before]
    new = [msgspec.structs.asdict(change.after) for change in made if change.before is None]
    old = [msgspec.structs.asdict(change.after) for change in made if change.before is not None]
    if new:
        tx.execute(cases.insert(), new)
    if old:
        update = cases.update().where(cases.c.case == sa.bindparam("_case"))
        update = update.values({name: sa.bindparam(f"_{name}") for name in _CHANGING})
        tx.execute(update, [{f"_{name}": values[name] for name in ("case", *_CHANGING)} for values in old])
    _add_moves(tx, [move for change in made for move in change.moves])
    if made:
        case_sources.follow_cases(tx, [change.after.case for change in made])
        changes.tick(tx)
    return made


def move(tx: Transaction, moves: Sequence[Move]) -> None:
    """Bring cases into new states; nothing else of them changes."""
    if moves:
        update = cases.update().where(cases.c.case == sa.bindparam("_case"))
        update = update.values(state=sa.bindparam("_state"), changed_at=sa.bindparam("_at"))
        tx.execute(update, [{"_case": each.case, "_state": each.state, "_at": each.at} for each in moves])
        case_sources.follow_states(tx, [(each.case, each.state) for each in moves])
    _add_moves(tx, moves)


def remark(tx: Transaction, remarks: Sequence[Move]) -> None:
    """Lines of a case's time line that move nothing: `state` is the one in which it is and stays."""
    _add_moves(tx, remarks)


def moves_of(tx: Transaction, wanted: Iterable[str]) -> list[Move]:
    """Every move of these cases, each case's in order."""
    query = sa.select(*(case_moves.c[name] for name in Move.__struct_fields__))
    query = query.order_by(case_moves.c.case, case_moves.c.number)
    return [
        Move(**row)
        for part in in_parts(wanted)
        for row in tx.execute(query.where(case_moves.c.case.in_(part))).mappings()
    ]


def contracts_of(tx: Transaction, accounts: Iterable[int]) -> list[Contract]:
    """Every contract that these accounts ever had, whoever held it, oldest first."""
    query = sa.select(*(contracts.c[name] for name in Contract.__struct_fields__))
    query = query.order_by(contracts.c.account, contracts.c.starts_at, contracts.c.number)
    return [
        Contract(**row)
        for part in in_parts(accounts)
        for row in tx.execute(query.where(contracts.c.account.in_(part))).mappings()
    ]


def refs_of(tx: Transaction, numbers: Iterable[int]) -> dict[int, str]:
    """The provider's customer number by ours."""
    query = sa.select(subscribers.c.number, subscribers.c.ref)
    found = (tx.execute(query.where(subscribers.c.number.in_(part))) for part in in_parts(numbers))
    return {row.number: row.ref for rows in found for row in rows}


def count_subscribers(tx: Transaction) -> int:
    return int(tx.execute(sa.select(sa.func.count()).select_from(subscribers)).scalar_one())


def case_rows(tx: Transaction, *, case: str | None = None, states: Collection[str] = ()) -> list[CaseRow]:
    """Cases as the command line prints them, oldest first: this one, or all (in these states)."""
    query = sa.select(cases, subscribers.c.ref).join(subscribers, subscribers.c.number == cases.c.subscriber)
    if case is not None:
        query = query.where(cases.c.case == case)
    if states:
        query = query.where(cases.c.state.in_(states))
    found = tx.execute(query.order_by(cases.c.opened_at, cases.c.case)).all()
    notices_by_case = _notices_by_case(tx, [row.case for row in found])
    return [
        CaseRow(
            case=row.case,
            subscriber=row.ref,
            kind=row.kind,
            malware=row.malware or None,
            state=row.state,
            opened_at=row.opened_at,
            sightings=row.sightings,
            notices=notices_by_case.get(row.case, []),
        )
        for row in found
    ]


def _notices_by_case(tx: Transaction, wanted: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    query = sa.select(notice_cases).join(notices, notices.c.notice == notice_cases.c.notice)
    query = query.order_by(notices.c.decided_at, notices.c.notice)
    for part in in_parts(wanted):
        for row in tx.execute(query.where(notice_cases.c.case.in_(part))):
            found.setdefault(row.case, []).append(row.notice)
    return found


def _add_moves(tx: Transaction, moves: Sequence[Move]) -> None:
    """Each case's moves are numbered from 1."""
    query = sa.select(case_moves.c.case, sa.func.max(case_moves.c.number).label("last")).group_by(case_moves.c.case)
    found = (tx.execute(query.where(case_moves.c.case.in_(part))) for part in in_parts(each.case for each in moves))
    last = {row.case: int(row.last) for rows in found for row in rows}
    added: list[dict[str, object]] = []
    for each in moves:
        last[each.case] = last.get(each.case, 0) + 1
        values = {**msgspec.structs.asdict(each), "reason": each.reason[:_REASON_MAX], "number": last[each.case]}
        added.append(values)
    if added:
        tx.execute(case_moves.insert(), added)
        changes.tick(tx)
