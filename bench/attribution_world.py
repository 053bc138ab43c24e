"""A provider's day in columns: bindings, sightings, and what is true of each, written down before anything is resolved.

Every session follows from its place by arithmetic, so that the truth is a formula over a sighting's own numbers and no
join: an address is held by session j for `[j * length + shift, (j + 1) * length + shift - 20)` seconds of the day.
Addresses: 100.64.0.0/10 (RFC 6598) and 2001:db8::/32 (RFC 3849); only they have room enough.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.book import Book
from tocsin.book.accounts import add_accounts
from tocsin.book.contracts import Contract, add_subscribers, replace_contracts
from tocsin.book.manifest import File
from tocsin.engine import Engine
from tocsin.lake import TABLES, Lake
from tocsin.lake.lake import Batch

DAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
ACCOUNTS = 200_000
SCALE_MAX = 6  # 120 million bindings
MARGIN_S = 7  # the source's 5 and the log's 2
GAP_S = 20  # between two sessions of an address
READ_UNTIL_S, SILENT_FROM_S, SILENT_UNTIL_S = 79_200, 18_000, 19_800  # the edge log: its end, and a hole in it
EDGE_ADDRESSES = 16_384
CONFIG = AttributionConfig(
    prefixes=("100.64.0.0/10", "2001:db8::/32"),
    logs=(
        CoveringLog(name="core", prefixes=("100.64.0.0/10", "2001:db8::/32"), accuracy_s=2),
        CoveringLog(name="edge", prefixes=("100.64.0.0/18",), accuracy_s=1),
    ),
    accuracy_by_source={"cert": 5},
)
_START = f"TIMESTAMP '{DAY} 00:00:00'"
_V4 = (0xFFFF << 32) + (100 << 24)
_V6 = 0x20010DB8 << 96


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """Networks of one kind, `first + place << shift`, each held by `sessions` sessions in `blocks` ranges of ports."""

    name: str
    first: int
    shift: int
    bits: int
    count: int
    sessions: int
    blocks: int = 1
    households: int = 0  # that the blocks are dealt out to in turn; 0: each to another

    @property
    def sharers(self) -> int:
        return self.households or self.blocks

    @property
    def length_s(self) -> int:
        return 86_400 // self.sessions

    @property
    def block_ports(self) -> int:
        return 64_512 // self.blocks


V4 = Layer(name="v4", first=_V4 + (64 << 16), shift=0, bits=128, count=420_000, sessions=20)
DIVIDED = Layer(name="divided", first=_V4 + (127 << 16), shift=0, bits=128, count=10_000, sessions=3, blocks=64)
# As MAP-E deals them out: 32 households an address, each with 63 ranges; and a NAT that logs each connection.
SETS = Layer(
    name="sets", first=_V4 + (126 << 16), shift=0, bits=128, count=600, sessions=2, blocks=2_016, households=32
)
CONNECTIONS = Layer(name="connections", first=_V4 + (125 << 16), shift=0, bits=128, count=20, sessions=1, blocks=64_512)
DELEGATED = Layer(name="delegated", first=_V6, shift=72, bits=56, count=200_000, sessions=20)
FRAMED = Layer(name="framed", first=_V6 + (1 << 64), shift=72, bits=64, count=100_000, sessions=20)  # within those
LAYERS = (V4, DIVIDED, SETS, CONNECTIONS, DELEGATED, FRAMED)


@contextmanager
def opened(folder: Path, *, memory: str = "1GB") -> Iterator[Lake]:
    book = Book.at(folder)
    with Engine(folder / "work", memory=memory) as engine:
        yield Lake(folder, book, engine, wall_clock=lambda: NOW)
    book.close()


def make_world(folder: Path, *, scale: float, sightings: int) -> int:
    """Lays the day down in a new data folder and `truth.parquet` beside it; returns how many bindings there are."""
    if not 0 < scale <= SCALE_MAX:
        raise ValueError(f"scale {scale}: the networks of two layers would meet beyond {SCALE_MAX}")
    folder.mkdir(parents=True, exist_ok=True)
    book = Book.at(folder)
    book.migrate()
    book.close()
    with opened(folder, memory="3GB") as lake:
        _contracts(lake.book)
        engine = lake.engine
        engine.run(_VERDICT)
        with lake.writing("bindings", "sightings", "coverage") as writing:
            batch = writing.batch("bench", kind="bench", at=NOW)
            bindings = "\nUNION ALL ".join(_bindings(layer, _scaled(layer, scale)) for layer in LAYERS)
            rows = _laid(lake, batch, "bindings", bindings)
            engine.run(f"CREATE TEMP TABLE drawn AS {_drawn(scale, sightings)}")
            _laid(lake, batch, "sightings", f"{_SIGHTINGS} ORDER BY address, seen_at, id")
            engine.copy(f"SELECT id, {_truth()} AS truth FROM drawn", folder / "truth.parquet")
            batch.add("coverage", DAY, _COVERAGE)
            batch.commit()
    return rows


def judge(lake: Lake, folder: Path) -> list[tuple[str, int, int]]:
    """(what is true, how many were answered so, how many were not)."""
    truth, said = f"'{folder / 'truth.parquet'}'", lake.scan("attributions")
    rows = lake.engine.rows(
        "SELECT split_part(t.truth, ':', 1), count(*) FILTER (a.said = t.truth),"
        " count(*) FILTER (a.said IS DISTINCT FROM t.truth)"
        f" FROM {truth} t LEFT JOIN (SELECT sighting, {_SAID} AS said FROM {said}) a ON a.sighting = t.id"
        " GROUP BY ALL ORDER BY ALL"
    )
    return [(str(name), int(str(right)), int(str(wrong))) for name, right, wrong in rows]


_SAID = """CASE WHEN outcome = 'subscriber' THEN 'subscriber:' || subscriber
    WHEN outcome = 'shared' THEN 'shared:' || sharers ELSE outcome || ':' || reason END"""

# What is true of an address whose session j has come to second `phase` of its length (negative: not begun). `whole` is
# whether it ended with a Stop; W reaches from MARGIN_S before to MARGIN_S + 1 after.
_VERDICT = f"""
CREATE OR REPLACE TEMP MACRO account_of(place, session, block) AS
    (place * 7919 + session * 104729 + block::BIGINT * 31) % {ACCOUNTS} + 1;
