"""Moments in the reader's zone and words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel.core import Locale, get_global
from babel.dates import format_datetime, get_timezone_name

from tocsin.notices.letters.catalogue import Catalogue
from tocsin.terms.errors import BadRequest


def moment_words(moment: datetime, zone: str, words: Catalogue) -> str:
    """`Tuesday, 24 November 2026, 04:16:38, Central European Standard Time (UTC+01:00)`."""
    local = moment.astimezone(zone_named(zone))
    offset = local.utcoffset() or timedelta(0)
    name = _zone_name(zone, offset, local.dst() or timedelta(0), words.language)
    return words.say("local_moment", moment=clock_words(moment, zone, words), zone=name, offset=offset_text(offset))


def clock_words(moment: datetime, zone: str, words: Catalogue) -> str:
    """`Tuesday, 24 November 2026, 04:16:38`, for where the zone is named already."""
    return format_datetime(moment.astimezone(zone_named(zone)), words.moment_format, locale=words.language)


def day_words(moment: datetime, zone: str, words: Catalogue) -> str:
    """`24 November 2026`: the day as the reader's clock and calendar had it."""
    return format_datetime(moment.astimezone(zone_named(zone)), words.day_format, locale=words.language)


def utc_words(moment: datetime) -> str:
    """`2026-11-24 03:16:38`, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def offset_text(offset: timedelta) -> str:
    """`+05:30`."""
    minutes = round(offset.total_seconds() / 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def zone_named(zone: str) -> ZoneInfo:
    """BadRequest when no such zone is known."""
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadRequest(f"no such time zone: {zone!r}", remedy="use an IANA name such as Europe/Berlin") from error


@lru_cache(maxsize=1024)
def _zone_name(zone: str, offset: timedelta, saved: timedelta, language: str) -> str:
    """The zone's name in words; `saved` tells winter from summer time."""
    variant: Literal["daylight", "standard"] = "daylight" if saved else "standard"
    if zone in _older_names():
        names = Locale.parse(language).meta_zones.get(get_global("meta_zones")[_older_names()[zone]], {})
        if told := names.get("long", {}).get(variant):
            return str(told)
    return get_timezone_name(ZoneInfo(zone), width="long", locale=language, zone_variant=variant)


@cache
def _older_names() -> dict[str, str]:
    """Zones that Babel names by an older name only: of Asia/Kolkata it would say "India Time", not the name of its time
    (CLDR keeps the oldest name, IANA has moved on)."""
    dated = get_global("meta_zones")
    return {new: old for old, new in get_global("zone_aliases").items() if old in dated and new not in dated}
