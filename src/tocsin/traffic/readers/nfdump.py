"""NetFlow and IPFIX as nfdump keeps and prints them: its files, CSV, JSON, printed lines; all one-way records."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.engine import RecordBatchReader, read_sql, separated
from tocsin.engine.columns import Part
from tocsin.evidence.dating import clocks_of
from tocsin.evidence.lines import Lines, Reject, bounded, numbered_lines
from tocsin.evidence.texts import Head
from tocsin.traffic.readers import nfdump_json, nfdump_program
from tocsin.traffic.readers.separated import over, ragged, table_with_header
from tocsin.traffic.reading import Reading

# What biflows.sql's columns are called by nfdump 1.6, and by 1.7's `-o csv` and `-o csv-fast`.
_NAMES = (
    "started",
    "ended",
    "duration",
    "sa",
    "da",
    "sp",
    "dp",
    "proto",
    "flags",
    "packets",
    "bytes",
    "back_packets",
    "back_bytes",
)
_NFDUMP = (
    ("ts", "te", "td", "sa", "da", "sp", "dp", "pr", "flg", "ipkt", "ibyt", "opkt", "obyt"),
    (
        "firstSeen",
        "lastSeen",
        "duration",
        "srcAddr",
        "dstAddr",
        "srcPort",
        "dstPort",
        "proto",
        "flags",
        "packets",
        "bytes",
        "outPackets",
        "outBytes",
    ),
)
_PRINTED = re.compile(
    rb"(\d{4}-\d\d-\d\d)\s(\d\d:\d\d:\d\d(?:\.\d+)?)\s+([\d:]{0,20}\d\.\d+)\s+(\w+)\s+(\S+)\s+<?->\s+(\S+)"
    rb"(?:\s+([.A-Z0-9x]{6,8})\s+\d+)?\s+(\d+)\s+([\d.]+(?: [KMG])?)\s+\d+(?:\s.*)?"  # `line` has no flags, `long` has
)
_UNITS = {b"K": 10**3, b"M": 10**6, b"G": 10**9}


def recognise_nfdump(head: Head) -> str | None:
    names = set(head.first_line().split(","))
    for number, version in enumerate(_NFDUMP):
        if {version[0], version[3], version[4], version[9]} <= names:
            return f"csv:{number}"
    if head.start.startswith(nfdump_program.MAGIC):
        return "binary"
    if nfdump_json.is_one(head):
        return "json"
    return (
        "printed"
        if re.match(r"Date\s+(?:first seen|flow\s+start)\s.*Src\s+IP\s+Addr:Port", head.first_line())
        else None
    )


def read_nfdump(reading: Reading) -> None:
    form, _, number = reading.variant.partition(":")
    names = _NAMES
    if form == "csv":
        names = _NFDUMP[int(number)]
        columns = table_with_header(reading, names, ",")
    elif form == "binary":
        columns = separated(nfdump_program.parts(reading, _NAMES), _NAMES, ragged(reading), delimiter=",", absent="")
    elif form == "json":
        columns = separated(nfdump_json.parts(reading, _NAMES), _NAMES, ragged(reading), absent="")
    else:
        lines = numbered_lines(reading.blocks, reading.reject)
        columns = separated(_printed(lines, reading), _NAMES, ragged(reading), absent="")
    shown = ", ".join(f'"{name}" AS {ours}' for name, ours in zip(names, _NAMES, strict=True))
    add_uniflows(reading, columns, f"SELECT line, {shown} FROM raw")


def add_uniflows(reading: Reading, columns: RecordBatchReader, relation: str) -> None:
    """One-way records to flows; those that tell of none are rejects."""
    engine = reading.engine
    engine.add("raw", columns)
    engine.run(f"CREATE OR REPLACE TABLE told AS {over(relation, read_sql(__package__, 'uniflows'))}")
    engine.drop("raw")
    _to_utc(reading)
    engine.run("CREATE OR REPLACE TEMP VIEW uniflows AS SELECT * FROM told WHERE reject IS NULL")
    for line, reason, excerpt in engine.rows(
        "SELECT line, reject, excerpt FROM told WHERE reject IS NOT NULL ORDER BY line"
    ):
        reading.reject(Reject(int(str(line)), str(reason), str(excerpt or "")))
    reading.add("flows", None, read_sql(__package__, "biflows"), file=reading.file)
    engine.run("DROP VIEW uniflows; DROP TABLE told")


def _to_utc(reading: Reading) -> None:
    """nfdump prints the time of its machine's zone and does not name it. Unless somebody does, it is taken as UTC."""
    engine = reading.engine
    if not engine.rows("SELECT 1 FROM told WHERE is_local LIMIT 1"):
        return
    if reading.zone is None:
        reading.warn(f"{reading.head.name}: its times name no zone and are taken as UTC; say --zone if they are not")
        return
    # Zones change at full quarters of an hour, so that a quarter is in UTC where its start is.
    quarter = 'time_bucket(INTERVAL 15 MINUTE, told."at")'
    clocks_of(engine, f"SELECT DISTINCT {quarter} AS local_at FROM told WHERE is_local", reading.zone)
    engine.run(
        'UPDATE told SET "at" = told."at" + (c."at" - c.local_at), until = told.until + (c."at" - c.local_at),'
        " reject = coalesce(told.reject, nullif(c.why, '')) FROM clocks c"
        f" WHERE told.is_local AND c.local_at = {quarter}"
    )
    engine.run("DROP TABLE clocks")


def _printed(lines: Iterator[Lines], reading: Reading) -> Iterator[Part]:
    for chunk in lines:
        numbers: list[int] = []
        kept: list[bytes] = []
        for number, line in enumerate(chunk.split(), chunk.first):
            if not line or line.startswith((b"Date", b"Summary", b"Time window", b"Total flows", b"Sys:")):
                continue
            match = _PRINTED.fullmatch(line.strip())
            if match is None:
                reading.reject(
                    Reject(number, "not a line that nfdump prints", bounded(line[:800].decode(errors="replace")))
                )
                continue
            day, clock, duration, proto, source, target, flags, packets, size = match.groups()
            (sa, sp), (da, dp) = _end(source), _end(target)
            kept.append(
                b"\t".join(
                    (
                        *(day + b" " + clock, b"", _seconds(duration), sa, da, sp, dp, proto),
                        *(flags or b"", packets, _count(size), b"", b""),
                    )
                )
            )
            numbers.append(number)
        yield _NAMES, numbers, b"\n".join(kept)


def _end(text: bytes) -> tuple[bytes, bytes]:
    """`192.0.2.1:80`, `2001:db8::1.80` or an address alone; what follows the port is ICMP's or a label's."""
    is_v4 = text.partition(b":")[0].count(b".") == 3
    address, mark, port = text.partition(b":") if is_v4 else text.rpartition(b".")
    return (address, port.partition(b":")[0].partition(b".")[0]) if mark else (text, b"")


def _seconds(text: bytes) -> bytes:
    """`0.009`, or as 1.7 prints it `00:00:00.009`."""
    hours, _, rest = text.rpartition(b":")[0].rpartition(b":")
    whole = int(hours or b"0") * 3600 + int(rest or b"0") * 60
    return str(whole + float(text.rpartition(b":")[2])).encode() if b":" in text else text


def _count(text: bytes) -> bytes:
    number, _, unit = text.partition(b" ")
    return str(round(float(number) * _UNITS.get(unit, 1))).encode()