CREATE OR REPLACE TEMP MACRO session_of(place, second, length) AS floor((second - (place * 37) % 600) / length)::BIGINT;
CREATE OR REPLACE TEMP MACRO phase_of(place, second, length) AS
    second - (place * 37) % 600 - session_of(place, second, length) * length;
CREATE OR REPLACE TEMP MACRO without_stop(place, session) AS (place * 17 + session) % 40 = 0;
CREATE OR REPLACE TEMP MACRO unusual(place, session) AS (place * 31 + session) % 50 = 0;
CREATE OR REPLACE TEMP MACRO contract_of(account, second) AS CASE
    WHEN account % 97 = 0 THEN 'no-binding:no-contract'
    WHEN account % 89 <> 0 OR second + {MARGIN_S + 1} < 43200 THEN 'subscriber:' || account
    WHEN second - {MARGIN_S} >= 43200 THEN 'subscriber:' || (account + 1)
    ELSE 'ambiguous:contract-changed' END;
CREATE OR REPLACE TEMP MACRO touched(session, sessions, phase, length) AS
    (session >= 0 AND phase - {MARGIN_S} < length - {GAP_S})
    OR (session + 1 < sessions AND phase + {MARGIN_S + 1} >= length);
CREATE OR REPLACE TEMP MACRO verdict(place, session, phase, block, second, length, divided) AS CASE
    WHEN phase + {MARGIN_S + 1} >= length OR phase < {MARGIN_S} THEN 'ambiguous:held-for-a-part'
    WHEN NOT divided AND without_stop(place, session) AND phase + {MARGIN_S + 1} >= (length - {GAP_S}) // 2
    THEN 'log-gap:session-without-stop'
    WHEN phase + {MARGIN_S + 1} >= length - {GAP_S} THEN 'ambiguous:held-for-a-part'
    WHEN NOT divided AND unusual(place, session) THEN 'ambiguous:unusual-line'
    ELSE contract_of(account_of(place, session, block), second) END;
