"""Moments as a scene writes them: `03:16:38` is on Monday, `Tue 03:16`, `2026-12-03 03:16`; all UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
_DAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")  # of the week that this Monday is in


def moment(text: str) -> datetime:
    *day, clock = text.split()
    hour, minute, second = [*map(int, clock.split(":")), 0, 0][:3]
    if not day:
        start = MONDAY
    elif day[0] in _DAYS:
        start = MONDAY + timedelta(days=_DAYS.index(day[0]) - 1)
    else:
        start = datetime.fromisoformat(day[0]).replace(tzinfo=UTC)
    return start + timedelta(hours=hour, minutes=minute, seconds=second)


def stamp(at: datetime) -> str:
    """As Shadowserver writes it: `2026-11-23 03:16:38`, UTC without saying so."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def zulu(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
