"""Curves as SVG: steps, bands, what others measured beside. No script; readable in print and without colour.

Colours come from the page's stylesheet (desk.css), or from the one that a file of its own carries. Names come from
outside and are escaped.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import ceil

import msgspec

from tocsin.measure.published import Published
from tocsin.measure.survival import Curve

WIDTH, HEIGHT = 640, 300
CURVES_MAX = 6  # nobody follows more
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 12, 12, 40
_DAYS_MIN, _DAYS_MAX = 14, 60
_PLOT_W, _PLOT_H = WIDTH - _LEFT - _RIGHT, HEIGHT - _TOP - _BOTTOM
_LEGEND_ROW = 15
STYLE = (
    ":root{--s1:#2f6f9f;--s2:#c7772b;--s3:#5b8c4a;--s4:#8a63a6;--s5:#b0903a;--s6:#4a9a94;"
    "--line:#d9d6cd;--edge:#7b7f87;--soft:#565b64;--ink:#1d1f23;--sheet:#fffefb}"
    "@media(prefers-color-scheme:dark){:root{--s1:#6fb0e0;--s2:#e0a068;--s3:#93c283;--s4:#b99ad2;--s5:#d6bc6c;"
    "--s6:#7cc7c0;--line:#34373e;--edge:#858a94;--soft:#a9adb5;--ink:#eceae5;--sheet:#1b1d21}}"
    ".chart{font:11px/1 system-ui,sans-serif;background:var(--sheet)}"
    ".s1{--series:var(--s1)}.s2{--series:var(--s2)}.s3{--series:var(--s3)}.s4{--series:var(--s4)}"
    ".s5{--series:var(--s5)}.s6{--series:var(--s6)}"
    ".chart .grid{stroke:var(--line);shape-rendering:crispEdges}.chart .grid.zero{stroke:var(--edge)}"
    ".chart .tick{fill:var(--soft)}.chart .beside{paint-order:stroke;stroke:var(--sheet);stroke-width:4px}"
    ".chart .curve{fill:none;stroke:var(--series);stroke-width:2}.chart .band{fill:var(--series);opacity:.16}"
    ".chart .d2{stroke-dasharray:7 3}.chart .d3{stroke-dasharray:2 3}.chart .d4{stroke-dasharray:9 3 2 3}"
    ".chart .d5{stroke-dasharray:12 4}.chart .d6{stroke-dasharray:4 6}"
    ".chart .others{stroke:var(--ink);stroke-width:2}.chart .name{fill:var(--ink)}"
)


class Mark(Published, frozen=True, kw_only=True):
    """A published share of clean lines and the day that it was measured at."""

    day: float


def mark(of: Published, day: float) -> Mark:
    return Mark(**msgspec.structs.asdict(of), day=day)


def curves_svg(
    curves: Sequence[Curve], *, title: str, name: str, marks: Sequence[Mark] = (), is_file: bool = False
) -> str:
    """One drawing; `name` is the stem of its ids. At most CURVES_MAX curves, the first ones."""
    shown = curves[:CURVES_MAX]
    last = _last_day(shown)
    words = "; ".join(_words(curve) for curve in shown) or "nothing has been measured yet"
    inner = [
        f'<title id="{name}-title">{escape(title)}</title>',
        f'<desc id="{name}-words">Share still in trouble by days. {escape(words)}</desc>',
        *_grid(last),
        *(_band(curve, number, last) for number, curve in enumerate(shown, 1)),
        *(_line(curve, number, last) for number, curve in enumerate(shown, 1)),
        *(part for each in marks if each.day <= last for part in _mark(each, last)),
        *_legend(shown),
    ]
    head = (
        f'<svg class="chart survival" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-labelledby="{name}-title {name}-words"'
    )
    head += ' xmlns="http://www.w3.org/2000/svg">' + f"<style>{STYLE}</style>" if is_file else ">"
    return head + "".join(inner) + "</svg>"


def _last_day(curves: Sequence[Curve]) -> int:
    """A whole number of weeks that holds every step, within bounds."""
    longest = max((curve.until for curve in curves), default=0.0)
    return min(max(7 * ceil(longest / 7), _DAYS_MIN), _DAYS_MAX)


def _x(day: float, last: int) -> float:
    return round(_LEFT + _PLOT_W * min(day, last) / last, 1)


def _y(share: float) -> float:
    return round(_TOP + _PLOT_H * (1 - share), 1)


def _grid(last: int) -> list[str]:
    found = []
    for percent in (0, 25, 50, 75, 100):
        y = _y(percent / 100)
        zero = " zero" if not percent else ""
        found.append(f'<line class="grid{zero}" x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{y}" y2="{y}"/>')
        found.append(f'<text class="tick" x="{_LEFT - 6}" y="{y}" dy="4" text-anchor="end">{percent} %</text>')
    for day in range(0, last + 1, 7):
        found.append(f'<text class="tick" x="{_x(day, last)}" y="{HEIGHT - 24}" text-anchor="middle">{day}</text>')
    middle = _LEFT + _PLOT_W / 2
    return [*found, f'<text class="tick" x="{middle}" y="{HEIGHT - 8}" text-anchor="middle">days</text>']


def _steps(days: Sequence[float], shares: Sequence[float], until: float, last: int) -> list[tuple[float, float]]:
    """The corners of a staircase that begins with everybody and goes on to the last day that is known."""
    corners = [(_x(0, last), _y(1.0))]
    for day, share in zip(days, shares, strict=True):
        if day > last:
            break
        corners += [(_x(day, last), corners[-1][1]), (_x(day, last), _y(share))]
    return [*corners, (_x(min(until, last), last), corners[-1][1])]


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in corners)


def _line(curve: Curve, number: int, last: int) -> str:
    path = _path(_steps(curve.days, curve.share, curve.until, last))
    return f'<path class="curve s{number} d{number}" d="{path}"><title>{escape(_words(curve))}</title></path>'


def _band(curve: Curve, number: int, last: int) -> str:
    above = _steps(curve.days, curve.high, curve.until, last)
    below = _steps(curve.days, curve.low, curve.until, last)
    return f'<path class="band s{number}" d="{_path([*above, *reversed(below)])}Z"/>'


def _mark(each: Mark, last: int) -> list[str]:
    """A bar over the published interval of those still in trouble, with its words to be pointed at or heard."""
    x, above, below = _x(each.day, last), _y(1 - each.low), _y(1 - each.high)
    words = escape(f"{each.low:.0%} to {each.high:.0%} {each.what} ({each.source})")
    bar = f'<path class="others" d="M{x - 4} {above}H{x + 4}M{x} {above}V{below}M{x - 4} {below}H{x + 4}">'
    label = f"{each.low:.0%} to {each.high:.0%} {each.what.split(',')[0]}"
    return [
        bar + f"<title>{words}</title></path>",
        f'<text class="tick beside" x="{x + 8}" y="{(above + below) / 2}" dy="4">{escape(label)}</text>',
    ]


def _legend(curves: Sequence[Curve]) -> list[str]:
    """Inside, above right, where curves that fall leave room."""
    found = []
    for number, curve in enumerate(curves, 1):
        y = _TOP + 8 + _LEGEND_ROW * (number - 1)
        x = WIDTH - _RIGHT - 8
        found.append(f'<path class="curve s{number} d{number}" d="M{x - 28} {y}H{x}"/>')
        text = escape(f"{curve.name[:40]} ({curve.subjects:,})")
        found.append(f'<text class="name" x="{x - 34}" y="{y}" dy="4" text-anchor="end">{text}</text>')
    return found


def _words(curve: Curve) -> str:
    if not curve.subjects:
        return f"{curve.name}: nobody"
    median = curve.median_days
    half = f"half clean after {median:.1f} days" if median is not None else "more than half not yet clean"
    return f"{curve.name}: {curve.subjects:,} followed, {curve.ended:,} clean, {half}"
