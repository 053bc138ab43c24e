"""Why a subscriber gets no notice: every reason, in the order in which the rules are asked."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Reason(StrEnum):
    """The further down a reason stands, the nearer the subscriber came to a notice."""

    REST = "rest"
    ROLE = "role"
    FUTURE = "future"
    TOO_OLD = "too-old"
    TOLD = "told"
    NEW_SOURCE = "new-source"
    NEW_LOG = "new-log"
    SOURCE_HELD = "source-held"
    NO_CONTRACT = "no-contract"
    CONTRACT_ENDED = "contract-ended"
    CONTRACT_FOLLOWED = "contract-followed"
    NO_ADDRESS = "no-address"
    ADDRESS_BOUNCED = "address-bounced"
    STRANGER = "stranger"
    STEP_WAITS = "step-waits"
    DECIDED_BEFORE = "decided-before"
    SENDING_OFF = "sending-off"
    CONTROL = "control"
    HELD = "held"


SENTENCES: Mapping[Reason, str] = {
    Reason.REST: "was written to a short while ago and is left in peace",
    Reason.ROLE: "the address is a victim, infrastructure or a lead: that never causes a notice",
    Reason.FUTURE: "the last sighting lies in the future: a clock is wrong",
    Reason.TOO_OLD: "the last sighting is too old",
    Reason.TOLD: "nothing new has been seen since the last notice",
    Reason.NEW_SOURCE: "the first run on this source is dry",
    Reason.NEW_LOG: "the first run on this log is dry",
    Reason.SOURCE_HELD: "a brake holds the source",
    Reason.NO_CONTRACT: "nobody, or more than one, held a contract for the account at that moment",
    Reason.CONTRACT_ENDED: "the contract has ended since",
    Reason.CONTRACT_FOLLOWED: "another contract for the account has begun since",
    Reason.NO_ADDRESS: "the contract names no mail address",
    Reason.ADDRESS_BOUNCED: "a notice to the contract's mail address came back; another address ends this",
    Reason.STRANGER: "only strangers say so, and no two of them independently",
    Reason.STEP_WAITS: "the policy's next step waits: for its day, for what it asks, or for the garden",
    Reason.DECIDED_BEFORE: "the same notice was decided before, and refused",
    Reason.SENDING_OFF: "sending is switched off",
    Reason.CONTROL: "by chance it waits for some days: a control group, for which somebody answers",
    Reason.HELD: "a brake holds this run's notices",
}

ORDER = {reason: place for place, reason in enumerate(Reason)}


def furthest(reasons: set[Reason]) -> Reason:
    """The one that says most: what alone stood between the subscriber and a notice."""
    return max(reasons, key=ORDER.__getitem__)
