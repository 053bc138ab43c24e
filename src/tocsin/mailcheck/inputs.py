"""What is to be checked: files, folders, mailboxes, standard input; told apart by what is in them, not by their names.

Each mail is held for itself and only as far as it is looked at, so a mailbox may be of any size.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.mailcheck.limits import (
    FOLDER_FILES_MAX,
    LINE_BYTES_MAX,
    MAIL_BYTES_MAX,
    STANDARD_INPUT_OUTLOOK_BYTES_MAX,
)
from tocsin.mailcheck.mail import Mail
from tocsin.mailcheck.outlook import MAGIC, Unreadable, read_outlook
from tocsin.mailcheck.pasted import has_headers, read_pasted

_HEAD_BYTES = 65_536
# The line before each mail of a mailbox (RFC 4155): `From `, an address, a moment of `asctime`.
_MAILBOX_LINE = re.compile(rb">?From [^\r\n]{0,300}?\d\d:\d\d(?::\d\d)?[^\r\n]{0,40}\d{4}[^\r\n]{0,20}\r?\n?\Z")
_QUOTED_FROM = re.compile(rb">+From ")
_SUFFIXES = (".eml", ".msg", ".mbox", ".mbx", ".emlx")
_NO_MAIL = (
    (b"%PDF", "a PDF"), (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"),
    (b"PK\x03\x04", "a zip"), (b"\x1f\x8b", "a packed file"), (b"BZh", "a packed file"), (b"\x7fELF", "a program"),
    (b"MZ\x90\x00", "a program"), (b"{\\rtf", "an RTF document"), (b"SQLite format 3\0", "a database"),
)  # fmt: skip
_SAVE_IT = "save the mail from your mail program as a file (.eml), or paste its text"
_BINARY_BYTES_MAX = 0.02  # of the first bytes of a text, that no text has


class Given(msgspec.Struct, frozen=True):
    """One mail to be checked, under the name by which the answer calls it."""

    name: str
    mail: Mail


class Unread(msgspec.Struct, frozen=True):
    """What could not be read, why, and what to do about it."""

    name: str
    why: str
    remedy: str = ""


def given_mails(path: Path, standard_input: BinaryIO) -> Iterator[Given | Unread]:
    """Every mail at the path, in order; `-` is standard input. Never raises for what it finds there."""
    name = str(path)
    try:
        if name == "-":
            yield from _of_file(standard_input, "-")
        elif path.is_dir():
            yield from _of_folder(path)
        else:
            with path.open("rb") as file:
                yield from _of_file(file, name)
    except OSError as error:
        yield Unread(name, f"cannot be read: {error.strerror or error}")


def _of_folder(folder: Path) -> Iterator[Given | Unread]:
    """A maildir's mails, or the mails that lie in a folder."""
    boxes = [folder / box for box in ("new", "cur") if (folder / box).is_dir()]
    files = [
        Path(entry.path)
        for box in boxes or [folder]
        for _, entry in zip(range(FOLDER_FILES_MAX), os.scandir(box), strict=False)
        if entry.is_file() and not entry.name.startswith(".") and (boxes or entry.name.lower().endswith(_SUFFIXES))
    ]
    if not files:
        yield Unread(str(folder), "holds no mail", "a maildir has new/ and cur/; another folder has files named .eml")
    for file in sorted(files):
        yield from given_mails(file, BytesIO())


def _of_file(file: BinaryIO, name: str) -> Iterator[Given | Unread]:
    head = file.read(_HEAD_BYTES)
    first = head.lstrip(b"\r\n")
    if not head.strip():
        yield Unread(name, "is empty", _SAVE_IT)
    elif head.startswith(MAGIC):
        yield _of_outlook(head, file, name)
    elif _MAILBOX_LINE.match(first.split(b"\n", 1)[0]):
        yield from _of_mailbox(first, file, name)
    elif kind := next((words for magic, words in _NO_MAIL if head.startswith(magic)), None):
        yield Unread(name, f"is no mail but {kind}", _SAVE_IT)
    else:
        yield _of_text(head, file, name)


def _of_text(head: bytes, file: BinaryIO, name: str) -> Given | Unread:
    raw = _without_apple_count(head) + file.read(MAIL_BYTES_MAX + 1 - len(head))
    is_cut = len(raw) > MAIL_BYTES_MAX
    mail = read_pasted(raw, is_cut=is_cut)
    if mail.form == "words" and _is_binary(head):
        return Unread(name, "is neither a mail nor text", _SAVE_IT)
    return Given(name, mail)


def _without_apple_count(head: bytes) -> bytes:
    """Apple Mail's .emlx begins with a line that counts the mail's bytes."""
    first, _, rest = head.partition(b"\n")
    return rest if first.strip().isdigit() and len(first) < 20 and has_headers(rest) else head


def _is_binary(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    odd = sum(head.count(bytes([byte])) for byte in (*range(7), *range(14, 27)))
    return odd > len(head) * _BINARY_BYTES_MAX


def _of_outlook(head: bytes, file: BinaryIO, name: str) -> Given | Unread:
    try:
        if file.seekable():
            file.seek(0)
            return Given(name, read_outlook(file))
        raw = head + file.read(STANDARD_INPUT_OUTLOOK_BYTES_MAX - len(head) + 1)
        if len(raw) > STANDARD_INPUT_OUTLOOK_BYTES_MAX:
            return Unread(name, "is larger than can be taken from standard input", "name the file instead")
        return Given(name, read_outlook(BytesIO(raw)))
    except Unreadable as error:
        return Unread(name, f"is an Outlook file that cannot be read: {error}", _SAVE_IT)


def _of_mailbox(head: bytes, file: BinaryIO, name: str) -> Iterator[Given]:
    """The mails of a mailbox, one after another; of each no more is held than is looked at."""
    kept: list[bytes] = []
    number, size = 0, 0
    was_blank = True
    for line in _lines(head, file):
        if was_blank and line.startswith(b"From ") and _MAILBOX_LINE.match(line):
            if number:
                yield _member(name, number, kept, size)
            number, kept, size = number + 1, [], 0
        else:
            if size <= MAIL_BYTES_MAX:
                kept.append(line[1:] if _QUOTED_FROM.match(line) else line)
            size += len(line)
        was_blank = line in (b"\n", b"\r\n")
    yield _member(name, number, kept, size)


def _member(name: str, number: int, kept: list[bytes], size: int) -> Given:
    if kept and not kept[-1].strip(b"\r\n"):
        kept.pop()  # the blank line that ends it belongs to the mailbox
    raw = b"".join(kept)[: MAIL_BYTES_MAX + 1]
    return Given(f"{name}#{number}", read_pasted(raw, is_cut=size > MAIL_BYTES_MAX))


def _lines(head: bytes, file: BinaryIO) -> Iterator[bytes]:
    """Lines with their ends; a line longer than the bound comes in pieces."""
    begun = BytesIO(head)
    while line := begun.readline():
        yield line if line.endswith(b"\n") else line + file.readline(LINE_BYTES_MAX)
    while line := file.readline(LINE_BYTES_MAX):
        yield line
