"""The rules that keep a line out of the walled garden: one literal table, asked from top to bottom. Pure.

Three answers: never for now (a rule forbids it), only by a person (automatic is not allowed), and *full* (later).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec

from tocsin.book.case_days import CaseDay
from tocsin.book.cases import Case, Contract
from tocsin.cases.moves import OVER, PARKED, State
from tocsin.terms.roles import Trust

TRUSTED = (Trust.OWN, Trust.KNOWN)  # whose word is enough


class Bar(StrEnum):
    """How much stands in the way."""

    FORBIDDEN = "forbidden"  # it is not even asked for
    PERSON = "person"  # it is asked for, and a person decides
    FULL = "full"  # it is asked for again when others are out


class Suspect(msgspec.Struct, frozen=True, kw_only=True):
    """All that the rules may look at of one line, as `suspect.suspect_of` reads it.

    `days` are those of the case on this very line that TRUSTED sources tell of: the rest counts for nothing.
    """

    case: Case
    days: Sequence[CaseDay]
    trust: tuple[Trust, ...]  # of the sources of `days`, one each
    contract: Contract | None  # that holds the line now
    is_on: bool  # the configuration says that lines may be enclosed at all
    sending: bool  # and that notices may leave: whoever is enclosed must be reachable
    told: int  # notices of the case that have left
    in_garden: bool  # a quarantine of the subscriber has not ended
    been_by_person: bool  # a person has put this subscriber there before
    inside: int  # how many are inside now
    inside_max: int
    age_max: timedelta  # of the last of `days`
    at: datetime  # from which ages count back: now, or when the stay began, in which nothing can be seen


Rule = Callable[[Suspect], bool]


def _stranger(suspect: Suspect) -> bool:
    return not suspect.trust or any(trust not in TRUSTED for trust in suspect.trust)


def _too_old(suspect: Suspect) -> bool:
    return all(suspect.at - day.last_at > suspect.age_max for day in suspect.days)


def _nobodys(suspect: Suspect) -> bool:
    return suspect.contract is None


def _over(suspect: Suspect) -> bool:
    return suspect.case.state in (*OVER, *PARKED, State.OBJECTED, State.QUIET)


def _care_alarm(suspect: Suspect) -> bool:
    return suspect.contract is not None and suspect.contract.care_alarm is not False


def _medical(suspect: Suspect) -> bool:
    return suspect.contract is not None and suspect.contract.medical is not False


def _business(suspect: Suspect) -> bool:
    return suspect.contract is not None and suspect.contract.line_kind != "private"


GARDEN_RULES: tuple[tuple[Bar, str, Rule], ...] = (  # the first that is true decides
    (Bar.FORBIDDEN, "nobody is enclosed: garden.enclose is off", lambda s: not s.is_on),
    (Bar.FORBIDDEN, "sending is off, and nobody is enclosed unasked", lambda s: not s.sending),
    (Bar.FORBIDDEN, "it rests on the word of a stranger", _stranger),
    (Bar.FORBIDDEN, "what own or known sources saw of this line is too old", _too_old),
    (Bar.FORBIDDEN, "nobody holds a contract for the line now", _nobodys),
    (Bar.FORBIDDEN, "the case is over, parked, quiet or objected to", _over),
    (Bar.FORBIDDEN, "no notice of it has left: nobody is enclosed before being told", lambda s: s.told < 1),
    (Bar.FORBIDDEN, "the line is in the garden already, or on its way", lambda s: s.in_garden),
    (Bar.FULL, "as many as may be are in the garden", lambda s: s.inside >= s.inside_max),
    (Bar.PERSON, "an emergency call hangs on the line, or it is not known whether", _care_alarm),
    (Bar.PERSON, "somebody's health hangs on the line, or it is not known whether", _medical),
    (Bar.PERSON, "it is a business line, or it is not known whether", _business),
    (Bar.PERSON, "the first time a person decides", lambda s: not s.been_by_person),
)


class Verdict(msgspec.Struct, frozen=True):
    """What stands in the way (absent: nothing, it may be done without asking anybody), and in words."""

    bar: Bar | None
    reason: str


def judge(suspect: Suspect) -> Verdict:
    """The first rule that is true, or that none is."""
    for bar, reason, is_true in GARDEN_RULES:
        if is_true(suspect):
            return Verdict(bar, reason)
    return Verdict(None, "no rule speaks against it, and a person has decided so before")
