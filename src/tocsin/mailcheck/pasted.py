"""What people paste: a mail's headers, the words of a mail or of a text message, a page that a browser saved."""

from __future__ import annotations

import re

from msgspec.structs import replace

from tocsin.mailcheck.limits import PART_CHARACTERS_MAX, PASTED_HEADER_BYTES_MAX
from tocsin.mailcheck.mail import Mail, read_mail

_FIELD = re.compile(rb"([!-9;-~]{1,80})[ \t]*:", re.ASCII)
_BLANK_LINE = re.compile(rb"\r?\n[ \t]*\r?\n")
_PAGE = re.compile(r"\s*(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
# Headers that a mail has and that a letter, which may well begin `Note: …`, has not.
_TELLING = frozenset(
    (
        b"from", b"to", b"date", b"received", b"return-path", b"message-id", b"mime-version", b"delivered-to",
        b"dkim-signature", b"authentication-results", b"arc-seal", b"x-original-to", b"content-type", b"reply-to",
        b"sender", b"tocsin-proof",
    )
)  # fmt: skip
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def read_pasted(raw: bytes, *, is_cut: bool = False) -> Mail:
    """The mail of what somebody saved or pasted: with headers, with nothing but headers, or with no headers at all."""
    plain = _plain(raw)
    if not has_headers(plain):
        return _words(plain, is_cut=is_cut)
    mail = read_mail(plain)
    if is_cut or mail.is_cut or _has_body(plain):
        return replace(mail, is_cut=is_cut or mail.is_cut)
    return replace(mail, form="headers", text=None, html=None)


def has_headers(raw: bytes) -> bool:
    """Whether it begins as a mail does: its first lines are fields, and a telling one is among them."""
    end = _BLANK_LINE.search(raw, 0, PASTED_HEADER_BYTES_MAX)
    lines = raw[: end.start() if end else PASTED_HEADER_BYTES_MAX].splitlines()
    if not lines or not _FIELD.match(lines[0].removeprefix(b">")):
        return False
    fields = (_FIELD.match(line) for line in lines)
    return any(field is not None and field[1].lower() in _TELLING for field in fields)


def _has_body(raw: bytes) -> bool:
    end = _BLANK_LINE.search(raw)
    return end is not None and bool(raw[end.end() : end.end() + 4096].strip() or raw[end.end() :].strip())


def _plain(raw: bytes) -> bytes:
    """Without what editors put before it: a byte order mark, UTF-16, blank lines."""
    for mark, charset in _MARKS:
        if raw.startswith(mark):
            rest = raw[len(mark) :]
            raw = rest if charset == "utf-8" else rest.decode(charset, errors="replace").encode(errors="replace")
            break
    return raw.lstrip(b"\r\n")


def _words(raw: bytes, *, is_cut: bool) -> Mail:
    """A mail without headers; of unknown bytes every character is taken for what most programs would take it for."""
    try:
        text = raw[: PART_CHARACTERS_MAX * 4].decode()
    except UnicodeDecodeError as error:
        is_torn = error.start >= PART_CHARACTERS_MAX * 4 - 4  # a character cut in two by our own bound
        text = raw[: PART_CHARACTERS_MAX * 4].decode("utf-8" if is_torn else "cp1252", errors="replace")
    text = text[:PART_CHARACTERS_MAX]
    page = bool(_PAGE.match(text))
    return Mail(
        raw=raw,
        headers=(),
        text=None if page else text,
        html=text if page else None,
        parts=(),
        inside=(),
        is_cut=is_cut,
        faults=(),
        form="words",
    )
