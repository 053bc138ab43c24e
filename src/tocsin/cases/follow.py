"""From days of trouble to cases: which are opened, joined, withdrawn, and which have gone quiet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Change, Move
from tocsin.book.notices import UNREACHED, Notice
from tocsin.cases.moves import OVER, PARKED, State, may_move
from tocsin.cases.policy import Policy
from tocsin.cases.silence import NOTHING_KNOWN, UNPROVEN, UNPROVEN_DAYS, Silence, Watch, lately, silence
from tocsin.cases.silence import told as told_of
from tocsin.proof.alphabet import encode_base32
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment
from tocsin.terms.roles import CASE_ROLES

ACTOR = "tocsin"
LATE_LINE = "the log line that came late says another line held the address"
BACK = "the log says again that this line held the address"
_CASE_CHARACTERS = 12  # 60 bits
Key = tuple[int, str, str, str]
_T = TypeVar("_T", Case, CaseDay)


def follow(
    cases: Sequence[Case],
    days: Sequence[CaseDay],
    notices_by_case: Mapping[str, Sequence[Notice]],
    refs: Mapping[int, str],
    *,
    at: datetime,
    policy: Policy,
    watch: Watch = NOTHING_KNOWN,
) -> list[Change]:
    """What changes of these subscribers' cases, given every day of theirs. The same days give the same cases.

    A day whose role may open no case is as if it were not there. `watch` says which days of silence count; of those
    that it does not know nothing can be counted, and no case goes quiet.
    """
    cases_by_key, days_by_key = _by_key(cases), _by_key(day for day in days if day.role in CASE_ROLES)
    changes: list[Change] = []
    for key in sorted({*cases_by_key, *days_by_key}):
        known = cases_by_key.get(key, [])
        present = present_days(known, days_by_key.get(key, []))
        change = _follow_one(key, known, present, notices_by_case, refs, at, policy, watch)
        if change is not None and change.after != change.before:
            changes.append(change)
    return changes


def present_days(known: Sequence[Case], days: Iterable[CaseDay]) -> list[CaseDay]:
    """Of one key's days those that are not over: a closed case keeps every day that ends no later than it did."""
    over_until = _over_until(known)
    return [day for day in days if over_until is None or day.last_at > over_until]


def _over_until(known: Sequence[Case]) -> datetime | None:
    return max((case.last_at for case in known if case.state == State.CLOSED), default=None)


def _follow_one(
    key: Key,
    known: Sequence[Case],
    days: Sequence[CaseDay],
    notices_by_case: Mapping[str, Sequence[Notice]],
    refs: Mapping[int, str],
    at: datetime,
    policy: Policy,
    watch: Watch,
) -> Change | None:
    alive = next((case for case in known if case.state not in OVER), None)
    if not days:
        return _withdraw(alive, notices_by_case.get(alive.case, ()), at) if alive else None
    if alive is None:
        change = _open(key, known, days, refs[key[0]], at)
    else:
        change = Change(before=alive, after=_counted(alive, days))
    told = [notice.decided_at for notice in notices_by_case.get(change.after.case, ()) if notice.state not in UNREACHED]
    ages = _Ages(max(told, default=None), lately(days), at, policy, watch)
    return _age(change, ages)


def _open(key: Key, known: Sequence[Case], days: Sequence[CaseDay], ref: str, at: datetime) -> Change:
    """A new case; or, where one of this very name was withdrawn, that one again."""
    subscriber, kind, malware, role = key
    over_until = _over_until(known)
    # A day that a closed case reaches into counts from its last sighting, which that case has not seen.
    opened_at = min(d.first_at if over_until is None or d.first_at > over_until else d.last_at for d in days)
    first = min(days, key=lambda day: (day.first_at, day.source))
    hashed = bytes.fromhex(digest("case", ref, kind, malware, role, format_moment(opened_at)))
    name = f"C-{encode_base32(hashed, _CASE_CHARACTERS).upper()}"
    before = next((case for case in known if case.case == name), None)
    reason = BACK if before else f"first seen by {first.source}"
    after = Case(
        case=name,
        subscriber=subscriber,
        kind=kind,
        malware=malware,
        role=role,
        state=State.OPEN,
        opened_at=opened_at,
        changed_at=at,
        sightings=0,
        first_at=opened_at,
        last_at=opened_at,
    )
    opened = Move(case=name, at=at, state=State.OPEN, actor=ACTOR, reason=reason)
    return Change(before=before, after=_counted(after, days), moves=(opened,))


