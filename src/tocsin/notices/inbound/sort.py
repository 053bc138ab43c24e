"""What a mail that came back is, and which notice it may be about: hints, whose truth the book knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum

import msgspec

from tocsin.mailcheck.mail import shown
from tocsin.notices.bounce import bounced_notice
from tocsin.notices.inbound.parts import Part, fields_of, read_part
from tocsin.notices.inbound.status import Fate, Status, read_status
from tocsin.notices.inbound.words import words_of

CODES_MAX = 20
MESSAGE_IDS_MAX = 50
_RETURNED_CHARACTERS = 65_536
_ENVELOPE_FIELDS = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc")
_CODE = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{5}-[0-9A-Za-z]{5}-[0-9A-Za-z]{4}(?![0-9A-Za-z])", re.ASCII)
_ID = re.compile(r"[nr]-[0-9a-z]{16}\.[0-9a-z]{20}", re.ASCII)
_NUMBER = re.compile(r"(?<![0-9A-Za-z-])R-[0-9A-Z]{16}(?![0-9A-Za-z])", re.ASCII | re.IGNORECASE)
_BY_MACHINE = re.compile(r"mailer-daemon|postmaster|mail delivery (?:sub)?system", re.IGNORECASE)
_BULK = ("bulk", "junk", "list", "auto_reply")
_VACATION_FIELDS = ("x-autoreply", "x-autorespond", "list-id", "x-vacation")
# How programs that write no report begin: qmail, Exim, Postfix of old, Exchange, Courier, some gateways.
_PLAIN_BOUNCE = re.compile(
    r"this is the qmail-send program|message was created automatically by mail delivery software"
    r"|could not be delivered|undeliverable|undelivered mail|delivery (?:has )?fail|delivery status notification"
    r"|returned mail|mail delivery failed|failure notice|permanent (?:fatal )?errors?",
    re.IGNORECASE,
)


class Kind(StrEnum):
    BOUNCE = "bounce"
    REPLY = "reply"
    AUTOMATIC = "automatic"  # out of office and the like: RFC 3834; no reply
    FEEDBACK = "feedback"  # somebody pressed "this is spam": RFC 5965


class Hints(msgspec.Struct, frozen=True, kw_only=True):
    """By what a notice or report may be known, the surest first. Only the issuer could make the first three."""

    notices: tuple[str, ...]  # from envelope addresses whose tag is right
    envelope_ids: tuple[str, ...]
    message_ids: tuple[str, ...]  # the part before @
    codes: tuple[str, ...]  # as they were written; may be anything
    numbers: tuple[str, ...] = ()  # of reports, `R-…`: whoever saw the report knows it


class Sorted(msgspec.Struct, frozen=True, kw_only=True):
    """`text` is what a person wrote, of a reply only; `fates` of a bounce only."""

    kind: Kind
    hints: Hints
    sender: str
    subject: str
    fates: tuple[Fate, ...] = ()
    text: str = ""
    complaint: str = ""  # of feedback: its type


def sort_mail(raw: bytes, *, domain: str, secret: bytes) -> Sorted:
    """Never fails; `domain` and `secret` are the issuer's, for the addresses that bounces go to."""
    mail = read_part(raw)
    parts = mail.parts()
    status = _status(mail, parts)
    complaint = _complaint(mail, parts)
    kind = _kind(mail, parts, status, complaint)
    text = words_of(mail) if kind is Kind.REPLY else ""
    returned = "" if kind is Kind.REPLY else _returned(mail, parts)
    return Sorted(
        kind=kind,
        hints=Hints(
            notices=tuple(dict.fromkeys(_notices(mail, complaint, domain, secret))),
            envelope_ids=tuple(_ids([status.envelope_id])) if status else (),
            message_ids=tuple(_ids([*mail.values("in-reply-to"), *mail.values("references"), returned])),
            codes=tuple(_CODE.findall(text)[:CODES_MAX]),
            numbers=_numbers(shown(mail.first("subject")), text, returned),
        ),
        sender=_plain(shown(mail.first("from")))[:300],
        subject=_plain(shown(mail.first("subject")))[:300],
        fates=_fates(kind, status),
        text=text,
        complaint=complaint.get("feedback-type", "abuse")[:40].lower() if complaint else "",
    )


