"""STIX objects to facts: what each says by itself, with the ids of what it speaks of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from tocsin.evidence.documents import Fields
from tocsin.evidence.readers.labels import LABELS_MAX, kind_of, role_of
from tocsin.evidence.rows import extra_of, fields_of, list_of, text_of
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.moments import parse_moment

REFS_MAX = 1000  # that one object may name
PATTERN_CHARS_MAX = 65_536
PATTERN_ADDRESSES_MAX = 20
SPAN_S_MAX = 86_400
ID_CHARS_MAX = 300

_NAMES = (
    *("fact", "id", "ref", "ref2", "text", "port", "peer_port", "protocol", "application", "moment", "starts", "ends"),
    *("kind", "taxonomy", "role", "proof", "observer", "confidence", "extra", "modified"),
)
COLUMNS: tuple[tuple[str, str], ...] = (("line", "UBIGINT"), *((name, "VARCHAR") for name in _NAMES))

Fact = Mapping[str, object]

_TRANSPORTS = ("tcp", "udp", "icmp", "icmp6", "ipv6-icmp", "sctp", "dccp", "gre")
_NETWORKS = ("ip", "ipv4", "ipv6", "eth", "ethernet")
_PATTERN_ADDRESS = re.compile(
    r"(?:ipv[46]-addr:value|network-traffic:(?P<side>src|dst)_ref\.value)\s{0,20}=\s{0,20}'(?P<value>[^']{1,60})'"
)
_PATTERN_NAME = re.compile(r"(?:domain-name|url):value\s{0,20}=\s{0,20}'(?P<value>[^']{1,300})'")
_KIND_BY_INFRASTRUCTURE = {
    "command-and-control": "c2-server",
    "hosting-malware": "malware-distribution",
    "phishing": "phishing",
}


def facts_of(kind: str, known_as: str, fields: Fields) -> Iterator[Fact]:
    """`fact` says what the row is, for stix.sql. An object that says nothing of any address has none."""
    make = _MAKERS.get(kind)
    if make is None:
        return
    for fact in make(known_as, fields):
        yield {"modified": text_of(fields.get("modified")), **fact}


def _address(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {"fact": "address", "id": known_as, "text": text_of(fields.get("value"))}


def _name(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {"fact": "name", "id": known_as, "text": text_of(fields.get("value"))}
    yield from ({"fact": "resolves", "id": known_as, "ref": ref} for ref in _refs(fields, "resolves_to_refs"))


def _traffic(known_as: str, fields: Fields) -> Iterator[Fact]:
    protocols = [text_of(each).lower() for each in list_of(fields.get("protocols"))[:20]]
    yield {
        "fact": "traffic",
        "id": known_as,
        "ref": _ref(fields, "src_ref"),
        "ref2": _ref(fields, "dst_ref"),
        "port": text_of(fields.get("src_port")),
        "peer_port": text_of(fields.get("dst_port")),
        "protocol": next((each for each in protocols if each in _TRANSPORTS), ""),
        "application": next((each for each in reversed(protocols) if each not in (*_TRANSPORTS, *_NETWORKS)), ""),
    }


def _observed(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {
        "fact": "observed",
        "id": known_as,
        **_common(fields),
        **_span(fields, "first_observed", "last_observed"),
        "extra": extra_of({key: fields.get(key) for key in ("number_observed", "labels", "first_observed")}),
    }
    yield from ({"fact": "observes", "id": known_as, "ref": ref} for ref in _refs(fields, "object_refs"))
    # STIX 2.1 §4.14: `objects` is deprecated, and holds the objects under names that are good in it alone.
    inner = dict(list(fields_of(fields.get("objects")).items())[:REFS_MAX])
    for key, value in inner.items():
        thing = dict(fields_of(value))
        for name in ("src_ref", "dst_ref"):
            if isinstance(thing.get(name), str):
                thing[name] = f"{known_as}#{thing[name]}"
        thing["resolves_to_refs"] = [f"{known_as}#{text_of(ref)}" for ref in list_of(thing.get("resolves_to_refs"))]
        yield {"fact": "observes", "id": known_as, "ref": f"{known_as}#{key}"[:ID_CHARS_MAX]}
        yield from _inner_facts(text_of(thing.get("type")), f"{known_as}#{key}"[:ID_CHARS_MAX], thing)


def _inner_facts(kind: str, known_as: str, thing: Fields) -> Iterator[Fact]:
    if kind in _OBSERVABLES:
        yield from _OBSERVABLES[kind](known_as, thing)


def _sighting(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {
        "fact": "sighting",
        "id": known_as,
        "ref": _ref(fields, "sighting_of_ref"),
        **_common(fields),
        **_span(fields, "first_seen", "last_seen"),
        "extra": extra_of({key: fields.get(key) for key in ("count", "where_sighted_refs", "labels", "description")}),
    }
    yield from ({"fact": "shows", "id": known_as, "ref": ref} for ref in _refs(fields, "observed_data_refs"))


def _indicator(known_as: str, fields: Fields) -> Iterator[Fact]:
    raw = fields.get("pattern")
    pattern = raw[:PATTERN_CHARS_MAX] if isinstance(raw, str) else ""
    addresses = [(match["side"] or "", "address", match["value"]) for match in _PATTERN_ADDRESS.finditer(pattern)]
    names = [("", "name", match["value"]) for match in _PATTERN_NAME.finditer(pattern)]
    types = [text_of(each) for each in list_of(fields.get("indicator_types"))[:LABELS_MAX]]
    common = _common(fields)
    if not common["kind"] and "compromised" in types:  # STIX 2.1 §10.5: a host that is suspected to be
        common |= _kind("infected-system")
    since = text_of(fields.get("valid_from")) or text_of(fields.get("created"))
    extra = extra_of({"name": fields.get("name"), "indicator_types": types, "labels": fields.get("labels")})
    yield from (
        {"fact": "pattern", "id": known_as, "ref": side, "ref2": what, "text": value, "extra": extra, "moment": since}
        for side, what, value in list(dict.fromkeys(addresses or names))[:PATTERN_ADDRESSES_MAX]
    )
    yield {"fact": "indicator", "id": known_as, "text": text_of(fields.get("name")), **common}


def _malware(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {"fact": "malware", "id": known_as, "text": text_of(fields.get("name"))}


def _infrastructure(known_as: str, fields: Fields) -> Iterator[Fact]:
    common = _common(fields)
    types = [text_of(each) for each in list_of(fields.get("infrastructure_types"))[:LABELS_MAX]]
    kind = next((_KIND_BY_INFRASTRUCTURE[each] for each in types if each in _KIND_BY_INFRASTRUCTURE), "")
    if kind and not common["kind"]:
        common |= _kind(kind)
    yield {"fact": "infrastructure", "id": known_as, "text": text_of(fields.get("name")), **common}


def _other(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {"fact": "what", "id": known_as, "text": text_of(fields.get("name")), **_common(fields)}


def _identity(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {"fact": "identity", "id": known_as, "text": text_of(fields.get("name"))}


def _relation(known_as: str, fields: Fields) -> Iterator[Fact]:
    source, target = _ref(fields, "source_ref"), _ref(fields, "target_ref")
    word = text_of(fields.get("relationship_type")).lower()
    yield {"fact": "relation", "id": known_as, "ref": source, "ref2": target, "text": word}


def _thing(known_as: str, fields: Fields) -> Iterator[Fact]:
    yield {"fact": "thing", "id": known_as, "text": text_of(fields.get("type"))}


def _common(fields: Fields) -> Fields:
    labels = [text_of(each) for each in list_of(fields.get("labels"))[:LABELS_MAX]]
    said = {"observer": _ref(fields, "created_by_ref"), "confidence": text_of(fields.get("confidence"))}
    return {**said, **_kind(kind_of(labels))}


def _kind(kind: str) -> Fields:
    role, proof = role_of(kind) if kind else ("", "")
    return {"kind": kind, "taxonomy": TAXONOMY_BY_KIND.get(kind, ""), "role": role, "proof": proof}


def _span(fields: Fields, first_key: str, last_key: str) -> Fields:
    """A span of at most a day; of a longer one its end; without either nothing."""
    first, last = text_of(fields.get(first_key)), text_of(fields.get(last_key))
    if not first or not last:
        return {"moment": first or last}
    try:
        length_s = parse_moment(last).timestamp() - parse_moment(first).timestamp()
    except (ValueError, OverflowError):
        return {"moment": last}
    return {"starts": first, "ends": last} if 0 <= length_s <= SPAN_S_MAX else {"moment": last}


def _ref(fields: Fields, name: str) -> str:
    return text_of(fields.get(name))[:ID_CHARS_MAX]


def _refs(fields: Fields, name: str) -> list[str]:
    refs = (text_of(ref)[:ID_CHARS_MAX] for ref in list_of(fields.get(name))[:REFS_MAX])
    return list(dict.fromkeys(ref for ref in refs if ref))


_Maker = Callable[[str, Fields], Iterator[Fact]]
_OBSERVABLES: dict[str, _Maker] = {
    "ipv4-addr": _address,
    "ipv6-addr": _address,
    "domain-name": _name,
    "url": _name,
    "network-traffic": _traffic,
    **dict.fromkeys(
        ("file", "process", "software", "user-account", "x509-certificate", "email-message", "email-addr"), _thing
    ),
    **dict.fromkeys(
        ("artifact", "autonomous-system", "directory", "mac-addr", "mutex", "windows-registry-key"), _thing
    ),
}
_MAKERS: dict[str, _Maker] = {
    **_OBSERVABLES,
    "observed-data": _observed,
    "sighting": _sighting,
    "indicator": _indicator,
    "malware": _malware,
    "infrastructure": _infrastructure,
    "identity": _identity,
    "relationship": _relation,
    **dict.fromkeys(("attack-pattern", "campaign", "intrusion-set", "threat-actor", "tool", "vulnerability"), _other),
}
