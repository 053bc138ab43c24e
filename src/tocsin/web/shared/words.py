"""The words of each seat, in TOML files with the same keys in every language, and how moments are written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, get_timezone_name
from litestar.connection import Request
from markupsafe import Markup

from tocsin.terms.moments import format_moment

LANGUAGES = {"en": "English", "de": "Deutsch", "hi": "हिन्दी", "ja": "日本語"}
LANGUAGE_COOKIE = "language"
_WEB = Path(__file__).parents[1]
_PREFERENCES_MAX = 20


@cache
def words_of(seat: str, language: str) -> Mapping[str, str]:
    """Every word of a seat over those that all share; nested tables become dotted keys. English where none is said."""
    words: dict[str, str] = {}
    for folder in ("shared", seat):
        path = _WEB / folder / "words" / f"{language}.toml"
        if path.is_file():
            words |= flat(tomllib.loads(path.read_text("utf-8")))
    return words


def flat(tree: Mapping[str, Any], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in tree.items():
        found |= flat(value, f"{before}{key}.") if isinstance(value, dict) else {before + key: str(value)}
    return found


def say(seat: str, language: str, key: str, values: Mapping[str, object]) -> str:
    """The words for a key, with the values in their places. An unknown key is a bug: KeyError."""
    words = words_of(seat, language)[key]
    return words.format_map(values) if values else words


def language_of(request: Request[Any, Any, Any], otherwise: str) -> str:
    """`?language=`, else the cookie of the switch, else what the browser prefers, else the provider's."""
    for asked in (request.query_params.get("language"), request.cookies.get(LANGUAGE_COOKIE)):
        if asked in LANGUAGES:
            return str(asked)
    return _preferred(request.headers.get("accept-language", "")) or otherwise


def _preferred(header: str) -> str | None:
    """RFC 9110 §12.5.4: the language with the highest weight that we have."""
    best, best_weight = None, 0.0
    for part in header.split(",")[:_PREFERENCES_MAX]:
        tag, _, parameters = part.strip().partition(";")
        language = tag.partition("-")[0].lower()
        weight = _weight(parameters.strip())
        if language in LANGUAGES and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameters: str) -> float:
    if not parameters.startswith("q="):
        return 1.0
    try:
        return min(float(parameters[2:8]), 1.0)
    except ValueError:
        return 0.0


def moment_text(moment: datetime, language: str, zone: str) -> str:
    """As it is said in that language, with the zone's name: `24 Nov 2026, 03:16 UTC`."""
    local = moment.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    form = {"en": "d MMM y, HH:mm", "de": "d. MMM y, HH:mm", "hi": "d MMM y, HH:mm"}.get(language, "y年M月d日 HH:mm")
    return f"{format_datetime(local, form, locale=language)} {_zone_name(local, language)}"


def _zone_name(local: datetime, language: str) -> str:
    """`MEZ`, `JST`; `UTC+05:45` where nobody uses a short name."""
    for name in (get_timezone_name(local, width="short", locale=language), local.tzname() or ""):
        if name.isalpha():
            return name
    return local.strftime("UTC%z")[:6] + ":" + local.strftime("%z")[3:]


def time_tag(moment: datetime, language: str, zone: str) -> Markup:
    """`<time>` with the exact moment for programs."""
    text = moment_text(moment, language, zone)
    return Markup('<time datetime="{}">{}</time>').format(format_moment(moment), text)
