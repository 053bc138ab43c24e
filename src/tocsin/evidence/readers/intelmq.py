"""IntelMQ's events as JSON: flat dotted keys or nested ones, with or without `__type`, a line each or in an array."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tocsin.engine import reader_of
from tocsin.evidence.claims import Claims, span_of, state, text_of
from tocsin.evidence.json_records import Numbered, Object, first_object, json_objects
from tocsin.evidence.lines import OnReject, Reject, bounded
from tocsin.evidence.texts import RAW, TEXTS, Head, Reading, Texts
from tocsin.terms.kinds import KIND_BY_OLD_NAME, TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

NESTING_MAX = 8
CHUNK_ROWS = 8192

# Which key holds a term. IntelMQ's `source` is the address complained about, whatever the packets' direction.
KEY_BY_TERM: dict[str, str] = {
    "moment": "time.source",
    "address": "source.ip",
    "port": "source.port",
    "protocol": "protocol.transport",
    "peer": "destination.ip",
    "peer_port": "destination.port",
    "peer_name": "destination.fqdn",
    "malware": "malware.name",
    "confidence": "feed.accuracy",
}

# The role of `source.ip`, and over what it is believed. Everything else is a lead: a DDoS's `source` is the victim in
# spoofed attacks, a phishing site's may be the victim of a break-in. A scan is believed only where the application is
# named: that takes a completed connection, a SYN alone can be sent in anybody's name.
ROLE_BY_KIND: dict[str, tuple[Role, str]] = {
    "infected-system": (Role.INFECTED, "not-bare"),
    "brute-force": (Role.ATTACKER, "tcp"),
    "exploit": (Role.ATTACKER, "tcp"),
    "scanner": (Role.ATTACKER, "talk"),
    "ddos-amplifier": (Role.EXPOSED, ""),
    "information-disclosure": (Role.EXPOSED, ""),
    "potentially-unwanted-accessible": (Role.EXPOSED, ""),
    "vulnerable-system": (Role.EXPOSED, ""),
    "weak-crypto": (Role.EXPOSED, ""),
    "c2-server": (Role.INFRASTRUCTURE, ""),
    "malware-configuration": (Role.INFRASTRUCTURE, ""),
    "malware-distribution": (Role.INFRASTRUCTURE, ""),
    "phishing": (Role.INFRASTRUCTURE, ""),
}

_KNOWN_BY = ("source.ip", "time.source", "classification.type", "classification.taxonomy")
_STATED = "extra.tocsin."


def recognise_intelmq(head: Head) -> str | None:
    """'' when the content begins with an event (it may be longer than the head); None when it does not."""
    if not head.first_line().startswith(("{", "[")):
        return None
    found = first_object(head)
    if found is None:
        return "" if any(f'"{key}"'.encode() in head.start for key in _KNOWN_BY[:3]) else None
    event = flat_event(found)
    return "" if any(key in event for key in _KNOWN_BY) or found.get("__type") in ("Event", "Report") else None


def read_intelmq(reading: Reading) -> Texts:
    """Every object is an event or a reject. Keys that no term has are kept in `extra` under their own names."""
    records = json_objects(reading.lines, reading.reject)
    reading.engine.add(RAW, reader_of(TEXTS, _chunks(records, reading.reject)))
    return Texts("SELECT " + ", ".join(name for name, _ in TEXTS) + f" FROM {RAW}", "intelmq")


def _chunks(records: Iterator[Numbered], reject: OnReject) -> Iterator[list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    for number, message in records:
        event = flat_event(message)
        type_of = event.get("__type", "Event")
        if type_of != "Event":
            reject(Reject(number, _no_event(text_of(type_of)), bounded(text_of(message)[:800])))
            continue
        event.pop("__type", None)
        claims, extra = claims_of(event)
        rows.append((number, *(extra if name == "extra" else claims.get(name, "").strip() for name, _ in TEXTS[1:])))
        if len(rows) >= CHUNK_ROWS:
            yield list(zip(*rows, strict=True))
            rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _no_event(type_of: str) -> str:
    if type_of == "Report":
        return "not an event but a Report: a raw feed that its parser has not read, put Tocsin behind the parser"
    return f"not an event but a {type_of[:40]}"


def claims_of(event: Object) -> tuple[Claims, str | None]:
    """What a flat event says, and as a JSON object what no term has. Takes the event's keys away."""
    claims = {term: text_of(event.pop(key, None)) for term, key in KEY_BY_TERM.items()}
    stated = text_of(event.pop("classification.type", None)).strip().lower()
    kind = KIND_BY_OLD_NAME.get(stated, stated or "undetermined")
    if kind not in TAXONOMY_BY_KIND:
        event["classification.type"], kind = stated, "other"
    event.pop("classification.taxonomy", None)  # follows from the kind
    role, proof = ROLE_BY_KIND.get(kind, (Role.LEAD, ""))
    claims |= {
        "kind": kind,
        "taxonomy": TAXONOMY_BY_KIND[kind],
        "role": str(role),
        "proof": proof,
        "application": text_of(event.get("protocol.application")),
        "source_ref": text_of(event.pop("extra.event_id", None)),
        "observer": text_of(event.get("extra.public_source")),
    }
    if "extra.start_time" in event:
        _take_span(claims, event)
    ours = {key: event.pop(key) for key in [key for key in event if key.startswith(_STATED)]}
    if ours:
        state(claims, {key.removeprefix(_STATED): value for key, value in ours.items()})
    return claims, msgspec.json.encode(event).decode() if event else None


def _take_span(claims: Claims, event: Object) -> None:
    """Shadowserver's span, where it goes with the moment; what `time.source` said is kept."""
    span = span_of(claims["moment"], text_of(event["extra.start_time"]), text_of(event.get("extra.end_time")))
    if span is not None:
        claims["starts"], claims["ends"] = span
        if claims["moment"] != span[0]:
            event["time.source"] = claims["moment"]
        del event["extra.start_time"], event["extra.end_time"]


def flat_event(message: Object) -> Object:
    """The event with dotted keys, whatever its form."""
    return _flat(message) if any(isinstance(value, dict) for value in message.values()) else message


def _flat(message: Object, prefix: str = "", depth: int = 1) -> Object:
    flat: Object = {}
    for key, value in message.items():
        if isinstance(value, dict) and value and depth < NESTING_MAX:
            flat |= _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            flat[prefix + key] = value
    return flat
