"""`tocsin cases`: the cases, newest trouble first."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option
from tocsin.terms.moments import format_moment


@click.command("cases", short_help="List the cases.")
@click.option("--state", "states", multiple=True, help="Only cases in this state; may be given several times.")
@data_options
@json_option
def command(states: tuple[str, ...], data: Path | None, config_file: Path | None, as_json: bool) -> None:
    """One line a case: its name, the subscriber's number, what it is about, its state."""
    from tocsin.book.cases import case_rows
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house, house.book.read() as tx:
        for row in case_rows(tx, states=states):
            if as_json:
                sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
            else:
                about = " ".join(part for part in (row.kind, row.malware) if part)
                click.echo(
                    f"{row.case}  {row.subscriber:12} {row.state:10} {format_moment(row.opened_at):21}"
                    f" {row.sightings:>6} seen {len(row.notices)} told  {about}"
                )
