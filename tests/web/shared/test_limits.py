"""Whoever asks too often waits; nobody else does."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.exceptions import TooManyRequestsException

from tocsin.web.shared.limits import Limit, Limiter, demand, slow


class Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_so_many_at_once_and_then_as_fast_as_the_bucket_fills() -> None:
    seconds = Seconds()
    limiter = Limiter(Limit(burst=3, per_s=0.5), seconds=seconds)
    assert [limiter.take("a") for _ in range(3)] == [0, 0, 0]
    assert limiter.take("a") == pytest.approx(2)
    assert limiter.take("b") == 0  # another client is not to blame
    seconds.now += 2
    assert limiter.take("a") == 0
    assert limiter.take("a") > 0


@given(st.lists(st.floats(0, 5), max_size=60))
def test_no_order_of_asking_gets_more_than_the_limit(pauses: list[float]) -> None:
    seconds = Seconds()
    limiter = Limiter(Limit(burst=4, per_s=2), seconds=seconds)
    granted = 0
    for pause in pauses:
        seconds.now += pause
        granted += limiter.take("a") == 0
    assert granted <= 4 + 2 * sum(pauses) + 1e-6


def test_the_buckets_are_bounded() -> None:
    limiter = Limiter(Limit(burst=1, per_s=0.001), keys_max=10, seconds=Seconds())
    for number in range(1000):
        limiter.take(str(number))
    assert len(limiter._full_at) == 10


def test_one_past_the_limit_is_told_when_to_come_back() -> None:
    limiter = Limiter(Limit(burst=1, per_s=0.1), seconds=Seconds())
    demand(limiter, "a")
    with pytest.raises(TooManyRequestsException) as caught:
        demand(limiter, "a")
    assert caught.value.headers == {"Retry-After": "10"}


def test_a_person_waits_a_little_and_notices_nothing() -> None:
    limiter = Limiter(Limit(burst=1, per_s=20))
    asyncio.run(slow(limiter, "a"))
    asyncio.run(slow(limiter, "a"))  # after a twentieth of a second
    hard = Limiter(Limit(burst=1, per_s=0.01))
    asyncio.run(slow(hard, "a"))
    with pytest.raises(TooManyRequestsException):
        asyncio.run(slow(hard, "a"))


def test_who_waits_has_their_turn_when_the_wait_is_over() -> None:
    limiter = Limiter(Limit(burst=1, per_s=1), seconds=Seconds())
    waits = [limiter.reserve("a", patience_s=2) for _ in range(4)]
    assert waits == [0, pytest.approx(1), pytest.approx(2), pytest.approx(3)]  # the last is told to come back
    assert limiter.reserve("a", patience_s=2) == pytest.approx(3)
