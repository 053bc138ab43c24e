"""The frame of every reader of report mails: what a mail tells, told or refused, becomes rows and rejects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from ipaddress import ip_address

import msgspec

from tocsin.evidence.lines import Reject, bounded
from tocsin.evidence.mailed.mail import ReportMail, read_mail
from tocsin.evidence.readers.xarf_types import IncidentType
from tocsin.evidence.rows import Row, add_rows, extra_of
from tocsin.evidence.texts import Reading, Texts
from tocsin.terms.kinds import TAXONOMY_BY_KIND

TOLD_MAX = 10_000  # of one mail


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a mail tells. `texts` are the terms besides the kind's; `at` is a text on its line."""

    what: IncidentType
    texts: Mapping[str, str]
    extra: Mapping[str, object] = {}
    at: str = ""


class Refused(msgspec.Struct, frozen=True):
    """One thing that makes no sighting."""

    reason: str
    excerpt: str = ""


Telling = Callable[[ReportMail], Iterator[Told | Refused]]


def mail_reader(name: str, telling: Telling) -> Callable[[Reading], Texts]:
    """The reader of that format. A mail that tells nothing at all is a reject too."""

    def read(reading: Reading) -> Texts:
        return Texts(add_rows(reading.engine, _rows(reading, telling)), name)

    return read


def _rows(reading: Reading, telling: Telling) -> Iterator[Row]:
    mail = read_mail(reading.lines)
    if isinstance(mail, str):
        reading.reject(Reject(1, mail))
        return
    rows: list[Row] = []
    count = 0
    for count, each in enumerate(telling(mail), 1):
        if count > TOLD_MAX:
            reading.reject(Reject(1, f"more than {TOLD_MAX} things in one mail; the others were not read"))
            break
        if isinstance(each, Refused):
            reading.reject(Reject(mail.line_of(each.excerpt), each.reason, bounded(each.excerpt)))
        else:
            rows.append(_row(mail, each))
    if count == 0:
        reading.reject(Reject(1, "the mail tells nothing that could be read", bounded(mail.header("subject"))))
    yield from sorted(rows, key=lambda row: row[0])


def _row(mail: ReportMail, told: Told) -> Row:
    address = told.texts.get("address", "")
    texts = {
        "observer": mail.sender_domain(),
        "kind": told.what.kind,
        "taxonomy": TAXONOMY_BY_KIND[told.what.kind],
        "role": str(told.what.role),
        "proof": told.what.proof,
        **told.texts,
    }
    return mail.line_of(told.at or address), texts, extra_of(told.extra)


def is_address(text: str) -> bool:
    """Whether the text is an IP address and nothing else."""
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
