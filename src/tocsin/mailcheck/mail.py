"""A mail as read: headers, both twins and everything else in it. Bounded; never fails.

Python's `compat32` policy read every one of 1,200 real phish, where `policy.default` failed on four.
"""

from __future__ import annotations

import re
from email import policy
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from typing import Literal

import msgspec

from tocsin.mailcheck.limits import (
    HEADER_CHARACTERS_MAX,
    HEADER_SHOWN_CHARACTERS_MAX,
    HEADERS_MAX,
    MAIL_BOUNDARY_LINES_MAX,
    MAIL_BYTES_MAX,
    MAIL_STATUS_LINES_MAX,
    PART_CHARACTERS_MAX,
    PARTS_DEPTH_MAX,
    PARTS_MAX,
)

# Character sets that mail programs know too; Python's other codecs include compressors and scripts.
_CHARSET = re.compile(
    r"us-ascii|ascii|utf-?8|utf-?16(?:le|be)?|iso-8859-\d{1,2}|windows-\d{3,4}|cp\d{3,4}|koi8-[ru]|iso-2022-(?:jp|kr)"
    r"|shift_jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5",
    re.ASCII | re.IGNORECASE,
)
_BARE_RETURN = re.compile(rb"\r(?!\n)")


# How much of a mail is there: all of it as it arrived, its headers alone, its words alone, or Outlook's account of it.
Form = Literal["whole", "headers", "words", "outlook"]


class Part(msgspec.Struct, frozen=True):
    """A leaf of the mail. `text` is empty where it is no text, or is not needed."""

    media_type: str
    filename: str
    text: str


class Mail(msgspec.Struct, frozen=True):
    """`headers` are (lower-case name, raw value) in their order; twins are None where there is none."""

    raw: bytes
    headers: tuple[tuple[str, str], ...]
    text: str | None
    html: str | None
    parts: tuple[Part, ...]  # whatever else is in it
    inside: tuple[Mail, ...]  # whole mails that it holds (message/rfc822)
    is_cut: bool
    faults: tuple[str, ...]
    form: Form = "whole"

    def values(self, name: str) -> list[str]:
        """The raw values of this header, in their order, at most 64 kB of each."""
        return [value[:HEADER_CHARACTERS_MAX] for header, value in self.headers if header == name]

    def first(self, name: str) -> str | None:
        return next(iter(self.values(name)), None)

    @property
    def is_as_sent(self) -> bool:
        """Whether `raw` is the mail as it arrived, so that its signatures can be judged."""
        return self.form == "whole" and not self.is_cut


def read_mail(raw: bytes) -> Mail:
    """The mail of these bytes. What cannot be read is named in `faults`; what is too large is cut (`is_cut`)."""
    kept, faults = raw[:MAIL_BYTES_MAX], []
    if kept.count(b"\n--") > MAIL_BOUNDARY_LINES_MAX or _has_too_many_blocks(kept):
        return _headers_only(kept, len(raw) > MAIL_BYTES_MAX, ["too many parts"])
    if _BARE_RETURN.search(kept):
        faults.append("a line ends in a carriage return alone")
    if b"\0" in kept:
        faults.append("it holds NUL characters")
    try:
        message = BytesParser(policy=policy.compat32).parsebytes(kept)
    except RecursionError:
        return _headers_only(kept, len(raw) > MAIL_BYTES_MAX, [*faults, "its parts are nested too deep"])
    return _mail_of(message, raw, faults, depth=0)


def _has_too_many_blocks(kept: bytes) -> bool:
    """Python's parser makes a message of each block of a delivery status: of 4 MiB of empty lines a gigabyte."""
    empty_lines = kept.count(b"\n\n") + kept.count(b"\n\r\n")
    return empty_lines > MAIL_STATUS_LINES_MAX and b"message/delivery-status" in kept.lower()


def _headers_only(kept: bytes, is_cut: bool, faults: list[str]) -> Mail:
    end = re.search(rb"\r?\n\r?\n", kept)
    message = BytesParser(policy=policy.compat32).parsebytes(kept[: end.start()] if end else kept, headersonly=True)
    return Mail(kept, _headers(message, faults), None, None, (), (), is_cut, tuple(faults))


