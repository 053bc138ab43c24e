"""A report from a group: the same group gives the same bytes, and the same incident number."""

from __future__ import annotations

import hmac
import re
from base64 import encodebytes
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime

import msgspec

from tocsin.notices.formats.abusehub import abusehub_name, abusehub_report
from tocsin.notices.formats.csv import csv_report
from tocsin.notices.formats.intelmq import intelmq_report
from tocsin.notices.formats.iodef import iodef_document
from tocsin.notices.formats.stix import stix_bundle
from tocsin.notices.formats.xarf import report_id, xarf_json, xarf_report
from tocsin.notices.issuer import is_mail_address
from tocsin.notices.mime import field, mailbox, plain_body, unstructured
from tocsin.notices.reports.group import ADDRESSES_MAX, Group, Offence, Reporter
from tocsin.notices.reports.plain import report_text
from tocsin.notices.reports.words import kind_words
from tocsin.proof.alphabet import encode_base32
from tocsin.terms.addresses import format_address
from tocsin.terms.errors import Refused
from tocsin.terms.identity import epoch_us
from tocsin.terms.moments import format_moment

NUMBER = re.compile(r"R-[0-9A-Z]{16}", re.ASCII)
_NUMBER_CHARACTERS = 16
_DOMAIN = b"tocsin-report-v1\n"
_SUBJECT_ADDRESSES = 3
_JSON, _CSV = "application/json", "text/csv"


class Part(msgspec.Struct, frozen=True):
    """An attachment: its type, its file name, its text."""

    content_type: str
    name: str
    text: str


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one contact, not yet signed. `number` stands in its subject."""

    number: str
    to: str
    subject: str
    text: str
    parts: tuple[Part, ...]
    at: datetime
    references: tuple[str, ...] = ()  # under which it names what it tells: what can be confirmed later


def compose_report(group: Group, reporter: Reporter, *, secret: bytes, at: datetime) -> Report:
    """Raises Refused for a group of nobody, of too many addresses, or a contact that no header could hold."""
    contact = group.contact
    if not is_mail_address(contact.mail):
        raise Refused(f"not a mail address: {contact.mail[:80]!r}", where="the abuse contact")
    if not 0 < len({offence.address for offence in group.offences}) <= ADDRESSES_MAX:
        raise Refused(f"a report is about 1 to {ADDRESSES_MAX} addresses", where=contact.mail)
    number = report_number(group, secret)
    parts = _parts(group, reporter, number, format_moment(at))
    return Report(
        number=number,
        to=contact.mail,
        subject=_subject(group, number),
        text=report_text(group, number, reporter, _told(group, parts)),
        parts=parts,
        at=at,
        references=tuple(reference for each in group.offences for reference in _references(each, number)),
    )


def report_number(group: Group, secret: bytes) -> str:
    """`R-…`, by which a reply is filed; follows from what is reported to whom, and nobody else can foretell it."""
    told = [group.contact.mail]
    for offence in group.offences:
        moments = f"{epoch_us(offence.first_at)} {epoch_us(offence.last_at)}"
        told.append(f"{offence.address} {offence.kind} {offence.application} {moments} {offence.lines}")
    return (
        "R-"
        + encode_base32(hmac.digest(secret, _DOMAIN + "\n".join(told).encode(), "sha256"), _NUMBER_CHARACTERS).upper()
    )


def _references(offence: Offence, number: str) -> tuple[str, ...]:
    own = (str(offence.sighting),) if offence.sighting else ()
    return (*own, str(report_id(offence, number)))


def _subject(group: Group, number: str) -> str:
    addresses = list(dict.fromkeys(format_address(offence.address) for offence in group.offences))
    shown = ", ".join(addresses[:_SUBJECT_ADDRESSES])
    more = f" and {len(addresses) - _SUBJECT_ADDRESSES} more" if len(addresses) > _SUBJECT_ADDRESSES else ""
    kinds = ", ".join(dict.fromkeys(kind_words(offence.kind) for offence in group.offences))
    return f"[{number}] Abuse report: {kinds} from {shown}{more}"


def _parts(group: Group, reporter: Reporter, number: str, made: str) -> tuple[Part, ...]:
    """The machine part in the contact's form; what XARF has no type for goes as CSV."""
    form, offences, name = group.contact.form, group.offences, number.lower()
    if form == "xarf":
        return _xarf_parts(group, reporter, number)
    parts: dict[str, Callable[[], Part | None]] = {
        "plain": lambda: None,
        "iodef": lambda: Part("application/xml", f"{name}.xml", iodef_document(group, reporter, number, made)),
        "intelmq": lambda: Part(_JSON, f"{name}.jsonl", intelmq_report(offences, reporter, number, made)),
        "stix": lambda: Part(_JSON, f"{name}.stix.json", stix_bundle(offences, reporter, number, made)),
        "csv": lambda: Part(_CSV, "report.csv", csv_report(offences)),
        "abusehub": lambda: Part(_CSV, abusehub_name(made), abusehub_report(offences, reporter, group.contact.origin)),
    }
    made_part = parts[form]()
    return () if made_part is None else (made_part,)