"""


def _truth() -> str:
    def of(layer: Layer, otherwise: str) -> str:
        session = f"session_of(place, second, {layer.length_s})"
        phase = f"phase_of(place, second, {layer.length_s})"
        held = f"touched({session}, {layer.sessions}, {phase}, {layer.length_s})"
        divided = str(layer.blocks > 1).lower()
        block = f"(port - 1024) // {layer.block_ports}" if layer.blocks > 1 else "0"
        said_of = f"{block} % {layer.sharers}"
        said = f"verdict(place, {session}, {phase}, {said_of}, second, {layer.length_s}, {divided})"
        if layer.blocks > 1:
            outside = f"CASE WHEN {block} < {layer.blocks} THEN {said} ELSE 'no-binding:port-outside-every-range' END"
            said = f"CASE WHEN port IS NULL THEN 'shared:{layer.sharers}' ELSE {outside} END"
        return f"CASE WHEN {held} THEN {said} ELSE {otherwise} END"

    nobody = "'no-binding:nobody-held-it'"
    return f"""CASE layer
        WHEN 'abroad' THEN 'not-ours:outside-own-prefixes'
        WHEN 'v4' THEN CASE
            WHEN place < {EDGE_ADDRESSES} AND second + {MARGIN_S + 1} >= {READ_UNTIL_S}
            THEN 'pending:log-not-read-so-far'
            WHEN place < {EDGE_ADDRESSES} AND second + {MARGIN_S + 1} >= {SILENT_FROM_S}
                AND second - {MARGIN_S} < {SILENT_UNTIL_S} THEN 'log-gap:silence-in-log'
            ELSE {of(V4, nobody)} END
        WHEN 'divided' THEN {of(DIVIDED, nobody)}
        WHEN 'sets' THEN {of(SETS, nobody)}
        WHEN 'connections' THEN {of(CONNECTIONS, nobody)}
        WHEN 'delegated' THEN {of(DELEGATED, nobody)}
        ELSE {of(FRAMED, of(DELEGATED, nobody))} END"""


def _scaled(layer: Layer, scale: float) -> int:
    return max(1, int(layer.count * scale))


def _bindings(layer: Layer, count: int) -> str:
    each = layer.sessions * layer.blocks
    limited = layer.blocks > 1
    first_port = f"(1024 + block * {layer.block_ports})::USMALLINT" if limited else "NULL::USMALLINT"
    last_port = f"(1023 + (block + 1) * {layer.block_ports})::USMALLINT" if limited else "NULL::USMALLINT"
    ends = f"{_START} + to_seconds((session + 1) * {layer.length_s} + shift - {GAP_S})"
    half = f"{_START} + to_seconds(session * {layer.length_s} + shift + {(layer.length_s - GAP_S) // 2})"
    kind = "mapping" if limited else "session"
    return f"""SELECT md5('{layer.name}' || row)::UUID AS binding, '{kind}' AS binding_kind, 'core' AS log,
        account_of(place, session, block % {layer.sharers})::UINTEGER AS account,
        ({layer.first}::UHUGEINT + (place::UHUGEINT << {layer.shift}::UHUGEINT))::UUID AS network,
        {layer.bits}::UTINYINT AS prefix_bits,
        {first_port} AS port_first, {last_port} AS port_last, NULL::VARCHAR AS protocol,
        {_START} + to_seconds(session * {layer.length_s} + shift) AS starts_at,
        CASE WHEN {not limited} AND without_stop(place, session) THEN {half} ELSE {ends} END AS ends_at,
        {ends} AS doubt_until, 'stop' AS end_reason,
        CASE WHEN {not limited} AND unusual(place, session) THEN 'unusual-line' END AS doubt,
        md5((row // 100000)::VARCHAR) AS first_evidence, row::UBIGINT AS first_line,
        md5((row // 100000)::VARCHAR) AS last_evidence, (row + 7)::UBIGINT AS last_line
    FROM (SELECT row, row // {each} AS place, row // {layer.blocks} % {layer.sessions} AS session,
        row % {layer.blocks} AS block, (row // {each} * 37) % 600 AS shift FROM range({count * each}) t(row))"""


def _drawn(scale: float, sightings: int) -> str:
    """Each sighting's layer, place, second and port: half IPv4, a fifth divided, a quarter IPv6."""
    abroad = (0xFFFF << 32) + (192 << 24) + (2 << 8)
    kinds = ((10, V4), (12, DIVIDED), (13, SETS), (14, CONNECTIONS), (17, DELEGATED), (19, FRAMED))
    layer = " ".join(f"WHEN kind < {below} THEN '{layer.name}'" for below, layer in kinds)
    place = " ".join(f"WHEN kind < {below} THEN dice % {_scaled(layer, scale)}" for below, layer in kinds)
    first = " ".join(f"WHEN kind < {below} THEN {layer.first}::UHUGEINT" for below, layer in kinds)
    shift = " ".join(f"WHEN kind < {below} THEN {layer.shift}" for below, layer in kinds)
    return f"""SELECT id, layer, place::BIGINT AS place, second::BIGINT AS second, port,
        (first + (place::UHUGEINT << shift) + host)::UUID AS address
    FROM (SELECT md5('sighting' || row)::UUID AS id, CASE {layer} ELSE 'abroad' END AS layer,
        CASE {place} ELSE dice % 256 END AS place,
        CASE {first} ELSE {abroad}::UHUGEINT END AS first, CASE {shift} ELSE 0 END::UHUGEINT AS shift,
        CASE WHEN kind BETWEEN 14 AND 18 THEN other % 65536 ELSE 0 END AS host,
        other % 86400 AS second,
        CASE WHEN row % 3 > 0 OR kind = 13 THEN (1024 + other // 86400 % 64512)::USMALLINT END AS port
        FROM (SELECT row, row % 20 AS kind, hash(row) AS dice, hash(row + 1000000007) AS other
            FROM range({sightings}) t(row)))"""


_SIGHTINGS = f"""SELECT id, {_START} + to_seconds(second) AS seen_at, {_START} + to_seconds(second) AS seen_until,
    1::UINTEGER AS precision_s, 'infected' AS role, 'REF-' || place AS source_ref, address, port, 'tcp' AS protocol,
    NULL::UUID AS peer_address, 80::USMALLINT AS peer_port, NULL::VARCHAR AS peer_name, 'infected-system' AS kind,
    'malicious-code' AS taxonomy, 'mirai' AS malware, NULL::UTINYINT AS confidence, 'cert' AS source,
    NULL::VARCHAR AS observer, 'shadowserver' AS reader, NULL::VARCHAR AS extra FROM drawn"""

_COVERAGE = f"""SELECT log, address_of(network) AS network, bits AS prefix_bits,
    {_START} + to_seconds(first) AS starts_at, {_START} + to_seconds(last) AS ends_at
FROM (VALUES ('core', '100.64.0.0', 106, -86400, 97200), ('core', '2001:db8::', 32, -86400, 97200),
    ('edge', '100.64.0.0', 114, -86400, {SILENT_FROM_S}), ('edge', '100.64.0.0', 114, {SILENT_UNTIL_S}, {READ_UNTIL_S}))
    t(log, network, bits, first, last)"""


def _laid(lake: Lake, batch: Batch, table: str, sql: str) -> int:
    """As Batch.add, but the rows come in the table's order already."""
    columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in TABLES[table].columns)
    path = f"{table}/day={DAY}/bench.parquet"
    rows = lake.engine.copy(f"SELECT {columns} FROM ({sql})", lake.root / path)
    batch._added.append(File(path, table, DAY, rows, TABLES[table].schema_number))
    return rows


def _contracts(book: Book) -> None:
    """One contract an account; of one in 97 none, of one in 89 another from midday on."""
    began, midday = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)
    with book.write() as tx:
        numbers = add_accounts(tx, (f"a{number:07}" for number in range(1, ACCOUNTS + 1)))
        add_subscribers(tx, (f"C-{number:07}" for number in range(1, ACCOUNTS + 2)))
        replace_contracts(
            tx,
            (
                _contract(account, subscriber, starts_at, ends_at)
                for account in numbers.values()
                if account % 97
                for subscriber, starts_at, ends_at in (
                    ((account, began, None),)
                    if account % 89
                    else ((account, began, midday), (account + 1, midday, None))
                )
            ),
        )


def _contract(account: int, subscriber: int, starts_at: datetime, ends_at: datetime | None) -> Contract:
    return Contract(
        subscriber=subscriber,
        account=account,
        name="Ada Example",
        email="ada@home.example",
        language="en",
        zone="UTC",
        line="00-5550-1000",
        line_id=None,
        starts_at=starts_at,
        ends_at=ends_at,
    )
