"""The states of a case and the moves between them: one table, read from top to bottom as a case's life."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    OPEN = "open"  # seen, nobody has been told
    NOTIFIED = "notified"  # a notice has been decided: it is in the outbox or gone
    RESIGHTED = "resighted"  # seen again since
    QUIET = "quiet"  # nothing has been seen for a while
    HELD = "held"  # a person wants no notice for now; what is seen joins it
    FALSE = "false-positive"  # a person found the sources wrong: no notice; what they say again joins it
    REOPENED = "reopened"  # a person has taken it up again
    CLOSED = "closed"  # it stayed quiet, or a person closed it; what is seen later is another case
    WITHDRAWN = "withdrawn"  # it was not this subscriber


_BY_HAND = (State.HELD, State.FALSE, State.CLOSED)  # where a person may bring whatever is not over
MOVES: Mapping[State, tuple[State, ...]] = {
    State.OPEN: (State.NOTIFIED, State.QUIET, *_BY_HAND, State.WITHDRAWN),
    # To open: its notice never left, or came back.
    State.NOTIFIED: (State.OPEN, State.RESIGHTED, State.QUIET, *_BY_HAND, State.WITHDRAWN),
    State.RESIGHTED: (State.NOTIFIED, State.QUIET, *_BY_HAND, State.WITHDRAWN),
    State.QUIET: (State.RESIGHTED, *_BY_HAND, State.WITHDRAWN),
    State.HELD: (State.REOPENED, State.FALSE, State.CLOSED, State.WITHDRAWN),
    State.FALSE: (State.REOPENED, State.CLOSED, State.WITHDRAWN),
    State.REOPENED: (State.NOTIFIED, State.QUIET, *_BY_HAND, State.WITHDRAWN),
    State.CLOSED: (State.REOPENED,),
    State.WITHDRAWN: (State.OPEN,),  # the log has changed its mind again
}

NOTIFIABLE = (State.OPEN, State.RESIGHTED, State.REOPENED)  # states in which a case may ask for a notice
PARKED = (State.HELD, State.FALSE)  # a person has the word: no sighting moves it, only long silence
OVER = (State.CLOSED, State.WITHDRAWN)


def may_move(before: str, after: str) -> bool:
    """Whether the table allows it."""
    return State(after) in MOVES[State(before)]