def _counted(case: Case, days: Sequence[CaseDay]) -> Case:
    return msgspec.structs.replace(
        case,
        sightings=sum(day.sightings for day in days),
        first_at=min(day.first_at for day in days),
        last_at=max(day.last_at for day in days),
    )


def _withdraw(case: Case, notices: Sequence[Notice], at: datetime) -> Change:
    gone = [notice.notice for notice in notices if notice.state in ("sent", "uncertain") or notice.dot_at]
    reason = f"{LATE_LINE}; {', '.join(gone)} about it had been sent" if gone else LATE_LINE
    return moved(Change(before=case, after=case), State.WITHDRAWN, reason, at)


class _Ages(msgspec.Struct, frozen=True):
    """What ages a case: when its subscriber was last told, who would see it again, what is known of the days."""

    notified_at: datetime | None
    sources: set[str]
    at: datetime
    policy: Policy
    watch: Watch

    def silence(self, case: Case) -> Silence:
        """Nothing is counted before the silence is long enough to matter."""
        since = max(case.last_at, case.changed_at) if case.state == State.REOPENED else case.last_at
        until = self.at if self.at - since > timedelta(days=self.policy.quiet_days) else since
        return silence(case.subscriber, self.sources, since=since, at=until, watch=self.watch)

    def was_seen_since_told(self, case: Case) -> bool:
        """A case may have been escalated by a step that tells nobody: the garden was asked for."""
        told_at = case.changed_at if case.state == State.ESCALATED else self.notified_at
        return told_at is not None and case.last_at > max(told_at, self.notified_at or told_at)


def _age(change: Change, ages: _Ages) -> Change:
    while step := next(_steps(change, ages), None):
        change = moved(change, *step, ages.at)
    return change


def _steps(change: Change, ages: _Ages) -> Iterator[tuple[State, str]]:
    case, policy, found = change.after, ages.policy, ages.silence(change.after)
    is_quiet, is_long = (found.counted >= days for days in (policy.quiet_days, policy.quiet_days + policy.close_days))
    if case.state in OVER:
        return
    if case.state == State.QUIET and not is_quiet:
        yield _awake(change, found, ages)
    elif case.state in (State.QUIET, *PARKED):
        if is_long:
            yield State.CLOSED, f"nothing seen: {told_of(found)}"
    elif is_quiet:
        yield State.QUIET, f"quiet: {told_of(found)}"
    elif case.state == State.RELEASED and case.last_at > case.changed_at:
        yield State.RESIGHTED, "seen again after the garden"
    elif case.state in (State.NOTIFIED, State.CONFIRMED, State.ESCALATED) and ages.was_seen_since_told(case):
        yield State.RESIGHTED, "seen again after the notice"
    if found.unproven >= UNPROVEN_DAYS and not is_long:
        yield State.CLOSED, f"{UNPROVEN}: nothing was seen, and nothing shows that it is gone: {told_of(found)}"


def _awake(change: Change, found: Silence, ages: _Ages) -> tuple[State, str]:
    """A quiet case that was seen again, or of whose days too few count any more."""
    case, before = change.after, change.before
    is_late = ages.at - case.last_at <= timedelta(days=ages.policy.quiet_days)
    if is_late or before is None or case.last_at > before.last_at:
        return State.RESIGHTED, "seen again"
    state = State.OPEN if ages.notified_at is None else State.NOTIFIED
    return state, f"not quiet after all: {told_of(found)}"


def moved(change: Change, state: State, reason: str, at: datetime) -> Change:
    """One move further, which the table must allow."""
    if not may_move(change.after.state, state):
        raise AssertionError(f"{change.after.case} may not move from {change.after.state} to {state}")
    after = msgspec.structs.replace(change.after, state=state, changed_at=at)
    move = Move(case=after.case, at=at, state=state, actor=ACTOR, reason=reason)
    return msgspec.structs.replace(change, after=after, moves=(*change.moves, move))


def _by_key(things: Iterable[_T]) -> dict[Key, list[_T]]:
    found: dict[Key, list[_T]] = {}
    for thing in things:
        found.setdefault((thing.subscriber, thing.kind, thing.malware, thing.role), []).append(thing)
    return found
