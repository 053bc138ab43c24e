"""`[watch]`: what the operator of a server says of the logs and of whom they may accuse."""

from __future__ import annotations

from typing import Literal

import msgspec

from tocsin.pipeline.zones import check_zone
from tocsin.terms.errors import BadConfig
from tocsin.witness.offences import CONFIDENCE_MIN
from tocsin.witness.own import networks_of

_REST_HOURS_MAX = 24 * 90


class WatchSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    zone: str = ""  # of times that name none
    proxies: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    confidence: int = CONFIDENCE_MIN
    form: Literal["xarf", "csv", "plain"] = "xarf"
    rest_hours: int = 24
    withhold_target: bool = False

    def __post_init__(self) -> None:
        check_zone(self.zone, "watch.zone")
        networks_of((each for each in self.proxies if each[:1] != "@"), "watch.proxies")
        networks_of((each for each in self.allowed if each[:1] != "@"), "watch.allowed")
        for name, most in (("confidence", 100), ("rest_hours", _REST_HOURS_MAX)):
            value = getattr(self, name)
            if not 0 <= value <= most:
                raise BadConfig(f"{value} is not allowed, 0 to {most} is", where=f"watch.{name}")
