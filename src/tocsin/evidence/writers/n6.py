"""Sightings as n6's JSON lines: the keys that n6's own REST answers always have, and those that we know."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import msgspec

from tocsin.evidence.claims import unsaid
from tocsin.evidence.readers.n6 import claims_of
from tocsin.evidence.readers.n6_categories import CATEGORIES, CATEGORY_BY_KIND, UNKNOWN
from tocsin.evidence.staged import Output
from tocsin.evidence.writers.jsonl import Row, staged_rows
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment
from tocsin.terms.roles import Role

RESTRICTION = "need-to-know"
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_SOURCE = re.compile(r"(?=.{3,32}$)[a-z0-9-]+\.[a-z0-9-]+", re.ASCII)
_NOT_IN_A_SOURCE = re.compile(r"[^a-z0-9-]+")
_RESTRICTIONS = ("public", "need-to-know", "internal")
_WORDS = ("low", "medium", "high")
_V4 = 0xFFFF


def write_n6(output: Output) -> Iterator[bytes]:
    """One record a line. n6 has no form for a reject and none for IPv6: those go to `output.reject`."""
    for row in staged_rows(output.engine, output.staged):
        line = row["evidence_line"]
        number = line if isinstance(line, int) else 0
        address = row.get("address")
        if "reject" in row:
            output.reject(number, str(row["reject"]))
        elif not isinstance(address, UUID) or address.int >> 32 != _V4:
            output.reject(number, "n6 has no IPv6 addresses")
        else:
            yield msgspec.json.encode(n6_record(row, address, output.at))


def n6_record(row: Row, address: UUID, at: datetime) -> dict[str, object]:
    """The record of one sighting (a row of `staged_rows`). `modified` is the run's clock where n6 has said none.

    What reading it would not give back stands in `tocsin`, by the sighting's column.
    """
    extra: dict[str, object] = msgspec.json.decode(str(row.get("extra", "{}")))
    place: dict[str, object] = {"ip": format_address(address)}
    known: dict[str, object] = {}
    if row["reader"] == "n6":
        place |= {key.removeprefix("address."): extra.pop(key) for key in [*extra] if key.startswith("address.")}
        known = {key: value for key, value in extra.items() if key != "peer_address"}
    else:
        place |= _place(extra)
    record = _mandatory(row, known, at) | {"address": [place]} | _connection(row, known)
    record |= {key: value for key, value in known.items() if key not in record}
    claims, _ = claims_of(record, place)
    left = unsaid(row, claims)
    return record | ({"tocsin": left} if left else {})


def _mandatory(row: Row, known: dict[str, object], at: datetime) -> dict[str, object]:
    ref, observer = str(row.get("source_ref", "")), str(row.get("observer", row["source"]))
    confidence = row.get("confidence")
    word = _WORDS[min(2, max(0, (confidence - 13) // 25))] if isinstance(confidence, int) else "low"
    restriction, category = known.get("restriction"), known.get("category")
    seen_at, seen_until = row["seen_at"], row["seen_until"]
    assert isinstance(seen_at, datetime)
    assert isinstance(seen_until, datetime)
    record: dict[str, object] = {
        "id": ref if _ID.fullmatch(ref) else str(row["id"]).replace("-", ""),
        "source": observer if _SOURCE.fullmatch(observer) else _source(observer),
        "restriction": restriction if restriction in _RESTRICTIONS else RESTRICTION,
        "confidence": word,
        "category": category if category in CATEGORIES else _category(row),
        "time": format_moment(seen_at),
        "modified": known.get("modified") or format_moment(at.astimezone(UTC)),
    }
    return record | ({"until": format_moment(seen_until)} if seen_until != seen_at else {})


def _category(row: Row) -> str:
    kind, role = str(row["kind"]), row["role"]
    if kind in ("ddos", "dos") and role == Role.VICTIM:
        return "dos-victim"
    return CATEGORY_BY_KIND.get(kind, "other")


def _connection(row: Row, known: dict[str, object]) -> dict[str, object]:
    """The packets' ends: see n6_categories.Category."""
    category = CATEGORIES.get(str(known.get("category") or _category(row)), UNKNOWN)
    peer = row.get("peer_address")
    port, peer_port = row.get("port"), row.get("peer_port")
    said: dict[str, object] = {"proto": row.get("protocol")}
    if category.is_server:
        said |= {"dport": port, "sport": peer_port}
    else:
        said |= {"sport": port, "dport": peer_port, "fqdn": row.get("peer_name")}
        if isinstance(peer, UUID) and peer.int >> 32 == _V4:
            said["dip"] = format_address(peer)
    if category.names_malware:
        said["name"] = row.get("malware")
    return {key: value for key, value in said.items() if value is not None}


def _place(extra: dict[str, object]) -> dict[str, object]:
    """What other formats call the address's country and network."""
    cc = next((extra[key] for key in ("src_geo", "geo", "source.geolocation.cc") if extra.get(key)), None)
    asn = str(next((extra[key] for key in ("src_asn", "asn", "source.asn") if extra.get(key)), ""))
    found: dict[str, object] = {"cc": cc} if isinstance(cc, str) and re.fullmatch("[A-Z]{2}", cc) else {}
    return found | ({"asn": int(asn)} if asn.isascii() and asn.isdigit() and len(asn) <= 10 else {})


def _source(observer: str) -> str:
    """`provider.channel`, at most 32 characters; a name that is none of that form is our channel of `tocsin`."""
    channel = _NOT_IN_A_SOURCE.sub("-", observer.lower()).strip("-")
    short = channel if 0 < len(channel) <= 25 else sha256(observer.encode()).hexdigest()[:16]
    return f"tocsin.{short}"
