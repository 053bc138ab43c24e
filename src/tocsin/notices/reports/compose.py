"""A report from a group: the same group gives the same bytes, and the same incident number."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from datetime import datetime

import msgspec

from tocsin.notices.formats.abusehub import abusehub_name, abusehub_report
from tocsin.notices.formats.arf import feedback_report
from tocsin.notices.formats.csv import csv_report
from tocsin.notices.formats.intelmq import intelmq_report
from tocsin.notices.formats.iodef import iodef_document
from tocsin.notices.formats.stix import stix_bundle
from tocsin.notices.formats.xarf import report_id, xarf_json, xarf_report
from tocsin.notices.issuer import is_mail_address
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
    """An attachment: its type, its file name, its text. One that `is_bare` is ASCII and stands as it is."""

    content_type: str
    name: str
    text: str
    is_bare: bool = False


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One mail to one contact, not yet signed. `number` stands in its subject."""

    number: str
    to: str
    subject: str
    text: str
    parts: tuple[Part, ...]
    at: datetime
    is_feedback: bool = False  # an ARF report (RFC 5965), whose parts are what that asks for
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
        is_feedback=is_feedback(group),
        references=tuple(reference for each in group.offences for reference in _references(each, number)),
    )


def is_feedback(group: Group) -> bool:
    """Whether it goes as ARF: about one mail, which is there, and which was spam. Anything else would not be true."""
    first = group.offences[0]
    is_about_mail = first.kind == "spam" and first.original is not None
    return group.contact.form == "arf" and len(group.offences) == 1 and is_about_mail


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
    return f"[{number}] Abuse report: {kinds} from {shown}{more}" + (f" (TLP:{group.tlp})" if group.passed_on else "")


def _parts(group: Group, reporter: Reporter, number: str, made: str) -> tuple[Part, ...]:
    """The machine part in the contact's form; what XARF has no type for goes as CSV."""
    form, offences, name = group.contact.form, group.offences, number.lower()
    if form == "xarf":
        return _xarf_parts(group, reporter, number)
    if form == "arf":
        return _arf_parts(group)
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


def _arf_parts(group: Group) -> tuple[Part, ...]:
    """RFC 5965 §2; plain mail with CSV where there is no mail to show."""
    [offence, *_] = group.offences
    original = offence.original
    if original is None or not is_feedback(group):
        return (Part(_CSV, "report.csv", csv_report(group.offences)),)
    return (
        Part("message/feedback-report", "", feedback_report(offence), is_bare=True),
        Part("message/rfc822" if original.is_whole else "text/rfc822-headers", "", original.text, is_bare=True),
    )


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
    if is_feedback(group):
        return "an abuse report (ARF) with the mail itself, from which who got it was taken out"
    if group.contact.form in _TITLES:
        return _TITLES[group.contact.form]
    return " and ".join(dict.fromkeys("XARF v4 (JSON)" if part.name.endswith(".json") else "CSV" for part in parts))
