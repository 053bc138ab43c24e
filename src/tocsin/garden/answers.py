"""What an access server can answer, and what follows from it: every Error-Cause of RFC 5176 §3.5 in one table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Next = Literal[
    "done",  # it is as it was asked to be
    "gone",  # there is no such session: whoever was to be enclosed is so no more, whoever was to be let out is out
    "later",  # busy or silent: it is tried again
    "person",  # nothing that we may settle by ourselves
]


class Cause(msgspec.Struct, frozen=True):
    """A number's name and meaning, and what follows."""

    code: int
    name: str
    words: str
    next: Next


CAUSES: tuple[Cause, ...] = (
    Cause(201, "Residual Session Context Removed", "the session had ended; what was left of it is removed", "gone"),
    Cause(202, "Invalid EAP Packet (Ignored)", "the server ignored an EAP packet that we never send", "person"),
    Cause(
        401, "Unsupported Attribute", "it does not know an attribute: [garden.nas] names one of another make", "person"
    ),
    Cause(402, "Missing Attribute", "it needs an attribute that is not configured", "person"),
    Cause(403, "NAS Identification Mismatch", "the request reached another access server than the one meant", "person"),
    Cause(404, "Invalid Request", "it found the request wrong", "person"),
    Cause(405, "Unsupported Service", "it does not know the Service-Type", "person"),
    Cause(406, "Unsupported Extension", "it does not take CoA or Disconnect at all", "person"),
    Cause(407, "Invalid Attribute Value", "it does not know the filter's name, or another value", "person"),
    Cause(501, "Administratively Prohibited", "its own rules forbid it", "person"),
    Cause(502, "Request Not Routable (Proxy)", "a proxy does not know the way to it", "person"),
    Cause(503, "Session Context Not Found", "it has no such session", "gone"),
    Cause(504, "Session Context Not Removable", "it cannot end the session", "person"),
    Cause(505, "Other Proxy Processing Error", "a proxy could not pass it on", "later"),
    Cause(506, "Resources Unavailable", "it is short of memory or of time", "later"),
    Cause(507, "Request Initiated", "it has asked its RADIUS server and will act on the answer", "later"),
    Cause(
        508, "Multiple Session Selection Unsupported", "more than one session fits: others would be struck", "person"
    ),
    Cause(509, "Location-Info-Required", "it needs to be told where the line is", "person"),  # RFC 5580 §4.7
)
CAUSE_BY_CODE: Mapping[int, Cause] = {cause.code: cause for cause in CAUSES}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What came of telling an access server. `sent`: a request may have reached it, so it may have been done."""

    next: Next
    words: str
    sent: bool = True
    cause: int | None = None


def answer_of(cause: int | None, *, fulfilled: bool) -> Answer:
    """Of an ACK or a NAK with this Error-Cause; a number that nobody knows is for a person."""
    if fulfilled:  # RFC 5176 §3.5: an ACK may carry 201 only
        return Answer(next="gone" if cause == 201 else "done", words="done", cause=cause)
    if cause is None:
        return Answer(next="person", words="it refused, and did not say why")
    known = CAUSE_BY_CODE.get(cause)
    if known is None:
        return Answer(next="person", words=f"it refused with Error-Cause {cause}, which no standard names", cause=cause)
    return Answer(next=known.next, words=f"{cause} {known.name}: {known.words}", cause=cause)
