"""Simulated time: processes that sleep until a moment and wake in turn."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

Process = Iterator[int]  # yields the moment at which it wants to be woken


class Loop:
    """`now` is the moment of the process that runs. Moments are whole seconds since 1970."""

    def __init__(self) -> None:
        self.now = 0
        self._waiting: list[tuple[int, int, Process]] = []
        self._started = 0

    def start(self, process: Process, at: int) -> None:
        heapq.heappush(self._waiting, (at, self._started, process))
        self._started += 1

    def run(self, until: int) -> None:
        while self._waiting and self._waiting[0][0] < until:
            at, _, process = heapq.heappop(self._waiting)
            self.now = max(at, self.now)
            wake_at = next(process, None)
            if wake_at is not None:
                self.start(process, max(wake_at, self.now))
        self.now = until
