"""Who is in the walled garden, who is to be put there, who is to get out. Each step is written before it is taken.

asked -> approved -> sent -> active -> releasing -> released
  |         |         |       `-> approved   the line has a new session: it is done there again
  |         |         |-> approved           the access server was busy or silent: it is tried again
  |         |         |-> releasing          somebody wants him out, done or not
  |         |         `-> failed             it said no for good: a person looks
  |         |-> failed | released            released: nothing was done yet
  `---------`-> refused                      a person, or a rule, says no

From every state before `released` and `refused` there is a way out; nothing can forbid it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Literal, get_args

import msgspec
import sqlalchemy as sa

from tocsin.book import changes
from tocsin.book.book import Transaction
from tocsin.book.tables_garden import quarantines
from tocsin.terms.errors import BadRequest, Refused
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment

State = Literal["asked", "approved", "sent", "active", "releasing", "released", "refused", "failed"]
Way = Literal["self", "clerk", "desk", "quiet", "time", "withdrawn"]  # how somebody got out
WAYS: tuple[Way, ...] = get_args(Way)

_FROM_BY_STATE: Mapping[State, tuple[State, ...]] = {  # the states that it may come from
    "approved": ("asked", "sent", "active", "failed"),
    "sent": ("approved",),
    "active": ("sent",),
    "releasing": ("sent", "active", "failed"),
    "released": ("asked", "approved", "releasing"),
    "refused": ("asked", "approved", "failed"),
    "failed": ("approved", "sent"),
}
OPEN: tuple[State, ...] = ("asked", "approved", "sent", "active", "releasing", "failed")
INSIDE: tuple[State, ...] = ("approved", "sent", "active", "releasing")  # what counts against the greatest share
_REASON_MAX = 300
_NAME_CHARACTERS = 12


class Quarantine(msgspec.Struct, frozen=True, kw_only=True):
    """One stay in the garden. `nas`, `session` and `address` are those of the session to which it was last done."""

    quarantine: str
    case: str
    subscriber: int
    account: int
    state: State
    asked_at: datetime
    asked_by: str
    reason: str
    approved_at: datetime | None = None
    approved_by: str | None = None
    by_person: bool = False
    nas: str | None = None
    session: str | None = None
    address: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    due_at: datetime | None = None
    tries: int = 0
    error: str | None = None
    way: Way | None = None
    release_reason: str | None = None
    released_by: str | None = None
    release_asked_at: datetime | None = None
    released_at: datetime | None = None


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to put into the garden, and who wants it. `automatic`: a policy does, and would not wait for a person."""

    case: str
    subscriber: int
    account: int
    by: str
    reason: str
    automatic: bool = False


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """The one session at an access server that is meant."""

    nas: str
    session: str
    address: str


def ask(tx: Transaction, wish: Wish, *, at: datetime, inside_max: int) -> Quarantine:
    """Ask for it. A person approves, unless the wish is automatic and one has done so for this subscriber before.

    Refused while another quarantine of theirs is open. `inside_max` is how many may be inside at once; an automatic
    wish that finds the garden full stays asked.
    """
    if (known := open_of(tx, wish.subscriber)) is not None:
        raise Refused(f"{known.quarantine} of the same subscriber is {known.state}", remedy="let that one end first")
    before = len(of_cases(tx, [wish.case]))  # two may be asked for in one moment, one after the other
    name = "G-" + digest("quarantine", wish.case, format_moment(at), str(before))[:_NAME_CHARACTERS].upper()
    mine = Quarantine(
        quarantine=name,
        case=wish.case,
        subscriber=wish.subscriber,
        account=wish.account,
        state="asked",
        asked_at=at,
        asked_by=wish.by[:100],
        reason=wish.reason[:_REASON_MAX],
    )
    tx.execute(quarantines.insert().values(**msgspec.structs.asdict(mine)))
    if wish.automatic and was_approved_by_a_person(tx, wish.subscriber) and active_count(tx) < inside_max:
        return approve(tx, name, by=wish.by, at=at, inside_max=inside_max, person=False)
    changes.tick(tx)
    return mine


