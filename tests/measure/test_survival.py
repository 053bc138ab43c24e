"""Curves against the textbook: a published example, and the same estimate made the slow way."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.measure.survival import Times, differ, estimate, share_of, times

# Freireich et al. 1963, weeks of remission of 21 patients under 6-MP; + is censored. The figures beside them are those
# of every textbook (Kleinbaum and Klein, Survival Analysis, table 2.4).
DRUG = [6, 6, 6, 7, 10, 13, 16, 22, 23]
DRUG_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
DRUG_SHARES = {6: 0.857, 7: 0.807, 10: 0.753, 13: 0.690, 16: 0.628, 22: 0.538, 23: 0.448}


def _drug() -> Times:
    ended = [True] * len(DRUG) + [False] * len(DRUG_CENSORED)
    return times([float(week) for week in DRUG + DRUG_CENSORED], ended)


def _placebo() -> Times:
    return times([float(week) for week in PLACEBO], [True] * len(PLACEBO))


def test_the_textbooks_example() -> None:
    curve = estimate("6-MP", _drug())
    found = {int(day): share for day, share in zip(curve.days, curve.share, strict=True) if day}
    assert found == pytest.approx(DRUG_SHARES, abs=0.001)
    assert (curve.subjects, curve.ended, curve.until, curve.median_days) == (21, 9, 35.0, 23.0)
    assert curve.at_risk == (21, 21, 17, 15, 12, 11, 7, 6)
    assert estimate("placebo", _placebo()).median_days == 8.0


def test_the_log_log_band_of_the_textbooks_example() -> None:
    """At week 6: exp(-exp(log(-log S) ± 1.96 sqrt(V) / log S)), Greenwood's V = 3 / (21 · 18)."""
    at = estimate("6-MP", _drug()).at(6.0)
    assert at is not None
    assert (round(at.low, 3), round(at.high, 3)) == (0.620, 0.952)


def test_the_log_rank_test_of_the_textbooks_example() -> None:
    """Chi-square 16.79 with one degree of freedom."""
    assert differ(_drug(), _placebo()) == pytest.approx(4.17e-5, rel=0.02)


def test_nothing_is_compared_with_nothing() -> None:
    nobody = times([], [])
    assert differ(_drug(), nobody) is None
    waiting = times([3.0, 4.0], [False, False])
    assert differ(waiting, waiting) is None
    curve = estimate("nobody", nobody)
    assert (curve.subjects, curve.median_days, curve.at(0.0)) == (0, None, None)
    assert share_of(0, 0) is None


def test_a_time_before_the_beginning_is_a_bug() -> None:
    with pytest.raises(ValueError, match="before the beginning"):
        times([-0.001], [True])


def test_those_who_were_clean_at_once_leave_at_day_nothing() -> None:
    curve = estimate("at once", times([0.0, 0.0, 5.0, 9.0], [True, True, False, True]))
    assert (curve.days, curve.share) == ((0.0, 9.0), (0.5, 0.0))
    assert curve.low[-1] == 0.0
    assert curve.high[-1] == curve.high[0]  # where nobody is left there is no formula: the band stays as it was


def test_past_the_longest_time_nothing_is_said() -> None:
    curve = estimate("short", times([2.0, 3.0], [True, False]))
    assert curve.at(3.0) is not None
    assert curve.at(3.001) is None


def test_nobody_ended_is_a_flat_line() -> None:
    curve = estimate("flat", times([4.0, 6.0], [False, False]))
    assert (curve.days, curve.share, curve.low, curve.high) == ((0.0,), (1.0,), (1.0,), (1.0,))


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=60))
def test_the_estimate_is_the_product_that_kaplan_and_meier_wrote(seen: list[tuple[int, bool]]) -> None:
    curve = estimate("any", times([float(day) for day, _ in seen], [ended for _, ended in seen]))
    expected, left = [], Fraction(1)
    for day in sorted({day for day, ended in seen if ended}):
        at_risk = sum(other >= day for other, _ in seen)
        gone = sum(other == day and ended for other, ended in seen)
        left *= 1 - Fraction(gone, at_risk)
        expected.append((float(day), float(left), at_risk))
    found = list(zip(curve.days, curve.share, curve.at_risk, strict=True))
    if not expected or expected[0][0] > 0:
        assert found.pop(0) == (0.0, 1.0, len(seen))
    assert [(day, at_risk) for day, _, at_risk in found] == [(day, at_risk) for day, _, at_risk in expected]
    assert [share for _, share, _ in found] == pytest.approx([share for _, share, _ in expected], abs=1e-12)
    assert all(low <= share <= high for low, share, high in zip(curve.low, curve.share, curve.high, strict=True))
    assert np.all(np.diff(curve.high) <= 1e-12)


def test_wilsons_interval() -> None:
    """Newcombe 1998, table I: 81 of 263."""
    found = share_of(81, 263)
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
