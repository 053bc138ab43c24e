"""CSV: one line an address and kind, with the columns that Shadowserver's reports made known."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from tocsin.notices.reports.group import Offence
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment

COLUMNS = (
    *("timestamp", "protocol", "src_ip", "src_port", "dst_ip", "dst_port", "severity", "infection", "tag"),
    *("application", "last_seen", "count", "confidence", "event_id", "rules"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run


def csv_report(offences: Iterable[Offence]) -> str:
    """Lines end in CRLF (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in offences:
        writer.writerow([plain(value) for value in _row(each)])
    return out.getvalue()


def _row(offence: Offence) -> tuple[str, ...]:
    return (
        *(format_moment(offence.first_at), offence.protocol or "", format_address(offence.address)),
        *(str(offence.port or ""), format_address(offence.peer_address) if offence.peer_address else ""),
        *(str(offence.peer_port or ""), _severity(offence), offence.malware or offence.kind, ";".join(offence.cves)),
        *(offence.application, format_moment(offence.last_at), str(offence.lines), str(offence.confidence)),
        *(str(offence.sighting or ""), ";".join(offence.rules)),
    )


def _severity(offence: Offence) -> str:
    if offence.severity:
        return offence.severity
    return "high" if offence.kind == "exploit" else "medium" if offence.handshake else "low"


def plain(value: str) -> str:
    """On one line, and without what a spreadsheet would run."""
    value = value.replace("\r", " ").replace("\n", " ")
    return f"'{value}" if value.startswith(_FORMULA) else value
