"""STIX 2.1 bundles, TAXII envelopes and loose objects: what was observed, what was sighted in it, indicators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tocsin.engine import read_sql, reader_of
from tocsin.evidence.documents import Found, json_objects, opening_fields
from tocsin.evidence.readers.stix_facts import COLUMNS, Fact, facts_of
from tocsin.evidence.rows import CHUNK_ROWS, text_of
from tocsin.evidence.texts import RAW, Head, Reading, Texts

APART = ("objects[]",)
TABLE = "stix_facts"
_ID = re.compile(r"[a-z0-9-]{3,250}--[0-9a-f-]{36}", re.ASCII | re.IGNORECASE)
_HAS_IDS = re.compile(rb'"id"\s*+:\s*+"[a-z0-9-]{3,60}--[0-9a-f]{8}-')


def recognise_stix(head: Head) -> str | None:
    """A bundle, an envelope (`objects` with STIX ids), or an object with an id and a type that go together."""
    fields = opening_fields(head)
    if fields.get("type") == "bundle" and fields.get("id", "bundle--").startswith("bundle--"):
        return ""
    if "objects" in fields and "type" not in fields and _HAS_IDS.search(head.start):
        return ""
    is_object = _ID.fullmatch(fields.get("id", "")) and fields["id"].partition("--")[0] == fields.get("type")
    return "" if is_object else None


def read_stix(reading: Reading) -> Texts:
    """An observation of an address is a sighting, or several; objects may stand in any order.

    They are gathered as facts in a table of the engine, which spills to disk, and joined when all have been seen.
    """
    others: Counter[str] = Counter()
    reading.engine.add(RAW, reader_of(COLUMNS, _chunks(reading, others)))
    names = ", ".join(name for name, _ in COLUMNS)
    reading.engine.run(f"CREATE OR REPLACE TEMP TABLE {TABLE} AS SELECT {names} FROM {RAW}")
    reading.engine.drop(RAW)
    return Texts(read_sql(__package__, "stix"), "stix", _warnings(reading.name, others), (TABLE,))


def _warnings(name: str, others: Counter[str]) -> tuple[str, ...]:
    shown = ", ".join(f"{count} {what}" for what, count in others.most_common(5))
    return (f"{name}: passed over: {shown}",) if others else ()


def _chunks(reading: Reading, others: Counter[str]) -> Iterator[list[tuple[object, ...]]]:
    chunk: list[tuple[object, ...]] = []
    for found in json_objects(reading.lines, reading.reject, apart=APART):
        for fact in _facts(found, others):
            chunk.append(tuple(fact.get(name) for name, _ in COLUMNS))
        if len(chunk) >= CHUNK_ROWS:
            yield list(zip(*chunk, strict=True))
            chunk = []
    if chunk:
        yield list(zip(*chunk, strict=True))


def _facts(found: Found, others: Counter[str]) -> Iterator[Fact]:
    kind = text_of(found.fields.get("type"))
    if not found.path and (kind == "bundle" or "objects" in found.fields) and kind != "observed-data":
        return
    known_as = text_of(found.fields.get("id")) or f"#{found.number}"
    facts = list(facts_of(kind, known_as, found.fields))
    yield from ({"line": found.line, **fact} for fact in facts)
    if kind == "indicator" and not any(fact["fact"] == "pattern" for fact in facts):
        others["indicators without an address or a name"] += 1
    if not kind:
        others["objects without a type"] += 1
