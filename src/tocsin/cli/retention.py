"""`tocsin retention`: what has been kept for long enough goes."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option


@click.command("retention", short_help="Remove what has been kept for long enough.")
@data_options
@now_option
@json_option
def command(data: Path | None, config_file: Path | None, now: datetime | None, as_json: bool) -> None:
    """Remove what has been kept for longer than the configuration says, and finish erasures that were begun."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.privacy.retention import retain

    with House.open(config_file=config_file, data=data, now=now) as house:
        removed = retain(house)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(removed) + b"\n")
        return
    told = [f"{count:,} {name.replace('_', ' ')}" for name, count in msgspec.structs.asdict(removed).items() if count]
    click.echo("removed: " + ", ".join(told) if told else "nothing has been kept for too long")
