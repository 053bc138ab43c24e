"""MISP events: one, a `response` of many, or the attributes of a search. What MISP shares are mostly indicators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from tocsin.engine import read_sql, reader_of
from tocsin.evidence.documents import Fields, Found, json_objects, opening_fields
from tocsin.evidence.readers.labels import LABELS_MAX, kind_of, malware_of, role_of
from tocsin.evidence.readers.misp_attributes import Claim, claims_of, claims_of_object
from tocsin.evidence.rows import CHUNK_ROWS, extra_of, fields_of, list_of, text_of
from tocsin.evidence.texts import RAW, Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND

_EVENTS = ("Event", "response[].Event")
APART = (
    *("response", "response[]"),
    *(path for event in _EVENTS for path in (event, f"{event}.Attribute[]", f"{event}.Object[]")),
    *("response.Attribute[]", "Attribute[]"),
)
_IS_MISP = re.compile(rb'"(?:Attribute|Orgc|threat_level_id|attribute_count)"\s*+:')

COLUMNS: tuple[tuple[str, str], ...] = (
    ("line", "UBIGINT"),
    ("number", "UBIGINT"),  # of the event
    ("is_event", "BOOLEAN"),
    *((name, "VARCHAR") for name in ("address", "port", "protocol", "application", "peer", "peer_port", "peer_name")),
    *((name, "VARCHAR") for name in ("moment", "starts", "ends", "is_seen", "side", "category", "to_ids")),
    *(
        (name, "VARCHAR")
        for name in ("kind", "taxonomy", "role", "proof", "malware", "source_ref", "observer", "extra")
    ),
)
TABLE = "misp_rows"


def recognise_misp(head: Head) -> str | None:
    fields = opening_fields(head)
    return "" if {"Event", "response"} & fields.keys() and _IS_MISP.search(head.start) else None


def read_misp(reading: Reading) -> Texts:
    """An attribute with an address is a sighting; one with a name alone is a reject; the others are counted."""
    others: Counter[str] = Counter()
    reading.engine.add(RAW, reader_of(COLUMNS, _chunks(reading, others)))
    names = ", ".join(name for name, _ in COLUMNS)
    reading.engine.run(f"CREATE OR REPLACE TEMP TABLE {TABLE} AS SELECT {names} FROM {RAW}")
    reading.engine.drop(RAW)
    return Texts(read_sql(__package__, "misp"), "misp", _warnings(reading.name, others), (TABLE,))


def _warnings(name: str, others: Counter[str]) -> tuple[str, ...]:
    if not others:
        return ()
    shown = ", ".join(f"{count} {kind[:40]}" for kind, count in others.most_common(5))
    return (f"{name}: {others.total()} attributes are not about addresses ({shown})",)


def _chunks(reading: Reading, others: Counter[str]) -> Iterator[list[tuple[object, ...]]]:
    chunk: list[tuple[object, ...]] = []
    for row in _rows(reading, others):
        chunk.append(tuple(row.get(name) for name, _ in COLUMNS))
        if len(chunk) >= CHUNK_ROWS:
            yield list(zip(*chunk, strict=True))
            chunk = []
    if chunk:
        yield list(zip(*chunk, strict=True))


def _rows(reading: Reading, others: Counter[str]) -> Iterator[dict[str, object]]:
    for found in json_objects(reading.lines, reading.reject, apart=APART):
        place = found.path.rpartition(".")[2]
        if place in {"Attribute[]", "Object[]"}:
            yield from _told(found, found.fields, others, is_object=place == "Object[]")
        elif found.path in _EVENTS:
            yield _event(found)


def _told(found: Found, fields: Fields, others: Counter[str], *, is_object: bool) -> Iterator[dict[str, object]]:
    for claim in claims_of_object(fields) if is_object else claims_of(fields):
        if claim.other:
            others[claim.other] += 1
        else:
            yield _row(found, claim)


def _row(found: Found, claim: Claim) -> dict[str, object]:
    labels = tags_of(claim.fields)
    kept = {"type": claim.fields.get("type"), "comment": claim.fields.get("comment"), "tags": labels[:20], **claim.kept}
    event = fields_of(claim.fields.get("Event"))  # of an attribute that was searched for
    if event:
        kept |= {"event": event.get("uuid"), "info": event.get("info")}
    return {
        **claim.texts,
        "line": found.line,
        "number": found.within,
        "is_event": False,
        "category": text_of(claim.fields.get("category")),
        "to_ids": "true" if claim.fields.get("to_ids") in (True, 1, "1") else "",
        **_kind(labels),
        "malware": malware_of(labels),
        "source_ref": text_of(claim.fields.get("uuid")),
        "observer": text_of(fields_of(event.get("Orgc")).get("name")),
        "extra": extra_of(kept),
    }


def _event(found: Found) -> dict[str, object]:
    fields = found.fields
    labels = tags_of(fields)
    return {
        "line": found.line,
        "number": found.number,
        "is_event": True,
        **_kind(labels),
        "malware": malware_of(labels),
        "observer": text_of(fields_of(fields.get("Orgc")).get("name")),
        "extra": extra_of({"event": fields.get("uuid"), "info": fields.get("info"), "event_tags": labels[:20]}),
    }


def _kind(labels: list[str]) -> dict[str, str]:
    kind = kind_of(labels)
    role, proof = role_of(kind)
    return {"kind": kind, "taxonomy": TAXONOMY_BY_KIND.get(kind, ""), "role": role, "proof": proof}


def tags_of(fields: Mapping[str, object]) -> list[str]:
    """The names of its tags, and of its galaxies' clusters, which say the same."""
    tags = [text_of(fields_of(tag).get("name")) for tag in list_of(fields.get("Tag"))[:LABELS_MAX]]
    for galaxy in list_of(fields.get("Galaxy"))[:LABELS_MAX]:
        clusters = list_of(fields_of(galaxy).get("GalaxyCluster"))[:LABELS_MAX]
        tags += [text_of(fields_of(cluster).get("tag_name")) for cluster in clusters]
    return list(dict.fromkeys(tag for tag in tags if tag))
