"""IODEF documents, version 1 (RFC 5070) and 2 (RFC 7970): every address of a source system is a sighting."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from tocsin.evidence.lines import Lines, Reject, bounded
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.rows import Row, add_rows, extra_of
from tocsin.evidence.texts import Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

DOCUMENT_BYTES_MAX = 40 << 20
NESTING_MAX = 10  # EventData holds EventData (RFC 7970 §3.14)

_SYSTEMS = {  # RFC 7970 §3.17, RFC 5070 §3.15: what the system was in it
    "source": "",
    "intermediate": "",
    "infrastructure": Role.INFRASTRUCTURE,
    "sensor": None,
    "target": None,
}
_ADDRESSES = ("ipv4-addr", "ipv6-addr")
_PROTOCOL_BY_NUMBER = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmp", "132": "sctp"}
_BRUTE_FORCE = IncidentType("brute-force", Role.ATTACKER, "tcp")
_WHAT_BY_IMPACT = {  # RFC 5070 §3.10.1 `type`; RFC 7970 §3.12.1
    "admin": IncidentType("privileged-account-compromise", Role.ATTACKER, "tcp"),
    "user": IncidentType("unprivileged-account-compromise", Role.ATTACKER, "tcp"),
    "dos": IncidentType("ddos"),
    "recon": IncidentType("scanner", Role.ATTACKER, "talk"),
    "info-leak": IncidentType("data-leak"),
    "misconfiguration": IncidentType("vulnerable-system", Role.EXPOSED),
    "social-engineering": IncidentType("phishing", Role.INFRASTRUCTURE),
    "takeover-account": _BRUTE_FORCE,
    "takeover-service": IncidentType("system-compromise", Role.INFECTED, "not-bare"),
    "takeover-system": IncidentType("system-compromise", Role.INFECTED, "not-bare"),
    "availability-system": IncidentType("ddos"),
    "availability-service": IncidentType("ddos"),
}
_BY_KIND = {  # what a role needs for each of the kinds that our own writer, and others who know RSIT, name
    "infected-system": IncidentType("infected-system", Role.INFECTED, "not-bare"),
    "brute-force": _BRUTE_FORCE,
    "exploit": IncidentType("exploit", Role.ATTACKER, "tcp"),
    "scanner": IncidentType("scanner", Role.ATTACKER, "talk"),
    "spam": IncidentType("spam", Role.ATTACKER, "tcp"),
    "phishing": IncidentType("phishing", Role.INFRASTRUCTURE),
    "malware-distribution": IncidentType("malware-distribution", Role.INFRASTRUCTURE),
    "c2-server": IncidentType("c2-server", Role.INFRASTRUCTURE),
    "vulnerable-system": IncidentType("vulnerable-system", Role.EXPOSED),
    "potentially-unwanted-accessible": IncidentType("potentially-unwanted-accessible", Role.EXPOSED),
    "ddos-amplifier": IncidentType("ddos-amplifier", Role.EXPOSED),
}


def recognise_iodef(head: Head) -> str | None:
    start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip()
    return (
        ""
        if re.match(rb"(?:<\?xml[^>]*>\s*)?(?:<!--.{0,4000}?-->\s*)*<(?:\w+:)?IODEF-Document\b", start, re.S)
        else None
    )


def read_iodef(reading: Reading) -> Texts:
    """A document type declaration, entities and anything outside are refused unread (defusedxml)."""
    return Texts(add_rows(reading.engine, _rows(reading)), "iodef")


def _rows(reading: Reading) -> Iterator[Row]:
    text = _text(reading.lines)
    root = _parsed(text) if text is not None else f"a document is longer than {DOCUMENT_BYTES_MAX} bytes"
    if isinstance(root, str):
        reading.reject(Reject(1, root, bounded((text or b"")[:200].decode(errors="replace"))))
        return
    starts = [found.start() for found in re.finditer(rb"<(?:\w+:)?Incident[\s>]", text or b"")]
    for number, incident in enumerate(_children(root, "Incident")):
        line = (text or b"").count(b"\n", 0, starts[number]) + 1 if number < len(starts) else 1
        rows = list(_of_incident(line, incident))
        if not rows:
            reading.reject(Reject(line, "no address of a source system in this incident", bounded(_id(incident))))
        yield from rows


def _text(chunks: Iterator[Lines]) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    for chunk in chunks:
        size += len(chunk.text) + 1
        if size > DOCUMENT_BYTES_MAX:
            return None
        parts.append(chunk.text)
    return b"\n".join(parts)


def _parsed(text: bytes) -> Element | str:
    try:
        root: Element = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, RecursionError, LookupError) as error:
        return f"not an XML document that may be read: {type(error).__name__}: {str(error)[:100]}"
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _children(element: Element, *names: str) -> Iterator[Element]:
    return (child for child in element if _name(child) in names)


def _first(element: Element, *names: str) -> str:
    for name in names:
        for child in _children(element, name):
            if child.text and child.text.strip():
                return child.text.strip()
    return ""


def _id(incident: Element) -> str:
    return _first(incident, "IncidentID")


def _of_incident(line: int, incident: Element) -> Iterator[Row]:
    ids = next(_children(incident, "IncidentID"), None)
    about = {
        "source_ref": _id(incident),
        "observer": (ids.get("name") or "") if ids is not None else "",
        **_times(incident),
    }
    waiting = [(event, about, 1) for event in _children(incident, "EventData")]
    while waiting:
        event, above, depth = waiting.pop()
        told = above | _times(event)
        if depth < NESTING_MAX:
            waiting.extend((inner, told, depth + 1) for inner in _children(event, "EventData"))
        for flow in _children(event, "Flow"):
            yield from ((line, texts, extra) for texts, extra in _of_flow(flow, told, _what(event, incident)))


def _times(element: Element) -> dict[str, str]:
    """When it was detected, or began; when it was reported says nothing about when it was seen."""
    starts, ends, detected = (_first(element, name) for name in ("StartTime", "EndTime", "DetectTime"))
    moment = detected or starts
    if not moment:
        return {}
    span = {"starts": starts, "ends": ends} if starts and ends and starts[:10] == ends[:10] else {}
    return {"moment": starts if span else moment, **span}


def _what(event: Element, incident: Element) -> IncidentType:
    for element in (event, incident):
        for each in _children(element, "AdditionalData"):
            kind = (each.text or "").strip()
            if each.get("meaning", each.get("name")) == "kind" and kind in TAXONOMY_BY_KIND:
                return _BY_KIND.get(kind, IncidentType(kind))
        for assessment in _children(element, "Assessment"):
            for impact in _children(assessment, "Impact", "SystemImpact"):
                if impact.get("type") in _WHAT_BY_IMPACT:
                    return _WHAT_BY_IMPACT[impact.get("type", "")]
    return IncidentType("undetermined")


def _of_flow(flow: Element, told: dict[str, str], what: IncidentType) -> Iterator[tuple[dict[str, str], str | None]]:
    systems = [system for system in _children(flow, "System")]
    target = next((system for system in systems if system.get("category") == "target"), None)
    peer = {} if target is None else {"peer": next(iter(_addresses(target)), ""), "peer_port": _service(target)[1]}
    for system in systems:
        role = _SYSTEMS.get(system.get("category", "source"))
        if role is None:
            continue
        protocol, port = _service(system)
        for address in _addresses(system):
            texts = {
                **told,
                "address": address,
                "port": port,
                "protocol": protocol or (_service(target)[0] if target is not None else ""),
                **peer,
                "malware": _malware(system),
                "kind": what.kind,
                "taxonomy": TAXONOMY_BY_KIND[what.kind],
                "role": str(role or what.role),
                "proof": what.proof,
                "application": "stated" if what.proof == "talk" and protocol == "tcp" else "",
            }
            yield texts, extra_of({"description": _first(system, "Description")})


def _addresses(system: Element) -> list[str]:
    found: list[str] = []
    for node in _children(system, "Node"):
        for address in _children(node, "Address"):
            if address.get("category", "ipv4-addr") in _ADDRESSES and address.text:
                found.append(address.text.strip())
    return found


def _service(system: Element) -> tuple[str, str]:
    for service in _children(system, "Service"):
        number = service.get("ip-protocol") or service.get("ip_protocol") or ""
        return _PROTOCOL_BY_NUMBER.get(number, ""), _first(service, "Port")
    return "", ""


def _malware(system: Element) -> str:
    for each in _children(system, "AdditionalData"):
        if each.get("meaning", each.get("name")) == "malware" and each.text:
            return each.text.strip()
    return ""
