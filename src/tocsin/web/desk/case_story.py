"""A case's time line: what was seen, done, sent, answered and noted, in one order, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.evidence.quote import visible
from tocsin.pipeline.case_page import CasePage, Sent


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened. `what` says it in short; `said` is somebody's own words; `by` is who."""

    at: datetime
    what: str
    by: str = ""
    said: str = ""
    tone: str = ""


_WHAT_BY_STATE = {
    "open": "Opened",
    "notified": "Notified",
    "confirmed": "Known to have arrived",
    "objected": "Objected to",
    "resighted": "Seen again",
    "escalated": "A further step",
    "quarantined": "In the garden",
    "released": "Out of the garden",
    "quiet": "Gone quiet",
    "held": "Held",
    "false-positive": "Called a false positive",
    "reopened": "Taken up again",
    "closed": "Closed",
    "withdrawn": "Withdrawn",
}
_CAME = {
    "bounce": ("The notice came back", "bad"),
    "reply": ("Somebody wrote back", "open"),
    "automatic": ("A machine wrote back", ""),
    "feedback": ("The mail was reported as unwanted", "bad"),
}
STATED = {
    "did-it": ("The reader says that it is done", "good"),
    "objection": ("The reader says that it is wrong", "open"),
    "erase": ("The reader asks for it to be erased", "open"),
}
PROVEN = {"code": "with the code alone", "line": "from the line itself", "mail": "with a number mailed to the contract"}
_TONE_BY_STATE = {
    **{state: "bad" for state in ("resighted", "quarantined")},
    **{state: "open" for state in ("open", "reopened", "held", "objected", "escalated")},
    **{state: "good" for state in ("quiet", "confirmed", "released")},
}


def story(shown: CasePage) -> list[Event]:
    """Everything, the newest first; of one moment a notice's leaving stands before the move that called for it."""
    events = [
        *_notes(shown),
        *_stated(shown),
        *(event for sent in shown.sent for event in _sent(sent)),
        *_moves(shown),
        *_seen(shown),
    ]
    return sorted(events, key=lambda event: event.at, reverse=True)


def _seen(shown: CasePage) -> Iterator[Event]:
    for day in shown.days:
        yield Event(at=day.last_at, what=_seen_on(day), by=visible(day.source), said=_ref(day))


def _seen_on(day: CaseDay) -> str:
    many = "Seen once" if day.sightings == 1 else f"Seen {day.sightings:,} times"
    port = f" port {day.port}" if day.port else ""
    return f"{many} on {day.day}, last from {day.address}{port}"


def _ref(day: CaseDay) -> str:
    return f"reference {visible(day.source_ref)}" if day.source_ref else ""


def _moves(shown: CasePage) -> Iterator[Event]:
    """The newest move is read first where two are of one moment."""
    before = ""
    found = []
    for move in shown.moves:
        is_move = move.state != before
        what = _WHAT_BY_STATE.get(move.state, move.state.capitalize()) if is_move else "Noted"
        tone = _TONE_BY_STATE.get(move.state, "") if is_move else ""
        found.append(Event(at=move.at, what=what, by=move.actor, said=visible(move.reason), tone=tone))
        before = move.state
    yield from reversed(found)


def _sent(sent: Sent) -> Iterator[Event]:
    notice = sent.notice
    for attempt in reversed(sent.attempts):
        said = " ".join(str(part) for part in (attempt.code, attempt.enhanced, attempt.reason) if part)
        what = f"{notice.notice}: offered to {visible(attempt.server)}: {attempt.outcome or 'under way'}"
        yield Event(at=attempt.ended_at or attempt.begun_at, what=what, by="delivery", said=visible(said))
    for arrival in reversed(sent.arrivals):
        what, tone = _CAME[arrival.kind]
        said = f"{visible(arrival.subject)}: {visible(arrival.said)}" if arrival.said else visible(arrival.subject)
        yield Event(at=arrival.received_at, what=what, by=visible(arrival.sender), said=said, tone=tone)
    if notice.sent_at:
        yield Event(at=notice.sent_at, what=f"{notice.notice} was sent", by="delivery", tone="good")


def _stated(shown: CasePage) -> Iterator[Event]:
    """What was said at the portal: it moved nothing."""
    for each in reversed(shown.statements):
        what, tone = STATED[each.kind]
        yield Event(at=each.at, what=what, by=PROVEN[each.proven_by], said=visible_lines(each.text), tone=tone)


def _notes(shown: CasePage) -> Iterator[Event]:
    for note in shown.notes:
        to = "the subscriber" if note.audience == "subscriber" else "colleagues"
        yield Event(at=note.at, what=f"Note to {to}", by=note.author, said=visible_lines(note.text))


def visible_lines(text: str) -> str:
    """With its line breaks, and nothing else that has no shape."""
    return "\n".join(visible(line) for line in text.splitlines())
