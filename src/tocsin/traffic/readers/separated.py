"""Tables whose first line names the columns: Argus's `ra` and nfdump's CSV; and nfdump's printed lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tocsin.engine import RecordBatchReader, read_sql, separated
from tocsin.engine.columns import OnRaggedLine, Part
from tocsin.evidence.lines import Lines, Reject, bounded, numbered_lines
from tocsin.evidence.texts import Head
from tocsin.traffic.reading import Reading

_ARGUS = ("StartTime", "Dur", "Proto", "SrcAddr", "Sport", "Dir", "DstAddr", "Dport", "State", "TotPkts", "TotBytes")
_ARGUS_ALL = (*_ARGUS, "SrcBytes", "SrcPkts")
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
    rb"(\d{4}-\d\d-\d\d)\s(\d\d:\d\d:\d\d(?:\.\d+)?)\s+(\d+\.\d+)\s+(\w+)\s+(\S+)\s+<?->\s+(\S+)\s+([.A-Z0-9x]{6,8})"
    rb"\s+\d+\s+(\d+)\s+([\d.]+(?: [KMG])?)\s+\d+(?:\s.*)?"
)
_UNITS = {b"K": 10**3, b"M": 10**6, b"G": 10**9}


def recognise_argus(head: Head) -> str | None:
    first = head.first_line()
    for delimiter in (",", "\t"):
        if set(_ARGUS) <= {name.strip() for name in first.split(delimiter)}:
            return "tab" if delimiter == "\t" else "comma"
    return None


def read_argus(reading: Reading) -> None:
    delimiter = "\t" if reading.variant == "tab" else ","
    columns = table_with_header(reading, _ARGUS_ALL, delimiter)
    names = ", ".join(f'"{name}" AS {name.lower()}' for name in _ARGUS_ALL)
    reading.add(
        "flows", columns, over(f"SELECT line, {names} FROM raw", read_sql(__package__, "argus")), file=reading.file
    )


def recognise_nfdump(head: Head) -> str | None:
    names = set(head.first_line().split(","))
    for number, version in enumerate(_NFDUMP):
        if {version[0], version[3], version[4], version[9]} <= names:
            return f"csv:{number}"
    if head.start.startswith((b"\x0c\xa5", b"\xa5\x0c")):  # nffile.h: MAGIC 0xA50C
        return "binary"
    return (
        "printed"
        if re.match(r"Date\s+(?:first seen|flow\s+start)\s.*Src\s+IP\s+Addr:Port", head.first_line())
        else None
    )


def read_nfdump(reading: Reading) -> None:
    form, _, number = reading.variant.partition(":")
    if form == "binary":
        reading.reject(Reject(0, "nfdump's own file: let nfdump print it (nfdump -r FILE -o csv) and read that", ""))
        return
    if form == "csv":
        version = _NFDUMP[int(number)]
        columns = table_with_header(reading, version, ",")
        shown = ", ".join(f'"{name}" AS {ours}' for name, ours in zip(version, _NAMES, strict=True))
    else:
        lines = numbered_lines(reading.blocks, reading.reject)
        columns = separated(_printed(lines, reading), _NAMES, ragged(reading), absent="")
        shown = ", ".join(_NAMES)
    add_uniflows(reading, columns, f"SELECT line, {shown} FROM raw")


def add_uniflows(reading: Reading, columns: RecordBatchReader, relation: str) -> None:
    """One-way records to flows; those that tell of none are rejects."""
    engine = reading.engine
    engine.add("raw", columns)
    engine.run(f"CREATE OR REPLACE TEMP TABLE told AS {over(relation, read_sql(__package__, 'uniflows'))}")
    engine.drop("raw")
    engine.run("CREATE OR REPLACE TEMP VIEW uniflows AS SELECT * FROM told WHERE reject IS NULL")
    for line, reason, excerpt in engine.rows(
        "SELECT line, reject, excerpt FROM told WHERE reject IS NOT NULL ORDER BY line"
    ):
        reading.reject(Reject(int(str(line)), str(reason), str(excerpt or "")))
    reading.add("flows", None, read_sql(__package__, "biflows"), file=reading.file)
    engine.run("DROP VIEW uniflows; DROP TABLE told")


def over(relation: str, question: str) -> str:
    """The question, asked of that relation instead of `raw`."""
    return f"WITH texts AS ({relation}) " + re.sub(r"\bFROM raw\b", "FROM texts", f"SELECT * FROM ({question})")


def ragged(reading: Reading) -> OnRaggedLine:
    def reject(line: int, fields: int, text: str) -> None:
        reading.reject(Reject(line, f"{fields} fields where the header names another number", bounded(text)))

    return reject


def table_with_header(reading: Reading, wanted: Sequence[str], delimiter: str) -> RecordBatchReader:
    """The wanted columns of a table whose first line names them; that line again (files put together) is skipped."""
    lines = numbered_lines(reading.blocks, reading.reject)
    return separated(_parts(lines, delimiter), wanted, ragged(reading), delimiter=delimiter, absent="")


def _parts(lines: Iterator[Lines], delimiter: str) -> Iterator[Part]:
    header: list[str] = []
    first = b""
    for chunk in lines:
        numbers: list[int] = []
        kept: list[bytes] = []
        for number, line in enumerate(chunk.split(), chunk.first):
            if not line or line.isspace():
                continue
            if not header:
                first, header = line, [name.strip() for name in line.decode().split(delimiter)]
            elif line == first:
                continue
            elif line.startswith((b"Summary", b"flows,bytes")):  # nfdump's last lines are no records
                yield header, numbers, b"\n".join(kept)
                return
            else:
                numbers.append(number)
                kept.append(line)
        yield header, numbers, b"\n".join(kept)


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
                    (day + b" " + clock, b"", duration, sa, da, sp, dp, proto, flags, packets, _count(size), b"", b"")
                )
            )
            numbers.append(number)
        yield _NAMES, numbers, b"\n".join(kept)


def _end(text: bytes) -> tuple[bytes, bytes]:
    """`192.0.2.1:80`, `2001:db8::1.80` or an address alone; what follows the port is ICMP's or a label's."""
    is_v4 = text.partition(b":")[0].count(b".") == 3
    address, mark, port = text.partition(b":") if is_v4 else text.rpartition(b".")
    return (address, port.partition(b":")[0].partition(b".")[0]) if mark else (text, b"")


def _count(text: bytes) -> bytes:
    number, _, unit = text.partition(b" ")
    return str(round(float(number) * _UNITS.get(unit, 1))).encode()
