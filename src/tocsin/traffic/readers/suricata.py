"""Suricata's eve.json: flow, dns, tls, http, smtp and dhcp; its alerts are somebody else's verdict and left out."""

from __future__ import annotations

import msgspec

from tocsin.engine import read_sql, text_lines
from tocsin.evidence.lines import Lines, Reject, bounded, numbered_lines
from tocsin.evidence.texts import Head
from tocsin.traffic.reading import Reading

_TABLES = {
    "flows": ("eve_flow", ("flow", "netflow")),
    "lookups": ("eve_dns", ("dns",)),
    "handshakes": ("eve_tls", ("tls", "quic")),
    "requests": ("eve_http", ("http",)),
    "mails": ("eve_smtp", ("smtp",)),
    "leases": ("eve_dhcp", ("dhcp",)),
}


class _Kind(msgspec.Struct):
    event_type: str = ""


_DECODER = msgspec.json.Decoder(_Kind)


def recognise_suricata(head: Head) -> str | None:
    first = head.first_line()
    return "" if first.startswith("{") and '"event_type"' in first and '"timestamp"' in first else None


def read_suricata(reading: Reading) -> None:
    engine = reading.engine
    lines = numbered_lines(reading.blocks, reading.reject)
    engine.add("raw", text_lines((each.first, _records(each, reading)) for each in lines))
    engine.run(
        "CREATE OR REPLACE TEMP TABLE eve AS SELECT line, text,"
        " json_extract_string(text, '$.event_type') AS kind FROM raw"
    )
    engine.drop("raw")
    for table, (question, kinds) in _TABLES.items():
        chosen = ", ".join(f"'{kind}'" for kind in kinds)
        if engine.rows(f"SELECT 1 FROM eve WHERE kind IN ({chosen}) LIMIT 1"):
            reading.add(table, None, read_sql(__package__, question), file=reading.file)
    engine.run("DROP TABLE eve")


def _records(chunk: Lines, reading: Reading) -> list[bytes | None]:
    """The lines that are wanted records; what is no JSON object is a reject."""
    wanted = {kind for _, kinds in _TABLES.values() for kind in kinds}
    lines = chunk.split()
    for place, line in enumerate(lines):
        if not line or line.isspace():
            continue
        try:
            if _DECODER.decode(line).event_type in wanted:
                continue
        except (msgspec.DecodeError, RecursionError):
            text = bounded(line[:800].decode(errors="replace"))
            reading.reject(Reject(chunk.first + place, "not one of Suricata's records", text))
        lines[place] = None
    return lines
