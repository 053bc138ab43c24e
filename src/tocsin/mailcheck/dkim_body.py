"""The body of a mail as DKIM hashes it (RFC 6376 §3.4): what can be judged without anybody's key."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from functools import cached_property

from tocsin.mailcheck.dkim_tags import Unusable

_BLANKS = re.compile(rb"[ \t]+")


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 §3.4.4 but for the empty lines at the end, in linear time; what dkimpy does on top is then linear."""
    return _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")


class Body:
    """One mail's body in both canonical forms, and the hashes that its signatures ask for, each made once."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._digests: dict[tuple[bool, str, int], bytes] = {}

    @cached_property
    def simple(self) -> bytes:
        return _ended(self.raw) or b"\r\n"  # RFC 6376 §3.4.3

    @cached_property
    def relaxed(self) -> bytes:
        return _ended(relaxed_body(self.raw))

    def hashed(self, tags: dict[bytes, bytes]) -> bytes:
        """The canonical form that the signature names; all of it."""
        return self.relaxed if is_body_relaxed(tags) else self.simple

    def is_as_signed(self, tags: dict[bytes, bytes]) -> bool:
        """Whether the body has the hash that bh= says, as far as l= goes."""
        try:
            signed = b64decode(re.sub(rb"\s+", b"", tags[b"bh"]), validate=True)
        except ValueError as error:
            raise Unusable("it is not well formed") from error
        algorithm = "sha1" if tags[b"a"].endswith(b"-sha1") else "sha256"
        body = self.hashed(tags)
        end = int(tags[b"l"]) if tags.get(b"l") else len(body)
        key = (is_body_relaxed(tags), algorithm, min(end, len(body)))
        if key not in self._digests:
            self._digests[key] = hashlib.new(algorithm, memoryview(body)[:end], usedforsecurity=False).digest()
        return end <= len(body) and self._digests[key] == signed  # RFC 6376 §3.5, l=: never more than there is


def is_body_relaxed(tags: dict[bytes, bytes]) -> bool:
    return tags.get(b"c", b"").lower().endswith(b"/relaxed")


def _ended(body: bytes) -> bytes:
    """Without the empty lines at its end, and with the end of its last line."""
    end = len(body)
    while body.endswith(b"\r\n", 0, end):
        end -= 2
    return body[:end] + b"\r\n" if end else b""
