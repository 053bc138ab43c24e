"""Logs of HTTP, DNS and TCP sinkholes, as JSON lines or CSV: who touched it, and who spoke like a bot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain

import msgspec

from tocsin.engine import Engine, csv_fields, read_sql, reader_of
from tocsin.evidence.documents import Fields, json_objects, opening_fields
from tocsin.evidence.lines import Lines, OnReject, bounded
from tocsin.evidence.readers.sinkhole_fields import ANYBODYS, FIELD_BY_NAME, NAMES_BY_FIELD, SCANNERS, TOLD
from tocsin.evidence.records import csv_columns
from tocsin.evidence.sinkhole_map import Rule
from tocsin.evidence.texts import RAW, TEXTS, Head, Reading, Texts
from tocsin.terms.errors import BadRequest

COLUMNS_MAX = 200
NAME_CHARS_MAX = 100
NESTING_MAX = 4
CHUNK_ROWS = 8192

_FIELDS = (*NAMES_BY_FIELD, "extra")
_COLUMNS = (("line", "UBIGINT"), *((name, "VARCHAR") for name in _FIELDS))
_NEEDED = {"moment", "address"}


def recognise_sinkhole(head: Head) -> str | None:
    """'' for a log whose file says that it is a sinkhole's; by its fields alone it could be any server's log."""
    if "sinkhole" not in head.name.lower():
        return None
    line = head.first_line()
    if line.startswith(("{", "[")):
        names: Sequence[str] = list(opening_fields(head))
    else:
        names = csv_fields(line) or []
    return "" if set(_places(names)) >= _NEEDED else None


def read_sinkhole(reading: Reading) -> Texts:
    """Every touch is a sighting or a reject. Raises BadRequest when a CSV's header has no time or no client."""
    header, lines = _peek(reading.lines)
    _load_map(reading.engine, reading.settings.sinkhole_map, reading.name)
    if header.startswith(("{", "[")) or not header:
        reading.engine.add(RAW, reader_of(_COLUMNS, _json_chunks(lines, reading.reject)))
        touches = RAW
    else:
        touches = _csv_touches(reading, header, lines)
    sql = read_sql(__package__, "sinkhole").replace("FROM touches", f"FROM {touches}")
    warnings = () if reading.settings.sinkhole_map else (f"{reading.name}: no sinkhole_map: every touch is a lead",)
    return Texts(f"SELECT {', '.join(name for name, _ in TEXTS)} FROM ({sql})", "sinkhole", warnings)


def _peek(lines: Iterator[Lines]) -> tuple[str, Iterator[Lines]]:
    """The first line that is not blank ('' where there is none), and everything from the beginning."""
    seen: list[Lines] = []
    for chunk in lines:
        seen.append(chunk)
        line = next((line for line in chunk.split() if line and not line.isspace()), None)
        if line is not None:
            return line.decode().strip(), chain(seen, lines)
    return "", iter(seen)


def _places(names: Sequence[str]) -> dict[str, int]:
    """Where each field stands: the first of its names, in our order, that the log has."""
    known = [name.strip().lower().replace("-", "_") for name in names]
    return {
        field: known.index(found)
        for field, aliases in NAMES_BY_FIELD.items()
        if (found := next((name for name in aliases if name in known), None)) is not None
    }


def _csv_touches(reading: Reading, header: str, lines: Iterator[Lines]) -> str:
    names = [bounded(name.strip())[:NAME_CHARS_MAX] or "column" for name in csv_fields(header) or []]
    places = _places(names)
    if not set(places) >= _NEEDED or len(names) > COLUMNS_MAX:
        raise BadRequest(
            f"not the header of a sinkhole's log: {bounded(header)[:100]!r}",
            where=reading.name,
            remedy="it must name the columns, time and client among them",
        )
    raw = [f"c{place}" for place in range(len(names))]
    told = {places[field] for field in TOLD if field in places}
    read = set(places.values())
    members = {f"c{place}": name for place, name in enumerate(names) if place not in read}
    reading.engine.add(RAW, csv_columns(_after_header(lines), raw, reading.reject, members=members))
    columns = [f"{f'c{places[field]}' if field in places else _quoted('')} AS {field}" for field in NAMES_BY_FIELD]
    parts = [
        f"c{place}"
        if place not in read
        else f"CASE WHEN c{place} <> '' THEN ',' || to_json({_quoted(name)}) || ':' || to_json(c{place}) ELSE '' END"
        for place, name in enumerate(names)
        if place not in told
    ]
    extra = f"'{{' || nullif(substr(concat({', '.join(parts)}), 2), '') || '}}'" if parts else "NULL"
    return f"(SELECT line, {', '.join(columns)}, {extra} AS extra FROM {RAW})"


