"""Kaplan-Meier curves of how long trouble lasts, and whether two of them differ. Pure.

The estimator, its log-log band and the log-rank test are SciPy's; what is ours is what happens at their edges.
"""

from __future__ import annotations

import warnings
from bisect import bisect_right

import msgspec
import numpy as np
import numpy.typing as npt
from scipy import stats

CONFIDENCE = 0.95
Days = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Times(msgspec.Struct, frozen=True):
    """How many days each was followed, and whether it ended then (False: nobody knows what came after)."""

    days: Days
    ended: Flags

    def __len__(self) -> int:
        return len(self.days)


class At(msgspec.Struct, frozen=True):
    """The share that is still in trouble at some day, and its band."""

    share: float
    low: float
    high: float


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """The share still in trouble, a step at each day on which one ended; starts at day 0 with all of them."""

    name: str
    subjects: int
    ended: int
    until: float  # the longest that anyone was followed, in days
    days: tuple[float, ...]
    share: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    at_risk: tuple[int, ...]  # how many were still followed just before each step

    def at(self, day: float) -> At | None:
        """None past the longest time that anyone was followed."""
        if not self.subjects or day > self.until:
            return None
        place = bisect_right(self.days, day) - 1
        return At(self.share[place], self.low[place], self.high[place])

    @property
    def median_days(self) -> float | None:
        """The first day on which at most half are left; None where as far as is known more than half stay."""
        return next((day for day, share in zip(self.days, self.share, strict=True) if share <= 0.5), None)


def times(days: list[float], ended: list[bool]) -> Times:
    """Of lists; negative days are a bug."""
    if any(day < 0 for day in days):
        raise ValueError("a time before the beginning")
    return Times(np.asarray(days, dtype=np.float64), np.asarray(ended, dtype=np.bool_))


def estimate(name: str, seen: Times) -> Curve:
    """The Kaplan-Meier estimate with its log-log band."""
    if not len(seen):
        return Curve(
            name=name, subjects=0, ended=0, until=0.0, days=(0.0,), share=(1.0,), low=(1.0,), high=(1.0,), at_risk=(0,)
        )
    survival = stats.ecdf(_censored(seen)).sf
    with warnings.catch_warnings():  # where all or none are left the band has no formula; see _band
        warnings.simplefilter("ignore", RuntimeWarning)
        band = survival.confidence_interval(CONFIDENCE, method="log-log")
    steps = np.isin(survival.quantiles, seen.days[seen.ended])
    days, share = survival.quantiles[steps], np.clip(survival.probabilities[steps], 0.0, 1.0)
    low, high = _band(share, band.low.probabilities[steps], band.high.probabilities[steps])
    followed = np.sort(seen.days)
    at_risk = len(seen) - np.searchsorted(followed, days, side="left")
    begins = not len(days) or days[0] > 0
    return Curve(
        name=name,
        subjects=len(seen),
        ended=int(seen.ended.sum()),
        until=float(followed[-1]),
        days=(*((0.0,) if begins else ()), *(float(day) for day in days)),
        share=(*((1.0,) if begins else ()), *(float(each) for each in share)),
        low=(*((1.0,) if begins else ()), *(float(each) for each in low)),
        high=(*((1.0,) if begins else ()), *(float(each) for each in high)),
        at_risk=(*((len(seen),) if begins else ()), *(int(each) for each in at_risk)),
    )


def _band(share: Days, low: Days, high: Days) -> tuple[Days, Days]:
    """Where nobody is left the formula divides by zero: then the last upper end stands, and the lower is nothing."""
    low, high = low.copy(), high.copy()
    for place in np.flatnonzero(~np.isfinite(low) | ~np.isfinite(high)):
        low[place] = 1.0 if share[place] == 1.0 else 0.0
        high[place] = high[place - 1] if place else 1.0
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def differ(one: Times, other: Times) -> float | None:
    """The log-rank test's p of the two being alike; None where there is nothing to compare."""
    if not len(one) or not len(other) or not (one.ended.any() or other.ended.any()):
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        p = float(stats.logrank(_censored(one), _censored(other)).pvalue)
    return p if np.isfinite(p) else None


def _censored(seen: Times) -> stats.CensoredData:
    return stats.CensoredData(uncensored=seen.days[seen.ended], right=seen.days[~seen.ended])


def share_of(count: int, of: int) -> At | None:
    """A share and its Wilson interval; None of nothing."""
    if not of:
        return None
    found = stats.binomtest(count, of).proportion_ci(CONFIDENCE, method="wilson")
    return At(count / of, float(found.low), float(found.high))