def _kind(mail: Part, parts: list[Part], status: Status | None, complaint: dict[str, str]) -> Kind:
    if status is not None:
        return Kind.BOUNCE
    if complaint:
        return Kind.FEEDBACK
    if mail.parameters.get("report-type", "").lower() == "disposition-notification":  # RFC 8098: it was opened
        return Kind.AUTOMATIC
    if _is_plain_bounce(mail, parts):
        return Kind.BOUNCE
    return Kind.AUTOMATIC if _is_automatic(mail) else Kind.REPLY


def _is_automatic(mail: Part) -> bool:
    said = mail.first("auto-submitted").partition(";")[0].strip().lower()
    if said and said != "no":  # RFC 3834 §5
        return True
    if mail.first("precedence").strip().lower() in _BULK or any(mail.first(name) for name in _VACATION_FIELDS):
        return True
    return mail.first("return-path").replace(" ", "") == "<>"


def _is_plain_bounce(mail: Part, parts: list[Part]) -> bool:
    if mail.first("x-failed-recipients"):
        return True
    by_machine = _BY_MACHINE.search(mail.first("from")) or mail.first("return-path").replace(" ", "") == "<>"
    if not by_machine:
        return False
    head = mail.first("subject") + "\n" + (parts[0] if parts else mail).text()[:4_000]
    return bool(_PLAIN_BOUNCE.search(head))


def _fates(kind: Kind, status: Status | None) -> tuple[Fate, ...]:
    """A bounce in a form that nobody has written down says nothing that could be relied on."""
    if status is not None and status.fates:
        return status.fates
    return (Fate(recipient="", action="unrecognised"),) if kind is Kind.BOUNCE else ()


def _status(mail: Part, parts: list[Part]) -> Status | None:
    """RFC 6522 §3; a report that says so and holds none is one all the same."""
    found = [part for part in parts if part.media_type in ("message/delivery-status", "message/global-delivery-status")]
    if found:
        return read_status(found[0])
    is_report = mail.parameters.get("report-type", "").lower() == "delivery-status"
    return Status("", ()) if is_report else None


def _complaint(mail: Part, parts: list[Part]) -> dict[str, str]:
    """RFC 5965 §3: the fields of a feedback report; nothing where it is none."""
    if mail.parameters.get("report-type", "").lower() != "feedback-report":
        return {}
    found = [part for part in parts if part.media_type == "message/feedback-report"]
    return fields_of(found[0].text()[:_RETURNED_CHARACTERS]) or {"feedback-type": "other"} if found else {}


def _returned(mail: Part, parts: list[Part]) -> str:
    """What may quote our mail's header: of a report its last parts, else the text."""
    return "\n".join(part.text()[:_RETURNED_CHARACTERS] for part in (parts or [mail]))


def _notices(mail: Part, complaint: dict[str, str], domain: str, secret: bytes) -> Iterator[str]:
    said = [value for name in _ENVELOPE_FIELDS for value in mail.values(name)]
    said.append(complaint.get("original-mail-from", ""))
    pattern = re.compile(rf"bounce\+[0-9a-z-]{{1,80}}@{re.escape(domain)}", re.IGNORECASE)
    for value in said[:100]:
        for address in pattern.findall(value[:8_000]):
            notice = bounced_notice(address, domain, secret)
            if notice is not None:
                yield notice


def _ids(said: Iterable[str]) -> list[str]:
    found = dict.fromkeys(each for value in said for each in _ID.findall(value.lower()))
    return list(found)[:MESSAGE_IDS_MAX]


def _numbers(*said: str) -> tuple[str, ...]:
    found = dict.fromkeys(each.upper() for text in said for each in _NUMBER.findall(text))
    return tuple(found)[:CODES_MAX]


def _plain(text: str) -> str:
    """On one line, with nothing that turns the direction of what follows or is not there to be seen."""
    return "".join(sign if sign.isprintable() else " " for sign in text).strip()
