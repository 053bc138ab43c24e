"""Pi-hole's long-term database (pihole-FTL.db): look-ups, and the network cards that it has seen."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from tocsin.engine import read_sql, reader_of
from tocsin.evidence.lines import Reject, bounded
from tocsin.evidence.texts import Head
from tocsin.traffic.readers.unpacked import plain_file
from tocsin.traffic.reading import Reading

MAGIC = (b"SQLite format 3\0",)
CHUNK_ROWS = 20_000
STEPS_A_CHUNK_MAX = 50_000_000  # of SQLite's machine: a view that somebody made up could run for ever
_TEXT_BYTES_MAX = 1_000_000
_STEP = 100_000
_LOOKUPS = (
    *(("line", "UBIGINT"), ("moment", "DOUBLE"), ("client", "VARCHAR"), ("name", "VARCHAR")),
    *(("type", "VARCHAR"), ("rcode", "VARCHAR")),
)
_CARDS = (("line", "UBIGINT"), ("address", "VARCHAR"), ("mac", "VARCHAR"), ("name", "VARCHAR"))
# docs.pi-hole.net/database/query-database: query types, reply types, and the states in which Pi-hole has asked nobody.
_TYPE_NAMES = (
    *("A", "AAAA", "ANY", "SRV", "SOA", "PTR", "TXT", "NAPTR"),
    *("MX", "DS", "RRSIG", "DNSKEY", "NS", "OTHER", "SVCB", "HTTPS"),
)
_TYPES = dict(enumerate(_TYPE_NAMES, 1))
_RCODES = {1: "NOERROR", 2: "NXDOMAIN", 3: "NOERROR", 4: "NOERROR", 5: "NOERROR", 6: "NOERROR", 7: "SERVFAIL"}
_RCODES |= {8: "REFUSED", 9: "NOTIMP", 11: "NOERROR", 13: "NOERROR"}
_KEPT = frozenset({1, 4, 5, 6, 7, 8, 9, 10, 11, 15, 16, 18})
_ASKED = "SELECT timestamp, client, domain, type, status, {} FROM queries"
_SEEN = (
    "SELECT a.ip, n.hwaddr, a.name FROM network_addresses a JOIN network n ON n.id = a.network_id"
    " WHERE n.hwaddr LIKE '__:__:__:__:__:__'"
)


def recognise_pihole(head: Head) -> str | None:
    return "" if head.start.startswith(MAGIC) and b"queries" in head.start else None


def read_pihole(reading: Reading) -> None:
    """A row of `queries` is a look-up. What is no database, or breaks off, is a reject with what SQLite says."""
    with plain_file(reading, MAGIC) as path:
        if path is None:
            return
        try:
            with closing(_opened(path)) as database:
                _read(reading, database)
        except sqlite3.Error as error:
            reading.reject(Reject(0, f"the database cannot be read: {bounded(str(error))}", ""))


def _opened(path: Path) -> sqlite3.Connection:
    """Nothing is written, not even a journal beside it, and no function is called that its own views name.

    The engine pulls rows in a thread of its own, one after another.
    """
    database = sqlite3.connect(f"file:{quote(str(path))}?mode=ro&immutable=1", uri=True, check_same_thread=False)
    database.text_factory = lambda raw: raw.decode(errors="replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _TEXT_BYTES_MAX)
    database.execute("PRAGMA trusted_schema = OFF")
    database.execute("PRAGMA query_only = ON")
    return database


def _read(reading: Reading, database: sqlite3.Connection) -> None:
    names = {str(row[1]) for row in database.execute("PRAGMA table_info(queries)")}
    missing = {"timestamp", "client", "domain", "type", "status"} - names
    if missing:
        reading.reject(Reject(0, f"no database of Pi-hole: its queries lack {', '.join(sorted(missing))}", ""))
        return
    asked = _ASKED.format("reply_type" if "reply_type" in names else "NULL")
    lookups = ([_lookup(number, row) for number, row in chunk] for chunk in _chunks(reading, database, asked))
    raw = reader_of(_LOOKUPS, (list(zip(*rows, strict=True)) for rows in lookups))
    reading.add("lookups", raw, read_sql(__package__, "pihole"), file=reading.file)
    tables = {str(row[0]) for row in database.execute("SELECT name FROM sqlite_master")}
    if {"network", "network_addresses"} <= tables:
        cards = ([(number, *map(_text, row)) for number, row in chunk] for chunk in _chunks(reading, database, _SEEN))
        raw = reader_of(_CARDS, (list(zip(*rows, strict=True)) for rows in cards))
        reading.add("leases", raw, read_sql(__package__, "pihole_cards"), file=reading.file)


def _chunks(
    reading: Reading, database: sqlite3.Connection, query: str
) -> Iterator[list[tuple[int, tuple[object, ...]]]]:
    """Numbered rows. One that breaks off is a reject: what came before it stays."""
    steps = 0

    def is_too_long() -> bool:
        nonlocal steps
        steps += _STEP
        return steps > STEPS_A_CHUNK_MAX

    database.set_progress_handler(is_too_long, _STEP)
    number = 1
    try:
        rows = database.execute(query)
        while found := rows.fetchmany(CHUNK_ROWS):
            yield list(enumerate(found, number))
            number, steps = number + len(found), 0
    except sqlite3.Error as error:
        reading.reject(Reject(number, f"the database breaks off here: {bounded(str(error))}", ""))
    finally:
        database.set_progress_handler(None, 0)


def _lookup(number: int, row: tuple[object, ...]) -> tuple[object, ...]:
    moment, client, name, kind, status, reply = row
    at = float(moment) if isinstance(moment, int | float) else None
    rcode = _RCODES.get(reply) if isinstance(reply, int) and status not in _KEPT else None
    return number, at, _text(client), _text(name), _type(kind), rcode


def _type(kind: object) -> str | None:
    if not isinstance(kind, int):
        return None
    return _TYPES.get(kind) or (f"TYPE{kind - 100}" if 100 < kind < 1 << 17 else None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
