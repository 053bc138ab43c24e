"""Charts as numbers for a template to draw: columns by day, meters, the strip of a log. Pure; no script, no style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

import msgspec

SERIES_MAX = 7  # more are one series, "others": nobody tells eight colours apart
OTHERS = "others"
WIDTH, HEIGHT = 640, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 8, 10, 22
_STEPS = (1, 2, 5)
_LABELS_MAX = 8


class Bar(msgspec.Struct, frozen=True):
    """A piece of a column; `words` are what a pointer over it, or a screen reader, is told."""

    x: float
    y: float
    width: float
    height: float
    series: int  # from 1
    words: str


class Tick(msgspec.Struct, frozen=True):
    """A label and the place where its line or its text stands."""

    at: float
    words: str


class Columns(msgspec.Struct, frozen=True, kw_only=True):
    """A column a day, with a piece a series; the same numbers as rows for the table beside it."""

    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM
    bars: tuple[Bar, ...]
    across: tuple[Tick, ...]
    along: tuple[Tick, ...]
    series: tuple[str, ...]
    days: tuple[date, ...]
    rows: tuple[tuple[int, ...], ...]  # of each day: of each series
    totals: tuple[int, ...]  # of each series

    @property
    def total(self) -> int:
        return sum(self.totals)


def columns(days: Sequence[date], counts: Mapping[tuple[str, date], int]) -> Columns:
    """The biggest series first; those past SERIES_MAX together."""
    names = _named(counts)
    rows = [_row(names, day, counts) for day in days]
    top = _round_up(max((sum(row) for row in rows), default=0))
    plot_w, plot_h = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
    step = plot_w / max(len(days), 1)
    bars: list[Bar] = []
    for number, (day, row) in enumerate(zip(days, rows, strict=True)):
        y = float(HEIGHT - _BOTTOM)
        for series, count in enumerate(row, 1):
            tall = plot_h * count / top
            if count:
                y -= tall
                x, wide = _LEFT + step * (number + 0.14), step * 0.72
                words = f"{names[series - 1]}, {day:%d %b}: {count:,}"
                bars.append(Bar(round(x, 2), round(y, 2), round(wide, 2), round(max(tall, 0.5), 2), series, words))
    every = -(-len(days) // _LABELS_MAX)
    return Columns(
        bars=tuple(bars),
        across=tuple(Tick(round(HEIGHT - _BOTTOM - plot_h * n / top, 2), short(n)) for n in _ticks(top)),
        along=tuple(
            Tick(round(_LEFT + step * (n + 0.5), 2), f"{day:%d %b}".lstrip("0"))
            for n, day in enumerate(days)
            if (len(days) - 1 - n) % every == 0
        ),
        series=tuple(names),
        days=tuple(days),
        rows=tuple(rows),
        totals=tuple(sum(row[n] for row in rows) for n in range(len(names))),
    )


def _named(counts: Mapping[tuple[str, date], int]) -> list[str]:
    total: Counter[str] = Counter()
    for (name, _), count in counts.items():
        total[name] += count
    names = [name for name, _ in sorted(total.items(), key=lambda pair: (-pair[1], pair[0]))]
    return names if len(names) <= SERIES_MAX + 1 else [*names[:SERIES_MAX], OTHERS]


def _row(names: Sequence[str], day: date, counts: Mapping[tuple[str, date], int]) -> tuple[int, ...]:
    shown = set(names)
    others = sum(count for (name, at), count in counts.items() if at == day and name not in shown)
    return tuple(counts.get((name, day), 0) + (others if name == OTHERS else 0) for name in names)


def _round_up(most: int) -> int:
    """The next number that is 1, 2 or 5 and zeros; at least 4, so that each line is a whole number."""
    size = 1
    while True:
        for step in _STEPS:
            if step * size >= max(most, 4):
                return step * size
        size *= 10


def _ticks(top: int) -> list[int]:
    parts = 5 if top % 5 == 0 else 4
    return [top * part // parts for part in range(parts + 1)]


class Meter(msgspec.Struct, frozen=True):
    """A bar's width, of a hundred."""

    width: float


def meter(count: int, most: int) -> Meter:
    """Something is always to be seen where there is something."""
    return Meter(round(max(100 * count / most, 0.75), 2) if count and most else 0.0)


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a log's strip: where it stands, of a hundred, and what it is."""

    x: float
    width: float
    kind: str  # whole | gap | unread
    words: str


class Strip(msgspec.Struct, frozen=True):
    """A log's last days; `days` are the places of midnights."""

    pieces: tuple[Piece, ...]
    days: tuple[float, ...]


def strip(
    read: tuple[datetime | None, datetime | None],
    gaps: Iterable[tuple[datetime, datetime]],
    now: datetime,
    *,
    days: int,
) -> Strip | None:
    """From so many days ago until now, for a log read from when until when; None where there is nothing to draw."""
    read_from, read_until = read
    if read_from is None or read_until is None:
        return None
    first = now - timedelta(days=days)
    found: list[Piece] = [_piece(first, read_from, first, now, "unread")]
    at = max(first, read_from)
    for begins, ends in sorted(gaps):
        if ends > first and begins < now:
            found += [_piece(at, max(begins, at), first, now, "whole"), _piece(begins, ends, first, now, "gap")]
            at = max(at, ends)
    found += [_piece(at, min(read_until, now), first, now, "whole"), _piece(read_until, now, first, now, "unread")]
    midnight = datetime(now.year, now.month, now.day, tzinfo=now.tzinfo)
    midnights = (midnight - timedelta(days=n) for n in range(days))
    return Strip(
        tuple(piece for piece in found if piece.width > 0),
        tuple(_place(each, first, now) for each in midnights if each > first),
    )


_WORDS = {"whole": "whole", "gap": "silent", "unread": "not read"}


def _piece(begins: datetime, ends: datetime, first: datetime, last: datetime, kind: str) -> Piece:
    x = _place(begins, first, last)
    width = max(_place(ends, first, last) - x, 0.0)
    if kind == "gap":
        width = max(width, 0.6)  # a short silence is seen too
    return Piece(x, round(width, 3), kind, f"{_WORDS[kind]} {begins:%d %b %H:%M} to {ends:%d %b %H:%M} UTC")


def _place(moment: datetime, first: datetime, last: datetime) -> float:
    share = (moment - first) / (last - first)
    return round(100 * min(max(share, 0.0), 1.0), 3)


def short(number: int) -> str:
    """`950`, `1.2k`, `3.4M`: for the edge of a chart."""
    for size, sign in ((1_000_000, "M"), (1_000, "k")):
        if number >= size:
            return f"{number / size:.1f}".removesuffix(".0") + sign
    return str(number)
