"""XARF reports, version 4 and the older 3: one incident an object, JSON in any form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tocsin.evidence.documents import Fields, Found, json_objects, opening_fields
from tocsin.evidence.lines import Reject
from tocsin.evidence.readers.xarf_types import TYPE_BY_NAME, TYPE_BY_OLD_NAME, UNKNOWN_TYPE, IncidentType
from tocsin.evidence.rows import Row, add_rows, extra_of, fields_of, text_of
from tocsin.evidence.texts import Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.moments import parse_moment

SPAN_S_MAX = 86_400  # first and last seen over a day apart say how long it has gone on, not when it was seen
_MAIL_PORTS = ("25", "465", "587")

# Keys of version 4 that a term has; what is left goes to `extra`.
_TAKEN = (
    *("report_id", "timestamp", "source_identifier", "source_port", "destination_ip", "destination_port"),
    *("protocol", "malware_family", "reporter", "sender", "evidence", "xarf_version"),
)
_TAKEN_OF_3 = ("Version", "ReporterInfo", "Report")
# Version 3 under the names of version 4, as its two dialects spell it (Abusix's, and the specification's samples).
_NAMES_OF_3 = {
    "timestamp": ("Date",),
    "first_seen": ("FirstSeen",),
    "last_seen": ("LastSeen",),
    "source_identifier": ("SourceIp", "AttackerIp"),
    "source_port": ("SourcePort", "AttackerPort"),
    "destination_ip": ("DestinationIp", "DestinationIP"),
    "destination_port": ("DestinationPort",),
    "protocol": ("TransportProtocol", "Protocol"),
    "malware_family": ("BotnetName", "MalwareName", "MalwareFamily"),
    "report_id": ("ReporterCaseID", "ReportID"),
    "service": ("ServiceName",),
    "smtp_from": ("SmtpMailFromAddress", "SMTPFrom"),
    "url": ("SourceUrl",),
}


def recognise_xarf(head: Head) -> str | None:
    fields = opening_fields(head)
    is_old = "ReporterInfo" in fields and "Report" in fields
    return "" if is_old or {"xarf_version", "category", "type"} <= fields.keys() else None


def read_xarf(reading: Reading) -> Texts:
    """Every report is a sighting or a reject: one about a domain or a URL alone has no address."""
    return Texts(add_rows(reading.engine, _rows(reading)), "xarf")


def _rows(reading: Reading) -> Iterator[Row]:
    for found in json_objects(reading.lines, reading.reject):
        if "Report" in found.fields:
            yield _row(found, *_of_version_3(found.fields))
        elif "category" in found.fields and "type" in found.fields:
            name = f"{text_of(found.fields['category'])}/{text_of(found.fields['type'])}".lower().replace("-", "_")
            yield _row(found, found.fields, TYPE_BY_NAME.get(name, UNKNOWN_TYPE))
        else:
            reading.reject(Reject(found.line, "not an XARF report"))


def _row(found: Found, fields: Fields, incident: IncidentType) -> Row:
    protocol, application = _conversation(fields, incident)
    reporter = fields_of(fields.get("reporter"))
    span = _span(fields)
    texts = {
        **span,
        "address": text_of(fields.get("source_identifier")) or text_of(fields.get("url")),
        "port": _port(fields, incident),
        "protocol": protocol,
        "application": application,
        "peer": text_of(fields.get("destination_ip")),
        "peer_port": text_of(fields.get("destination_port")),
        "malware": text_of(fields.get("malware_family")),
        "source_ref": text_of(fields.get("report_id")),
        "observer": (text_of(reporter.get("domain")) or text_of(reporter.get("org"))).lower(),
        "kind": incident.kind,
        "taxonomy": TAXONOMY_BY_KIND[incident.kind],
        "role": str(incident.role),
        "proof": incident.proof,
        "confidence": _confidence(fields),
    }
    taken = {*_TAKEN, *(("first_seen",) if "starts" in span else ()), *(("last_seen",) if "ends" in span else ())}
    return found.line, texts, extra_of({key: value for key, value in fields.items() if key not in taken})


def _of_version_3(report: Fields) -> tuple[Fields, IncidentType]:
    """The report under the names of version 4; what those do not have keeps its own."""
    body = dict(fields_of(report.get("Report")))
    who = fields_of(report.get("ReporterInfo"))
    source = fields_of(body.pop("Source", None))
    body |= {"SourceIp": source["IP"]} if "IP" in source else {}
    body |= {"SourcePort": source["Port"]} if "Port" in source else {}
    body |= {"SourceUrl": source["URL"]} if "URL" in source else {}
    body |= fields_of(body.pop("AdditionalInfo", None))
    body.pop("Samples", None), body.pop("Attachment", None)
    name = "/".join(text_of(body.get(key)).lower() for key in ("ReportType", "ReportSubType") if body.get(key))
    incident = TYPE_BY_OLD_NAME.get(name) or TYPE_BY_OLD_NAME.get(name.partition("/")[0], UNKNOWN_TYPE)
    fields: Fields = {"reporter": {"domain": who.get("ReporterOrgDomain"), "org": who.get("ReporterOrg")}}
    for new, olds in _NAMES_OF_3.items():
        old = next((old for old in olds if body.get(old) not in (None, "")), None)
        if old is not None:
            fields[new] = body.pop(old)
    if "source_identifier" not in fields and incident.is_of_the_attacked:
        fields["source_identifier"], fields["source_port"] = body.pop("DestinationIp", None), None
        fields["source_identifier"] = fields.pop("destination_ip", fields["source_identifier"])
        fields["source_port"] = fields.pop("destination_port", None)
    around = {key: value for key, value in report.items() if key not in _TAKEN_OF_3}
    return around | fields | body, incident


def _conversation(fields: Fields, incident: IncidentType) -> tuple[str, str]:
    """Transport protocol and application. Mail that arrived came over TCP, a request with its user agent was made."""
    protocol, service = text_of(fields.get("protocol")).lower(), text_of(fields.get("service"))
    if incident.kind == "spam":
        is_mail = protocol == "smtp" or "smtp_from" in fields
        is_mail = is_mail or (not protocol and text_of(fields.get("destination_port")) in _MAIL_PORTS)
        return ("tcp", "smtp") if is_mail else ("", "")
    if protocol in {"http", "https"}:
        return "tcp", protocol
    return protocol, service or ("http" if fields.get("user_agent") else "")


def _port(fields: Fields, incident: IncidentType) -> str:
    names = ("service_port", "port", "source_port") if incident.is_a_service else ("source_port",)
    return next((text for text in (text_of(fields.get(name)) for name in names) if text), "")


def _span(fields: Fields) -> Mapping[str, str]:
    """When it was seen: from first to last where they lie within a day of the report, else the report's moment."""
    told, first, last = (text_of(fields.get(key)) for key in ("timestamp", "first_seen", "last_seen"))
    try:
        told_at = parse_moment(told)
        first_at = parse_moment(first) if first else told_at
        last_at = parse_moment(last) if last else max(told_at, first_at)
    except (ValueError, OverflowError):
        return {"moment": told}
    if first_at > told_at:  # the report says two things: it was somewhen between
        return {"moment": told, "starts": told, "ends": first}
    if max(told_at, last_at).timestamp() - first_at.timestamp() > SPAN_S_MAX or last_at < first_at:
        return {"moment": last if last and first_at <= last_at <= told_at else told}
    return {"moment": told, "starts": first or told, "ends": last or told}


def _confidence(fields: Fields) -> str:
    """0 to 100; some give 0 to 1."""
    value = fields.get("confidence_score", fields.get("confidence"))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return str(value * 100 if 0 < value <= 1 else value)
