"""When a mail says that something was seen: dates with a clock, as people and machines write them, and their zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import msgspec

CLOCKS_MAX = 200  # of one text
_DATE_BEFORE_MAX = 40  # characters before a clock in which its date is sought
_QUARTER_S, _DAY_S = 900, 14 * 3_600  # every zone is so many quarters of an hour from UTC, and at most 14 hours
_CLOCK = re.compile(
    r"(?<![\d:.])([01]?\d|2[0-3])[:時] ?([0-5]\d)(?:[:分] ?([0-5]\d))?(?:\.\d{1,9})?(?![\d:])"
    r"(?: ?(?P<half>[ap])\.?m\b\.?)?"
    r"(?: ?\(?(?P<zone>utc|gmt|cest|cet|mesz|mez|jst|z\b))?(?: ?\(?(?P<offset>[+-]\d{2}:?\d{2}))?",
    re.IGNORECASE,
)
_MONTHS = {
    name: number
    for line in (
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "jan feb mär apr mai jun jul aug sep okt nov dez",
        "janv févr mars avril mai juin juil août sept octo nov déce",
        "ene feb mar abr may jun jul ago sep oct nov dic",
        "जन फ़र मार्च अप्रै मई जून जुला अगस्त सितं अक्टू नवं दिसं",
    )
    for number, name in enumerate(line.split(), start=1)
}
_WORD = r"[^\W\d_]{1,3}[^\s\d.,:;]{0,10}"
_DATE = re.compile(
    r"(?<!\d)(?:(?P<y1>\d{4})[-/.](?P<m1>\d{1,2})[-/.](?P<d1>\d{1,2})"
    r"|(?P<d2>\d{1,2})[./-](?P<m2>\d{1,2})[./-](?P<y2>\d{4})"
    rf"|(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?[. -]{{1,2}}(?P<m3>{_WORD})[., -]{{1,2}}(?P<y3>\d{{4}})"
    rf"|(?P<m4>{_WORD})\.? (?P<d4>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y4>\d{{4}})"
    r"|(?P<y5>\d{4})年 ?(?P<m5>\d{1,2})月 ?(?P<d5>\d{1,2})日)[^\d\n]{0,16}\Z",
    re.IGNORECASE,
)
_OFFSETS_H = {"utc": 0, "gmt": 0, "z": 0, "cet": 1, "mez": 1, "cest": 2, "mesz": 2, "jst": 9}


class Stated(msgspec.Struct, frozen=True):
    """A stated moment. Without a zone (`has_zone`) `at` is as if the clock were UTC; `or_at` where day and month can
    be taken for one another."""

    at: datetime
    text: str
    has_zone: bool = False
    or_at: datetime | None = None

    def may_be(self, moment: datetime, within: timedelta) -> bool:
        """Whether it is that moment, or would be in some zone where it names none."""
        return any(self._is(one, moment, within) for one in (self.at, self.or_at) if one is not None)

    def _is(self, at: datetime, moment: datetime, within: timedelta) -> bool:
        apart = abs((at - moment).total_seconds())
        if self.has_zone:
            return apart <= within.total_seconds()
        if apart > _DAY_S + within.total_seconds():
            return False
        past = apart % _QUARTER_S
        return min(past, _QUARTER_S - past) <= within.total_seconds()


def stated_moments(text: str) -> Iterator[Stated]:
    """Every clock that has a date before it."""
    for _, clock in zip(range(CLOCKS_MAX), _CLOCK.finditer(text), strict=False):
        before = text[max(0, clock.start() - _DATE_BEFORE_MAX) : clock.start()]
        date = _DATE.search(before)
        stated = _stated(date, clock, before[date.start() :] + clock[0]) if date else None
        if stated is not None:
            yield stated


def _stated(date: re.Match[str], clock: re.Match[str], text: str) -> Stated | None:
    form = next(form for form in "12345" if date[f"y{form}"])
    year, day = int(date[f"y{form}"]), int(date[f"d{form}"])
    month = date[f"m{form}"]
    zone, has_zone = _zone(clock)
    at = _moment(year, _month(month), day, clock, zone)
    other = _moment(year, day, int(month), clock, zone) if form == "2" and "/" in date[0] else None
    first = at or other
    return Stated(first, " ".join(text.split()), has_zone, other if at else None) if first else None


def _month(text: str) -> int:
    if text.isdigit():
        return int(text)
    word = text.lower()
    return next((number for name, number in _MONTHS.items() if word.startswith(name)), 0)


def _moment(year: int, month: int, day: int, clock: re.Match[str], zone: timezone) -> datetime | None:
    hour, half = int(clock[1]), (clock["half"] or "").lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return datetime(year, month, day, hour, int(clock[2]), int(clock[3] or 0), tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(clock: re.Match[str]) -> tuple[timezone, bool]:
    offset, name = clock["offset"], clock["zone"]
    if offset:
        minutes = int(offset[1:3]) * 60 + int(offset[-2:])
        return timezone(timedelta(minutes=min(minutes, 14 * 60) * (-1 if offset[0] == "-" else 1))), True
    return timezone(timedelta(hours=_OFFSETS_H[name.lower()] if name else 0)), bool(name)
