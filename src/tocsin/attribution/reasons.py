"""Every reason that an attribution can give: its code, the outcome it stands for, and the sentence for people."""

from __future__ import annotations

import msgspec

from tocsin.terms.roles import Outcome


class Reason(msgspec.Struct, frozen=True):
    code: str
    outcome: Outcome
    sentence: str


REASONS = (
    Reason("held-throughout", Outcome.SUBSCRIBER, "One line held the address for the whole of that time."),
    Reason(
        "log-not-read-so-far",
        Outcome.PENDING,
        "A log that covers the address has not been read past that time; a later line may change the answer.",
    ),
    Reason("no-port", Outcome.SHARED, "Many share the address, and the sighting has no port."),
    Reason(
        "port-not-the-clients",
        Outcome.SHARED,
        "Many share the address, and the sighting's port is not one that the subscriber's device had opened.",
    ),
    Reason("no-protocol", Outcome.SHARED, "Many share the address, and the sighting does not say TCP or UDP."),
    Reason(
        "held-undivided", Outcome.SHARED, "Many share the address, and the log does not say which ports were whose."
    ),
    Reason("several-held-it-at-once", Outcome.AMBIGUOUS, "More than one held the address at the same time."),
    Reason(
        "another-held-it-within-the-margin",
        Outcome.AMBIGUOUS,
        "The address changed hands within that time, as exactly as the clocks can tell.",
    ),
    Reason("held-for-a-part", Outcome.AMBIGUOUS, "One line held the address, but only for a part of that time."),
    Reason("shared-login", Outcome.AMBIGUOUS, "The login was in use more than once at that time."),
    Reason("unusual-line", Outcome.AMBIGUOUS, "The login was used on a line that is not its usual one."),
    Reason(
        "several-vrfs",
        Outcome.AMBIGUOUS,
        "The NAT log speaks of several routing tables, and the same inside address may stand in each of them.",
    ),
    Reason("contract-changed", Outcome.AMBIGUOUS, "The line passed to another contract within that time."),
    Reason("span-too-long", Outcome.AMBIGUOUS, "The source names a span of more than a week."),
    Reason("nobody-held-it", Outcome.NO_BINDING, "The logs are whole, and nobody held the address."),
    Reason(
        "port-outside-every-range",
        Outcome.NO_BINDING,
        "The logs are whole; the address was shared, and nobody held that port.",
    ),
    Reason(
        "nobody-held-the-inside",
        Outcome.NO_BINDING,
        "No log says who held it: the session has no login, or nobody held the address behind the NAT.",
    ),
    Reason("no-contract", Outcome.NO_BINDING, "The login that held the address had no contract at that time."),
    Reason("silence-in-log", Outcome.LOG_GAP, "A log that covers the address is silent or broken at that time."),
    Reason("no-log-covers-it", Outcome.LOG_GAP, "No log is configured that would know who held the address."),
    Reason(
        "session-without-stop",
        Outcome.LOG_GAP,
        "The session that held the address ended without a word; nobody knows whether before that time.",
    ),
    Reason("outside-own-prefixes", Outcome.NOT_OURS, "The address does not belong to this network."),
)
REASON_BY_CODE = {reason.code: reason for reason in REASONS}
