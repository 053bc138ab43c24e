"""A log's findings into the engine, in the order of the log; of the log itself no more than a few blocks are held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tocsin.engine import Engine, read_sql, reader_of
from tocsin.evidence.lines import Reject
from tocsin.witness.blocks import Block
from tocsin.witness.match import FINDINGS, Finding, Sight, findings
from tocsin.witness.workers import Workers

ALONE_BLOCKS = 8  # so many are read before other processes are worth starting
_ROWS_AT_ONCE = 8_192

OnReject = Callable[[Reject], None]


def gather(
    engine: Engine, blocks: Iterable[Block], sight: Sight, on_reject: OnReject, workers: Workers | None = None
) -> None:
    """The table `findings` (findings.sql). What follows the first blocks is read by `workers`, where there are any."""
    engine.add("gathered", reader_of(FINDINGS, _chunks(_found(blocks, sight, on_reject, workers))))
    try:
        engine.run(read_sql(__package__, "findings"))
    finally:
        engine.drop("gathered")


def _found(
    blocks: Iterable[Block], sight: Sight, on_reject: OnReject, workers: Workers | None
) -> Iterator[list[Finding]]:
    for place, block in enumerate(blocks):
        for reject in block.rejects:
            on_reject(reject)
        if workers is None or place < ALONE_BLOCKS:
            yield findings(block, sight)
        elif workers.takes(block):
            yield from workers.put(block)
        else:
            yield from workers.rest()
            yield findings(block, sight)
    if workers is not None:
        yield from workers.rest()


def _chunks(found: Iterable[list[Finding]]) -> Iterator[list[tuple[object, ...]]]:
    rows: list[Finding] = []
    for each in found:
        rows.extend(each)
        if len(rows) >= _ROWS_AT_ONCE:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))
