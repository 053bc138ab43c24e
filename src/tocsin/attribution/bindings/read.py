"""One file of a binding log into the lake: its evidence kept, its lease events and rejects in one batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import cast

import msgspec

from tocsin.attribution.bindings.logs import LogConfig
from tocsin.attribution.bindings.readers import (
    dhcpd,
    dnsmasq,
    freeradius,
    kea,
    kea_legal,
    linelog,
    nel,
    radacct,
    rules,
    static,
    syslog,
)
from tocsin.attribution.bindings.staging import Staging, drop_staged
from tocsin.book import Transaction
from tocsin.book import evidence as book_evidence
from tocsin.book.accounts import add_accounts
from tocsin.book.evidence import Evidence
from tocsin.engine import Engine, read_sql, table_of
from tocsin.evidence.lines import open_blocks
from tocsin.evidence.settle import Window, read_before
from tocsin.evidence.store import Kept, Progress
from tocsin.lake import UNDATED, Batch, Lake
from tocsin.lake.lake import Writing
from tocsin.terms.identity import digest
from tocsin.terms.moments import utc_day

TABLES = ("lease_events", "rejects")  # what must be held for writing


class LogReader(msgspec.Struct, frozen=True):
    """How one format is read.

    A `snapshot` says all there is, and replaces what the log said before. A `journal` is written by the server that
    leases, as it leases: its silences are no gaps.
    """

    stage: Callable[[Staging], None]
    snapshot: bool = False
    journal: bool = False


READERS = {
    "freeradius": LogReader(freeradius.stage),
    "static": LogReader(static.stage, snapshot=True),
    "deterministic": LogReader(rules.stage_deterministic, snapshot=True),
    "map-e": LogReader(rules.stage_map_e, snapshot=True),
    "lw4o6": LogReader(rules.stage_lw4o6, snapshot=True),
    "radacct": LogReader(radacct.stage),
    "linelog": LogReader(linelog.stage),
    "dhcpd": LogReader(dhcpd.stage, journal=True),
    "kea": LogReader(kea.stage, journal=True),
    "kea-legal": LogReader(kea_legal.stage, journal=True),
    "dnsmasq": LogReader(dnsmasq.stage_file),
    "dnsmasq-log": LogReader(dnsmasq.stage_log),
    **{name: LogReader(syslog.of_syslog(name)) for name in ("juniper", "cisco", "a10", "f5", "nfware", "6wind")},
    "mikrotik": LogReader(syslog.of_syslog("mikrotik")),
    "conntrack": LogReader(syslog.of_syslog("conntrack")),
    "nel": LogReader(nel.stage),
}


class LogRead(msgspec.Struct, frozen=True, kw_only=True):
    """What a file has brought in."""

    events: int = 0  # new ones
    known: int = 0  # those that an earlier file had already
    rejects: int = 0
    already: bool = False  # the same bytes had been read before: nothing was added


def read_log(
    writing: Writing,
    kept: Kept,
    log: LogConfig,
    *,
    name: str,
    at: datetime,
    window: Window,
    progress: Progress | None = None,
) -> LogRead:
    """Add what is new in evidence that is kept, under the right to write TABLES; `name` is the file's.

    The same bytes read again add nothing, nor do the records of a file that has grown since. Raises BadRequest when
    the file is none of the log's format, and Busy or StorageFailed as the lake does; nothing is half done then.
    """
    lake, reader = writing.lake, READERS[log.reader]
    batch = writing.batch(batch_name(log.name, kept.sha256, log.reader), kind="log", at=at)
    if _stands(lake, kept.sha256, log, batch.name):
        return LogRead(already=True)
    blocks = open_blocks(kept.path, on_progress=_told(progress, kept.bytes))
    try:
        reader.stage(Staging(engine=lake.engine, blocks=blocks, newest=window.newest, oldest=window.oldest, log=log))
        _number_accounts(lake)
        found = _write(batch, lake, log, kept.sha256, utc_day(at))
    finally:
        drop_staged(lake.engine)
    if reader.snapshot:
        batch.replace("lease_events", [UNDATED], keep=lambda file: _log_mark(log.name) not in file.path)
    _commit(batch, found, kept, log, name, at)
    return found


def batch_name(log: str, sha256: str, reader: str) -> str:
    """Follows from content, and shows whose log it is: a snapshot must find its predecessor."""
    return _log_mark(log) + digest("log", sha256, log, reader)[:24]


def _log_mark(log: str) -> str:
    return f"log-{digest(log)[:10]}-"


def _stands(lake: Lake, sha256: str, log: LogConfig, batch: str) -> bool:
    """Whether these bytes have been read, and, for a snapshot, whether no other has replaced them since."""
    known = read_before(lake, sha256, log.name, log.reader)
    if known is None or not READERS[log.reader].snapshot:
        return known is not None
    present = [file.path for file in lake.files("lease_events", [UNDATED]) if _log_mark(log.name) in file.path]
    return all(batch in path for path in present) and bool(present or known.records == 0)


def _number_accounts(lake: Lake) -> None:
    """Make the table `account_numbers`, since nothing in the lake holds names. A run killed after it does no harm."""
    rows = lake.engine.rows("SELECT DISTINCT account_name FROM staged_events WHERE account_name IS NOT NULL")
    names = [cast(str, name) for (name,) in rows]
    with lake.book.write() as tx:
        numbers = add_accounts(tx, names)
    columns = (("account_name", "VARCHAR"), ("account", "UINTEGER"))
    lake.engine.add("numbered", table_of(columns, (list(numbers), list(numbers.values()))))
    lake.engine.run("CREATE OR REPLACE TEMP TABLE account_numbers AS SELECT account_name, account FROM numbered")
    lake.engine.drop("numbered")


def _write(batch: Batch, lake: Lake, log: LogConfig, sha256: str, run_day: date) -> LogRead:
    engine, snapshot = lake.engine, READERS[log.reader].snapshot
    touched = _days(engine, "SELECT DISTINCT moment::DATE FROM staged_events")
    # A snapshot is compared with nothing: it says everything anew.
    engine.run(f"CREATE OR REPLACE TEMP VIEW known_events AS {lake.scan('lease_events', [] if snapshot else touched)}")
    engine.run(read_sql(__package__, "fresh_events"), log=log.name, sha256=sha256)
    query = f"SELECT {_EVENT_COLUMNS} FROM fresh_events"
    if snapshot:
        events = batch.add("lease_events", UNDATED, query)
    else:
        of_day = ' WHERE "at" >= $this_day AND "at" < $this_day + INTERVAL 1 DAY'
        events = sum(batch.add("lease_events", day, query + of_day, this_day=day) for day in touched)
    rejects = batch.add(
        "rejects",
        run_day,
        "SELECT $sha256 AS evidence_sha256, line AS evidence_line, reason AS reject, excerpt, $log AS source,"
        " $reader AS reader FROM staged_rejects",
        sha256=sha256,
        log=log.name,
        reader=log.reader,
    )
    [(staged,)] = engine.rows("SELECT count(*) FROM staged_events")
    engine.run("DROP VIEW known_events; DROP TABLE fresh_events; DROP TABLE account_numbers")
    return LogRead(events=events, known=cast(int, staged) - events, rejects=rejects)


_EVENT_COLUMNS = (
    '"at", log, nas, session, status, account, line, network, prefix_bits, port_first, port_last, protocol,'
    " session_s, session_max_s, interim_s, until, inside, inside_bits, vrf, rule, ports_each, ea_bits, psid_offset,"
    " evidence_sha256, evidence_line"
)


def _commit(batch: Batch, found: LogRead, kept: Kept, log: LogConfig, name: str, at: datetime) -> None:
    this = Evidence(
        sha256=kept.sha256,
        source=log.name,
        reader=log.reader,
        name=name[:300],
        bytes=kept.bytes,
        received_at=at,
        batch=batch.name,
        records=found.events,
        pieces=found.known,
        rejects=found.rejects,
    )

    def note(tx: Transaction) -> None:
        book_evidence.note_read(tx, this)
        book_evidence.meet_source(tx, log.name, at)

    batch.commit(also=note)


def _days(engine: Engine, sql: str) -> list[date]:
    return sorted(cast(date, day) for (day,) in engine.rows(sql))


def _told(progress: Progress | None, total: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(done, total)
