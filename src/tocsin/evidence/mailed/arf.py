"""ARF feedback reports (RFC 5965, 6591, 6650, 6692): somebody's mail, complained about by who got it."""

from __future__ import annotations

from collections.abc import Iterator

from tocsin.evidence.mailed.mail import ReportMail, fields_of_text, opening_headers
from tocsin.evidence.mailed.moments import mail_moment
from tocsin.evidence.mailed.told import Refused, Told, mail_reader
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.texts import Head
from tocsin.terms.roles import Role

_SPAM = IncidentType("spam", Role.ATTACKER, "tcp")
_WHAT_BY_TYPE = {  # RFC 5965 §7.3
    "abuse": _SPAM,
    "fraud": IncidentType("phishing", Role.ATTACKER, "tcp"),
    "virus": IncidentType("malware-distribution", Role.ATTACKER, "tcp"),
    "other": IncidentType("undetermined"),
}
_NO_TROUBLE = ("not-spam", "auth-failure", "opt-out", "opt-out-list", "dmarc")  # RFC 6430, 6591
# Who wrote and who got the mail is nobody's business further on; the rest says how it was.
_KEPT = ("user-agent", "reporting-mta", "authentication-results", "incidents", "abuse-type")


def recognise_arf(head: Head) -> str | None:
    declared = opening_headers(head).get("content-type", "").lower()
    return "" if "multipart/report" in declared and "feedback-report" in declared else None


def _tell(mail: ReportMail) -> Iterator[Told | Refused]:
    report = next((part for part in mail.parts if part.kind == "message/feedback-report"), None)
    if report is None:
        yield Refused("no message/feedback-report part (RFC 5965 §2)")
        return
    fields: dict[str, str] = {}
    for name, value in fields_of_text(report.text):
        fields.setdefault(name, value)
    kind = fields.get("feedback-type", "").lower()
    if kind in _NO_TROUBLE:
        yield Refused(f"a report of type {kind} says nothing against the address", kind)
        return
    address = fields.get("source-ip", "").strip("[]")
    moment = _arrival(fields, mail)
    if not address:
        yield Refused("no address: the report has no Source-IP")
    elif not moment:
        yield Refused("no moment: neither Arrival-Date nor the mail's own Received line says when it came", address)
    else:
        yield Told(
            what=_WHAT_BY_TYPE.get(kind, IncidentType("undetermined")),
            texts={
                "address": address,
                "port": fields.get("source-port", ""),  # RFC 6692
                "moment": moment,
                "protocol": "tcp",  # RFC 5321: a mail that arrived came over TCP
                "application": "smtp",
                "source_ref": fields.get("original-envelope-id", "") or mail.header("message-id").strip("<>"),
            },
            extra={name.replace("-", "_"): fields[name] for name in _KEPT if name in fields},
            at=address,
        )


def _arrival(fields: dict[str, str], mail: ReportMail) -> str:
    """When the mail came; never when it was complained about, which may be days later."""
    for name in ("arrival-date", "received-date"):
        if name in fields:
            return mail_moment(fields[name])
    return mail_moment(mail.within.get("received", "").rpartition(";")[2])


read_arf = mail_reader("arf", _tell)
