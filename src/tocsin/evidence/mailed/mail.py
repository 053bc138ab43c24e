"""A report's mail as its readers see it: headers, parts as text, and where in the evidence something stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from email import policy
from email.message import Message
from email.parser import BytesParser, HeaderParser
from functools import lru_cache

import msgspec

from tocsin.evidence.lines import Lines
from tocsin.evidence.mails import DEPTH_MAX, MAIL_BYTES_MAX, PARTS_MAX, is_too_bushy, mail_kind
from tocsin.evidence.texts import Head

TEXT_CHARS_MAX = 1 << 20  # of one part; what follows is not looked at
_TAG = re.compile(r"<[^<>]{0,2000}>")
_FOLDED = re.compile(r"\s*\r?\n\s+")


class MailPart(msgspec.Struct, frozen=True):
    """A leaf of a mail. A `message/feedback-report` is a leaf too, with its fields as its text."""

    kind: str  # text/plain
    name: str  # the file's, or ''
    text: str


class ReportMail(msgspec.Struct, frozen=True):
    """`headers` by lower-case name, the first of each; `within` are those of the mail that the report is about."""

    headers: Mapping[str, str]
    parts: tuple[MailPart, ...]
    lines: tuple[bytes, ...]
    within: Mapping[str, str] = {}

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def text(self) -> str:
        """What a person reads: the first plain part, else the first page without its tags, else ''."""
        for part in self.parts:
            if part.kind == "text/plain":
                return part.text
        return next((_TAG.sub(" ", part.text) for part in self.parts if part.kind == "text/html"), "")

    def sender_domain(self) -> str:
        """The domain of the From address, in lower case; '' where there is none."""
        found = re.search(r"@([A-Za-z0-9.-]{1,253})", self.header("from"))
        return found[1].lower().rstrip(".") if found else ""

    def line_of(self, text: str) -> int:
        """The first physical line of the evidence that holds the text; 1 where it stands encoded."""
        needle = text.encode()
        return next((number for number, line in enumerate(self.lines, 1) if needle and needle in line), 1)


def read_mail(chunks: Iterable[Lines]) -> ReportMail | str:
    """The one mail that the evidence is, or why it cannot be read. Never raises."""
    lines: list[bytes] = []
    size = 0
    for chunk in chunks:
        for line in chunk.split():
            size += len(line or b"") + 1
            lines.append(line or b"")
        if size > MAIL_BYTES_MAX:
            return f"a mail is longer than {MAIL_BYTES_MAX} bytes"
    raw = b"\n".join(lines)
    if is_too_bushy(raw):
        return "a mail has too many parts"
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
    except RecursionError:
        return "a mail's parts are nested too deep"
    parts, within = _leaves(message)
    return ReportMail(_headers(message), tuple(parts), tuple(lines), within)


@lru_cache(maxsize=4)
def opening_headers(head: Head) -> Mapping[str, str]:
    """The headers at the start of a file that is one mail, by lower-case name; empty where it is none."""
    if mail_kind(head.start) != "mail":
        return {}
    start = re.split(rb"\r?\n\r?\n", head.start, maxsplit=1)[0]
    return _headers(HeaderParser(policy=policy.compat32).parsestr(start.decode(errors="replace")))


def opening_sender(head: Head) -> str:
    """The domain of the From address at the start of a mail, or ''."""
    return ReportMail(opening_headers(head), (), ()).sender_domain()


def _headers(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.items():
        found.setdefault(name.lower(), _FOLDED.sub(" ", str(value)).strip())
    return found


def _leaves(message: Message) -> tuple[list[MailPart], Mapping[str, str]]:
    parts: list[MailPart] = []
    within: Mapping[str, str] = {}
    waiting = [(message, 1)]
    while waiting and len(parts) < PARTS_MAX:
        part, depth = waiting.pop()
        kind = part.get_content_type()
        if kind == "message/feedback-report":
            parts.append(MailPart(kind, "", _fields(part)))
        elif kind in {"message/rfc822", "message/rfc822-headers", "text/rfc822-headers"}:
            within = within or _inner_headers(part)  # what is complained about is no part of the complaint
        elif part.is_multipart():
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            if depth < DEPTH_MAX:
                waiting.extend((child, depth + 1) for child in reversed(children))
        else:
            parts.append(MailPart(kind, _name(part), _text(part)))
    return parts, within


def _fields(part: Message) -> str:
    """RFC 5965 §3: fields as in a header. Python takes the part for a mail; some put a blank line before the fields."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else payload
    return str(inner)[:TEXT_CHARS_MAX].strip() if inner else ""


def _inner_headers(part: Message) -> Mapping[str, str]:
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        return _headers(payload[0])
    return _headers(HeaderParser(policy=policy.compat32).parsestr(str(payload)[:TEXT_CHARS_MAX]))


def _name(part: Message) -> str:
    try:
        return (part.get_filename() or "")[:200]
    except (ValueError, LookupError, TypeError):
        return ""


def _text(part: Message) -> str:
    content = part.get_payload(decode=True)
    if not isinstance(content, bytes):
        return ""
    named = part.get_content_charset() or "utf-8"
    for charset in (named, "utf-8"):
        try:
            return content.decode(charset)[:TEXT_CHARS_MAX].replace("\r\n", "\n")
        except (UnicodeDecodeError, LookupError, ValueError):
            continue
    return content.decode("latin-1")[:TEXT_CHARS_MAX].replace("\r\n", "\n")


def fields_of_text(text: str) -> Iterator[tuple[str, str]]:
    """`Name: value` lines, as headers and flat YAML have them; a folded line belongs to the one before."""
    name, value = "", ""
    for line in text.splitlines():
        if line[:1] in {" ", "\t"} and name and not line.lstrip().startswith("-"):
            value = f"{value} {line.strip()}"
            continue
        if name:
            yield name, value
        found = re.match(r"([A-Za-z][A-Za-z0-9_-]{0,60}):(?:\s(.*)|$)", line)
        name, value = (found[1].lower(), (found[2] or "").strip().strip("\"'")) if found else ("", "")
    if name:
        yield name, value
