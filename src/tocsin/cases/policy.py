"""How much is too much, how old is too old: the provider's rules for notices, with safe defaults."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from tocsin.terms.errors import BadConfig


class Policy(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The `[notices]` part of the configuration."""

    send: bool = False  # nothing leaves until somebody says so
    notice_age_max_days: int = 7  # what was seen longer ago causes no notice: nobody remembers, devices move on
    rest_days: int = 7  # a week holds a weekend, and no sighting outlives it: the next notice rests on what came after
    notices_max: int = 1000  # a run
    share_max: float = 0.01  # of all subscribers, a run; at least one notice is always allowed
    volume_factor_max: float = 5.0  # times a source's usual volume
    mix_shift_max: float = 0.3  # how far a source's mix of outcomes may depart from its usual one, 0 to 1
    quiet_days: int = 14  # a case in which nothing was seen for so long is quiet
    close_days: int = 14  # and closes when it has been quiet for so long
    valid_days: int = 30  # how long a notice can be checked

    def __post_init__(self) -> None:
        for name in ("notice_age_max_days", "rest_days", "quiet_days", "close_days", "valid_days"):
            _demand(1 <= getattr(self, name) <= 365, name, getattr(self, name), "1 to 365")
        _demand(0 <= self.notices_max <= 10_000_000, "notices_max", self.notices_max, "0 to 10000000")
        _demand(0 <= self.share_max <= 1, "share_max", self.share_max, "0 to 1")
        _demand(1 <= self.volume_factor_max <= 1000, "volume_factor_max", self.volume_factor_max, "1 to 1000")
        _demand(0 <= self.mix_shift_max <= 1, "mix_shift_max", self.mix_shift_max, "0 to 1")

    @property
    def age_max(self) -> timedelta:
        return timedelta(days=self.notice_age_max_days)

    @property
    def rest(self) -> timedelta:
        return timedelta(days=self.rest_days)

    @property
    def valid(self) -> timedelta:
        return timedelta(days=self.valid_days)


def _demand(true: bool, name: str, seen: object, allowed: str) -> None:
    if not true:
        raise BadConfig(f"{seen!r} is not allowed, {allowed} is", where=f"notices.{name}")
