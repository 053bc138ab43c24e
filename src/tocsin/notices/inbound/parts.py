"""A mail that came back, as header fields and the parts at its top. Bounded; never fails.

Python's parser makes an object of each block of a delivery status: four million empty lines are a gigabyte. Here a part
is bytes until somebody asks for its text.
"""

from __future__ import annotations

import binascii
import quopri
import re
from email import policy
from email.message import Message
from email.parser import BytesHeaderParser

import msgspec

from tocsin.mailcheck.limits import HEADERS_MAX, MAIL_BYTES_MAX
from tocsin.mailcheck.mail import decode_text

HEAD_BYTES_MAX = 262_144
PARTS_MAX = 20
TEXT_CHARACTERS_MAX = 262_144
_END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
_PARSER = BytesHeaderParser(policy=policy.compat32)


class Part(msgspec.Struct, frozen=True):
    """`media_type` in lower case; `fields` are (lower-case name, value on one line) in their order."""

    media_type: str
    parameters: dict[str, str]
    fields: tuple[tuple[str, str], ...]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]

    def first(self, name: str) -> str:
        return next(iter(self.values(name)), "")

    def decoded(self) -> bytes:
        """The body as it was before it was encoded for the way."""
        return _decoded(self, MAIL_BYTES_MAX)

    def text(self) -> str:
        """Decoded; at most 262,144 characters."""
        charset = self.parameters.get("charset", "utf-8")
        return decode_text(_decoded(self, TEXT_CHARACTERS_MAX * 4), charset)[:TEXT_CHARACTERS_MAX]

    def parts(self) -> list[Part]:
        """Of a multipart: the parts at its top (RFC 2046 §5.1.1)."""
        boundary = self.parameters.get("boundary", "")
        if not self.media_type.startswith("multipart/") or not boundary:
            return []
        fence = b"--" + boundary.encode("utf-8", "replace")
        found: list[Part] = []
        pieces = re.split(
            rb"(?:^|\r?\n)" + re.escape(fence) + rb"(?=--|[ \t]*\r?\n)", self.body, maxsplit=PARTS_MAX + 1
        )
        for piece in pieces[1 : PARTS_MAX + 1]:
            if piece.startswith(b"--"):
                break
            found.append(read_part(re.sub(rb"\A[ \t]*\r?\n", b"", piece)))
        return found


def read_part(raw: bytes) -> Part:
    """A mail, or a part of one."""
    kept = raw[:MAIL_BYTES_MAX]
    if kept[:1] in (b"\n", b"\r"):
        head, body = b"", kept.lstrip(b"\r\n")
    else:
        end = _END_OF_HEAD.search(kept, 0, HEAD_BYTES_MAX)
        head, body = (kept[: end.start()], kept[end.end() :]) if end else (kept[:HEAD_BYTES_MAX], b"")
    message = _PARSER.parsebytes(head + b"\r\n\r\n")
    fields = tuple((name.lower(), " ".join(str(value).split())) for name, value in message.raw_items())
    return Part(_media_type(message), _parameters(message), fields[:HEADERS_MAX], body)


def fields_of(block: str) -> dict[str, str]:
    """`Name: value` lines with their continuations; the first of a name counts. For the blocks of a report."""
    found: dict[str, str] = {}
    last = ""
    for line in block.splitlines():
        if line[:1] in (" ", "\t") and last:
            found[last] = f"{found[last]} {line.strip()}"[:2_000]
            continue
        name, colon, value = line.partition(":")
        last = name.strip().lower() if colon else ""
        if last and last not in found:
            found[last] = value.strip()[:2_000]
        elif last:
            last = ""
    return found


def _media_type(message: Message) -> str:
    said = str(message.get("content-type", "text/plain")).partition(";")[0].strip().lower()
    return said if re.fullmatch(r"[a-z0-9.+-]{1,60}/[a-z0-9.+-]{1,80}", said) else "text/plain"


def _parameters(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("boundary", "charset", "report-type"):
        value = message.get_param(name, "")
        text = value if isinstance(value, str) else value[2]
        if text:
            found[name] = text.strip()[:200]
    return found


def _decoded(part: Part, most: int) -> bytes:
    """RFC 2045 §6; what is not encoded as it says is taken as it is."""
    encoding, body = part.first("content-transfer-encoding").lower(), part.body[:most]
    if encoding == "quoted-printable":
        return quopri.decodestring(body)
    if encoding == "base64":
        try:
            return binascii.a2b_base64(body)
        except binascii.Error:
            return body
    return body
