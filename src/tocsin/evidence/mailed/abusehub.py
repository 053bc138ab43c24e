"""AbuseHUB's incidents (abusehubcsv-1.0.0): a CSV whose zone only its mail, or its file's name, says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from tocsin.engine import csv_fields
from tocsin.evidence.lines import Reject, bounded
from tocsin.evidence.mailed.mail import ReportMail, opening_headers, read_mail
from tocsin.evidence.mailed.moments import iso_moment
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.rows import Row, add_rows, extra_of
from tocsin.evidence.texts import Head, Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND
from tocsin.terms.roles import Role

_HEADER = "reliable_notifier,report_type,infection_type,event_date,event_time"
_ZONE = re.compile(r"event time \d{4}-\d\d-\d\d \d\d:\d\d:\d\d ([+-]\d\d:\d\d)")
_ZONE_IN_NAME = re.compile(r"T\d\d:?\d\d:?\d\d([+-]\d\d):?(\d\d)")
_ROWS_MAX = 100_000
# By words of the report's type, the first that is in it: AbuseHUB passes on what each notifier calls it.
_WHAT: tuple[tuple[str, IncidentType], ...] = (
    ("drone", IncidentType("infected-system", Role.INFECTED, "not-bare")),
    ("botnet", IncidentType("infected-system", Role.INFECTED, "not-bare")),
    ("sinkhole", IncidentType("infected-system", Role.INFECTED, "tcp")),
    ("infect", IncidentType("infected-system", Role.INFECTED, "not-bare")),
    ("spam", IncidentType("spam", Role.ATTACKER, "tcp")),
    ("feedback", IncidentType("spam", Role.ATTACKER, "tcp")),
    ("hotmail", IncidentType("spam", Role.ATTACKER, "tcp")),
    ("phish", IncidentType("phishing", Role.INFRASTRUCTURE)),
    ("malware", IncidentType("malware-distribution", Role.INFRASTRUCTURE)),
    ("open", IncidentType("potentially-unwanted-accessible", Role.EXPOSED)),
    ("scan", IncidentType("scanner")),
    ("ddos", IncidentType("ddos")),
)
_TAKEN = (
    *("event_date", "event_time", "src_ip", "src_port", "protocol", "dst_ip", "dst_port", "dst_hostname"),
    *("infection_type", "reliable_notifier", "original_hotmail_recipient", "src_email", "dst_email"),
)


def recognise_abusehub(head: Head) -> str | None:
    if head.first_line().replace('"', "").startswith(_HEADER):
        return ""
    return "" if opening_headers(head) and _HEADER.encode() in head.start else None


def read_abusehub(reading: Reading) -> Texts:
    """Every row is a sighting or a reject; all of them where nothing says the zone."""
    rows = sorted(_rows(reading), key=lambda row: row[0])  # as the mail's lines come, not as its parts do
    return Texts(add_rows(reading.engine, rows), "abusehub")


def _rows(reading: Reading) -> Iterator[Row]:
    mail = read_mail(reading.lines)
    if isinstance(mail, str):
        reading.reject(Reject(1, mail))
        return
    text, zone = _text_and_zone(mail, reading.name)
    first, *records = text.splitlines()
    names = csv_fields(first, ",") or []
    for number, record in enumerate(records, 1):
        fields = dict(zip(names, csv_fields(record, ",") or [], strict=False))
        if not record.strip():
            continue
        line = mail.line_of(f"{fields.get('event_time', '')},") if mail.headers else number + 1
        if number > _ROWS_MAX or not zone:
            why = (
                f"more than {_ROWS_MAX} rows" if zone else "no time zone: neither the mail nor the file's name says it"
            )
            reading.reject(Reject(line, why, bounded(str(fields.get("event_time")))))
            if zone:
                return
            continue
        yield line, _texts(fields, zone), extra_of({k: v for k, v in fields.items() if k not in _TAKEN and v})


def _text_and_zone(mail: ReportMail, name: str) -> tuple[str, str]:
    part = next((part for part in mail.parts if _HEADER in part.text.replace('"', "")[:400]), None)
    if not mail.headers or part is None:  # the CSV alone
        text = b"\n".join(mail.lines).decode()
    else:
        text, name = part.text, part.name
    said, named = _ZONE.search(mail.text()), _ZONE_IN_NAME.search(name)
    return text.lstrip() or _HEADER, said[1] if said else f"{named[1]}:{named[2]}" if named else ""


def _texts(fields: Mapping[str, str], zone: str) -> dict[str, str]:
    said = fields.get("report_type", "").lower()
    what = next((what for word, what in _WHAT if word in said), IncidentType("undetermined"))
    return {
        "moment": iso_moment(f"{fields.get('event_date', '')} {fields.get('event_time', '')}", zone),
        "address": fields.get("src_ip", ""),
        "port": fields.get("src_port", ""),
        "protocol": fields.get("protocol", "").lower(),
        "peer": fields.get("dst_ip", ""),
        "peer_port": fields.get("dst_port", ""),
        "peer_name": fields.get("dst_hostname", ""),
        "malware": fields.get("infection_type", ""),
        "observer": fields.get("reliable_notifier", ""),
        "kind": what.kind,
        "taxonomy": TAXONOMY_BY_KIND[what.kind],
        "role": str(what.role),
        "proof": what.proof,
    }
