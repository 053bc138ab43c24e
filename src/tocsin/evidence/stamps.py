"""The moments that logs write, in the forms of the services that are read. What they leave out is not guessed here."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

YEARLESS = 2000  # a leap year, so that 29 February is a day
_MONTHS = {
    name: number
    for number, name in enumerate("JanFebMarAprMayJunJulAugSepOctNovDec"[i : i + 3] for i in range(0, 36, 3))
}

_CLOCK = r"(?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)(?:[.,](?P<f>\d{1,9}))?"
_ZONE = r"(?: ?(?P<z>Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        rf"(?P<y>\d{{4}})[-/](?P<mo>\d\d)[-/](?P<d>\d\d)[T ]{_CLOCK}{_ZONE}",  # RFC 3339; nginx without zone
        r"(?:[A-Z][a-z]{2},? )?(?P<mon>[A-Z][a-z]{2}) {1,2}(?P<d>\d{1,2}) "  # RFC 3164 §4.1.2
        rf"(?:(?P<y>\d{{4}}) )?{_CLOCK}(?: (?P<y2>\d{{4}}))?{_ZONE}",
        rf"(?P<d>\d{{1,2}})[-/](?P<mon>[A-Z][a-z]{{2}})[-/](?P<y>\d{{4}})[: ]{_CLOCK}{_ZONE}",
    )
)
_EPOCH = re.compile(r"(?P<seconds>\d{9,10})(?:\.(?P<f>\d{1,9}))?", re.ASCII)
_TAI64N = re.compile(r"@4(?P<seconds>[0-9a-f]{15})[0-9a-f]{8}", re.ASCII)  # cr.yp.to/libtai/tai64.html
_TAI_AHEAD_S = 10  # what multilog and its kin count with
_UTC_NAMES = ("Z", "UTC", "GMT")


class Stamp(msgspec.Struct, frozen=True):
    """What a log's clock showed: `at` (aware), or `local` (of the year YEARLESS: it wrote none); neither: why."""

    at: datetime | None = None
    local: datetime | None = None
    is_exact: bool = False  # it had fractions of a second
    why_not: str = ""


_NO_DAY = "not a day of the calendar, or not a time of day"
_NONE = Stamp(why_not="the line has no moment")


class Stamps:
    """Moments of one log's clock; a second that is asked for again is not read again."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        self._zone = zone
        self.read = lru_cache(maxsize=1 << 16)(self._read)
        self._day_of_access = lru_cache(maxsize=1 << 8)(self._day)

    def _read(self, text: str) -> Stamp:
        if not text:
            return _NONE
        if len(text) == 26 and text[2] == "/" and text[11] == ":" and text[14] + text[17] + text[20] == ":: ":
            return self._of_access(text)
        if match := _EPOCH.fullmatch(text):
            micro = int((match["f"] or "0").ljust(6, "0")[:6])
            return Stamp(
                at=datetime.fromtimestamp(int(match["seconds"]), UTC).replace(microsecond=micro),
                is_exact=bool(match["f"]),
            )
        if match := _TAI64N.fullmatch(text):
            seconds = int(match["seconds"], 16) - _TAI_AHEAD_S
            return Stamp(at=datetime.fromtimestamp(seconds, UTC)) if 0 < seconds < 1 << 33 else Stamp(why_not=_NO_DAY)
        return self._of_form(text)

    def _of_access(self, text: str) -> Stamp:
        """`24/Nov/2026:03:16:38 +0100`, of which a log has millions: its day is read once."""
        midnight = self._day_of_access(text[:11], text[21:])
        hour, minute, second = text[12:14], text[15:17], text[18:20]
        if (
            midnight is None
            or not (hour + minute + second).isdecimal()
            or hour > "23"
            or minute > "59"
            or second > "60"
        ):
            return Stamp(why_not=_NO_DAY)
        return Stamp(at=midnight + timedelta(hours=int(hour), minutes=int(minute), seconds=min(int(second), 59)))

    def _day(self, day: str, zone: str) -> datetime | None:
        return self._of_form(f"{day}:00:00:00 {zone}").at

    def _of_form(self, text: str) -> Stamp:
        for form in _FORMS:
            if match := form.fullmatch(text):
                return self._of_parts(match.groupdict())
        return Stamp(why_not=f"not a moment: {text[:60]}")

    def _of_parts(self, parts: dict[str, str | None]) -> Stamp:
        year = parts.get("y") or parts.get("y2")
        month = _MONTHS.get(parts["mon"] or "", -1) + 1 if "mon" in parts else int(parts["mo"] or 0)
        fraction = parts["f"]
        try:
            naive = datetime(  # noqa: DTZ001 - the zone comes below
                int(year or YEARLESS),
                month,
                int(parts["d"] or 0),
                int(parts["h"] or 0),
                int(parts["m"] or 0),
                min(int(parts["s"] or 0), 59),
                int((fraction or "0").ljust(6, "0")[:6]),
            )
        except ValueError:
            return Stamp(why_not=_NO_DAY)
        if zone := parts["z"]:
            return (
                Stamp(at=naive.replace(tzinfo=_offset(zone)).astimezone(UTC), is_exact=bool(fraction))
                if year
                else Stamp(why_not="a zone without a year")
            )
        if year is None:
            return Stamp(local=naive, is_exact=bool(fraction)) if self._zone else Stamp(why_not=NO_YEAR)
        return in_zone(naive, self._zone, is_exact=bool(fraction))


NO_ZONE = "a local time: say with --zone (or `zone` in the configuration) of which zone"
NO_YEAR = "a local time without its year: say with --zone (or `zone` in the configuration) of which zone"


def in_zone(local: datetime, zone: ZoneInfo | None, *, is_exact: bool = False) -> Stamp:
    """What the local time is in UTC, where the zone had it exactly once."""
    if zone is None:
        return Stamp(why_not=NO_ZONE)
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first == second:
        return Stamp(at=first, is_exact=is_exact)
    there = [moment for moment in (first, second) if moment.astimezone(zone).replace(tzinfo=None) == local]
    return Stamp(why_not="an hour that the zone had twice" if there else "a local time that the zone never had")


def _offset(text: str) -> timezone:
    if text in _UTC_NAMES:
        return timezone(timedelta(0))
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))
