"""Rows of the list of cases: each case with what stands beside it, read for a page at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tocsin.book import Transaction, case_sources, notes, notices
from tocsin.book import cases as book_cases
from tocsin.book.cases import Case
from tocsin.cases.moves import State

TONE_BY_STATE = {  # how a state looks: what waits for somebody stands out, what is over is quiet
    State.OPEN: "open",
    State.RESIGHTED: "bad",
    State.REOPENED: "open",
    State.NOTIFIED: "",
    State.CONFIRMED: "",
    State.OBJECTED: "open",
    State.ESCALATED: "open",
    State.QUARANTINED: "bad",
    State.RELEASED: "",
    State.QUIET: "good",
    State.HELD: "open",
    State.FALSE: "quiet",
    State.CLOSED: "quiet",
    State.WITHDRAWN: "quiet",
}


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. Of the subscriber only the number: whose it is shows the case itself, and is noted."""

    case: Case
    ref: str
    sources: tuple[str, ...]
    notices: int
    notes: int


def rows_of(tx: Transaction, wanted: Sequence[str]) -> list[Row]:
    """In that order; a case that has gone meanwhile is left out."""
    cases = book_cases.find_all(tx, wanted)
    refs = book_cases.refs_of(tx, {case.subscriber for case in cases.values()})
    sources, told, noted = (
        case_sources.sources_of(tx, wanted),
        notices.count_of_cases(tx, wanted),
        notes.count(tx, wanted),
    )
    return [
        Row(
            case=cases[name],
            ref=refs[cases[name].subscriber],
            sources=tuple(sources.get(name, ())),
            notices=told.get(name, 0),
            notes=noted.get(name, 0),
        )
        for name in wanted
        if name in cases
    ]
