"""How long something took, and how long ago it was, in a few words. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup

from tocsin.terms.moments import format_moment

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_TWO_UNITS_BELOW_S = 2 * 86_400


def span_words(span: timedelta) -> str:
    """`40 s`, `4 min`, `3 h 20 min`, `12 d`."""
    seconds = max(int(span.total_seconds()), 0)
    for place, (size, unit) in enumerate(_UNITS):
        if seconds >= size:
            whole, rest = divmod(seconds, size)
            if place + 1 < len(_UNITS) and seconds < _TWO_UNITS_BELOW_S:
                smaller, name = _UNITS[place + 1]
                if rest >= smaller:
                    return f"{whole} {unit} {rest // smaller} {name}"
            return f"{whole} {unit}"
    return f"{seconds} s"


def ago(moment: datetime, now: datetime) -> str:
    """`4 min ago`; a clock that is ahead says so."""
    if moment > now + timedelta(minutes=1):
        return f"{span_words(moment - now)} ahead"
    return "just now" if now - moment < timedelta(seconds=10) else f"{span_words(now - moment)} ago"


def days_words(days: float) -> str:
    """`under an hour`, `7 h`, `1.5 days`: how long a trouble lasted."""
    if days * 24 < 1:
        return "under 1 h"
    if days < 1:
        return f"{days * 24:.0f} h"
    return f"{days:.1f}".removesuffix(".0") + (" day" if round(days, 1) == 1 else " days")


def exact(moment: datetime, zone: str) -> Markup:
    """`2026-11-24 04:16:38 JST`: to the second, where a second decides whose line it was; fractions only if any."""
    local = moment.astimezone(ZoneInfo(zone))
    fraction = f".{local.microsecond:06}".rstrip("0") if local.microsecond else ""
    shown = f"{local:%Y-%m-%d %H:%M:%S}{fraction} {local:%Z}"
    return Markup('<time datetime="{}">{}</time>').format(format_moment(moment), shown)
