"""Verdicts as one page: a time line for each device, with its findings in sentences. No script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from html import escape

import msgspec

from tocsin.traffic.judge import Host
from tocsin.traffic.verdict import Finding

DEVICES_MAX = 500  # on one page, the worst first
FINDINGS_MAX = 12  # of one device
_WIDTH, _ROW, _LEFT, _TOP = 960, 22, 150, 26
_TICKS = 8
_LABEL = 80  # so wide is a moment: nearer to the edge it would be cut
_STEPS_S = (60, 300, 900, 3600, 10_800, 21_600, 86_400, 604_800)
_WORDS = {"infected": "infected", "suspicious": "suspicious", "clean": "clean", "unseen": "not enough seen"}
_STYLE = """
:root { color-scheme: light dark; --ink: #1c1e21; --paper: #fffffb; --line: #d6d6d0; --infected: #a1161f;
  --suspicious: #7a5200; --clean: #14663f; --unseen: #55585c; }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e9e4; --paper: #17191b; --line: #3b3e41; --infected: #ff8a8f;
  --suspicious: #f0c060; --clean: #7fd6a8; --unseen: #a9adb1; } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper);
  margin: 0 auto; max-width: 62rem; padding: 1.5rem; }
section { border-top: 1px solid var(--line); padding: 1rem 0; }
h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere; }
.infected { color: var(--infected); } .suspicious { color: var(--suspicious); } .clean { color: var(--clean); }
.unseen { color: var(--unseen); }
.line { overflow-x: auto; } svg { display: block; width: 100%; min-width: 40rem; height: auto; margin: .6rem 0; }
svg text { fill: currentColor; font-size: 12px; } svg .grid { stroke: var(--line); }
ul { margin: .4rem 0; padding-left: 1.2rem; }
"""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A device on the page: its verdict, what it is called, and what to do, each a plain text."""

    host: Host
    title: str
    advice: tuple[str, ...] = ()


def page(devices: Sequence[Shown], *, title: str, notes: Sequence[str] = ()) -> str:
    """A whole HTML document. Every text is escaped: names come from logs, and logs from anybody."""
    shown = devices[:DEVICES_MAX]
    left = len(devices) - len(shown)
    parts = [_device(each) for each in shown]
    if left:
        parts.append(f"<p>{left:,} more devices are not on this page; <code>--json</code> has them.</p>")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body><h1>{escape(title)}</h1>\n"
        + "".join(f"<p>{escape(note)}</p>\n" for note in notes)
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _device(shown: Shown) -> str:
    host = shown.host
    findings = host.behaviours[:FINDINGS_MAX]
    said = "".join(f"<li>{escape(each.text)}</li>" for each in findings)
    steps = "".join(f"<li>{escape(step)}</li>" for step in shown.advice)
    return (
        f'<section><h2>{escape(shown.title)} <span class="{host.verdict}">{_WORDS[host.verdict]}</span></h2>\n'
        f"<p>{_span(host.first_at, host.last_at)}, {_counted(host.opened)} of its own"
        + (f", one packet in {host.sampled:,} seen" if host.sampled > 1 else "")
        + "</p>\n"
        + (f'<div class="line" tabindex="0">{time_line(host, findings)}</div><ul>{said}</ul>' if findings else "")
        + (f"<p>What to do:</p><ol>{steps}</ol>" if steps else "")
        + "</section>"
    )


def time_line(host: Host, findings: Sequence[Finding]) -> str:
    """An SVG: a row for each finding, dark where it shows, from the first thing that was seen to the last."""
    first, last = _utc(host.first_at), _utc(host.last_at)
    total_s = max((last - first).total_seconds(), 1.0)
    height = _TOP + _ROW * len(findings) + 6
    rows = "".join(_row(place, each, first, total_s) for place, each in enumerate(findings))
    told = f"Time line of {len(findings)} findings from {_clock(first)} to {_clock(last)}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
        f' aria-label="{escape(told)}">'
        f"{_grid(first, total_s, height)}{rows}</svg>"
    )


def _row(place: int, finding: Finding, first: datetime, total_s: float) -> str:
    y = _TOP + place * _ROW
    whole = _bar(finding.first_at, finding.last_at, first, total_s, y + 8, 4, 0.35)
    hours = "".join(_bar(*_within(hour, finding), first, total_s, y + 4, 12, 0.9) for hour in finding.hours[:1000])
    return f'<text x="0" y="{y + 14}">{escape(finding.name)} {finding.score:.2f}</text>{whole}{hours}'


def _within(hour: datetime, finding: Finding) -> tuple[datetime, datetime]:
    """Of an hour in which it shows, the part from its first to its last moment."""
    begins, ends = _utc(hour), _utc(hour) + timedelta(hours=1)
    return max(begins, _utc(finding.first_at)), min(ends, _utc(finding.last_at))


def _bar(begins: datetime, ends: datetime, first: datetime, total_s: float, y: int, high: int, opacity: float) -> str:
    x = _place((_utc(begins) - first).total_seconds(), total_s)
    width = max(_place((_utc(ends) - first).total_seconds(), total_s) - x, 2.0)
    return f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{high}" fill="currentColor" opacity="{opacity}"/>'


def _grid(first: datetime, total_s: float, height: int) -> str:
    step_s = next((step for step in _STEPS_S if total_s / step <= _TICKS), total_s / _TICKS)
    begin = step_s - first.timestamp() % step_s if step_s <= _STEPS_S[-1] else 0.0
    lines: list[str] = []
    at_s = begin
    while at_s <= total_s and len(lines) <= _TICKS:
        x = _place(at_s, total_s)
        label = _clock(first + timedelta(seconds=at_s), is_day=step_s >= _STEPS_S[-2])
        lines.append(f'<line class="grid" x1="{x:.1f}" y1="{_TOP - 6}" x2="{x:.1f}" y2="{height}"/>')
        if x <= _WIDTH - _LABEL:
            lines.append(f'<text x="{x:.1f}" y="{_TOP - 12}">{label}</text>')
        at_s += step_s
    return "".join(lines)


def _place(at_s: float, total_s: float) -> float:
    return _LEFT + (_WIDTH - _LEFT) * min(max(at_s / total_s, 0.0), 1.0)


def _clock(moment: datetime, *, is_day: bool = False) -> str:
    return f"{moment:%d %b}" if is_day else f"{moment:%d %b %H:%M}"


def _counted(opened: int) -> str:
    return "1 flow or look-up" if opened == 1 else f"{opened:,} flows and look-ups"


def _span(first: datetime, last: datetime) -> str:
    return f"{_utc(first):%Y-%m-%d %H:%M} to {_utc(last):%Y-%m-%d %H:%M} UTC"


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
