"""DKIM signatures (RFC 6376, RFC 8301, RFC 8463), judged as of the moment when the mail was received.

dkimpy does the cryptography. It is wrapped because it judges by today's clock, looks at the topmost signature alone,
says False for every failure alike, and because its patterns take quadratic time on long white space.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Literal

import msgspec

from tocsin.mailcheck.dkim_body import Body
from tocsin.mailcheck.dkim_tags import FAULTS, OLD_ALGORITHMS, Key, Unusable, name_in, names_of, read_key, read_tags
from tocsin.mailcheck.limits import (
    CLOCK_MARGIN_S,
    HEADERS_MAX,
    RSA_BITS_MIN,
    SIGNATURES_MAX,
    SIGNED_HEADERS_BYTES_MAX,
)
from tocsin.mailcheck.resolver import NotLookedUp, Resolver

State = Literal[
    "verified",
    "partial",
    "weak-key",
    "weak-algorithm",
    "testing",
    "header-added",
    "no-key",
    "key-revoked",
    "body-changed",
    "bad-signature",
    "expired",
    "not-looked-up",
    "unreadable",
]
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
# RFC 5322 §3.6: those that stand in a mail once, and that a program shows: another one would be shown instead.
_ONCE = (b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"sender", b"content-type")


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What one DKIM-Signature is worth. `uncovered` counts the bytes of the body that l= leaves out."""

    state: State
    domain: str = ""
    selector: str = ""
    reason: str = ""
    headers: frozenset[str] = frozenset()
    bits: int = 0
    uncovered: int = 0


def signatures(raw: bytes, resolve: Resolver, at: datetime | None) -> tuple[Signature, ...]:
    """Every signature of the mail, in order, at most 8. `at` is when it was received; None judges no dates."""
    blank_line = _BLANK_LINE.search(raw)
    end = blank_line.start() if blank_line else len(raw)
    if b"dkim-signature" not in raw[:end].lower():
        return ()
    if end > SIGNED_HEADERS_BYTES_MAX or raw.count(b"\n", 0, end) > HEADERS_MAX * 10:
        return (Signature(state="unreadable", reason="the mail has too many headers"),)
    import dkim  # noqa: PLC0415 - 110 ms that a mail without a signature does not need

    try:
        headers, body = dkim.rfc822_parse(raw)
    except (dkim.DKIMException, IndexError):
        return (Signature(state="unreadable", reason="the mail's headers are not well formed"),)
    given = [header for header in headers if header[0].lower() == b"dkim-signature"][:SIGNATURES_MAX]
    judge = _Judge(headers, Body(body), resolve, at)
    return tuple(judge.judge(header) for header in given)


class _Judge:
    """One mail's headers and body, and what is known of the world at the moment of receipt."""

    def __init__(self, headers: list[list[bytes]], body: Body, resolve: Resolver, at: datetime | None) -> None:
        self.headers, self.body, self.resolve, self.at = headers, body, resolve, at

    def judge(self, header: list[bytes]) -> Signature:
        try:
            tags = read_tags(header[1])
            domain, selector = name_in(tags[b"d"]), name_in(tags[b"s"])
        except Unusable as error:
            return Signature(state="unreadable", reason=str(error))
        names = frozenset(name.decode("latin-1") for name in names_of(tags))
        said = Signature(state="unreadable", domain=domain, selector=selector, headers=names)
        try:
            return self._without_key(said, tags) or self._with_key(said, tags, header)
        except NotLookedUp as error:
            return msgspec.structs.replace(said, state="not-looked-up", reason=str(error))
        except Unusable as error:
            return msgspec.structs.replace(said, reason=str(error))

    def _without_key(self, said: Signature, tags: dict[bytes, bytes]) -> Signature | None:
        """What can be said before anybody is asked."""
        if tags[b"a"] in OLD_ALGORITHMS:  # RFC 8301 §3.1
            return msgspec.structs.replace(said, state="weak-algorithm")
        if self.at is not None:  # RFC 6376 §3.5, as of receipt
            now = self.at.timestamp()
            if tags.get(b"x") and int(tags[b"x"]) < now:
                return msgspec.structs.replace(said, state="expired")
            if tags.get(b"t") and int(tags[b"t"]) > now + CLOCK_MARGIN_S:
                raise Unusable("it is dated after the mail was received")
        if not self.body.is_as_signed(tags):
            return msgspec.structs.replace(said, state="body-changed")
        return None

    def _with_key(self, said: Signature, tags: dict[bytes, bytes], header: list[bytes]) -> Signature:
        replace = msgspec.structs.replace
        records = self.resolve(f"{said.selector}._domainkey.{said.domain}")
        key = read_key(records[0], tags[b"a"]) if records else None
        if key is None:
            return replace(said, state="key-revoked" if records else "no-key")
        if key.is_strict and tags.get(b"i", b"@" + tags[b"d"]).rpartition(b"@")[2].lower() != tags[b"d"].lower():
            raise Unusable("the published key is for the domain itself, not for what lies below it")
        said = replace(said, bits=key.bits)
        if key.is_testing:  # RFC 6376 §3.6.1, t=y: as if it were not there, whether it is good or not
            return replace(said, state="testing")
        if not _is_good(self.headers, header, tags, key):
            return replace(said, state="bad-signature")
        return self._graded(said, tags, key)

    def _graded(self, said: Signature, tags: dict[bytes, bytes], key: Key) -> Signature:
        """What a good signature still lacks: a key that is long enough, all that a reader sees."""
        replace = msgspec.structs.replace
        if key.kind == b"rsa" and key.bits < RSA_BITS_MIN:
            return replace(said, state="weak-key")  # RFC 8301 §3.2
        body = self.body.hashed(tags)
        covered = int(tags[b"l"]) if tags.get(b"l") else len(body)
        if covered < len(body.rstrip(b"\r\n")):
            return replace(said, state="partial", uncovered=len(body) - covered)
        if self._is_added_to(tags):
            return replace(said, state="header-added")  # RFC 6376 §8.15
        return replace(said, state="verified")

    def _is_added_to(self, tags: dict[bytes, bytes]) -> bool:
        """Whether a header that is signed stands there once more than was signed."""
        there = Counter(name.strip().lower() for name, _ in self.headers)
        signed = Counter(names_of(tags))
        return any(signed[name] and there[name] > signed[name] for name in _ONCE)


def _is_good(headers: list[list[bytes]], header: list[bytes], tags: dict[bytes, bytes], key: Key) -> bool:
    import dkim  # noqa: PLC0415

    verifier = dkim.DKIM(minkey=0)
    verifier.headers, verifier.body = headers, b""
    verifier.pk, verifier.keysize, verifier.ktag = key.material, key.bits, key.kind
    without_body = {name: tag for name, tag in tags.items() if name != b"bh"}  # it has been judged
    try:
        return bool(verifier.verify_sig_process(without_body, names_of(tags), header, None))
    except (dkim.DKIMException, dkim.UnknownKeyTypeError, *FAULTS) as error:
        raise Unusable("it is not well formed") from error