def approve(
    tx: Transaction, quarantine: str, *, by: str, at: datetime, inside_max: int, person: bool = True
) -> Quarantine:
    """It is to be done. Refused when as many as may be are inside already; a failed one may be tried again so."""
    mine = demand(tx, quarantine)
    if mine.state not in ("asked", "failed"):
        raise Refused(f"{quarantine} is {mine.state}: there is nothing to approve")
    if active_count(tx) >= inside_max:
        what = f"{inside_max} are in the garden: no more may be at once"
        raise Refused(what, remedy="wait until some are out, or look whether a source is wrong")
    who = {"approved_at": at, "approved_by": by[:100], "by_person": person or mine.by_person}
    return _step(tx, mine, "approved", due_at=at, tries=0, error=None, **who)


def refuse(tx: Transaction, quarantine: str, *, by: str, at: datetime, reason: str) -> Quarantine:
    """It will not be done. Refused where it may have been: then only a release makes sure."""
    mine = demand(tx, quarantine)
    if mine.session is not None:
        raise Refused(f"{quarantine} may have been done at the access server", remedy="release it")
    return _step(tx, mine, "refused", due_at=None, released_by=by[:100], released_at=at, release_reason=reason)


def release(tx: Transaction, quarantine: str, *, way: Way, by: str, reason: str, at: datetime) -> Quarantine:
    """Let them out: at once where nothing has been done yet, else as soon as the access server says so.

    Whoever is on his way out already stays on it.
    """
    mine = demand(tx, quarantine)
    if mine.state in ("releasing", "released"):
        return mine
    said = {"way": way, "released_by": by[:100], "release_reason": reason, "release_asked_at": at, "error": None}
    if mine.state in ("asked", "approved") and mine.starts_at is None and mine.session is None:
        return _step(tx, mine, "released", released_at=at, due_at=None, **said)
    if mine.state == "approved":  # it was done to a session before this one
        mine = _step(tx, mine, "sent")
    return _step(tx, mine, "releasing", due_at=at, tries=0, **said)


# --- what becomes of it at the access server -------------------------------------------------------------------------


def note_sent(tx: Transaction, quarantine: str, session: Session, *, at: datetime, stay_max: timedelta) -> Quarantine:
    """Commit this before the request leaves: from here on it may have been done, and so it has an end."""
    mine = demand(tx, quarantine)
    end = mine.ends_at or at + stay_max
    return _step(tx, mine, "sent", due_at=at, ends_at=end, tries=mine.tries + 1, **msgspec.structs.asdict(session))


def note_active(tx: Transaction, quarantine: str, *, at: datetime, stay_max: timedelta) -> Quarantine:
    """The access server has said that it is done. The end counts from the first time that it was."""
    mine = demand(tx, quarantine)
    since = mine.starts_at or at
    return _step(tx, mine, "active", starts_at=since, ends_at=since + stay_max, due_at=None, tries=0, error=None)


def note_moved(tx: Transaction, quarantine: str, *, at: datetime, why: str) -> Quarantine:
    """The session to which it was done is no more: it is to be done to the next one."""
    return _step(tx, demand(tx, quarantine), "approved", due_at=at, tries=0, error=why)


def note_later(tx: Transaction, quarantine: str, *, due_at: datetime, why: str) -> Quarantine:
    """Nothing was done, or nobody knows: it is tried again then. The state of a release stays."""
    mine = demand(tx, quarantine)
    if mine.state not in OPEN:  # somebody has ended it meanwhile
        return mine
    if mine.state == "sent":
        return _step(tx, mine, "approved", due_at=due_at, error=why)
    tx.execute(_this(quarantine).values(due_at=due_at, tries=mine.tries + 1, error=why[:_REASON_MAX]))
    return demand(tx, quarantine)


def note_failed(tx: Transaction, quarantine: str, *, why: str) -> Quarantine:
    """It cannot be done: a person looks."""
    return _step(tx, demand(tx, quarantine), "failed", due_at=None, error=why)


def note_released(tx: Transaction, quarantine: str, *, at: datetime) -> Quarantine:
    """The access server has let them out, or the session is no more."""
    return _step(tx, demand(tx, quarantine), "released", released_at=at, due_at=None, error=None)