def _after_header(lines: Iterator[Lines]) -> Iterator[Lines]:
    for chunk in lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            if line and not line.isspace():
                rest = chunk.after(number)
                if rest:
                    yield rest
                yield from lines
                return


def _json_chunks(lines: Iterator[Lines], reject: OnReject) -> Iterator[list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    for found in json_objects(lines, reject):
        rows.append((found.line, *_row(_flat(found.fields))))
        if len(rows) >= CHUNK_ROWS:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _row(fields: Fields) -> list[str | None]:
    texts = dict.fromkeys(NAMES_BY_FIELD, "")
    taken: dict[str, str] = {}
    for name in fields:
        field = FIELD_BY_NAME.get(name.lower().replace("-", "_"))
        if field is not None and (field not in taken or _rank(field, name) < _rank(field, taken[field])):
            taken[field] = name
    for field, name in taken.items():
        texts[field] = _text(fields[name]).strip()
    told = {taken[field] for field in TOLD if field in taken}
    extra = {name: value for name, value in fields.items() if name not in told and value not in ("", None)}
    return [*texts.values(), msgspec.json.encode(extra).decode() if extra else None]


def _rank(field: str, name: str) -> int:
    return NAMES_BY_FIELD[field].index(name.lower().replace("-", "_"))


def _flat(fields: Fields, prefix: str = "", depth: int = 1) -> Fields:
    flat: Fields = {}
    for name, value in fields.items():
        if isinstance(value, dict) and value and depth < NESTING_MAX:
            flat |= _flat(value, f"{prefix}{name}.", depth + 1)
        else:
            flat[prefix + name] = value
    return flat


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _load_map(engine: Engine, rules: Sequence[Rule], name: str) -> None:
    """The macros of sinkhole.sql. Raises BadRequest for a pattern that is no RE2."""
    for rule in rules:
        for field, pattern in rule.patterns().items():
            if not engine.is_pattern(pattern):
                raise BadRequest(
                    f"not a pattern that RE2 takes: {pattern!r:.100}",
                    where=f"{name}: sinkhole_map, {rule.malware}, {field}",
                    remedy="see github.com/google/re2/wiki/Syntax",
                )
    scanners = "|".join(sign.replace(".", r"\.") for sign in SCANNERS)
    engine.run(
        _macro("rule(host, method, path, user_agent, referer, payload, payload_hex, port)", _cases(rules, _holds))
        + _macro("host_rule(host)", _cases(rules, lambda rule: _matches("host", rule.host) if rule.host else ""))
        + _macro("malware(rule)", f"([{', '.join(_quoted(rule.malware) for rule in rules)}]::VARCHAR[])[rule]")
        + _macro("names_speech(rule)", _listed(rules, [rule.names_speech() for rule in rules]))
        + _macro("names_payload(rule)", _listed(rules, [bool(rule.payload or rule.payload_hex) for rule in rules]))
        + _macro("names_referer(rule)", _listed(rules, [bool(rule.referer) for rule in rules]))
        + _macro("is_scanner(agent)", f"regexp_matches(agent, {_quoted(scanners)})")
        + _macro("is_anybodys(agent)", f"regexp_matches(agent, {_quoted(ANYBODYS)})")
    )


def _macro(name: str, body: str) -> str:
    return f"CREATE OR REPLACE TEMP MACRO sinkhole_{name} AS {body};\n"


def _listed(rules: Sequence[Rule], holds: Sequence[bool]) -> str:
    numbers = [str(number) for number, yes in enumerate(holds, 1) if yes]
    return f"list_contains([{', '.join(numbers)}]::INTEGER[], rule)"


def _cases(rules: Sequence[Rule], condition: Callable[[Rule], str]) -> str:
    whens = [f" WHEN {text} THEN {number}" for number, rule in enumerate(rules, 1) if (text := condition(rule))]
    return f"(CASE{''.join(whens)} ELSE 0 END)" if whens else "0"


def _holds(rule: Rule) -> str:
    parts = [_matches(name, pattern) for name, pattern in rule.patterns().items()]
    if rule.payload_hex:
        parts.append(f"starts_with(payload_hex, {_quoted(rule.payload_hex.lower())})")
    if rule.port:
        parts.append(f"port = '{rule.port}'")
    return " AND ".join(parts)


def _matches(field: str, pattern: str) -> str:
    """What is absent matches nothing, not even a pattern that would match nothing at all."""
    options = "'i'" if field == "host" else "'c'"
    return f"({field} <> '' AND regexp_matches({field}, {_quoted(pattern)}, {options}))"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
