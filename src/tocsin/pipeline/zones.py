"""The name of a time zone, as an option or the configuration gives it."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tocsin.terms.errors import BadConfig, BadRequest


def zone_of(name: str | None) -> ZoneInfo | None:
    """The zone; None where nobody named one. A leading colon, as TZ may have it, is let pass. Raises BadRequest."""
    if not name:
        return None
    try:
        return ZoneInfo(name.removeprefix(":"))
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadRequest(
            f"not an IANA time zone: {name!r}", where="--zone", remedy="write it as Europe/Berlin"
        ) from error


def check_zone(name: str, where: str) -> None:
    """Raises BadConfig where a setting names a zone that is none."""
    try:
        zone_of(name)
    except BadRequest as error:
        raise BadConfig(f"not an IANA time zone: {name!r}", where=where) from error