def _mail_of(message: Message, raw: bytes, faults: list[str], depth: int) -> Mail:
    twins: dict[str, str] = {}
    parts: list[Part] = []
    inside: list[Mail] = []
    for leaf, leaf_depth in _leaves(message, depth, faults):
        media_type = leaf.get_content_type()
        if media_type == "message/rfc822" and leaf.is_multipart():
            held = leaf.get_payload(0)
            inside.append(_mail_of(held, b"", [], leaf_depth + 1))  # type: ignore[arg-type]
        elif media_type in ("text/plain", "text/html") and media_type not in twins and not _is_attachment(leaf):
            twins[media_type] = _text(leaf)
            if not _CHARSET.fullmatch(_charset(leaf)):
                faults.append("a part names a character set that few programs know")
        else:
            text = _text(leaf) if not media_type.startswith(("image/", "audio/", "video/")) else ""
            parts.append(Part(media_type, shown(leaf.get_filename() or ""), text))
    return Mail(
        raw=raw,
        headers=_headers(message, faults),
        text=twins.get("text/plain"),
        html=twins.get("text/html"),
        parts=tuple(parts),
        inside=tuple(inside),
        is_cut=len(raw) > MAIL_BYTES_MAX,
        faults=tuple(faults),
    )


def _leaves(message: Message, depth: int, faults: list[str]) -> list[tuple[Message, int]]:
    """Leaves in the order in which they stand; a mail within the mail is one leaf."""
    leaves: list[tuple[Message, int]] = []
    waiting = [(message, depth)]
    while waiting:
        part, part_depth = waiting.pop()
        if part_depth > PARTS_DEPTH_MAX or len(leaves) >= PARTS_MAX:
            faults.append("it has more parts, or deeper ones, than were looked at")
            break
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            children = [child for child in part.get_payload() if isinstance(child, Message)]
            waiting.extend((child, part_depth + 1) for child in reversed(children))
        else:
            leaves.append((part, part_depth))
    return leaves


def _headers(message: Message, faults: list[str]) -> tuple[tuple[str, str], ...]:
    headers = tuple((name.lower(), str(value)) for name, value in message.raw_items())
    if len(headers) > HEADERS_MAX:
        faults.append(f"it has more than {HEADERS_MAX} headers")
    return headers[:HEADERS_MAX]


def _is_attachment(part: Message) -> bool:
    return (part.get_content_disposition() or "") == "attachment" or bool(part.get_filename())


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    return decode_text(payload[: PART_CHARACTERS_MAX * 4], _charset(part))[:PART_CHARACTERS_MAX]


def _charset(part: Message) -> str:
    named = part.get_param("charset", "utf-8")
    return (named if isinstance(named, str) else named[2]).strip().strip("\"'")


def decode_text(payload: bytes, charset: str) -> str:
    """The text in the named character set; in UTF-8 where Python or the world does not know it."""
    try:
        return payload.decode(charset if _CHARSET.fullmatch(charset) else "utf-8", errors="replace")
    except LookupError:
        return payload.decode("utf-8", errors="replace")


def shown(value: str) -> str:
    """A header's value as a mail program shows it: encoded words (RFC 2047) decoded, bare UTF-8 (RFC 6532) read as
    such, white space folded."""
    line = _of_bytes(" ".join(value[:HEADER_SHOWN_CHARACTERS_MAX].split()))
    if "=?" not in line:
        return line
    try:
        pieces = decode_header(line)
    except (HeaderParseError, ValueError, LookupError):
        return line
    bare = "us-ascii" if line.isascii() else "raw-unicode-escape"  # as decode_header packs what is not encoded
    decoded = (
        piece if isinstance(piece, str) else decode_text(piece, charset) if charset else piece.decode(bare, "replace")
        for piece, charset in pieces
    )
    return " ".join(_of_bytes("".join(decoded)).split())


def _of_bytes(line: str) -> str:
    """What the parser kept as bytes, in UTF-8; nothing is left that cannot be written."""
    if line.isascii():
        return line
    try:
        return line.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return line.encode(errors="replace").decode()
