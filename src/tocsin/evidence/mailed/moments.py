"""The moments that mails and the prose in them write, as RFC 3339; one without a zone is none."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_tz

_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?\s?(Z|z|UTC|GMT|[+-]\d\d:?\d\d)?", re.ASCII
)
_TEXT_CHARS_MAX = 100
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def mail_moment(text: str) -> str:
    """RFC 5322 §3.3 with its obsolete zones, and ISO 8601 with a zone; '' for anything else.

    `-0000` is UTC of a clock whose place nobody says (RFC 5322 §3.3). A zone that the standard does not list (CET, IST)
    is no zone: three countries call theirs IST.
    """
    text = text.strip()[:_TEXT_CHARS_MAX]
    iso = _ISO.match(text)
    if iso:
        return iso_moment(text)
    try:
        parts = parsedate_tz(text)
    except (ValueError, IndexError, TypeError, OverflowError):
        return ""
    if parts is None or len(parts) < 10 or parts[9] is None or not _names_zone(text):
        return ""
    return _shifted(parts[:6], parts[9])


def iso_moment(text: str, zone: str = "") -> str:
    """`2026-11-24 03:16:38 +0100`; `zone` (`+01:00`, `Z`) is used where the text names none."""
    found = _ISO.match(text.strip()[:_TEXT_CHARS_MAX])
    if found is None:
        return ""
    named = (found[7] or zone).upper()
    if not named:
        return ""
    offset = "+00:00" if named in {"Z", "UTC", "GMT"} else named
    offset = offset if ":" in offset else f"{offset[:3]}:{offset[3:]}"
    year, month, day, hour, minute, second = found.groups()[:6]
    return f"{year}-{month}-{day}T{hour}:{minute}:{second}{offset}"


def _names_zone(text: str) -> bool:
    """Python gives 0 where the text names no zone, or one it does not know."""
    bare = re.sub(r"\([^()]{0,40}\)", "", text).strip()
    return bool(re.search(r"(?:[+-]\d{4}|\b(?:UT|UTC|GMT|Z|[ECMP][SD]T))$", bare))


def _shifted(parts: tuple[int, ...], offset_s: int) -> str:
    try:
        local = datetime(*parts[:6], tzinfo=UTC)  # type: ignore[arg-type,misc]
    except (ValueError, TypeError):
        return ""
    sign, minutes = ("-" if offset_s < 0 else "+"), abs(offset_s) // 60
    return f"{local:%Y-%m-%dT%H:%M:%S}{sign}{minutes // 60:02}:{minutes % 60:02}"
