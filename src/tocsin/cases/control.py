"""A control group: by chance some first notices wait, so that it can be known what notices do. Off unless answered for.

A notice is put off for a bounded time, never left out; and never to a line on which somebody's health may hang.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from datetime import date, datetime, timedelta

import msgspec

from tocsin.book.cases import Case, Contract
from tocsin.terms.errors import BadConfig
from tocsin.terms.moments import utc_day

SHARE_MAX = 0.5
DELAY_DAYS_MAX = 14
UNTIL_DAYS_MAX = 90  # ahead
REASON_MIN = 30  # characters: a sentence
ACTOR = "control group"


class ControlConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[measure.control]` part of the configuration. A share above 0 asks for all of the rest."""

    share: float = 0.0  # of subscribers
    delay_days: int = 7  # for so long after its opening a case's first notice waits
    kinds: tuple[str, ...] = ()
    until: date | None = None
    approved_by: str = ""  # a person's name, and what entitles them
    reason: str = ""

    def __post_init__(self) -> None:
        _demand(0 <= self.share <= SHARE_MAX, "share", f"0 to {SHARE_MAX} is allowed")
        _demand(1 <= self.delay_days <= DELAY_DAYS_MAX, "delay_days", f"1 to {DELAY_DAYS_MAX} is allowed")
        if self.share:
            _demand(bool(self.kinds), "kinds", "name the kinds of trouble whose notices may wait")
            _demand(self.until is not None, "until", "name the last day of it")
            _demand(bool(self.approved_by.strip()), "approved_by", "name who answers for it")
            _demand(len(self.reason.strip()) >= REASON_MIN, "reason", "say why, in a sentence: it goes into the audit")

    @property
    def words(self) -> str:
        """Who answers for it and why, for the audit and the page."""
        return f"approved by {self.approved_by.strip()}: {self.reason.strip()}"


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """A control group that is going on. `secret` decides who is in it, so that nobody can choose."""

    config: ControlConfig
    secret: bytes

    def __repr__(self) -> str:
        return f"Control({self.config.share})"

    def waits(self, ref: str, contract: Contract, cases: Iterable[Case], at: datetime) -> bool:
        """Whether this subscriber's first notice about these cases is put off at that moment.

        Where the subscriber file does not say that no care alarm and no doctor's flag is on the line, it is not.
        """
        config = self.config
        if contract.care_alarm is not False or contract.medical is not False or not self.has(ref):
            return False
        delay = timedelta(days=config.delay_days)
        return all(case.kind in config.kinds and at - case.opened_at < delay for case in cases)

    def has(self, ref: str) -> bool:
        """Whether the customer of that number is in it."""
        drawn = hmac.new(self.secret, f"control group {ref}".encode(), "sha256").digest()
        return int.from_bytes(drawn[:8], "big") < self.config.share * 2**64


def control_at(config: ControlConfig, secret: bytes, at: datetime) -> Control | None:
    """The one that goes on at that moment. BadConfig for a last day that is too far ahead."""
    if not config.share or config.until is None or utc_day(at) > config.until:
        return None
    _demand(
        config.until - utc_day(at) <= timedelta(days=UNTIL_DAYS_MAX), "until", f"at most {UNTIL_DAYS_MAX} days ahead"
    )
    return Control(config=config, secret=secret)


def _demand(true: bool, name: str, allowed: str) -> None:
    if not true:
        raise BadConfig(allowed, where=f"measure.control.{name}")
