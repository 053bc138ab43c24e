"""The states of a case and the moves between them: one table, read from top to bottom as a case's life."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"  # seen, nobody has been told
    NOTIFIED = "notified"  # a notice has been decided: it is in the outbox or gone
    CONFIRMED = "confirmed"  # somebody has it: its code was checked, or it was answered
    OBJECTED = "objected"  # its reader says that it is wrong: nothing more until a person has judged
    RESIGHTED = "resighted"  # seen again since
    ESCALATED = "escalated"  # a later step than the first has been decided: a reminder, another channel
    QUARANTINED = "quarantined"  # the line is in the walled garden
    RELEASED = "released"  # and out of it again
    QUIET = "quiet"  # nothing has been seen for a while, on days that count
    HELD = "held"  # a person wants no notice for now; what is seen joins it
    FALSE = "false-positive"  # a person found the sources wrong: no notice; what they say again joins it
    REOPENED = "reopened"  # a person has taken it up again
    CLOSED = "closed"  # it stayed quiet, or a person closed it; what is seen later is another case
    WITHDRAWN = "withdrawn"  # it was not this subscriber


_BY_HAND = (State.HELD, State.FALSE, State.CLOSED)  # where a person may bring whatever is not over
_ALWAYS = (State.QUIET, *_BY_HAND, State.WITHDRAWN)
_STEPS = (State.ESCALATED, State.QUARANTINED)  # what a policy may do to a case of which somebody was told
MOVES: Mapping[State, tuple[State, ...]] = {
    State.OPEN: (State.NOTIFIED, State.OBJECTED, *_STEPS, *_ALWAYS),
    # To open or resighted: its notice never left, or came back.
    State.NOTIFIED: (State.OPEN, State.CONFIRMED, State.OBJECTED, State.RESIGHTED, *_STEPS, *_ALWAYS),
    State.CONFIRMED: (State.OBJECTED, State.RESIGHTED, *_STEPS, *_ALWAYS),
    State.OBJECTED: (State.REOPENED, *_ALWAYS),
    # To confirmed: it was read when the trouble had been seen again already.
    State.RESIGHTED: (State.NOTIFIED, State.CONFIRMED, State.OBJECTED, *_STEPS, *_ALWAYS),
    State.ESCALATED: (State.CONFIRMED, State.OBJECTED, State.RESIGHTED, *_STEPS, *_ALWAYS),
    # Whatever ends the case lets the line out (pipeline/garden.py); nobody is written to meanwhile: the page says it.
    State.QUARANTINED: (State.OBJECTED, State.RELEASED, *_ALWAYS),
    State.RELEASED: (State.OBJECTED, State.RESIGHTED, *_STEPS, *_ALWAYS),
    # To open or notified: a log or a delivery that its days rested on is gone.
    State.QUIET: (State.OPEN, State.NOTIFIED, State.RESIGHTED, *_BY_HAND, State.WITHDRAWN),
    State.HELD: (State.REOPENED, State.FALSE, State.CLOSED, State.WITHDRAWN),
    State.FALSE: (State.REOPENED, State.CLOSED, State.WITHDRAWN),
    State.REOPENED: (State.NOTIFIED, State.OBJECTED, *_STEPS, *_ALWAYS),
    State.CLOSED: (State.REOPENED,),
    State.WITHDRAWN: (State.OPEN,),  # the log has changed its mind again
}

TOLD = (State.NOTIFIED, State.CONFIRMED, State.ESCALATED, State.RELEASED)  # and not seen since
NOTIFIABLE = (State.OPEN, State.RESIGHTED, State.REOPENED)  # states in which a case may ask for its next step
REMINDABLE = (State.NOTIFIED, State.ESCALATED)  # and those in which only a step that waits for no sighting may come
PARKED = (State.HELD, State.FALSE)  # a person has the word: no sighting moves it, only long silence
OVER = (State.CLOSED, State.WITHDRAWN)


def may_move(before: str, after: str) -> bool:
    """Whether the table allows it."""
    return State(after) in MOVES[State(before)]
