"""Zeek's logs: conn, dns, ssl, http, smtp, dhcp, arp, known_devices; as tab-separated text or JSON, labelled too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import msgspec

from tocsin.engine import read_sql, separated, text_lines
from tocsin.engine.columns import Part
from tocsin.evidence.lines import Lines, Reject, bounded, numbered_lines
from tocsin.evidence.texts import Head
from tocsin.traffic.readers.separated import over, ragged
from tocsin.traffic.reading import Reading

# Of each log: the table it fills, its question, and the fields that are read.
_ENDS = ("ts", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p")
_LOGS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "conn": (
        "flows",
        "zeek_conn",
        (
            *_ENDS,
            *("proto", "service", "duration", "orig_bytes", "resp_bytes", "conn_state", "local_orig", "local_resp"),
            *("history", "orig_pkts", "orig_ip_bytes", "resp_pkts", "resp_ip_bytes", "orig_l2_addr"),
        ),
    ),
    "dns": ("lookups", "zeek_dns", (*_ENDS, "query", "qtype_name", "rcode_name", "rejected", "answers", "TTLs")),
    "ssl": ("handshakes", "zeek_ssl", (*_ENDS, "server_name", "ja3", "ja4", "subject", "issuer")),
    "http": ("requests", "zeek_http", (*_ENDS, "host", "method", "user_agent", "status_code")),
    "smtp": ("mails", "zeek_smtp", (*_ENDS, "helo", "rcptto")),
    "dhcp": (
        "leases",
        "zeek_dhcp",
        (
            *("ts", "mac", "host_name", "client_fqdn", "client_software", "assigned_addr", "client_addr"),
            *("requested_addr", "orig_h", "orig_hw", "src_mac"),
        ),
    ),
}
_LOGS["arp"] = _LOGS["dhcp"]
_LOGS["known_devices"] = ("leases", "zeek_known_devices", ("ts", "mac", "dhcp_host_name"))
# Known, and read for nothing: what they say stands in conn.log and dns.log, moment by moment.
_NOT_NEEDED = frozenset({"ntp", "known_hosts", "known_services", "known_certs", "known_domains", "known_names"})
_IGNORED = "ignored"  # any other log of Zeek's, which says nothing of this: weird, files, x509 …
_LISTS = frozenset({"answers", "TTLs", "rcptto"})

# A JSON log is known by fields that no other log has.
_BY_FIELDS = (
    ("conn", {"conn_state"}),
    ("dns", {"trans_id"}),
    ("dns", {"qtype_name"}),
    ("ssl", {"server_name", "version"}),
    ("ssl", {"cipher"}),
    ("http", {"trans_depth", "method"}),
    ("http", {"trans_depth", "status_code"}),
    ("smtp", {"trans_depth", "helo"}),
    ("dhcp", {"msg_types"}),
    ("arp", {"orig_hw", "resp_hw"}),
    ("ntp", {"stratum", "ref_id"}),
    ("known_devices", {"mac", "dhcp_host_name"}),
    ("known_services", {"host", "port_num", "port_proto"}),
    ("known_certs", {"host", "port_num", "serial"}),
)


def recognise_zeek(head: Head) -> str | None:
    first = head.first_line()
    if first.startswith(("#separator", "#fields")):
        path = re.search(rb"^#path[\t ]+(\S+)", head.start, re.MULTILINE)
        name = path[1].decode(errors="replace") if path else head.name.partition(".")[0]
        return f"{name if name in _LOGS or name in _NOT_NEEDED else _IGNORED}:tsv"
    return _recognise_json(head, first) if first.startswith("{") else None


def _recognise_json(head: Head, first: str) -> str | None:
    try:
        fields = json.loads(first)
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or "ts" not in fields:
        return None
    named = fields.get("_path") or head.name.partition(".")[0]
    for log, needed in _BY_FIELDS:
        if needed <= fields.keys():
            return f"{log}:json"
    if {"id.orig_h", "proto"} <= fields.keys() and named == "conn":
        return "conn:json"
    if named in _NOT_NEEDED or named == "known_devices":
        return f"{named}:json"
    return f"{_IGNORED}:json" if fields.keys() & {"uid", "uids", "id.orig_h", "fuid", "node", "peer"} else None


def read_zeek(reading: Reading) -> None:
    log, _, form = reading.variant.partition(":")
    if log not in _LOGS:
        return
    table, question, fields = _LOGS[log]
    lines = numbered_lines(reading.blocks, reading.reject)
    told = {"told_by": log} if table == "leases" else {}
    names = [_plain(field) for field in fields]
    sql = read_sql(__package__, question)
    if form == "tsv":
        columns = separated(_parts(lines, reading), fields, ragged(reading))
        shown = ", ".join(f'"{field}" AS {name}' for field, name in zip(fields, names, strict=True))
        reading.add(table, columns, over(f"SELECT line, {shown} FROM raw", sql), file=reading.file, **told)
    else:
        objects = text_lines((each.first, _objects(each, reading)) for each in lines)
        reading.add(table, objects, over(_json_columns(fields), sql), file=reading.file, **told)


def _plain(field: str) -> str:
    return field.removeprefix("id.").lower()


def _json_columns(fields: Sequence[str]) -> str:
    paths = ", ".join(f"'$.\"{field}\"'" for field in fields if field not in _LISTS)
    scalars = [field for field in fields if field not in _LISTS]
    columns = [f"told[{place}] AS {_plain(field)}" for place, field in enumerate(scalars, 1)]
    lists = [
        f"array_to_string(json_extract_string(text, '$.\"{field}\"[*]'), ',') AS {_plain(field)}"
        for field in fields
        if field in _LISTS
    ]
    return (
        f"SELECT line, {', '.join([*columns, *lists])}"
        f" FROM (SELECT line, text, json_extract_string(text, [{paths}]) AS told FROM raw)"
    )


def _objects(chunk: Lines, reading: Reading) -> list[bytes | None]:
    """The lines that are JSON objects; the others are rejects."""
    lines = chunk.split()
    for place, line in enumerate(lines):
        if line and not line.isspace() and not _is_object(line):
            text = bounded(line[:800].decode(errors="replace"))
            reading.reject(Reject(chunk.first + place, "not a JSON object", text))
            lines[place] = None
    return lines


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, RecursionError):
        return False


def _parts(lines: Iterable[Lines], reading: Reading) -> Iterator[Part]:
    """The lines of each stretch under one `#fields`; a log that was rotated, or several in one file, has more."""
    header: tuple[str, ...] = ()
    for chunk in lines:
        if header and not chunk.rejected and not chunk.text.startswith((b"#", b"\n")) and _is_plain(chunk.text):
            yield header, range(chunk.first, chunk.first + chunk.count), chunk.text
            continue
        numbers: list[int] = []
        kept: list[bytes] = []
        for number, line in chain(enumerate(chunk.split(), chunk.first), [(0, b"#end")]):
            if not line:
                continue
            if not line.startswith(b"#"):
                numbers.append(number)
                kept.append(line)
                continue
            if line.startswith(b"#fields") or number == 0:
                if header and kept:
                    yield header, numbers, b"\n".join(kept)
                elif kept:
                    reading.reject(Reject(numbers[0], "lines without a #fields header before them", ""))
                numbers, kept = [], []
            if line.startswith(b"#fields"):
                header = tuple(line.decode().split("\t")[1:])


def _is_plain(text: bytes) -> bool:
    has_header = b"#" in text and b"\n#" in text  # one byte is sought much faster than two
    return not has_header and b"\n\n" not in text and not text.endswith(b"\n")
