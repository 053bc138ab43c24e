"""MISP's attributes and objects: which addresses they name, on which side, and when they were seen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import msgspec

from tocsin.evidence.documents import Fields
from tocsin.evidence.rows import fields_of, list_of, text_of
from tocsin.terms.moments import format_moment, parse_moment

SIGHTINGS_MAX = 100  # of one attribute, the newest
SPAN_S_MAX = 86_400
ATTRIBUTES_MAX = 2000  # of one object

_SIDES = {"ip-src": "src", "ip-dst": "dst", "ip-src|port": "src", "ip-dst|port": "dst", "domain|ip": "dst"}
_NAMES = ("domain", "hostname", "url", "uri", "hostname|port")  # on the network, but no address

# An object's attributes by `object_relation`.
_ADDRESSES = {"ip-src": "src", "src-ip": "src", "ip-dst": "dst", "dst-ip": "dst", "ip": "dst"}
_PORTS = {"src-port": "src", "dst-port": "dst", "port": "dst"}
_PROTOCOLS = ("layer4-protocol", "protocol")


class Claim(msgspec.Struct, frozen=True):
    """One address (or name) that an attribute claims something of; or `other`, the type of one that has neither."""

    fields: Fields  # the attribute's
    texts: Mapping[str, str] = {}
    kept: Mapping[str, object] = {}
    other: str = ""


def claims_of(attribute: Fields) -> Iterator[Claim]:
    """What one attribute says; a deleted one says nothing."""
    if attribute.get("deleted") in (True, 1, "1"):
        return
    kind, value = text_of(attribute.get("type")), text_of(attribute.get("value"))
    first, _, second = value.partition("|")
    if kind in _SIDES:
        texts = {"address": first, "side": _SIDES[kind], "port": second}
        kept: dict[str, object] = {}
        if kind == "domain|ip":
            texts, kept = {"address": second, "side": "dst"}, {"domain": first}
        for when in times_of(attribute):
            yield Claim(attribute, texts | when, kept)
    elif kind in _NAMES:
        yield Claim(attribute, {"address": value, "side": "dst", **next(times_of(attribute))})
    else:
        yield Claim(attribute, other=kind or "attribute without a type")


def claims_of_object(thing: Fields) -> Iterator[Claim]:
    """A connection's two ends, an address with its ports; other objects' attributes one by one."""
    attributes = [fields_of(each) for each in list_of(thing.get("Attribute"))[:ATTRIBUTES_MAX]]
    if thing.get("deleted") in (True, 1, "1"):
        return
    by_relation = {text_of(each.get("object_relation")): text_of(each.get("value")) for each in attributes}
    ports = {side: by_relation[name] for name, side in _PORTS.items() if by_relation.get(name)}
    protocol = next((by_relation[name].lower() for name in _PROTOCOLS if by_relation.get(name)), "")
    when = _first_and_last(by_relation) or {}
    addresses = {side: by_relation[name] for name, side in _ADDRESSES.items() if by_relation.get(name)}
    is_one = text_of(thing.get("name")) in {"network-connection", "ip-port", "domain-ip", "netflow"} and bool(addresses)
    for each in attributes:
        relation = text_of(each.get("object_relation"))
        side = _ADDRESSES.get(relation)
        if not is_one or side is None:
            if not is_one or text_of(each.get("type")) not in (*_NAMES, "port", "datetime", "text", "counter"):
                yield from claims_of(dict(each))
            continue
        texts = {"address": text_of(each.get("value")), "side": side, "port": ports.get(side, ""), "protocol": protocol}
        texts["application"] = by_relation.get("layer7-protocol", "")
        if side == "src":
            texts |= {"peer": addresses.get("dst", ""), "peer_port": ports.get("dst", "")}
            texts["peer_name"] = by_relation.get("hostname-dst", "")
        kept = {"object": thing.get("name"), "domain": by_relation.get("domain") or by_relation.get("hostname")}
        for then in [when] if when else times_of(each):
            yield Claim(dict(each), texts | then, kept)


def times_of(fields: Mapping[str, object]) -> Iterator[dict[str, str]]:
    """When it was seen: by its sightings, else by its first and last; else when somebody wrote it down."""
    seen = [fields_of(each) for each in list_of(fields.get("Sighting"))]
    moments = sorted(_epoch(each.get("date_sighting")) for each in seen if text_of(each.get("type")) in ("", "0"))
    moments = [moment for moment in moments if moment][-SIGHTINGS_MAX:]
    if moments:
        yield from ({"moment": moment, "is_seen": "true"} for moment in dict.fromkeys(moments))
        return
    first_and_last = {"first-seen": text_of(fields.get("first_seen")), "last-seen": text_of(fields.get("last_seen"))}
    yield _first_and_last(first_and_last) or {"moment": _epoch(fields.get("timestamp"))}


def _first_and_last(by_relation: Mapping[str, str]) -> dict[str, str] | None:
    """A span of at most a day; of a longer one its end."""
    first = by_relation.get("first-seen") or by_relation.get("first-packet-seen", "")
    last = by_relation.get("last-seen") or by_relation.get("last-packet-seen", "")
    if not first and not last:
        return None
    try:
        first_at, last_at = parse_moment(first or last), parse_moment(last or first)
    except (ValueError, OverflowError):
        return {"moment": last or first, "is_seen": "true"}
    if not 0 <= last_at.timestamp() - first_at.timestamp() <= SPAN_S_MAX:
        return {"moment": last or first, "is_seen": "true"}
    return {"starts": first or last, "ends": last or first, "is_seen": "true"}


def _epoch(value: object) -> str:
    """Seconds since 1970 (MISP writes them as text) to RFC 3339; what is none stays as it is."""
    text = text_of(value)
    try:
        return format_moment(datetime.fromtimestamp(int(text), UTC)) if len(text) <= 12 else text
    except (ValueError, OverflowError, OSError):
        return text
