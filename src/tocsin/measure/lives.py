"""From the book to lives: which cases are measured, when each was over, and what reached its subscriber."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from tocsin.book import Transaction, measured
from tocsin.book.measured import LiveCase, ToldCase
from tocsin.cases.follow import ACTOR
from tocsin.cases.moves import State
from tocsin.measure.spells import Life, Reach

CONTROL_ACTOR = "control group"  # whoever writes into a case's time line that it waits for the sake of the measure
_NEVER_TROUBLE = (State.WITHDRAWN, State.FALSE)  # it was not this line, or no trouble at all
_OVER = (State.QUIET, State.CLOSED)
_ARRIVED = ("sent", "uncertain")
_FAILED = ("bounced", "refused")


class Lives(msgspec.Struct, frozen=True):
    """Those that are measured, and how many were left out, by state."""

    lives: tuple[Life, ...]
    left_out: dict[str, int]


def read_lives(tx: Transaction, since: datetime) -> Lives:
    """Of the cases opened since then."""
    cases = measured.live_cases(tx, since)
    told = measured.told_cases(tx, [case.case for case in cases])
    control = measured.remarked(tx, CONTROL_ACTOR, since)
    addresses = measured.addresses(tx, [case.case for case in cases])
    kept = [case for case in cases if case.state not in _NEVER_TROUBLE]
    left_out = Counter(case.state for case in cases if case.state in _NEVER_TROUBLE)
    found = (_life(c, told.get(c.case, ()), c.case in control, addresses.get(c.case, "")) for c in kept)
    return Lives(tuple(found), dict(left_out))


def _life(case: LiveCase, told: Sequence[ToldCase], is_control: bool, address: str) -> Life:
    """A case that a person closed is not over: nobody has shown that the line was clean."""
    return Life(
        case=case.case,
        subscriber=case.subscriber,
        kind=case.kind,
        malware=case.malware,
        opened_at=case.opened_at,
        last_at=case.last_at,
        is_over=case.state in _OVER and case.actor == ACTOR,
        reached=tuple(
            Reach(at=each.decided_at, channel="mail", version=each.language, arrived=each.state in _ARRIVED)
            for each in told
            if each.state in _ARRIVED or (each.state in _FAILED and each.has_left)
        ),
        is_control=is_control,
        address=address,
    )
