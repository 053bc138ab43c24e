"""The tags of a DKIM-Signature and of a published key, read with bounds (RFC 6376 §3.5, §3.6.1)."""

from __future__ import annotations

import re

import msgspec

from tocsin.mailcheck.limits import (
    KEY_RECORD_BYTES_MAX,
    RSA_BITS_MAX,
    RSA_EXPONENT_MAX,
    SIGNATURE_BLANKS_MAX,
    SIGNATURE_BYTES_MAX,
    SIGNED_NAMES_MAX,
)

_LONG_BLANKS = re.compile(rb"\s{%d}" % SIGNATURE_BLANKS_MAX)
_NAME = re.compile(r"[A-Za-z0-9._-]{1,253}", re.ASCII)
ALGORITHMS = (b"rsa-sha256", b"ed25519-sha256")  # RFC 8301 §3.1, RFC 8463
OLD_ALGORITHMS = (b"rsa-sha1",)
# What dkimpy raises for what is not well formed, beside its own exceptions; it asserts what a stranger wrote.
FAULTS = (LookupError, ValueError, TypeError, ArithmeticError, AssertionError, RecursionError)


class Unusable(Exception):
    """The signature or its key cannot be used; the message says why."""


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """A published key, as dkimpy wants it. `is_testing` (t=y) and `is_strict` (t=s) are RFC 6376 §3.6.1's flags."""

    material: object
    bits: int
    kind: bytes
    is_testing: bool = False
    is_strict: bool = False


def read_tags(value: bytes) -> dict[bytes, bytes]:
    """The tags of a signature, all that must be there. Dates are not judged here. Raises Unusable."""
    import dkim  # noqa: PLC0415 - 110 ms that a mail without a signature does not need
    from dkim.util import InvalidTagValueList, parse_tag_value  # noqa: PLC0415

    if len(value) > SIGNATURE_BYTES_MAX or _LONG_BLANKS.search(value):
        raise Unusable("it is longer than a signature needs to be")
    try:
        tags: dict[bytes, bytes] = parse_tag_value(value)
        dkim.validate_signature_fields({name: tag for name, tag in tags.items() if name not in (b"t", b"x")})
    except (dkim.DKIMException, InvalidTagValueList, *FAULTS) as error:
        raise Unusable("it is not well formed") from error
    if tags[b"a"] not in ALGORITHMS + OLD_ALGORITHMS:
        raise Unusable("its algorithm is no longer one that counts")
    if tags[b"h"].count(b":") >= SIGNED_NAMES_MAX:
        raise Unusable("it names too many headers")
    if b"from" not in names_of(tags):  # RFC 6376 §5.4
        raise Unusable("it does not cover the sender")
    if not all(_is_number(tags.get(name, b"")) for name in (b"t", b"x", b"l")):
        raise Unusable("it is not well formed")
    return tags


def names_of(tags: dict[bytes, bytes]) -> list[bytes]:
    """The names in h=, lower case, in their order, as often as they stand there."""
    return [name.strip().lower() for name in tags[b"h"].split(b":")]


def _is_number(tag: bytes) -> bool:
    return not tag or (len(tag) <= 12 and tag.isdigit())  # RFC 6376 §3.5: t= and x= of up to 12 digits


def name_in(tag: bytes) -> str:
    """A domain or selector. Raises Unusable."""
    name = tag.decode("latin-1").lower()
    if not _NAME.fullmatch(name):
        raise Unusable("it names no domain")
    return name


def read_key(record: str, algorithm: bytes) -> Key | None:
    """The key of a record; None when it is revoked (an empty p=, RFC 6376 §3.6.1). Raises Unusable."""
    import dkim  # noqa: PLC0415
    from dkim.util import InvalidTagValueList, parse_tag_value  # noqa: PLC0415

    raw = record.encode("latin-1", errors="replace")
    if len(raw) > KEY_RECORD_BYTES_MAX:
        raise Unusable("the published key is longer than a key needs to be")
    try:
        tags = parse_tag_value(raw)
        if tags.get(b"p") == b"":
            return None
        material, bits, kind, is_for_reports = dkim.evaluate_pk("", raw)
    except (dkim.DKIMException, InvalidTagValueList, *FAULTS) as error:
        raise Unusable("the published key is not well formed") from error
    if is_for_reports or not kind or not algorithm.startswith(kind + b"-") or not _allows(tags.get(b"h"), algorithm):
        raise Unusable("the published key is for something else")
    if kind == b"rsa" and (bits > RSA_BITS_MAX or material["publicExponent"] > RSA_EXPONENT_MAX):
        raise Unusable("the published key is larger than a key needs to be")
    flags = {flag.strip().lower() for flag in tags.get(b"t", b"").split(b":")}
    return Key(material=material, bits=bits, kind=kind, is_testing=b"y" in flags, is_strict=b"s" in flags)


def _allows(hashes: bytes | None, algorithm: bytes) -> bool:
    """RFC 6376 §3.6.1, h=: the hash algorithms that the key may be used with."""
    return hashes is None or algorithm.rpartition(b"-")[2] in {one.strip().lower() for one in hashes.split(b":")}
