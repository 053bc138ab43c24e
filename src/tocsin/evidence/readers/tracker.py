"""Lists of attackers' servers with dates, CSV or JSON, as abuse.ch publishes them."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from itertools import chain

import msgspec

from tocsin.engine import read_sql, reader_of
from tocsin.evidence.documents import Fields, json_objects
from tocsin.evidence.lines import Lines, OnReject, Reject, bounded
from tocsin.evidence.texts import RAW, TEXTS, Head, Reading, Texts
from tocsin.terms.errors import BadRequest

COLUMNS_MAX = 100
CHUNK_ROWS = 8192

_NAMES_BY_FIELD: dict[str, tuple[str, ...]] = {
    "first_seen": ("first_seen", "first_seen_utc", "firstseen", "dateadded", "date_added"),
    "last_seen": ("last_online", "last_seen", "last_seen_utc", "lastseen"),
    "updated": (),  # a comment says it
    "address": ("ip_address", "dst_ip", "dstip", "ioc_value", "ioc", "ip"),
    "port": ("port", "dst_port", "dstport"),
    "url": ("url",),
    "threat": ("threat_type", "threat"),
    "malware": ("malware_printable", "malware"),
    "source_ref": ("ioc_id", "id"),
    "confidence": ("confidence_level",),
}
_COLUMNS = (("line", "UBIGINT"), *((name, "VARCHAR") for name in (*_NAMES_BY_FIELD, "extra")))
_KEPT_TOO = ("first_seen", "url", "threat")  # in `extra` as well: no term says them whole
_KEY = re.compile(r'"([a-z_]{2,40})"\s{0,9}:')
_KEYS_CHARS = 4096
_UPDATED = re.compile(r"Last updated: (\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})")
_ARRAYS = ("data[]", "urls[]", "iocs[]")


def recognise_tracker(head: Head) -> str | None:
    """'' when the header, which may be a comment, or the first object names a server and when it was first seen."""
    text = head.start.removeprefix(b"\xef\xbb\xbf").decode(errors="replace")
    if text.lstrip().startswith(("{", "[")):
        return "" if _is_list(_KEY.findall(text[:_KEYS_CHARS])) else None  # an answer's frame may stand around it
    for line in text.splitlines()[:200]:
        if _is_list(_csv_fields(line.lstrip("# \t")) or []):
            return ""
        if line.strip() and not line.startswith("#"):
            return None
    return None


def read_tracker(reading: Reading) -> Texts:
    """Every entry is a sighting of infrastructure, or a reject. Raises BadRequest when there is no header."""
    start, lines = _first_line(reading.lines)
    rows = _json_rows(lines, reading.reject) if start.startswith(("{", "[")) else _Csv(reading).rows(lines)
    first = next(rows, None)  # a header that is none is said here, not within the engine
    reading.engine.add(RAW, reader_of(_COLUMNS, _chunks(chain([first] if first else [], rows))))
    sql = read_sql(__package__, "tracker").replace("FROM listed", f"FROM {RAW}")
    return Texts(f"SELECT {', '.join(name for name, _ in TEXTS)} FROM ({sql}) ORDER BY line", "tracker")


def _first_line(lines: Iterator[Lines]) -> tuple[str, Iterator[Lines]]:
    seen: list[Lines] = []
    for chunk in lines:
        seen.append(chunk)
        line = next((line for line in chunk.split() if line and not line.isspace()), None)
        if line is not None:
            return line[:200].decode(errors="replace").strip(), chain(seen, lines)
    return "", iter(seen)


def _chunks(rows: Iterator[tuple[object, ...]]) -> Iterator[list[tuple[object, ...]]]:
    waiting: list[tuple[object, ...]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) >= CHUNK_ROWS:
            yield list(zip(*waiting, strict=True))
            waiting = []
    if waiting:
        yield list(zip(*waiting, strict=True))


class _Csv:
    """Lines of a list: comments, one of which may be the header and one the moment when it was made."""

    def __init__(self, reading: Reading) -> None:
        self._name, self._reject = reading.name, reading.reject
        self._header: list[str] = []
        self._updated = ""

    def rows(self, lines: Iterator[Lines]) -> Iterator[tuple[object, ...]]:
        for chunk in lines:
            for number, line in enumerate(chunk.split(), chunk.first):
                if line and not line.isspace():
                    row = self._row(number, line.decode())
                    if row is not None:
                        yield row

    def _row(self, number: int, text: str) -> tuple[object, ...] | None:
        if text.startswith("#") or not self._header:
            self._comment(text)
            return None
        fields = _csv_fields(text)
        if fields is None or len(fields) != len(self._header):
            seen = f"{len(fields)} fields" if fields else "a quote that is not closed"
            self._reject(Reject(number, f"{seen} where the header has {len(self._header)}", bounded(text)))
            return None
        return (number, *_texts(dict(zip(self._header, fields, strict=True)), self._updated))

    def _comment(self, text: str) -> None:
        updated = _UPDATED.search(text[:500])
        if updated:
            self._updated = updated[1]
        fields = _csv_fields(text.lstrip("# \t")) or []
        if _is_list(fields):
            self._header = [bounded(name.strip()) for name in fields[:COLUMNS_MAX]]
        elif not text.startswith("#") and not self._header:
            raise BadRequest(
                f"not the header of a tracker's list: {bounded(text)[:100]!r}",
                where=self._name,
                remedy="it must name the columns, first_seen and an address among them",
            )


def _json_rows(lines: Iterator[Lines], reject: OnReject) -> Iterator[tuple[object, ...]]:
    for found in json_objects(lines, reject, apart=_ARRAYS):
        for entry in _entries(found.fields):
            yield (found.line, *_texts(entry, ""))


def _entries(fields: Fields) -> list[Fields]:
    """The object itself; of an export by number (`{"17": [{…}]}`) what it holds; of an answer's frame nothing."""
    if _is_list(list(fields)):
        return [fields]
    held = [each for value in fields.values() if isinstance(value, list) for each in value if isinstance(each, dict)]
    return held if held or "query_status" in fields else [fields]


def _texts(entry: dict[str, str] | Fields, updated: str) -> list[str | None]:
    name_by_lower = {name.lower(): name for name in entry}
    used: dict[str, str] = {}
    for field, names in _NAMES_BY_FIELD.items():
        found = next((name_by_lower[name] for name in names if name in name_by_lower), None)
        if found is not None:
            used[field] = found
    texts = {field: _text(entry[name]) for field, name in used.items()} | {"updated": updated}
    if "://" in texts.get("address", ""):
        texts["url"], texts["address"] = texts["address"], ""
    told = {name for field, name in used.items() if field not in _KEPT_TOO}
    extra = {name: value for name, value in entry.items() if name not in told and value not in ("", None)}
    return [
        *(texts.get(field, "") for field in _NAMES_BY_FIELD),
        msgspec.json.encode(extra).decode() if extra else None,
    ]


def _is_list(names: Sequence[str]) -> bool:
    known = {name.strip().lower() for name in names}
    return bool(known & set(_NAMES_BY_FIELD["first_seen"])) and bool(
        known & {*_NAMES_BY_FIELD["address"], *_NAMES_BY_FIELD["url"]}
    )


def _csv_fields(text: str) -> list[str] | None:
    """One line's fields; a blank may stand before a quote (`"a", "b"`)."""
    try:
        [fields] = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError):
        return None
    return fields


def _text(value: object) -> str:
    if value is None:
        return ""
    return value.strip() if isinstance(value, str) else msgspec.json.encode(value).decode()
