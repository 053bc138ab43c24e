"""Time zones that a form offers, and a local time that a person typed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, available_timezones

# Those that are places of today, and UTC first: the old names of tzdata's `backward` file confuse more than they help.
ZONES: tuple[str, ...] = (
    "UTC",
    *sorted(
        name
        for name in available_timezones()
        if name.split("/")[0]
        in {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
    ),
)
_KNOWN = frozenset(ZONES)
_LOCAL = re.compile(
    r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})[T ](?P<hour>\d{2}):(?P<minute>\d{2})"
    r"(?::(?P<second>\d{2})(?:\.\d{1,9})?)?",
    re.ASCII,
)


def local_moment(text: str, zone: str) -> datetime:
    """`2026-11-24 04:16:38` as it was shown by a clock in that zone, in UTC.

    ValueError, in words for the form, where it is no time, or one that the clock showed twice or never.
    """
    found = _LOCAL.fullmatch(text.strip())
    if not found:
        raise ValueError("Write it as 2026-11-24 04:16:38, or with its own offset: 2026-11-24T03:16:38Z.")
    if zone not in _KNOWN:
        raise ValueError("Choose a time zone of the list.")
    parts = {name: int(value or 0) for name, value in found.groupdict().items()}
    try:
        first = datetime(**parts, tzinfo=ZoneInfo(zone))
    except ValueError as error:
        raise ValueError("There is no such day or hour.") from error
    second = first.replace(fold=1)
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
        if back != first.replace(tzinfo=None):
            raise ValueError(f"The clocks of {zone} skipped that time. Write it with its offset.")
        either = f"{first:%z} or {second:%z}"
        raise ValueError(f"The clocks of {zone} showed that time twice. Write it with its offset ({either}).")
    return first.astimezone(UTC)
