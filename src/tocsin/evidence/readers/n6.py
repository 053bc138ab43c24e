"""n6's JSON: a REST answer (an array), its `.sjson` lines, and messages of its stream. An address, a sighting."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tocsin.engine import reader_of
from tocsin.evidence.claims import Claims, state, text_of
from tocsin.evidence.json_records import Numbered, Object, first_object, json_objects
from tocsin.evidence.lines import OnReject, Reject, bounded
from tocsin.evidence.readers.n6_categories import (
    CATEGORIES,
    CONFIDENCE_BY_WORD,
    ORIGINS_WITHOUT_PROOF,
    UNKNOWN,
    Category,
)
from tocsin.evidence.texts import RAW, TEXTS, Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

CHUNK_ROWS = 8192
ADDRESSES_MAX = 1000  # of one record

_STATED = "tocsin"  # what our own writer says besides
_NAMES = ("fqdn", "url", "url_pattern", "email", "iban", "phone", "username", "md5", "sha1", "sha256")


def recognise_n6(head: Head) -> str | None:
    """'' when it begins with a record that has one of n6's categories, a time, and what n6 says of its source."""
    if not head.first_line().startswith(("{", "[")):
        return None
    found = first_object(head) or {}
    is_n6 = found.get("category") in CATEGORIES and "time" in found
    return "" if is_n6 and ("restriction" in found or "confidence" in found) else None


def read_n6(reading: Reading) -> Texts:
    """Every record is one sighting for each of its addresses, or a reject."""
    records = json_objects(reading.lines, reading.reject)
    reading.engine.add(RAW, reader_of(TEXTS, _chunks(records, reading.reject)))
    return Texts("SELECT " + ", ".join(name for name, _ in TEXTS) + f" FROM {RAW}", "n6")


def _chunks(records: Iterator[Numbered], reject: OnReject) -> Iterator[list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    for number, record in records:
        addresses = _addresses(record)
        if isinstance(addresses, str):
            reject(Reject(number, addresses, bounded(text_of(record)[:800])))
            continue
        for address in addresses:
            claims, extra = claims_of(record, address)
            texts = (extra if name == "extra" else claims.get(name, "").strip() for name, _ in TEXTS[1:])
            rows.append((number, *texts))
        if len(rows) >= CHUNK_ROWS:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _addresses(record: Object) -> list[Object] | str:
    """The record's addresses, or why there are none."""
    stated = record.get("address")
    if not stated:
        named = next((name for name in _NAMES if record.get(name)), None)
        if named is None:
            return "no address: nothing there"
        return f"no address: {named} alone is on nobody's line"
    if not isinstance(stated, list) or not all(isinstance(each, dict) for each in stated):
        return f"not a list of addresses: {text_of(stated)[:60]}"
    if len(stated) > ADDRESSES_MAX:
        return f"{len(stated)} addresses in one record, at most {ADDRESSES_MAX} are read"
    return _each_once(stated)


def _each_once(addresses: list[Object]) -> list[Object]:
    seen: dict[str, Object] = {}
    for each in addresses:
        seen.setdefault(text_of(each.get("ip")), each)
    return list(seen.values())


def claims_of(record: Object, address: Object) -> tuple[Claims, str | None]:
    """What the record says of that address, and as a JSON object what no term has."""
    rest = dict(record)
    del rest["address"]
    category = CATEGORIES.get(text_of(record.get("category")), UNKNOWN)
    claims: Claims = {
        "moment": text_of(rest.pop("time", None)),
        "address": text_of(address.get("ip")),
        "protocol": text_of(rest.pop("proto", None)),
        "source_ref": text_of(rest.pop("id", None)),
        "observer": text_of(rest.pop("source", None)),
        "kind": category.kind,
        "taxonomy": TAXONOMY_BY_KIND[category.kind],
    }
    _take_ends(claims, rest, category)
    _take_role(claims, rest, category)
    if "until" in rest:
        claims["ends"] = text_of(rest.pop("until"))
    if category.names_malware:
        claims["malware"] = text_of(rest.pop("name", None))
    confidence = rest.get("confidence")
    if isinstance(confidence, str) and confidence in CONFIDENCE_BY_WORD:
        claims["confidence"] = CONFIDENCE_BY_WORD[confidence]
    stated = rest.pop(_STATED, None)
    if isinstance(stated, dict):
        state(claims, stated)
    rest |= {f"address.{name}": value for name, value in address.items() if name != "ip"}
    return claims, msgspec.json.encode(rest).decode() if rest else None


def _take_ends(claims: Claims, rest: Object, category: Category) -> None:
    """n6's ports go with the packets: `sport` is who called, `dport` who was called; `address` may be either."""
    sport, dport, dip = (text_of(rest.pop(name, None)) for name in ("sport", "dport", "dip"))
    if category.is_server:
        claims["port"], claims["peer_port"], claims["peer"] = dport, sport, ""
        if dip:
            rest["dip"] = dip
    else:
        claims["port"], claims["peer_port"], claims["peer"] = sport, dport, dip
        claims["peer_name"] = text_of(rest.pop("fqdn", None))


def _take_role(claims: Claims, rest: Object, category: Category) -> None:
    claims["role"], claims["proof"] = str(category.role), category.proof
    origin = rest.get("origin")
    if category.role is Role.INFECTED and origin in ORIGINS_WITHOUT_PROOF:
        claims["role"], claims["proof"] = str(Role.LEAD), ""
    # A honeypot answers: a scan that it tells of over TCP was a conversation.
    claims["application"] = "honeypot" if origin == "honeypot" else ""
