"""The parts of a mail, and the mails of a mailbox (mbox): bounded, and nothing in them is believed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import policy
from email.message import Message
from email.parser import BytesParser
from typing import NamedTuple

import msgspec

from tocsin.evidence.zips import label

MAIL_BYTES_MAX = 40 << 20  # what mail servers let pass, with the third that base64 adds
BOUNDARY_LINES_MAX = 5_000  # lines that begin with `--`, each of which may begin a part
STATUS_LINES_MAX = 5_000  # empty lines of a mail with a delivery status, each of which may begin a block
PARTS_MAX = 1_000
DEPTH_MAX = 10
MAILS_MAX = 10_000  # in one mailbox

_FROM_LINE = re.compile(rb"From [^\r\n]{0,300} \d{4}[^\r\n]{0,40}\r?\n")  # RFC 4155 appendix A: it ends in a date
_HEADER = re.compile(rb"([!-9;-~]{1,80}):[^\n]*")
_TELLING = {b"from", b"received", b"return-path", b"message-id", b"mime-version", b"delivered-to", b"subject"}
_TELLING_MIN = 3


class Part(NamedTuple):
    """A leaf of a mail: its file's name, or one that says where it stands; and its bytes, decoded."""

    name: str
    content: bytes


class Parts(msgspec.Struct, frozen=True):
    """What a mail holds. `faults` says what was not looked at."""

    parts: tuple[Part, ...]
    faults: tuple[str, ...] = ()


def mail_kind(start: bytes) -> str:
    """`mbox`, `mail`, or '': by how it begins. A mail begins with headers (RFC 5322 §2.2), three of which tell."""
    first = _FROM_LINE.match(start)
    if first and _telling(start[first.end() :]) >= 1:
        return "mbox"
    return "mail" if _telling(start) >= _TELLING_MIN else ""


def _telling(start: bytes) -> int:
    """How many telling headers stand before the first blank line; 0 where a line there is no header."""
    told: set[bytes] = set()
    lines = start.split(b"\n")
    for place, line in enumerate(lines):
        bare = line.rstrip(b"\r")
        if not bare:
            break
        if place and bare[:1] in b" \t":
            continue
        header = _HEADER.match(bare)
        if header is None:
            return 0 if place < len(lines) - 1 else len(told)  # the last one may be cut
        told.add(header[1].lower())
    return len(told & _TELLING)


def mail_parts(raw: bytes) -> Parts:
    """The leaves of a mail and of the mails within it, in their order. Never fails."""
    if len(raw) > MAIL_BYTES_MAX:
        return Parts((), (f"a mail is longer than {MAIL_BYTES_MAX} bytes",))
    if is_too_bushy(raw):
        return Parts((), ("a mail has too many parts",))
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(raw)
    except RecursionError:
        return Parts((), ("a mail's parts are nested too deep",))
    return _leaves(message)


def is_too_bushy(raw: bytes) -> bool:
    """Whether taking it apart would cost more than any mail is worth."""
    return raw.count(b"\n--") > BOUNDARY_LINES_MAX or _has_too_many_blocks(raw)


def _has_too_many_blocks(raw: bytes) -> bool:
    """Python's parser makes a message of each block of a delivery status: of 40 MiB of empty lines ten gigabytes."""
    empty_lines = raw.count(b"\n\n") + raw.count(b"\n\r\n")
    return empty_lines > STATUS_LINES_MAX and b"message/delivery-status" in raw.lower()


def _leaves(message: Message) -> Parts:
    parts: list[Part] = []
    faults: list[str] = []
    waiting = [(message, 1)]
    while waiting:
        part, depth = waiting.pop()
        if part.is_multipart():
            if depth >= DEPTH_MAX:
                faults.append("a mail's parts are nested too deep")
                continue
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            waiting.extend((child, depth + 1) for child in reversed(children))
            continue
        if len(parts) >= PARTS_MAX:
            faults.append(f"a mail has more than {PARTS_MAX} parts")
            break
        content = part.get_payload(decode=True)
        if isinstance(content, bytes):
            parts.append(Part(_name(part, len(parts) + 1), content))
    return Parts(tuple(parts), tuple(dict.fromkeys(faults)))


def _name(part: Message, number: int) -> str:
    try:
        given = part.get_filename()
    except (ValueError, LookupError, TypeError):  # a name in a character set that is none
        given = None
    return label(given.encode(errors="replace").decode()) if given else f"part-{number}"


def mails_of(blocks: Iterator[bytes]) -> Iterator[bytes | None]:
    """The mails of a mailbox: each begins with a From line after a blank one. None for one that is too long."""
    mail: list[bytes] = []
    size, is_blank = 0, True
    for line in _lines(blocks):
        if is_blank and line.startswith(b"From ") and _FROM_LINE.match(line):
            if mail:
                yield b"".join(mail) if size <= MAIL_BYTES_MAX else None
            mail, size, is_blank = [], 0, False
            continue
        size += len(line)
        if size <= MAIL_BYTES_MAX:
            mail.append(line)
        is_blank = line in (b"\n", b"\r\n")
    if mail:
        yield b"".join(mail) if size <= MAIL_BYTES_MAX else None


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Physical lines with their ends; one over the length of a mail comes in pieces."""
    tail = b""
    for block in blocks:
        *whole, tail = (tail + block).split(b"\n")
        for line in whole:
            yield line + b"\n"
        if len(tail) > MAIL_BYTES_MAX:
            yield tail
            tail = b""
    if tail:
        yield tail
