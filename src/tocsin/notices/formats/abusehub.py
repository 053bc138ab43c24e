"""abusehubcsv-1.0.0, as AbuseHUB passes incidents on; its file's name says the zone, which is UTC."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from tocsin.notices.formats.csv import plain
from tocsin.notices.reports.group import Offence, Reporter
from tocsin.notices.reports.words import kind_words
from tocsin.terms.addresses import format_address

COLUMNS = (
    *(
        "reliable_notifier",
        "report_type",
        "infection_type",
        "event_date",
        "event_time",
        "src_asn",
        "src_ip",
        "src_port",
    ),
    *("protocol", "original_hotmail_recipient", "hotmail_reporting_ip", "dst_asn", "dst_ip", "dst_port", "agent_id"),
    *("src_url", "dst_url", "src_email", "dst_email", "src_hostname", "dst_hostname"),
    *("correlation_score1", "correlation_score2", "correlation_score3", "correlation_score4", "priority"),
)


def abusehub_name(made: str) -> str:
    return f"abusehubcsv-1.0.0_1.0.0_{made.removesuffix('Z')}+00:00.csv"


def abusehub_report(offences: Iterable[Offence], reporter: Reporter, origin: int | None) -> str:
    """Lines end in CRLF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for each in offences:
        writer.writerow({name: plain(value) for name, value in _row(each, reporter, origin).items()})
    return out.getvalue()


def _row(offence: Offence, reporter: Reporter, origin: int | None) -> dict[str, str]:
    return {
        "reliable_notifier": reporter.name,
        "report_type": "Botnet Drone" if offence.kind == "infected-system" else kind_words(offence.kind),
        "infection_type": offence.malware or "",
        "event_date": f"{offence.first_at:%Y-%m-%d}",
        "event_time": f"{offence.first_at:%H:%M:%S}",
        "src_asn": str(origin or ""),
        "src_ip": format_address(offence.address),
        "src_port": str(offence.port or ""),
        "protocol": offence.protocol or "",
        "dst_ip": format_address(offence.peer_address) if offence.peer_address else "",
        "dst_port": str(offence.peer_port or ""),
        "priority": "high" if offence.confidence >= 75 else "medium" if offence.confidence >= 40 else "low",
    }
