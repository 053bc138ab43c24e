"""A log's findings into the engine: blocks are read on every core, and no more than a few are held at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from tocsin.engine import Engine, read_sql, reader_of
from tocsin.evidence.lines import Reject
from tocsin.witness.blocks import Block
from tocsin.witness.match import FINDINGS, Finding, Sight, findings

WORKERS = 2
_AHEAD = 4
_ROWS_AT_ONCE = 20_000

OnReject = Callable[[Reject], None]


def gather(engine: Engine, blocks: Iterable[Block], sight: Sight, on_reject: OnReject) -> None:
    """The table `findings` (findings.sql), in the order of the log."""
    engine.add("gathered", reader_of(FINDINGS, _chunks(_found(blocks, sight, on_reject))))
    try:
        engine.run(read_sql(__package__, "findings"))
    finally:
        engine.drop("gathered")


def _found(blocks: Iterable[Block], sight: Sight, on_reject: OnReject) -> Iterator[list[Finding]]:
    pending: deque[Future[list[Finding]]] = deque()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="watch") as pool:
        for block in blocks:
            for reject in block.rejects:
                on_reject(reject)
            pending.append(pool.submit(findings, block, sight))
            if len(pending) > _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _ahead(blocks: Iterable[Block]) -> Iterator[Block]:
    """The same blocks, read in a thread of their own: reading, unpacking and the digest need no turn of Python's."""
    source = iter(blocks)
    pending: deque[Future[Block | None]] = deque()
    with ThreadPoolExecutor(1, thread_name_prefix="watch-read") as pool:
        pending.extend(pool.submit(next, source, None) for _ in range(_AHEAD))
        while (block := pending.popleft().result()) is not None:
            pending.append(pool.submit(next, source, None))
            yield block


def _chunks(found: Iterable[list[Finding]]) -> Iterator[list[tuple[object, ...]]]:
    rows: list[Finding] = []
    for each in found:
        rows.extend(each)
        if len(rows) >= _ROWS_AT_ONCE:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))
