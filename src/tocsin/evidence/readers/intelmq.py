"""IntelMQ's events, one JSON object a line: flat dotted keys or nested ones, with or without `__type`."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tocsin.engine import reader_of
from tocsin.evidence.lines import Lines, OnReject, Reject, bounded
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

_JSON = msgspec.json.Decoder()
_Event = dict[str, object]


def recognise_intelmq(head: Head) -> str | None:
    """'' when the first line is an event (it may be longer than the head); None when it is not."""
    line = head.first_line()
    if not line.startswith("{"):
        return None
    event = _event(line.encode())
    if event is None:
        flat = any(f'"{key}"' in line for key in ("source.ip", "time.source", "classification.type"))
        return "" if flat else None
    keys = ("source.ip", "time.source", "classification.type", "classification.taxonomy")
    return "" if any(key in event for key in keys) else None


def read_intelmq(reading: Reading) -> Texts:
    """Every line is an event or a reject. Keys that no term has are kept in `extra` under their own names."""
    reading.engine.add(RAW, reader_of(TEXTS, _chunks(reading.lines, reading.reject)))
    return Texts("SELECT " + ", ".join(name for name, _ in TEXTS) + f" FROM {RAW}", "intelmq")


def _chunks(lines: Iterator[Lines], reject: OnReject) -> Iterator[list[tuple[object, ...]]]:
    rows: list[tuple[object, ...]] = []
    for chunk in lines:
        for number, line in enumerate(chunk.split(), chunk.first):
            if not line or line.isspace():
                continue
            row = _row(number, line)
            if isinstance(row, Reject):
                reject(row)
            else:
                rows.append(row)
            if len(rows) >= CHUNK_ROWS:
                yield list(zip(*rows, strict=True))
                rows = []
    if rows:
        yield list(zip(*rows, strict=True))


def _row(number: int, line: bytes) -> tuple[object, ...] | Reject:
    event = _event(line)
    if event is None:
        return Reject(number, "not a JSON object", bounded(line[:800].decode(errors="replace")))
    kind_of_message = event.pop("__type", "Event")
    if kind_of_message != "Event":
        return Reject(
            number, f"not an event but a {str(kind_of_message)[:40]}", bounded(line[:800].decode(errors="replace"))
        )
    texts = {term: _text(event.pop(key, None)) for term, key in KEY_BY_TERM.items()}
    stated = _text(event.pop("classification.type", None)).strip().lower()
    kind = KIND_BY_OLD_NAME.get(stated, stated or "undetermined")
    if kind not in TAXONOMY_BY_KIND:
        event["classification.type"], kind = stated, "other"
    event.pop("classification.taxonomy", None)  # follows from the kind
    role, proof = ROLE_BY_KIND.get(kind, (Role.LEAD, ""))
    texts |= {
        "kind": kind,
        "taxonomy": TAXONOMY_BY_KIND[kind],
        "role": str(role),
        "proof": proof,
        "application": _text(event.get("protocol.application")),
        "source_ref": _text(event.pop("extra.event_id", None)),
        "observer": _text(event.get("extra.public_source")),
    }
    extra = msgspec.json.encode(event).decode() if event else None
    return (number, *(extra if name == "extra" else texts.get(name, "").strip() for name, _ in TEXTS[1:]))


def _event(line: bytes) -> _Event | None:
    """The event with dotted keys, whatever its form; None when the line is no JSON object."""
    try:
        message = _JSON.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    if not isinstance(message, dict):
        return None
    return _flat(message) if any(isinstance(value, dict) for value in message.values()) else message


def _flat(message: _Event, prefix: str = "", depth: int = 1) -> _Event:
    flat: _Event = {}
    for key, value in message.items():
        if isinstance(value, dict) and value and depth < NESTING_MAX:
            flat |= _flat(value, f"{prefix}{key}.", depth + 1)
        else:
            flat[prefix + key] = value
    return flat


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
