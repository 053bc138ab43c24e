"""DKIM signatures (RFC 6376, RFC 8301, RFC 8463), judged as of the moment when the mail was received.

dkimpy does the cryptography. It is wrapped because it judges by today's clock, looks at the topmost signature alone,
says False for every failure alike, and because its patterns take quadratic time on long white space.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Literal

import msgspec

from tocsin.mailcheck.limits import (
    HEADERS_MAX,
    KEY_RECORD_BYTES_MAX,
    RSA_BITS_MAX,
    RSA_BITS_MIN,
    RSA_EXPONENT_MAX,
    SIGNATURE_BLANKS_MAX,
    SIGNATURE_BYTES_MAX,
    SIGNATURES_MAX,
    SIGNED_HEADERS_BYTES_MAX,
    SIGNED_NAMES_MAX,
)
from tocsin.mailcheck.resolver import NotLookedUp, Resolver

State = Literal[
    "verified",
    "partial",
    "weak-key",
    "no-key",
    "key-revoked",
    "body-changed",
    "bad-signature",
    "expired",
    "not-looked-up",
    "unreadable",
]
_BLANKS = re.compile(rb"[ \t]+")
_LONG_BLANKS = re.compile(rb"\s{%d}" % SIGNATURE_BLANKS_MAX)
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}", re.ASCII)


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
    relaxed = relaxed_body(body)
    return tuple(_Judge(headers, body, relaxed, resolve, at).judge(header) for header in given)


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 §3.4.4 but for the empty lines at the end, in linear time; what dkimpy does on top is then linear."""
    return _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n")


class BadKey(Exception):
    """The signature or its key cannot be used; the message says why."""


class _Judge:
    """One mail's headers and body, and what is known of the world at the moment of receipt."""

    def __init__(
        self, headers: list[list[bytes]], body: bytes, relaxed: bytes, resolve: Resolver, at: datetime | None
    ) -> None:
        self.headers, self.body, self.relaxed, self.resolve, self.at = headers, body, relaxed, resolve, at

    def judge(self, header: list[bytes]) -> Signature:
        try:
            tags = _tags(header[1])
            domain, selector = _name(tags[b"d"]), _name(tags[b"s"])
        except BadKey as error:
            return Signature(state="unreadable", reason=str(error))
        names = frozenset(name.strip().lower().decode("latin-1") for name in tags[b"h"].split(b":"))
        said = Signature(state="unreadable", domain=domain, selector=selector, headers=names)
        try:
            return self._with_key(said, tags, header)
        except NotLookedUp as error:
            return msgspec.structs.replace(said, state="not-looked-up", reason=str(error))
        except BadKey as error:
            return msgspec.structs.replace(said, reason=str(error))

    def _with_key(self, said: Signature, tags: dict[bytes, bytes], header: list[bytes]) -> Signature:
        replace = msgspec.structs.replace
        if tags.get(b"x") and self.at is not None and int(tags[b"x"]) < self.at.timestamp():
            return replace(said, state="expired")  # RFC 6376 §3.5, as of receipt
        records = self.resolve(f"{said.selector}._domainkey.{said.domain}")
        key = read_key(records[0], tags[b"a"]) if records else None
        if key is None:
            return replace(said, state="key-revoked" if records else "no-key")
        body = self.relaxed if tags.get(b"c", b"").lower().endswith(b"/relaxed") else self.body
        state = _verified(self.headers, body, header, tags, key)
        return _graded(replace(said, state=state, bits=key[1]), body, tags.get(b"l"), key[2])


def _graded(signature: Signature, body: bytes, length: bytes | None, kind: bytes) -> Signature:
    """What a good signature still lacks: a key that is long enough, the whole of the body."""
    covered = int(length) if length else len(body)
    if signature.state != "verified":
        return signature
    if kind == b"rsa" and signature.bits < RSA_BITS_MIN:
        return msgspec.structs.replace(signature, state="weak-key")  # RFC 8301 §3.2
    if covered < len(body.rstrip(b"\r\n")):
        return msgspec.structs.replace(signature, state="partial", uncovered=len(body) - covered)
    return signature


def _tags(value: bytes) -> dict[bytes, bytes]:
    """RFC 6376 §3.5: the tags of a signature, all that must be there. Dates are not judged here."""
    import dkim  # noqa: PLC0415
    from dkim.util import InvalidTagValueList, parse_tag_value  # noqa: PLC0415

    if len(value) > SIGNATURE_BYTES_MAX or _LONG_BLANKS.search(value):
        raise BadKey("it is longer than a signature needs to be")
    try:
        tags: dict[bytes, bytes] = parse_tag_value(value)
        dkim.validate_signature_fields({name: tag for name, tag in tags.items() if name not in (b"t", b"x")})
    except (dkim.DKIMException, InvalidTagValueList, IndexError) as error:
        raise BadKey("it is not well formed") from error
    if tags[b"a"] not in (b"rsa-sha256", b"ed25519-sha256"):
        raise BadKey("its algorithm is no longer one that counts")  # RFC 8301 §3.1
    if tags[b"h"].count(b":") >= SIGNED_NAMES_MAX:
        raise BadKey("it names too many headers")
    if not all(_is_number(tags.get(name, b"")) for name in (b"x", b"l")):
        raise BadKey("it is not well formed")
    return tags


def _is_number(tag: bytes) -> bool:
    return not tag or (len(tag) <= 12 and tag.isdigit())  # RFC 6376 §3.5: x= of up to 12 digits


def _name(tag: bytes) -> str:
    name = tag.decode("latin-1").lower()
    if not _NAME.fullmatch(name):
        raise BadKey("it names no domain")
    return name


def read_key(record: str, algorithm: bytes) -> tuple[object, int, bytes] | None:
    """Key, its bits and its kind; None when it is revoked (an empty p=, RFC 6376 §3.6.1)."""
    import dkim  # noqa: PLC0415
    from dkim.util import InvalidTagValueList, parse_tag_value  # noqa: PLC0415

    raw = record.encode("latin-1", errors="replace")
    if len(raw) > KEY_RECORD_BYTES_MAX:
        raise BadKey("the published key is longer than a key needs to be")
    try:
        if parse_tag_value(raw).get(b"p") == b"":
            return None
        key, bits, kind, is_for_reports = dkim.evaluate_pk("", raw)
    except (dkim.DKIMException, InvalidTagValueList, LookupError, ValueError, TypeError) as error:
        raise BadKey("the published key is not well formed") from error
    if is_for_reports or not algorithm.startswith(kind + b"-"):
        raise BadKey("the published key is for something else")
    if kind == b"rsa" and (bits > RSA_BITS_MAX or key["publicExponent"] > RSA_EXPONENT_MAX):
        raise BadKey("the published key is larger than a key needs to be")
    return key, bits, kind


def _verified(
    headers: list[list[bytes]],
    body: bytes,
    header: list[bytes],
    tags: dict[bytes, bytes],
    key: tuple[object, int, bytes],
) -> State:
    import dkim  # noqa: PLC0415

    verifier = dkim.DKIM(minkey=0)
    verifier.headers, verifier.body = headers, body
    verifier.pk, verifier.keysize, verifier.ktag = key
    names = [name.strip().lower() for name in tags[b"h"].split(b":")]
    try:
        is_good = verifier.verify_sig_process(dict(tags), names, header, None)
    except dkim.ValidationError:
        return "body-changed"
    except (dkim.DKIMException, dkim.UnknownKeyTypeError, LookupError, ValueError, TypeError, ArithmeticError) as error:
        raise BadKey("it is not well formed") from error
    return "verified" if is_good else "bad-signature"
