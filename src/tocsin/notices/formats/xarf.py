"""XARF v4 (xarf.org): a JSON document an offence, valid by the official schema with its date and host checks."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from uuid import UUID

import msgspec

from tocsin.notices.reports.group import RESOURCES_MAX, Offence, Reporter
from tocsin.terms.addresses import format_address
from tocsin.terms.identity import digest
from tocsin.terms.moments import format_moment

VERSION = "4.2.0"

Fields = dict[str, object]


def xarf_report(offence: Offence, reporter: Reporter, number: str) -> Fields | None:
    """The document; None where no type of XARF says what it is, or a field that its type needs is not known."""
    named = _type(offence)
    if named is None:
        return None
    category, kind, own = named
    last = {"last_seen": format_moment(offence.last_at)} if offence.last_at > offence.first_at else {}
    fields: Fields = {
        "xarf_version": VERSION,
        "report_id": str(report_id(offence, number)),
        "timestamp": format_moment(offence.first_at),
        "reporter": _party(reporter),
        "sender": _party(reporter),
        "source_identifier": format_address(offence.address),
        "category": category,
        "type": kind,
        "protocol": offence.protocol or "tcp",
        "first_seen": format_moment(offence.first_at),
        **last,
        **own,
        "evidence_source": "automated_scan" if category == "vulnerability" else "server_logs",
        "evidence": [_evidence(offence)],
        "confidence": offence.confidence / 100,
        "tags": [
            f"incident:{number.lower()}",
            f"tlp:{offence.tlp.lower().replace('+', '_')}",
            *([f"sighting:{offence.sighting}"] if offence.sighting else []),
        ],
    }
    if offence.port:
        fields["source_port"] = offence.port
    if offence.peer_address:
        fields["destination_ip"] = format_address(offence.peer_address)
    if offence.peer_port and kind != "vulnerability_scan":
        fields["destination_port"] = offence.peer_port
    return fields


def xarf_json(fields: Fields) -> str:
    return msgspec.json.format(msgspec.json.encode(fields), indent=2).decode()


def _type(offence: Offence) -> tuple[str, str, Fields] | None:
    """Category, type and what only that type has."""
    if offence.protocol not in (None, "tcp", "udp"):
        return None
    return _of_others(offence) if offence.kind in _OF_OTHERS else _of_attacks(offence)


def _of_attacks(offence: Offence) -> tuple[str, str, Fields] | None:
    if offence.kind == "brute-force" and offence.port:
        return "connection", "login_attack", {}
    if "sql-injection" in offence.rules and offence.kind == "exploit":
        return "connection", "sql_injection", {"attempts_count": offence.lines}
    if offence.kind == "exploit" and offence.application == "http":
        probed = {"vulnerabilities_probed": list(offence.cves)} if offence.cves else {}
        return (
            "connection",
            "vulnerability_scan",
            {"scan_type": "web_vuln_scan", "total_requests": offence.lines, **probed},
        )
    if offence.kind == "scanner" and offence.application == "http" and offence.resources:
        resources = list(offence.resources[:RESOURCES_MAX])
        return "connection", "reconnaissance", {"probed_resources": resources, "total_probes": offence.lines}
    return None


_OF_OTHERS = ("infected-system", "potentially-unwanted-accessible", "ddos-amplifier", "vulnerable-system")


def _of_others(offence: Offence) -> tuple[str, str, Fields] | None:
    """What clearing houses pass on: a bot is `infrastructure/botnet` (XARF's `infected_host` is of crawlers)."""
    if offence.kind == "infected-system":
        named = {"malware_family": offence.malware} if offence.malware else {}
        return "infrastructure", "botnet", {"compromise_evidence": "called a sinkhole or attacked a sensor", **named}
    if offence.port and offence.application:
        return "vulnerability", "open_service", {"service": offence.application, "service_port": offence.port}
    return None


def _party(reporter: Reporter) -> Fields:
    return {"org": reporter.name, "contact": reporter.mail, "domain": reporter.domain}


def _evidence(offence: Offence) -> Fields:
    payload = "\n".join(offence.samples).encode()
    return {
        "content_type": "text/plain",
        "description": "log lines, redacted; times as logged",
        "payload": b64encode(payload).decode(),
        "hash": f"sha256:{sha256(payload).hexdigest()}",
        "size": len(payload),
    }


def _marks(offence: Offence) -> tuple[str, ...]:
    marks = (offence.tlp, offence.severity or "")
    return () if marks == ("GREEN", "") else marks


def report_id(offence: Offence, number: str) -> UUID:
    """Version 4 in form (the schema asks for it), of the content in fact: made again, it is the same."""
    bits = int(
        digest("xarf", number, offence.kind, offence.application, str(offence.address), *_marks(offence))[:32], 16
    )
    return UUID(int=bits, version=4)
