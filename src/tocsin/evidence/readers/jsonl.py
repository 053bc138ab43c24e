"""Our own JSON lines, as `tocsin read FILE --to jsonl` prints them: the same sightings again."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tocsin.engine import reader_of
from tocsin.evidence.claims import Claims, state, text_of
from tocsin.evidence.json_records import Numbered, Object, first_object, json_objects
from tocsin.evidence.lines import OnReject, Reject, bounded
from tocsin.evidence.texts import RAW, TEXTS, Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

CHUNK_ROWS = 8192
# What the earlier reading said of itself; this one says its own.
_OF_THE_READING = ("id", "precision_s", "taxonomy", "source", "reader", "evidence_sha256", "evidence_line")
_OF_THE_SIGHTING = (
    *("seen_at", "seen_until", "role", "kind", "port", "protocol", "peer_address", "peer_port", "peer_name"),
    *("malware", "confidence", "source_ref", "observer"),
)


def recognise_jsonl(head: Head) -> str | None:
    """'' when it begins with one of our sightings, or one of our rejects."""
    if not head.first_line().startswith(("{", "[")):
        return None
    found = first_object(head) or {}
    is_ours = {"id", "seen_at", "role"} <= found.keys() or {"reject", "evidence_line"} <= found.keys()
    return "" if is_ours else None


def read_jsonl(reading: Reading) -> Texts:
    """Every line is a sighting or a reject; what was a reject when it was written is one again."""
    records = json_objects(reading.lines, reading.reject)
    reading.engine.add(RAW, reader_of(TEXTS, _chunks(records, reading.reject)))
    return Texts("SELECT " + ", ".join(name for name, _ in TEXTS) + f" FROM {RAW}", "jsonl")


def _chunks(records: Iterator[Numbered], reject: OnReject) -> Iterator[list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    for number, record in records:
        if "reject" in record and "id" not in record:
            reject(Reject(number, text_of(record["reject"]), bounded(text_of(record.get("excerpt")))))
            continue
        claims, extra = _claims_of(record)
        rows.append((number, *(extra if name == "extra" else claims.get(name, "") for name, _ in TEXTS[1:])))
        if len(rows) >= CHUNK_ROWS:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _claims_of(record: Object) -> tuple[Claims, str | None]:
    exact = record.get("precision_s") == 0
    stated = {name: record.pop(name) for name in _OF_THE_SIGHTING if record.get(name) is not None}
    if exact and "seen_at" in stated:
        stated["seen_at"] = _with_fraction(text_of(stated["seen_at"]))
    claims: Claims = {"address": text_of(record.pop("address", None)), "role": str(Role.LEAD), "proof": ""}
    claims |= {"kind": "undetermined", "taxonomy": TAXONOMY_BY_KIND["undetermined"]}
    claims["observer"] = text_of(record.get("source"))  # whose it was then, unless another one saw it
    kind = text_of(stated.get("kind"))
    state(claims, stated)
    extra = record.pop("extra", None)
    for name in _OF_THE_READING:
        record.pop(name, None)
    if kind and kind not in TAXONOMY_BY_KIND:
        record["kind"] = kind
    kept = (extra if isinstance(extra, dict) else {"extra": extra} if extra is not None else {}) | record
    return claims, msgspec.json.encode(kept).decode() if kept else None


def _with_fraction(moment: str) -> str:
    """Where the source gave fractions of a second, a whole one is one too."""
    return moment if "." in moment or not moment.endswith("Z") else moment[:-1] + ".0Z"
