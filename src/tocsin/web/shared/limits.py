"""Token buckets: whoever asks too often waits. One bucket a client, so that nobody shuts the door for all."""

from __future__ import annotations

import asyncio
import math
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec
from litestar.exceptions import TooManyRequestsException

_KEYS_MAX = 50_000
_PATIENCE_S = 2.0
_NOTHING_S = 1e-9


class Limit(msgspec.Struct, frozen=True):
    """So many at once, and so many a second in the long run."""

    burst: int
    per_s: float


class Limiter:
    """Buckets by key; the least recently used is forgotten when there are too many. Not shared between processes."""

    def __init__(
        self, limit: Limit, *, keys_max: int = _KEYS_MAX, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self.limit = limit
        self._keys_max = keys_max
        self._seconds = seconds
        self._full_at: OrderedDict[str, float] = OrderedDict()  # when the bucket will be full again

    def take(self, key: str, tokens: int = 1) -> float:
        """Take from the key's bucket: 0, or for how many seconds it is too early (then nothing is taken)."""
        return self._take(key, tokens, 0.0)

    def reserve(self, key: str, *, patience_s: float) -> float:
        """Take, ahead of time too: for how many seconds to wait. More than `patience_s`: nothing was taken."""
        return self._take(key, 1, patience_s)

    def _take(self, key: str, tokens: int, patience_s: float) -> float:
        now, each = self._seconds(), 1 / self.limit.per_s
        full_at = max(self._full_at.get(key, now), now) + tokens * each
        wait_s = full_at - now - self.limit.burst * each
        if wait_s <= _NOTHING_S:
            wait_s = 0.0
        if wait_s > patience_s:
            return wait_s
        self._full_at[key] = full_at
        self._full_at.move_to_end(key)
        if len(self._full_at) > self._keys_max:
            self._full_at.popitem(last=False)
        return wait_s

    def left(self, key: str) -> tuple[int, int]:
        """How many tokens the key has, and after how many seconds it has all of them."""
        full_s = max(0.0, self._full_at.get(key, 0.0) - self._seconds())
        return max(0, math.floor(self.limit.burst - full_s * self.limit.per_s + _NOTHING_S)), math.ceil(full_s)


def demand(limiter: Limiter, key: str, tokens: int = 1) -> None:
    """Take, or answer 429 with the seconds after which it is worth trying again."""
    if wait_s := limiter.take(key, tokens):
        raise TooManyRequestsException(headers={"Retry-After": str(math.ceil(wait_s))})


async def slow(limiter: Limiter, key: str, *, patience_s: float = _PATIENCE_S) -> None:
    """Take, waiting a little where that is enough: a person notices nothing, a program is slowed. Else 429."""
    wait_s = limiter.reserve(key, patience_s=patience_s)
    if wait_s > patience_s:
        raise TooManyRequestsException(headers={"Retry-After": str(math.ceil(wait_s))})
    await asyncio.sleep(wait_s)
