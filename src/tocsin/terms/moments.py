"""Moments: aware and UTC inside, RFC 3339 with `Z` outside."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

_RFC3339 = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(Z|z|[+-]\d{2}:\d{2})", re.ASCII
)


def parse_moment(text: str) -> datetime:
    """RFC 3339 §5.6 to an aware UTC datetime; digits past the microsecond are dropped.

    Raises ValueError when the text is not of that form or names no zone.
    """
    match = _RFC3339.fullmatch(text.strip())
    if not match:
        raise ValueError(f"not an RFC 3339 moment with a zone: {text[:60]!r}")
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    micro = int((match[7] or "0").ljust(6, "0")[:6])
    zone = UTC if match[8] in "Zz" else _offset(match[8])
    if second > 60:
        raise ValueError(f"no such second: {text[:60]!r}")
    return datetime(year, month, day, hour, minute, min(second, 59), micro, tzinfo=zone).astimezone(UTC)


def _offset(text: str) -> timezone:
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def format_moment(moment: datetime) -> str:
    """`2026-11-24T03:16:38Z`, with microseconds only where there are any. Refuses naive datetimes."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a zone")
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0").rstrip(".") if "." in text else text) + "Z"


def utc_day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