# --- what is asked ---------------------------------------------------------------------------------------------------


def find(tx: Transaction, quarantine: str) -> Quarantine | None:
    return next(iter(_all(tx, quarantines.c.quarantine == quarantine)), None)


def demand(tx: Transaction, quarantine: str) -> Quarantine:
    """BadRequest when there is none of that name."""
    found = find(tx, quarantine)
    if found is None:
        raise BadRequest(f"no quarantine is named {quarantine!r:.40}", remedy="`tocsin garden list` names all")
    return found


def in_state(tx: Transaction, *states: State) -> list[Quarantine]:
    """Oldest first."""
    return _all(tx, quarantines.c.state.in_(states))


def due(tx: Transaction, *states: State, at: datetime) -> list[Quarantine]:
    """Those in these states whose time has come, oldest first."""
    return _all(tx, quarantines.c.state.in_(states) & (quarantines.c.due_at <= at))


def newest(tx: Transaction, rows: int) -> list[Quarantine]:
    """Newest first, whatever became of them."""
    query = sa.select(quarantines).order_by(quarantines.c.asked_at.desc(), quarantines.c.quarantine).limit(rows)
    return [Quarantine(**row) for row in tx.execute(query).mappings()]


def open_of(tx: Transaction, subscriber: int) -> Quarantine | None:
    """The one of this subscriber that has not ended."""
    found = _all(tx, (quarantines.c.subscriber == subscriber) & quarantines.c.state.in_(OPEN))
    return found[-1] if found else None


def of_cases(tx: Transaction, cases: Collection[str]) -> list[Quarantine]:
    """Every one that these cases caused, oldest first."""
    return _all(tx, quarantines.c.case.in_(list(cases)))


def active_count(tx: Transaction) -> int:
    """How many are inside, or on their way in or out."""
    query = sa.select(sa.func.count()).select_from(quarantines).where(quarantines.c.state.in_(INSIDE))
    return int(tx.execute(query).scalar_one())


def count_states(tx: Transaction) -> dict[str, int]:
    """How many are in each state; one that nobody is in is absent."""
    query = sa.select(quarantines.c.state, sa.func.count().label("many")).group_by(quarantines.c.state)
    return {row.state: int(row.many) for row in tx.execute(query)}


def self_releases(tx: Transaction, subscriber: int, *, since: datetime, but: str = "") -> int:
    """How often they have let themselves out since then; of this one stay it does not matter."""
    mine = (quarantines.c.subscriber == subscriber) & (quarantines.c.way == "self") & (quarantines.c.quarantine != but)
    query = sa.select(sa.func.count()).select_from(quarantines).where(mine, quarantines.c.release_asked_at >= since)
    return int(tx.execute(query).scalar_one())


def was_approved_by_a_person(tx: Transaction, subscriber: int) -> bool:
    """Whether a person has put this subscriber into the garden before."""
    mine = (quarantines.c.subscriber == subscriber) & quarantines.c.by_person & quarantines.c.starts_at.is_not(None)
    return tx.execute(sa.select(quarantines.c.quarantine).where(mine).limit(1)).first() is not None


def _all(tx: Transaction, condition: sa.ColumnElement[bool]) -> list[Quarantine]:
    query = sa.select(quarantines).where(condition).order_by(quarantines.c.asked_at, quarantines.c.quarantine)
    return [Quarantine(**row) for row in tx.execute(query).mappings()]


def _step(tx: Transaction, mine: Quarantine, state: State, **values: object) -> Quarantine:
    if mine.state not in _FROM_BY_STATE[state]:
        raise Refused(f"{mine.quarantine} is {mine.state}: it cannot become {state}")
    for name in ("release_reason", "error"):
        if isinstance(text := values.get(name), str):
            values[name] = text[:_REASON_MAX]
    tx.execute(_this(mine.quarantine).values(state=state, **values))
    changes.tick(tx)
    return demand(tx, mine.quarantine)


def _this(quarantine: str) -> sa.Update:
    return quarantines.update().where(quarantines.c.quarantine == quarantine)
