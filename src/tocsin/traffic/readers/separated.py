"""Tables whose first line names the columns: Argus's `ra`, and what nfdump.py reads of nfdump's CSV."""

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
