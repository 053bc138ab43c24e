"""A round of the garden: who wants out gets out, who is to go in goes in if that is still right at this very second.

Out comes before in, at every step. Each step is in the book before an access server is told of it.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from tocsin.attribution.open_sessions import Doubt, OpenSession
from tocsin.book import accounts, quarantines
from tocsin.book import cases as book_cases
from tocsin.book.quarantines import Quarantine, Session, Way
from tocsin.book.quarantines import State as QuarantineState
from tocsin.cases.enclosed import came_out, remark, went_in
from tocsin.cases.follow import ACTOR
from tocsin.cases.moves import OVER, PARKED, State
from tocsin.garden.answers import Answer
from tocsin.garden.order import Order, What
from tocsin.garden.queue import alone, forget, obey
from tocsin.garden.roster import write_roster
from tocsin.garden.tell import tell
from tocsin.pipeline.garden_acts import Actor, enter, note
from tocsin.pipeline.garden_check import objection, present_session
from tocsin.pipeline.garden_roster import roster_of
from tocsin.pipeline.garden_wishes import hear, settle, unknown, want_out_unknown
from tocsin.pipeline.house import House
from tocsin.pipeline.intake import read_logs
from tocsin.pipeline.progress import Progress
from tocsin.terms.errors import Busy, Refused, TocsinError

KIND = "garden"  # of the job
_FIRST_PAUSE, _PAUSE_MAX = timedelta(minutes=1), timedelta(minutes=10)
_WAITS_MAX = timedelta(days=3)  # for a line that is not there, or cannot be told from others
_SILENT_MAX = 20  # rounds in which an access server did not answer before a person looks
_TOUCHED: tuple[QuarantineState, ...] = ("approved", "sent", "active", "releasing", "failed")


class Round(msgspec.Struct, frozen=True, kw_only=True):
    """What one round did, by name."""

    released: tuple[str, ...] = ()
    enclosed: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    later: tuple[str, ...] = ()


def do(house: House, payload: bytes) -> bytes:
    """The job. While another process is at it there is nothing to do."""
    try:
        return msgspec.json.encode(garden_round(house))
    except Busy:
        return b"{}"


def garden_round(house: House) -> Round:
    """One round. Raises Busy while another process is at it."""
    with alone(house.data):
        want_out_unknown(house)
        obey(house.data, house.config.garden, house.config_file.parent, at=house.now)
        released = [*settle(house)]
        hear(house)
        _take_up(house)
        _end_stays(house)
        released += _let_out(house)
        _read(house)
        moved = _follow_sessions(house)
        enclosed = _put_in(house)
        with house.book.read() as tx:
            failed = tuple(each.quarantine for each in quarantines.in_state(tx, "failed"))
            later = tuple(each.quarantine for each in quarantines.in_state(tx, "approved", "releasing"))
            roster = roster_of(tx, house)
        left = unknown(house)
        roster = msgspec.structs.replace(roster, inside=(*roster.inside, *left))
        write_roster(house.data, roster)
    return Round(released=tuple(released), enclosed=tuple(enclosed), moved=tuple(moved), failed=failed, later=later)


def _take_up(house: House) -> None:
    """What was sent by a process that was killed before it wrote down the answer: it is done again, or let out."""
    with house.book.write() as tx:
        for mine in quarantines.in_state(tx, "sent"):
            quarantines.note_later(
                tx, mine.quarantine, due_at=house.now, why="what the access server said is not known"
            )


def _end_stays(house: House) -> None:
    """Time, quiet, and cases that a person or a late line has ended let out by themselves."""
    with house.book.write() as tx:
        open_ = quarantines.in_state(tx, "asked", *_TOUCHED)
        states = book_cases.states_of(tx, [each.case for each in open_])
        for mine in open_:
            if mine.state == "releasing":
                continue
            state = states.get(mine.case, State.CLOSED)
            way: Way | None = None
            if mine.ends_at is not None and mine.ends_at <= house.now:
                way, why = "time", f"{house.config.garden.stay_days_max} days are over"
            elif state in (State.QUIET, State.CLOSED):
                way, why = "quiet", f"the case is {state}"
            elif state in (*OVER, *PARKED):
                way, why = "withdrawn", f"the case is {state}"
            if way is not None:
                out = quarantines.release(tx, mine.quarantine, way=way, by=ACTOR, reason=why, at=house.now)
                note(tx, out, Actor(name=ACTOR, reason=why, at=house.now), "garden release", f"is let out: {why}")


def _let_out(house: House) -> list[str]:
    """Whoever is on his way out. An access server that will not is asked again for ever, and its words are shown."""
    with house.book.read() as tx:
        due = quarantines.due(tx, "releasing", at=house.now)
    out = []
    for mine in due:
        answer = _tell(house, mine, _session_to_release(house, mine), "release")
        with house.book.write() as tx:
            if answer.next in ("done", "gone"):
                came_out(tx, quarantines.note_released(tx, mine.quarantine, at=house.now), at=house.now)
                out.append(mine.quarantine)
            else:
                quarantines.note_later(tx, mine.quarantine, due_at=_again_at(house, mine), why=answer.words)
        if mine.quarantine in out:
            forget(house.data, mine.quarantine)
    return out


def _session_to_release(house: House, mine: Quarantine) -> Session:
    """The session that the line has now, where that is sure; else the one to which it was done."""
    found = present_session(house, mine.account)
    if isinstance(found, OpenSession):
        return _session(found)
    return Session(nas=mine.nas or "", session=mine.session or "", address=mine.address or "")


def _read(house: House) -> None:
    """What the binding logs have told since, where somebody is about to be struck or followed."""
    with house.book.read() as tx:
        is_needed = bool(quarantines.in_state(tx, "approved", "active"))
    if is_needed and house.config.garden.enclose:
        try:
            list(read_logs(house, Progress()))
        except Busy:
            return  # whoever reads now reads for us


def _follow_sessions(house: House) -> list[str]:
    """A line that has come back with another session is to be put in again."""
    moved = []
    with house.book.read() as tx:
        active = quarantines.in_state(tx, "active") if house.config.garden.enclose else []
    for mine in active:
        found = present_session(house, mine.account)
        if isinstance(found, OpenSession) and _session(found) != _stored(mine):
            with suppress(Refused), house.book.write() as tx:  # refused: somebody has let them out meanwhile
                quarantines.note_moved(tx, mine.quarantine, at=house.now, why="the line has a new session")
                moved.append(mine.quarantine)
    return moved


def _put_in(house: House) -> list[str]:
    if not house.config.garden.enclose:
        return []
    with house.book.read() as tx:
        due = quarantines.due(tx, "approved", at=house.now)
    enclosed = []
    for mine in due:
        with suppress(Refused):  # somebody has let them out meanwhile: if it was done, the next round undoes it
            enclosed += [mine.quarantine] if _enclose(house, mine) else []
    return enclosed


def _enclose(house: House, mine: Quarantine) -> bool:
    """True when the access server says that it is done."""
    with house.book.read() as tx:
        against = objection(tx, house.config, mine, at=house.now, by_person=mine.by_person)
    if against is not None:
        return _fail(house, mine, against)
    found = present_session(house, mine.account)
    if not isinstance(found, OpenSession):
        return _wait(house, mine, found.why if isinstance(found, Doubt) else "the line is not connected")
    stay_max = house.config.garden.stay_max
    with house.book.write() as tx:
        mine = quarantines.note_sent(tx, mine.quarantine, _session(found), at=house.now, stay_max=stay_max)
    answer = _tell(house, mine, _session(found), "enclose")
    if answer.next == "person":
        return _fail(house, mine, answer.words)
    if answer.next in ("later", "gone"):
        if mine.tries >= _SILENT_MAX:
            return _fail(house, mine, answer.words)
        with house.book.write() as tx:
            quarantines.note_later(tx, mine.quarantine, due_at=_again_at(house, mine), why=answer.words)
        return False
    with house.book.write() as tx:
        was = mine.starts_at
        mine = quarantines.note_active(tx, mine.quarantine, at=house.now, stay_max=stay_max)
        enter(tx, mine, Actor(name=ACTOR, reason=mine.reason, at=house.now), "garden entered")
        if was:
            remark(tx, mine, "is in the garden again, with a new session", at=house.now, by=ACTOR)
        else:
            went_in(tx, mine, at=house.now)
    return True


def _wait(house: House, mine: Quarantine, why: str) -> bool:
    approved_at = mine.approved_at or mine.asked_at
    if mine.starts_at is None and house.now - approved_at > _WAITS_MAX:
        return _fail(house, mine, why)
    with house.book.write() as tx:
        quarantines.note_later(tx, mine.quarantine, due_at=_again_at(house, mine), why=why)
    return False


def _fail(house: House, mine: Quarantine, why: str) -> bool:
    with house.book.write() as tx:
        quarantines.note_failed(tx, mine.quarantine, why=why)
        remark(tx, mine, f"cannot go into the garden: {why}", at=house.now, by=ACTOR)
    return False


def _tell(house: House, mine: Quarantine, session: Session, what: What) -> Answer:
    with house.book.read() as tx:
        login = accounts.name_of(tx, mine.account) or ""
    order = Order(what=what, quarantine=mine.quarantine, login=login, at=house.now, **msgspec.structs.asdict(session))
    try:
        return tell(house.config.garden, order, house.config_file.parent)
    except TocsinError as error:  # the configuration's: nothing was sent
        return Answer(next="person", words=str(error), sent=False)


def _again_at(house: House, mine: Quarantine) -> datetime:
    pause: timedelta = min(_FIRST_PAUSE * 2 ** min(mine.tries, 10), _PAUSE_MAX)
    return house.now + pause


def _session(found: OpenSession) -> Session:
    return Session(nas=found.nas, session=found.session, address=found.address)


def _stored(mine: Quarantine) -> Session:
    return Session(nas=mine.nas or "", session=mine.session or "", address=mine.address or "")
