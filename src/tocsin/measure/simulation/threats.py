"""What is known of each kind of trouble: how often it goes by itself, after a notice, after a stay in the garden.

Every number names its study in docs/measure.md. Where a study prints no number, ours is marked `assumed` there.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from tocsin.measure.published import (
    BY_ITSELF,
    BY_SUPPORT,
    FIRST_RELEASE,
    MIRAI_AGAIN,
    MIRAI_ALONE,
    SECOND_RELEASE,
    SELF_RELEASE,
)

AGAIN_DAYS = 150  # the five months of MIRAI_AGAIN
ALONE_DAYS = 14  # of `alone`


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """A way out of the garden: how many take it, how long they stay, how many are clean when they leave."""

    name: str
    share: float
    mean_days: float  # of the stay; 0: until the garden lets them go
    clean_first: float
    clean_later: float  # after the second stay and every one that follows


class Threat(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of trouble. Shares are of lines that were in it."""

    name: str
    alone: float  # clean within ALONE_DAYS though nobody told them
    told: float  # of the others, clean because of a notice; a second notice to the same line adds nothing
    told_mean_days: float  # until they act on it
    again: float  # in trouble again within AGAIN_DAYS
    ways: tuple[Way, ...]

    @property
    def alone_a_day(self) -> float:
        return 1 - math.pow(1 - self.alone, 1 / ALONE_DAYS)

    @property
    def again_a_day(self) -> float:
        return 1 - math.pow(1 - self.again, 1 / AGAIN_DAYS)


_WAYS = (  # SOUPS 2018; that the other two are "even higher" is said there, and by how much is not
    Way(
        name="self",
        share=SELF_RELEASE.value,
        mean_days=1.0,
        clean_first=FIRST_RELEASE.value,
        clean_later=SECOND_RELEASE.value,
    ),
    Way(name="support", share=BY_SUPPORT.value, mean_days=2.0, clean_first=0.80, clean_later=0.60),
    Way(name="by itself", share=BY_ITSELF.value, mean_days=0.0, clean_first=0.80, clean_later=0.60),
)
THREATS: Mapping[str, Threat] = {
    threat.name: threat
    for threat in (
        Threat(
            name="mirai",
            alone=MIRAI_ALONE.value,
            told=0.0,  # a mail had "no observable impact"
            told_mean_days=2.0,
            again=MIRAI_AGAIN.value,
            ways=_WAYS,
        ),
        Threat(name="pc-malware", alone=0.20, told=0.15, told_mean_days=3.0, again=0.10, ways=_WAYS),
        Threat(name="open-service", alone=0.50, told=0.52, told_mean_days=3.0, again=0.05, ways=_WAYS),
    )
}
