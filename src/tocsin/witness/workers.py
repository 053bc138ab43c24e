"""Blocks read by other processes: finding is mostly Python's work, and of one process Python uses one core only."""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.shared_memory import SharedMemory
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

import msgspec

from tocsin.evidence.stamps import Stamps
from tocsin.witness.blocks import LINE_BYTES_MAX, Block
from tocsin.witness.match import Finding, Sight, findings
from tocsin.witness.own import Clients, Spared
from tocsin.witness.services import NAMES, watch_for

WORKERS_MAX = 8
SLOT_BYTES = (1 << 22) + 2 * LINE_BYTES_MAX  # a block as it is read, and the line that began before it


class Recipe(msgspec.Struct, frozen=True):
    """What a Sight is made of; unlike it, it can be handed to another process."""

    services: tuple[str, ...] = NAMES
    zone: ZoneInfo | None = None
    spared: Spared = Spared()

    def sight(self) -> Sight:
        return Sight(watch_for(self.services), Stamps(self.zone), Clients(self.spared))


class Workers:
    """Processes, started when the first block comes, and memory that they share. Answers come in the blocks' order."""

    def __init__(self, recipe: Recipe, count: int | None = None) -> None:
        self._recipe = recipe
        self._count = count or min(WORKERS_MAX, os.cpu_count() or 1)
        self._pool: ProcessPoolExecutor | None = None
        self._free: list[SharedMemory] = []
        self._pending: deque[tuple[Future[list[Finding]], SharedMemory]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        for slot in (*self._free, *(slot for _, slot in self._pending)):
            slot.close()
            slot.unlink()

    def takes(self, block: Block) -> bool:
        return len(block.text) <= SLOT_BYTES

    def put(self, block: Block) -> Iterator[list[Finding]]:
        """Hand it over; yields what has become ready, where the memory is needed for it."""
        pool = self._started()
        if not self._free:
            yield self._first()
        slot = self._free.pop()
        assert slot.buf is not None
        slot.buf[: len(block.text)] = block.text
        job = pool.submit(_read, slot.name, len(block.text), block.first, block.count)
        self._pending.append((job, slot))

    def rest(self) -> Iterator[list[Finding]]:
        while self._pending:
            yield self._first()

    def _first(self) -> list[Finding]:
        job, slot = self._pending.popleft()
        try:
            return job.result()
        finally:
            self._free.append(slot)

    def _started(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # Not forked: the engine has threads, and they would not be there.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._count, context, initializer=_begin, initargs=(self._recipe,))
            self._free = [SharedMemory(create=True, size=SLOT_BYTES) for _ in range(2 * self._count + 4)]
        return self._pool


_here: dict[str, object] = {}  # of a worker: its sight, and the memory that it has opened


def _begin(recipe: Recipe) -> None:
    _here["sight"] = recipe.sight()


def _read(slot_name: str, length: int, first: int, count: int) -> list[Finding]:
    slot = _here.get(slot_name)
    if slot is None:
        slot = _here[slot_name] = SharedMemory(slot_name)
    sight = _here["sight"]
    assert isinstance(slot, SharedMemory)
    assert slot.buf is not None
    assert isinstance(sight, Sight)
    return findings(Block(first, count, bytes(slot.buf[:length])), sight)
