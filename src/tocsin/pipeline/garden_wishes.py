"""Between the queue of files and the book: each learns what the other has done about who wants out."""

from __future__ import annotations

from contextlib import suppress

from tocsin.book import Transaction, quarantines
from tocsin.cases.enclosed import came_out
from tocsin.cases.follow import ACTOR
from tocsin.garden.queue import Obeyed, Wish, forget, obeyed, wish, wishes
from tocsin.garden.roster import Inside, read_roster
from tocsin.pipeline.garden_acts import Actor, enter, note
from tocsin.pipeline.house import House
from tocsin.terms.errors import StorageFailed

UNKNOWN = "the book does not know this stay"


def want_out_unknown(house: House) -> None:
    """Whoever the roster holds and the book does not is let out: erased while inside, or the book is another one."""
    for each in unknown(house):
        wanted = Wish(quarantine=each.quarantine, asked_at=house.now, way="desk", by=ACTOR, reason=UNKNOWN)
        wish(house.data, wanted)


def unknown(house: House) -> tuple[Inside, ...]:
    """Those of the roster of whom the book knows nothing. A roster that cannot be read is made anew from the book."""
    roster = None
    with suppress(StorageFailed):
        roster = read_roster(house.data)
    if roster is None:
        return ()
    with house.book.read() as tx:
        return tuple(each for each in roster.inside if quarantines.find(tx, each.quarantine) is None)


def settle(house: House) -> list[str]:
    """Tell the book what was obeyed without it: the stays that are over by that."""
    done = []
    for each in obeyed(house.data):
        with house.book.write() as tx:
            mine = quarantines.find(tx, each.wish.quarantine)
            if mine is not None and mine.state in quarantines.OPEN:
                _note_obeyed(tx, each)
                done.append(mine.quarantine)
        forget(house.data, each.wish.quarantine)
    return done


def hear(house: House) -> None:
    """Tell the book of the wishes that wait, so that nobody who wants out is put in again meanwhile.

    A wish stays in the queue until its stay is over; one whose stay is over, or never was, is forgotten.
    """
    held = {each.quarantine for each in unknown(house)}
    for each in wishes(house.data):
        with house.book.read() as tx:
            mine = quarantines.find(tx, each.quarantine)
        if mine is not None and mine.state in quarantines.OPEN:
            if mine.state != "releasing" and not _note_wish(house, each):
                forget(house.data, each.quarantine)
        elif each.quarantine not in held:
            forget(house.data, each.quarantine)


def _note_wish(house: House, wanted: Wish) -> bool:
    """Whether the stay goes on until an access server has let them out."""
    name, said = wanted.quarantine, wanted.reason
    with house.book.write() as tx:
        mine = quarantines.release(tx, name, way=wanted.way, by=wanted.by, reason=said, at=wanted.asked_at)
        actor = Actor(name=wanted.by, reason=wanted.reason, at=house.now)
        note(tx, mine, actor, "garden release", f"wants out of the garden ({wanted.way}): {wanted.reason}")
    return mine.state in quarantines.OPEN


def _note_obeyed(tx: Transaction, done: Obeyed) -> None:
    told = done.wish
    before = quarantines.demand(tx, told.quarantine)
    mine = quarantines.release(tx, told.quarantine, way=told.way, by=told.by, reason=told.reason, at=told.asked_at)
    if before.state != "releasing":
        enter(tx, mine, Actor(name=told.by, reason=told.reason, at=done.at), "garden release")
    if mine.state != "released":
        mine = quarantines.note_released(tx, told.quarantine, at=done.at)
    came_out(tx, mine, at=done.at)