def _xarf_parts(group: Group, reporter: Reporter, number: str) -> tuple[Part, ...]:
    documents, others = [], []
    for offence in group.offences:
        document = xarf_report(offence, reporter, number)
        if document is None:
            others.append(offence)
        else:
            documents.append(document)
    parts = [Part(_JSON, f"xarf-{place}.json", xarf_json(document)) for place, document in enumerate(documents, 1)]
    if others:
        parts.append(Part(_CSV, "report.csv", csv_report(others)))
    return tuple(parts)


_TITLES = {"iodef": "IODEF v2 (XML)", "intelmq": "IntelMQ events (JSON lines)", "stix": "STIX 2.1 (JSON)"}
_TITLES |= {"abusehub": "AbuseHUB's CSV"}


def _told(group: Group, parts: tuple[Part, ...]) -> str:
    """How the machine part is called in the text."""
    if group.contact.form in _TITLES:
        return _TITLES[group.contact.form]
    return " and ".join(dict.fromkeys("XARF v4 (JSON)" if part.name.endswith(".json") else "CSV" for part in parts))


def mail_fields(report: Report, reporter: Reporter, message_id: str) -> list[tuple[str, str]]:
    is_xarf = any(part.name.startswith("xarf-") for part in report.parts)
    return [
        field("From", mailbox(reporter.name, reporter.mail)),
        field("To", report.to),
        field("Subject", unstructured(report.subject)),
        field("Date", format_datetime(report.at)),
        field("Message-ID", message_id),
        field("Auto-Submitted", "auto-generated"),  # RFC 3834 §5
        *([field("X-XARF", "PLAIN")] if is_xarf else []),  # by which programs know an X-ARF mail
        field("MIME-Version", "1.0"),
        field("Content-Type", f'multipart/mixed; boundary="{_boundary(report)}"'),
    ]


def mail_body(report: Report) -> bytes:
    """RFC 2046 §5.1.3: the text, then each attachment in base 64."""
    encoding, text = plain_body(report.text)
    fence = f"--{_boundary(report)}\r\n".encode()
    head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    pieces = [fence, head.encode(), text, b"\r\n"]
    for part in report.parts:
        head = (
            f"Content-Type: {part.content_type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n"
            f'Content-Disposition: attachment; filename="{part.name}"\r\n\r\n'
        )
        pieces += [fence, head.encode(), encodebytes(part.text.encode()).replace(b"\n", b"\r\n")]
    return b"".join((*pieces, f"--{_boundary(report)}--\r\n".encode()))


def _boundary(report: Report) -> str:
    return f"=_{report.number.lower()}"  # neither quoted-printable nor base 64 can yield `=_`


def unsigned(report: Report, reporter: Reporter) -> bytes:
    """The mail as it is printed: without a signature, with a Message-ID of its number."""
    message_id = f"<{report.number.lower()}@{reporter.domain}>"
    lines = "".join(f"{name}: {value}\r\n" for name, value in mail_fields(report, reporter, message_id))
    return lines.encode("ascii") + b"\r\n" + mail_body(report)
