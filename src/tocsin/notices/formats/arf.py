"""ARF (RFC 5965, as RFC 6650 has it for abuse desks): one mail, complained about; it always carries that mail."""

from __future__ import annotations

from email.utils import format_datetime

from tocsin import __version__
from tocsin.notices.reports.group import Offence
from tocsin.terms.addresses import format_address

FEEDBACK_TYPE = "abuse"  # RFC 5965 §7.3: unsolicited mail; the registry's other types say something else
_VERSION = "1"  # §3.1


def feedback_report(offence: Offence) -> str:
    """The fields of the part message/feedback-report, ASCII, lines ending in LF.

    Who got the mail, who wrote it in its envelope (it may name who got it) and whose server tells are left out: none of
    these fields is required (RFC 5965 §3.2), and RFC 6590 §2 asks to hide them.
    """
    fields = [
        ("Feedback-Type", FEEDBACK_TYPE),
        ("User-Agent", f"Tocsin/{__version__}"),
        ("Version", _VERSION),
        ("Arrival-Date", format_datetime(offence.last_at)),
        ("Source-IP", format_address(offence.address)),
    ]
    if offence.port:
        fields.append(("Source-Port", str(offence.port)))  # RFC 6692 §4
    if offence.lines > 1:
        fields.append(("Incidents", str(offence.lines)))
    return "".join(f"{name}: {value}\n" for name, value in fields)
