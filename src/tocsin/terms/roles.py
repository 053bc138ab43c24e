"""What an address was in a sighting, how far a source is believed, and what an attribution can say."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What the address did. Only the first three may ever open a case."""

    INFECTED = "infected"  # a machine there runs somebody else's program
    ATTACKER = "attacker"  # a machine there attacked others, over a completed connection
    EXPOSED = "exposed"  # a service there is open to the whole net
    VICTIM = "victim"  # it was attacked
    INFRASTRUCTURE = "infrastructure"  # it serves attackers: control server, malware download
    LEAD = "lead"  # worth knowing, proves nothing: bare packets, unknown report types


CASE_ROLES = (Role.INFECTED, Role.ATTACKER, Role.EXPOSED)


class Trust(StrEnum):
    """How far a source is believed. A stranger alone never causes a notice."""

    OWN = "own"
    KNOWN = "known"
    STRANGER = "stranger"


class Outcome(StrEnum):
    """The answer to "which subscriber?". Only SUBSCRIBER names one."""

    SUBSCRIBER = "subscriber"
    PENDING = "pending"  # a log that covers the address has not been read that far
    SHARED = "shared"  # many at once behind the address; the sighting has no client port
    AMBIGUOUS = "ambiguous"  # more than one could be meant, or one held it for a part of the span only
    NO_BINDING = "no-binding"  # the logs are whole and nobody held it
    LOG_GAP = "log-gap"  # the logs are not whole at that moment
    NOT_OURS = "not-ours"  # outside the provider's own prefixes
