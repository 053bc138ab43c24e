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
    CLOSED = "closed"  # it stayed quiet; what is seen later is another case
    WITHDRAWN = "withdrawn"  # it was not this subscriber


MOVES: Mapping[State, tuple[State, ...]] = {
    State.OPEN: (State.NOTIFIED, State.QUIET, State.WITHDRAWN),
    State.NOTIFIED: (State.OPEN, State.RESIGHTED, State.QUIET, State.WITHDRAWN),  # open: its notice never left
    State.RESIGHTED: (State.NOTIFIED, State.QUIET, State.WITHDRAWN),
    State.QUIET: (State.RESIGHTED, State.CLOSED, State.WITHDRAWN),
    State.CLOSED: (),
    State.WITHDRAWN: (State.OPEN,),  # the log has changed its mind again
}

NOTIFIABLE = (State.OPEN, State.RESIGHTED)  # states in which a case may ask for a notice
OVER = (State.CLOSED, State.WITHDRAWN)


def may_move(before: str, after: str) -> bool:
    """Whether the table allows it."""
    return State(after) in MOVES[State(before)]
