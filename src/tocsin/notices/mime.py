"""A mail's bytes, the same ones for the same letter: header fields and a multipart/alternative body."""

from __future__ import annotations

import binascii
import re
from base64 import b64encode, encodebytes
from collections.abc import Iterable

_COLUMNS = 76
_WORD_BYTES = 39  # RFC 2047 §2: a line with an encoded word has at most 76 characters, `Subject: ` included
_QUOTED_PRINTABLE_MIN = 0.8  # share of ASCII from which a person can still read quoted-printable


def field(name: str, value: str) -> tuple[str, str]:
    """The field with its value folded at blanks (RFC 5322 §2.2.3) to 76 columns where it has blanks."""
    lines, used = [""], len(name) + 1
    for word in value.split(" "):
        if used + 1 + len(word) > _COLUMNS and lines[-1]:
            lines.append("")
            used = 0
        lines[-1] += f" {word}"
        used += 1 + len(word)
    return name, "\r\n".join(lines).removeprefix(" ")


def unstructured(text: str) -> str:
    """A subject's text: as it is when plain ASCII, else as encoded words (RFC 2047 §4.1, UTF-8, base 64)."""
    if text.isascii() and text.isprintable() and "=?" not in text:
        return text
    return " ".join(f"=?utf-8?b?{b64encode(piece.encode()).decode()}?=" for piece in _word_pieces(text))


def mailbox(name: str, address: str) -> str:
    """`"Example Broadband" <notices@example.net>` (RFC 5322 §3.4)."""
    coded = unstructured(name)
    if coded == name:
        coded = '"{}"'.format(name.replace("\\", "\\\\").replace('"', '\\"'))
    return f"{coded} <{address}>"


def alternative(boundary: str, parts: Iterable[tuple[str, str]]) -> bytes:
    """The body of multipart/alternative (RFC 2046 §5.1.4): the parts in rising order of preference.

    Each is its Content-Type's subtype of text and its text. No encoding used here can yield `=_`, so no line can be
    taken for the boundary.
    """
    if "=_" not in boundary:
        raise ValueError(f"a boundary that a part could hold: {boundary!r}")
    fence = f"--{boundary}".encode()
    pieces = [_part(subtype, text) for subtype, text in parts]
    return b"".join((*(b"%b\r\n%b\r\n" % (fence, piece) for piece in pieces), fence, b"--\r\n"))


def plain_body(text: str) -> tuple[str, bytes]:
    """The transfer encoding and the bytes of a mail that has one plain part."""
    return _encoded(text.lstrip("\n").replace("\n", "\r\n").encode())


def _part(subtype: str, text: str) -> bytes:
    encoding, body = _encoded(text.replace("\n", "\r\n").encode())
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def _encoded(raw: bytes) -> tuple[str, bytes]:
    """Quoted-printable where that stays readable, else base 64 (RFC 2045 §6.7, §6.8)."""
    if len(raw.decode().encode("ascii", "ignore")) >= _QUOTED_PRINTABLE_MIN * len(raw):
        coded = binascii.b2a_qp(raw, istext=True)
        # A line that starts with "From " would be altered on its way through an mbox (RFC 2049 §3).
        return "quoted-printable", re.sub(rb"(?m)^From ", b"=46rom ", coded)
    return "base64", encodebytes(raw).replace(b"\n", b"\r\n")


def _word_pieces(text: str) -> list[str]:
    """Pieces of whole characters that each fit into one encoded word (RFC 2047 §5 forbids to split a character)."""
    pieces = [""]
    for character in text:
        if len((pieces[-1] + character).encode()) > _WORD_BYTES:
            pieces.append("")
        pieces[-1] += character
    return pieces
