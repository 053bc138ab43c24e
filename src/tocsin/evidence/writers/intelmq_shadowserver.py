"""Shadowserver's sightings as the events that IntelMQ's own parser makes of the same rows."""

from __future__ import annotations

import re
from contextlib import suppress

from tocsin.evidence.claims import moment_text
from tocsin.evidence.readers.shadowserver_columns import TARGET
from tocsin.evidence.readers.shadowserver_reports import Report, report_named
from tocsin.evidence.writers.jsonl import Row
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.moments import parse_moment

Event = dict[str, object]

# Shadowserver's columns that IntelMQ has a key for; numbers are numbers there, and 0 is none.
_KEY_BY_COLUMN: dict[str, tuple[str, bool]] = {
    **{
        f"{ours}{column}": (f"{theirs}.{key}", column == "asn")
        for ours, theirs in (("src_", "source"), ("dst_", "destination"), ("", "source"))
        for column, key in (
            ("asn", "asn"),
            ("geo", "geolocation.cc"),
            ("region", "geolocation.region"),
            ("city", "geolocation.city"),
            ("hostname", "reverse_dns"),
        )
    },
    "src_naics": ("extra.source.naics", True),
    "dst_naics": ("extra.destination.naics", True),
    "naics": ("extra.naics", True),
    "src_sector": ("extra.source.sector", False),
    "dst_sector": ("extra.destination.sector", False),
    "device_vendor": ("product.vendor", False),
    "device_model": ("product.name", False),
    "device_version": ("product.version", False),
    "severity": ("severity", False),
    "username": ("destination.account", False),
    "md5": ("malware.hash.md5", False),
    "sha1": ("malware.hash.sha1", False),
    "sha256": ("malware.hash.sha256", False),
    "network": ("source.network", False),
}
_SWAPPED = (("source.ip", "destination.ip"), ("source.port", "destination.port"))
_CVE = re.compile(r"cve-\d{4}-\d{4,19}", re.ASCII)


def from_shadowserver(event: Event, row: Row, report_name: str, extra: Event) -> Event:
    """The event, with what only this source says. `extra` is used up."""
    event = event | {"feed.provider": "Shadowserver"}
    stated = extra.pop("timestamp", None)
    if stated is not None:  # IntelMQ's moment is that column, also where the report has a start and an end
        event["time.source"] = _stated(str(stated)) or event["time.source"]
        event["extra.start_time"], event["extra.end_time"] = (
            moment_text(row[name], row.get("precision_s")) for name in ("seen_at", "seen_until")
        )
    if extra.pop("malware_column", None) is not None:  # only `infection` is a name for IntelMQ
        event.pop("malware.name", None)
    for column, text in extra.items():
        key, is_number = _KEY_BY_COLUMN.get(column, (f"extra.{column}", False))
        event[key] = _number(str(text)) if is_number else text
    if "source.network" in event:
        event.pop("source.ip", None)
    vulnerabilities = dict.fromkeys(_CVE.findall(str(extra.get("tag", "")).lower()))
    if vulnerabilities:
        event["product.vulnerabilities"] = ";".join(vulnerabilities)
    report = report_named(report_name)
    return _classified(event, report, extra) if report else event


def _classified(event: Event, report: Report, extra: Event) -> Event:
    kind = report.intelmq_kind or str(event["classification.type"])
    said = {"infection": event.get("malware.name"), **extra}
    identifier = report.identifier
    if report.tagged and kind == report.tagged.kind:
        identifier = report.tagged.identifier
    event |= {
        "classification.type": kind,
        "classification.taxonomy": TAXONOMY_BY_KIND[kind],
        "classification.identifier": _told(identifier, said).lower(),
        "protocol.application": _told(report.application, said),
    }
    if report.layout is TARGET:  # there the attacker's server is the source
        for one, other in _SWAPPED:
            event[one], event[other] = event.get(other), event.get(one)
    return {key: value for key, value in event.items() if value not in ("", None)}


def _told(rule: str, said: Event) -> str:
    return str(said.get(rule[1:]) or "") if rule.startswith("=") else rule


def _stated(text: str) -> str | None:
    for form in (text, text.strip().replace(" ", "T") + "Z"):
        with suppress(ValueError):
            return moment_text(parse_moment(form), 0 if "." in form else 1)
    return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 and int(text) else None
