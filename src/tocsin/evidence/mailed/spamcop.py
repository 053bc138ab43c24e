"""SpamCop's reports: prose with one line that matters, `Email from ADDRESS / DATE`, or the address of a web site."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tocsin.evidence.mailed.mail import ReportMail, opening_sender
from tocsin.evidence.mailed.moments import mail_moment
from tocsin.evidence.mailed.told import Refused, Told, mail_reader
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.texts import Head
from tocsin.terms.roles import Role

_SENT = re.compile(r"(?m)^[ \t]*Email from ([0-9A-Fa-f.:]{3,45})[ \t]*/[ \t]*([^\n]{10,80})$")
_SITE = re.compile(r"(?m)^[ \t]*(https?://\S{1,500}) is ([0-9A-Fa-f.:]{3,45});[ \t]*([^\n]{10,80})$")
_REFERENCE = re.compile(r"\bid:(\d{1,20})\b")


def recognise_spamcop(head: Head) -> str | None:
    domain = opening_sender(head)
    is_theirs = domain == "spamcop.net" or domain.endswith(".spamcop.net")
    return "" if is_theirs and b"multipart/report" not in head.start else None


def _tell(mail: ReportMail) -> Iterator[Told | Refused]:
    reference = _REFERENCE.search(mail.header("subject"))
    texts = {"source_ref": reference[1] if reference else ""}
    for address, said in _SENT.findall(mail.text()):
        yield _told(IncidentType("spam", Role.ATTACKER, "tcp"), address, said, texts | {"application": "smtp"}, {})
    for url, address, said in _SITE.findall(mail.text()):
        what = IncidentType("spam", Role.INFRASTRUCTURE)  # a site that spam leads to
        yield _told(what, address, said, texts, {"url": url})


def _told(
    what: IncidentType, address: str, said: str, texts: dict[str, str], extra: dict[str, object]
) -> Told | Refused:
    moment = mail_moment(said)
    if not moment:
        return Refused("no moment with a zone", said)
    return Told(what=what, texts={**texts, "address": address, "moment": moment, "protocol": "tcp"}, extra=extra)


read_spamcop = mail_reader("spamcop", _tell)
