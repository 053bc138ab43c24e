"""`tocsin attribute`: whose line was each sighting on?"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option


@click.command("attribute", short_help="Find whose line each sighting was on.")
@data_options
@now_option
@json_option
def command(data: Path | None, config_file: Path | None, now: datetime | None, as_json: bool) -> None:
    """Fold the binding logs and answer every sighting whose answer may have changed; then print the outcomes."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.outcomes import count_outcomes
    from tocsin.pipeline.progress import progress_for_terminal
    from tocsin.pipeline.run import attribute

    with House.open(config_file=config_file, data=data, now=now) as house:
        done = attribute(house, progress_for_terminal())
        outcomes = count_outcomes(house.lake)
    if as_json:
        for outcome in outcomes:
            sys.stdout.buffer.write(msgspec.json.encode(outcome) + b"\n")
        return
    click.echo(f"days folded {len(done.folded)} · days attributed {len(done.attributed)}")
    for outcome in outcomes:
        click.echo(f"{outcome.sightings:>9,}  {outcome.outcome:12} {outcome.reason}")
