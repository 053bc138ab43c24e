"""`tocsin case`: one case with its time line."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option, reason_option
from tocsin.terms.moments import format_moment

if TYPE_CHECKING:
    from tocsin.pipeline.looks import CaseView


@click.command("case", short_help="Show one case with its time line.")
@click.argument("case")
@reason_option
@data_options
@now_option
@json_option
def command(
    case: str, reason: str, data: Path | None, config_file: Path | None, now: datetime | None, as_json: bool
) -> None:
    """What was seen, what was done and why, what was sent. The look is written to the audit."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.looks import look_case

    with House.open(config_file=config_file, data=data, now=now) as house:
        view = look_case(house, case, reason=reason)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(_row(view)) + b"\n")
    else:
        _print(view)


def _row(view: CaseView) -> dict[str, object]:
    """The line of `tocsin cases`; beside it how many days of silence count, and how many do not."""
    row: dict[str, object] = msgspec.to_builtins(view.row, builtin_types=(datetime,))
    if view.silence is not None:
        row |= {"silent_days": view.silence.counted, "uncounted_days": len(view.silence.uncounted)}
    return row


def _print(view: CaseView) -> None:
    row = view.row
    click.secho(f"{row.case}: {row.kind}{' ' + row.malware if row.malware else ''}, {row.state}", bold=True)
    click.echo(f"  subscriber {row.subscriber} · {row.sightings} sightings · opened {format_moment(row.opened_at)}")
    click.secho("Seen", bold=True)
    for day in view.days:
        place = f"{day.address}{' port ' + str(day.port) if day.port else ''}"
        ref = f" · {day.source_ref}" if day.source_ref else ""
        click.echo(f"  {day.day} {day.source}: {day.sightings}, last {format_moment(day.last_at)} from {place}{ref}")
    if view.silence is not None:
        from tocsin.cases.silence import told

        click.echo(f"  since then: {told(view.silence)}")
    click.secho("Done", bold=True)
    for move in view.moves:
        click.echo(f"  {format_moment(move.at)} {move.state} ({move.actor}): {move.reason}")
    if view.notices:
        click.secho("Notices", bold=True)
    for notice in view.notices:
        sent = f", sent {format_moment(notice.sent_at)}" if notice.sent_at else ""
        click.echo(f"  {notice.notice} {notice.state}{sent}{': ' + notice.reason if notice.reason else ''}")
