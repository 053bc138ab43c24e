"""A log's findings into the engine: blocks are read on every core, and no more than a few are held at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from tocsin.engine import Engine, read_sql, reader_of
from tocsin.evidence.lines import Reject
from tocsin.witness.blocks import Block
from tocsin.witness.match import FINDINGS, Finding, findings
from tocsin.witness.own import Clients
from tocsin.witness.services import Watch
from tocsin.witness.stamps import Stamps

WORKERS = 2
_AHEAD = 4
_ROWS_AT_ONCE = 20_000
_STAMP, _HOST, _FORWARDED = (
    next(i for i, (name, _) in enumerate(FINDINGS) if name == one) for one in ("stamp", "host", "forwarded")
)
# What is gathered: a finding, with its moment read and its client known.
GATHERED: tuple[tuple[str, str], ...] = (
    *FINDINGS,
    ("at", "TIMESTAMP"),
    ("local_at", "TIMESTAMP"),  # of the year YEARLESS: the log wrote none
    ("is_exact", "BOOLEAN"),
    ("undated", "VARCHAR"),  # why there is no moment
)


def gather(
    engine: Engine,
    blocks: Iterable[Block],
    watch: Watch,
    stamps: Stamps,
    clients: Clients,
    on_reject: Callable[[Reject], None],
) -> None:
    """The table `findings` (GATHERED), in the order of the log. Lines about allowed addresses are left out."""
    chunks = _chunks(_found(blocks, watch, on_reject), stamps, clients)
    engine.add("gathered", reader_of(GATHERED, chunks))
    try:
        engine.run(read_sql(__package__, "findings"))
    finally:
        engine.drop("gathered")


def _found(blocks: Iterable[Block], watch: Watch, on_reject: Callable[[Reject], None]) -> Iterator[list[Finding]]:
    pending: deque[Future[list[Finding]]] = deque()
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="watch") as pool:
        for block in blocks:
            for reject in block.rejects:
                on_reject(reject)
            pending.append(pool.submit(findings, block, watch))
            if len(pending) > _AHEAD:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def _chunks(found: Iterable[list[Finding]], stamps: Stamps, clients: Clients) -> Iterator[list[tuple[object, ...]]]:
    rows: list[Finding] = []
    for each in found:
        rows.extend(_dated(each, stamps, clients))
        if len(rows) >= _ROWS_AT_ONCE:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _dated(found: Iterable[Finding], stamps: Stamps, clients: Clients) -> Iterator[Finding]:
    for finding in found:
        host = clients.client(str(finding[_HOST]), str(finding[_FORWARDED]))
        if clients.is_allowed(host):
            continue
        stamp = stamps.read(str(finding[_STAMP]))
        at = _naive(stamp.at)
        yield (*finding[:_HOST], host, *finding[_HOST + 1 :], at, stamp.local, stamp.is_exact, stamp.why_not)


def _naive(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=None) if moment else None
