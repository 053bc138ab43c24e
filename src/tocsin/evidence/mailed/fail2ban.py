"""The mails that fail2ban's `complain` action writes: prose, then the log lines of one address.

Log lines have a zone only where the mail says which (`Note: Local timezone is +0100`), and a year only where the mail's
own date gives it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from tocsin.evidence.mailed.mail import ReportMail, opening_headers
from tocsin.evidence.mailed.moments import MONTHS, iso_moment, mail_moment
from tocsin.evidence.mailed.told import Refused, Told, mail_reader
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.texts import Head
from tocsin.terms.moments import parse_moment
from tocsin.terms.roles import Role

_SUBJECT = re.compile(r"\bAbuse from ([0-9A-Fa-f.:]{3,45})$")
_ADDRESS = re.compile(r"IP(?: address)?:?\s*([0-9A-Fa-f.:]{3,45}\b)")
_ZONE = re.compile(r"[Ll]ocal timezone is ([+-]\d{4})")
_LINES_OF = re.compile(r"(?m)^Lines containing (?:IP:|failures of )?\s*\S+ in (\S{1,300})")
_SYSLOG = re.compile(r"^([A-Z][a-z]{2}) {1,2}(\d{1,2}) (\d\d):(\d\d):(\d\d)\s")
_CLF = re.compile(r"\[(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d:\d\d:\d\d) ([+-]\d{4})\]")
_PORT = re.compile(r"\bport (\d{1,5})\b")
_PROGRAMS: tuple[tuple[re.Pattern[str], IncidentType, str], ...] = (
    (
        re.compile(r"sshd|dovecot|sasl|vsftpd|proftpd|imapd|pop3|auth(?:entication)? fail|[Ff]ailed password"),
        IncidentType("brute-force", Role.ATTACKER, "tcp"),
        "login",
    ),
    (re.compile(r"\b(?:GET|POST|HEAD|PUT) /"), IncidentType("exploit", Role.ATTACKER, "tcp"), "http"),
    (re.compile(r"postfix/smtpd|exim"), IncidentType("spam", Role.ATTACKER, "tcp"), "smtp"),
)
_OTHER = IncidentType("ids-alert")


def recognise_fail2ban(head: Head) -> str | None:
    subject = opening_headers(head).get("subject", "")
    return "" if _SUBJECT.search(subject) and b"detected abuse from the IP address" in head.start else None


def _tell(mail: ReportMail) -> Iterator[Told | Refused]:
    text = mail.text()
    named = _SUBJECT.search(mail.header("subject")) or _ADDRESS.search(text)
    sent = mail_moment(mail.header("date"))
    if named is None or not sent:
        yield Refused("no address in the subject, or no date", mail.header("subject"))
        return
    zone = _ZONE.search(text)
    start = _LINES_OF.search(text)
    for line in text[start.end() if start else 0 :].splitlines():
        if re.search(rf"(?<![0-9A-Fa-f.:]){re.escape(named[1])}(?![0-9A-Fa-f.:]*[0-9A-Fa-f])", line):
            yield from _of_line(named[1], line.strip(), parse_moment(sent), zone[1] if zone else "")


def _of_line(address: str, line: str, sent_at: datetime, zone: str) -> Iterator[Told | Refused]:
    moment = _moment(line, sent_at, zone)
    if moment is None:
        return  # a sentence of the mail, no log line
    if not moment:
        yield Refused("the log line has no zone, and the mail names none", line)
        return
    what, application = next(((what, name) for pattern, what, name in _PROGRAMS if pattern.search(line)), (_OTHER, ""))
    port = _PORT.search(line)
    yield Told(
        what=what,
        texts={
            "address": address,
            "moment": moment,
            "port": port[1] if port and what.kind == "brute-force" else "",
            "protocol": "tcp" if application else "",
            "application": application,
        },
        at=line,
    )


def _moment(line: str, sent_at: datetime, zone: str) -> str | None:
    """The line's moment; '' where its zone is unknown; None where it begins with no time."""
    clf = _CLF.search(line)
    if clf and clf[2] in MONTHS:
        return iso_moment(f"{clf[3]}-{MONTHS.index(clf[2]) + 1:02}-{clf[1]} {clf[4]} {clf[5]}")
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d", line):
        return iso_moment(line.replace(",", ".", 1), zone)
    found = _SYSLOG.match(line)
    if found is None or found[1] not in MONTHS:
        return None
    if not zone:
        return ""
    for year in (sent_at.year, sent_at.year - 1):  # RFC 3164 names no year: the last such day before the mail
        text = f"{year}-{MONTHS.index(found[1]) + 1:02}-{int(found[2]):02} {found[3]}:{found[4]}:{found[5]}"
        moment = iso_moment(text, zone)
        try:
            if parse_moment(moment) <= sent_at + timedelta(minutes=15):
                return moment
        except ValueError:
            continue  # 29 February of a year that has none
    return ""


read_fail2ban = mail_reader("fail2ban", _tell)
