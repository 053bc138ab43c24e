"""Outlook's .msg files ([MS-OXMSG]): the mail as Outlook keeps it, which is not the mail as it was sent.

Streams are read one by one, each within a bound: a library that loads the file whole takes as much memory as a
stranger likes. What cannot be read is left out and told as a fault.
"""

from __future__ import annotations

import re
import struct
from typing import TYPE_CHECKING, BinaryIO

from msgspec.structs import replace

from tocsin.mailcheck.limits import (
    MAIL_BYTES_MAX,
    OUTLOOK_DEPTH_MAX,
    OUTLOOK_STREAM_BYTES_MAX,
    PART_CHARACTERS_MAX,
    PARTS_MAX,
)
from tocsin.mailcheck.mail import Mail, Part, decode_text, read_mail

if TYPE_CHECKING:
    from olefile import OleFileIO

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# [MS-OXPROPS], by the number of the property.
_HEADERS, _SUBJECT, _BODY, _HTML, _RTF = "007D", "0037", "1000", "1013", "1009"
_SENDER_NAME, _SENDER, _SENDER_SMTP, _SHOWN_TO = "0C1A", "0C1F", "5D01", "0E04"
_FILE_NAME, _SHORT_NAME, _MEDIA_TYPE, _CONTENT, _HELD = "3707", "3704", "370E", "37010102", "3701000D"
# A hostile file breaks olefile in many ways.
_FAULTS = (OSError, ValueError, LookupError, RecursionError, ArithmeticError, AttributeError, TypeError, struct.error)
_ATTACHMENT = "__attach_version1.0_#"
_CHARSET = re.compile(r"charset\s{0,4}=\s{0,4}[\"']?([A-Za-z0-9_-]{1,20})", re.IGNORECASE)


class Unreadable(ValueError):
    """The file is none that Outlook wrote, or is broken."""


def read_outlook(file: BinaryIO) -> Mail:
    """The mail of a .msg file. Unreadable when there is nothing in it that could be judged."""
    from olefile import OleFileIO  # noqa: PLC0415 - 20 ms that other mails do not need

    try:
        with OleFileIO(file) as ole:
            mail = _Folder(ole, "").mail(0)
    except _FAULTS as error:
        raise Unreadable(str(error) or type(error).__name__) from error
    if not mail.headers and mail.text is None and mail.html is None:
        raise Unreadable("it holds no mail")
    return mail


class _Folder:
    """One storage of the file: a mail or an attachment."""

    def __init__(self, ole: OleFileIO, path: str) -> None:
        self.ole, self.path = ole, path
        self.is_cut = False

    def mail(self, depth: int) -> Mail:
        text, html = self.words(_BODY), self._html()
        parts, inside = self._attachments(depth)
        headers = self._head().encode(errors="replace")
        head = read_mail(headers.strip(b"\r\n") + b"\r\n\r\n")
        faults = ("its words are kept in a form that is not read (RTF)",) if self._is_in_rtf(text, html) else ()
        return replace(
            head, text=text, html=html, parts=parts, inside=inside, is_cut=self.is_cut, faults=faults, form="outlook"
        )

    def _is_in_rtf(self, text: str | None, html: str | None) -> bool:
        return text is None and html is None and self.ole.exists(f"{self.path}__substg1.0_{_RTF}0102")

    def _head(self) -> str:
        """The headers with which it arrived; of a mail that has none, what Outlook shows instead."""
        headers = self.words(_HEADERS)
        if headers and headers.strip():
            # Outlook may put a line before them that is no header.
            return re.sub(r"\AMicrosoft Mail Internet Headers[^\n]*\n", "", headers.lstrip("\r\n"))
        name, address = self.words(_SENDER_NAME) or "", self.words(_SENDER_SMTP) or self.words(_SENDER) or ""
        shown = (("From", f'"{_line(name)}" <{_line(address)}>'), ("To", self.words(_SHOWN_TO)),
                 ("Subject", self.words(_SUBJECT)))  # fmt: skip
        return "".join(f"{header}: {_line(value)}\r\n" for header, value in shown if value and "<>" not in value)

    def words(self, number: str) -> str | None:
        """A text property: UTF-16, or an 8-bit one in a character set that the file does not name well."""
        wide = self._bytes(f"{number}001F")
        if wide is not None:
            return wide.decode("utf-16-le", errors="replace").rstrip("\0")[:PART_CHARACTERS_MAX]
        narrow = self._bytes(f"{number}001E")
        return None if narrow is None else _guessed(narrow).rstrip("\0")[:PART_CHARACTERS_MAX]

    def _html(self) -> str | None:
        raw = self._bytes(f"{_HTML}0102")
        if raw is None:
            return self.words(_HTML)
        named = _CHARSET.search(raw[:4096].decode("latin-1"))
        return (decode_text(raw, named[1]) if named else _guessed(raw))[:PART_CHARACTERS_MAX]

    def _bytes(self, name: str) -> bytes | None:
        path = f"{self.path}__substg1.0_{name}"
        if not self.ole.exists(path):
            return None
        if self.ole.get_size(path) > OUTLOOK_STREAM_BYTES_MAX:
            self.is_cut = True
            return None
        read: bytes = self.ole.openstream(path).read(MAIL_BYTES_MAX)
        return read

    def _attachments(self, depth: int) -> tuple[tuple[Part, ...], tuple[Mail, ...]]:
        prefix = [name for name in self.path.split("/") if name]
        folders = {
            entry[len(prefix)]
            for entry in self.ole.listdir(streams=True, storages=False)
            if entry[: len(prefix)] == prefix and len(entry) > len(prefix) + 1
        }
        parts, inside = [], []
        for name in sorted(name for name in folders if name.startswith(_ATTACHMENT))[:PARTS_MAX]:
            folder = _Folder(self.ole, f"{self.path}{name}/")
            held = f"{folder.path}__substg1.0_{_HELD}"
            if self.ole.exists(held) and depth < OUTLOOK_DEPTH_MAX:
                inside.append(_Folder(self.ole, f"{held}/").mail(depth + 1))
            else:
                part = folder.part()
                if part.media_type == "message/rfc822" and depth < OUTLOOK_DEPTH_MAX:
                    inside.append(read_mail(folder.content() or b""))
                else:
                    parts.append(part)
        return tuple(parts), tuple(inside)

    def part(self) -> Part:
        name = self.words(_FILE_NAME) or self.words(_SHORT_NAME) or ""
        media_type = (self.words(_MEDIA_TYPE) or "application/octet-stream").lower()[:100]
        if name.lower().endswith(".eml"):
            media_type = "message/rfc822"
        text = _guessed(self.content() or b"")[:PART_CHARACTERS_MAX] if media_type.startswith("text/") else ""
        return Part(media_type, _line(name), text)

    def content(self) -> bytes | None:
        return self._bytes(_CONTENT)


def _guessed(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _line(value: str | None) -> str:
    return " ".join((value or "").split())[:998]
