"""Reports that were kept, and what came back about them, on a screen or as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click
import msgspec

from tocsin.terms.moments import format_moment

if TYPE_CHECKING:
    from tocsin.book.report_post import Dead, Listed, ReportArrival
    from tocsin.pipeline.house import House

_RED = ("refused", "bounced", "uncertain")


def print_listed(reports: Iterable[Listed], dead: Iterable[Dead], *, as_json: bool) -> None:
    """A line a report; with JSON a line a dead contact besides."""
    if as_json:
        for each in (*reports, *dead):
            _json(msgspec.to_builtins(each))
        return
    for report in reports:
        back = ", ".join(_times(count, what) for count, what in _back(report) if count)
        line = f"{report.report}  {format_moment(report.composed_at)}  {report.state:9}  {report.contact}"
        click.secho(line + (f"  {back}" if back else ""), fg="red" if report.state in _RED else None)
    for each in dead:
        click.secho(f"{each.contact} takes no reports any more: {each.said}", fg="red")
        click.echo(f"  name another contact, or: tocsin report --revive {each.contact} --reason …")


def print_shown(report: Listed, arrivals: Iterable[ReportArrival], *, as_json: bool) -> None:
    """The report, then what came back about it, the oldest first."""
    if as_json:
        _json(msgspec.to_builtins(report) | {"arrivals": [_present(msgspec.to_builtins(each)) for each in arrivals]})
        return
    click.echo(f"{report.report} to {report.contact}: {report.state}{f' ({report.said})' if report.said else ''}")
    for each in arrivals:
        click.echo(f"  {format_moment(each.received_at)}  {each.kind}, known by its {each.found_by}: {each.said}")
        for line in (each.text or "").splitlines():
            click.echo(f"    {line}")


def print_scorecard(house: House, days: int, *, as_json: bool) -> None:
    """A line an autonomous system, the worst first."""
    from tocsin.cli.tables import print_table
    from tocsin.measure.words import origin_table
    from tocsin.pipeline.origins import score_origins

    cards = score_origins(house, days=days)
    if as_json:
        for card in cards:
            _json(msgspec.to_builtins(card))
    else:
        print_table(origin_table(cards))


def _back(report: Listed) -> tuple[tuple[int, str], ...]:
    return (report.bounces, "bounce"), (report.replies, "reply")


def _times(count: int, what: str) -> str:
    return f"{count} {what if count == 1 else {'reply': 'replies'}.get(what, what + 's')}"


def _present(value: dict[str, object]) -> dict[str, object]:
    """Absent values are absent keys."""
    return {name: each for name, each in value.items() if each not in (None, "")}


def _json(value: dict[str, object]) -> None:
    sys.stdout.buffer.write(msgspec.json.encode(_present(value)) + b"\n")
