"""ARC (RFC 8617): who says that he saw the mail on its way, and what he says that he saw.

A chain shows nothing by itself: whoever seals may lie. It is trusted when the reader's own provider sealed it last.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from tocsin.mailcheck.dkim_body import relaxed_body
from tocsin.mailcheck.dkim_tags import FAULTS, Unusable, read_key
from tocsin.mailcheck.domains import plain_name
from tocsin.mailcheck.limits import ARC_BODY_BYTES_MAX, ARC_SETS_MAX, HEADERS_MAX, SIGNED_HEADERS_BYTES_MAX
from tocsin.mailcheck.resolver import NotLookedUp, Resolver

Chain = Literal["none", "pass", "fail", "unchecked"]
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")
_LONG_BLANKS = re.compile(rb"[ \t\r\n]{400}")
_SIMPLE = re.compile(rb"(?:^|[;\s])c\s{0,9}=\s{0,9}(?:[a-z]{1,9}/simple|relaxed\s{0,9};|simple\s{0,9};)", re.MULTILINE)
_SET = re.compile(rb"^arc-seal:", re.MULTILINE | re.IGNORECASE)


class Arc(msgspec.Struct, frozen=True, kw_only=True):
    """The chain's state. `sealers` are the domains that sealed it, the last first; `results` is what that one says he
    found (an ARC-Authentication-Results without its instance)."""

    chain: Chain
    sealers: tuple[str, ...] = ()
    results: str = ""
    reason: str = ""


def arc_of(raw: bytes, resolve: Resolver) -> Arc:
    """Verifies the whole chain, as far as it is of a length that happens."""
    blank_line = _BLANK_LINE.search(raw)
    end = blank_line.start() if blank_line else len(raw)
    count = len(_SET.findall(raw[:end]))
    if not count and b"arc-" not in raw[:end].lower():
        return Arc(chain="none")
    if end > SIGNED_HEADERS_BYTES_MAX or raw.count(b"\n", 0, end) > HEADERS_MAX * 10 or _LONG_BLANKS.search(raw[:end]):
        return Arc(chain="unchecked", reason="the mail has too many headers")
    if count > ARC_SETS_MAX or len(raw) - end > ARC_BODY_BYTES_MAX:
        return Arc(chain="unchecked", reason="the mail or its chain is too long")
    return _verified(raw, resolve)


def _verified(raw: bytes, resolve: Resolver) -> Arc:
    import dkim  # noqa: PLC0415 - 110 ms that a mail without a chain does not need

    def ask(name: bytes | str, timeout: int = 5) -> bytes | None:
        plain = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        records = resolve(plain.rstrip("."))
        return records[0].encode("latin-1", "replace") if records and _is_usable(records[0]) else None

    try:
        chain = dkim.ARC(raw, minkey=1024)
        if not _SIMPLE.search(_signatures(chain.headers)):
            chain.body = relaxed_body(chain.body)
        state, sets, reason = chain.verify(dnsfunc=ask)
    except NotLookedUp as error:
        return Arc(chain="unchecked", sealers=sealers_of(raw), reason=str(error))
    except (dkim.DKIMException, dkim.UnknownKeyTypeError, *FAULTS) as error:
        return Arc(chain="fail", reason=type(error).__name__)
    if state == dkim.CV_None:
        return Arc(chain="none")
    return Arc(
        chain="pass" if state == dkim.CV_Pass else "fail",
        sealers=tuple(plain_name(one["as-domain"].decode("latin-1")) for one in sets if "as-domain" in one),
        results=_results(sets[0]["aar-value"]) if sets else "",
        reason="" if state == dkim.CV_Pass else str(reason),
    )


def _signatures(headers: list[list[bytes]]) -> bytes:
    return b"\n".join(value for name, value in headers if name.lower() == b"arc-message-signature")


def _is_usable(record: str) -> bool:
    try:
        return read_key(record, b"rsa-sha256") is not None
    except Unusable:
        return False


def _results(value: bytes) -> str:
    """RFC 8617 §4.1.1: the instance stands before what is else an Authentication-Results."""
    return value.decode("latin-1").partition(";")[2].strip()


_SEAL = re.compile(rb"^arc-seal:((?:[^\n]|\n[ \t]){0,4000})", re.MULTILINE | re.IGNORECASE)
_SEAL_DOMAIN = re.compile(rb"(?:^|;)\s{0,80}d\s{0,9}=\s{0,9}([A-Za-z0-9.-]{1,253})")
_SEAL_INSTANCE = re.compile(rb"(?:^|;)\s{0,80}i\s{0,9}=\s{0,9}(\d{1,3})")


def sealers_of(raw: bytes) -> tuple[str, ...]:
    """The domains that the seals name, the last first, whether or not they sealed it."""
    found = []
    for seal in _SEAL.findall(raw[:SIGNED_HEADERS_BYTES_MAX])[:ARC_SETS_MAX]:
        domain, instance = _SEAL_DOMAIN.search(seal), _SEAL_INSTANCE.search(seal)
        if domain and instance:
            found.append((int(instance[1]), plain_name(domain[1].decode("ascii"))))
    return tuple(domain for _, domain in sorted(found, reverse=True))
