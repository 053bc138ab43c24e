"""Days and moments as the reader's calendar writes them; what may be shown of a line."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date

_LINE_SHOWN = 2


def day_text(moment: datetime, language: str, zone: str) -> str:
    """`24 November 2026`."""
    local = moment.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    return date_text(local.date(), language)


def date_text(day: date, language: str) -> str:
    """`24 November 2026`, of a day that has no hour."""
    return format_date(day, "long", locale={"en": "en_GB"}.get(language, language))


def line_end(masked: str) -> str:
    """`··11` of `···· 4711`: enough to see that it is not one's own, too little to learn the line."""
    kept = masked.replace("·", "").strip()
    shown = kept[-min(_LINE_SHOWN, len(kept) // 2) :] if len(kept) > 1 else ""
    return f"··{shown}" if shown else ""
