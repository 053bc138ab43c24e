"""`tocsin config`: is the configuration right, and what does it say?"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option
from tocsin.cli.secrets import hide


@click.command("config", short_help="Check the configuration and show it.")
@data_options
@json_option
def command(data: Path | None, config_file: Path | None, as_json: bool) -> None:
    """Read the configuration, say what is wrong with it, and show it with every default filled in, passwords hidden."""
    from tocsin.pipeline.config import data_folder, find_config, load_config

    path = find_config(config_file)
    config = load_config(path)
    shown = msgspec.to_builtins(config) | {"data": str(data_folder(data, config, path))}
    line = msgspec.json.encode(hide(shown))
    if as_json:
        sys.stdout.buffer.write(line + b"\n")
    else:
        click.echo(f"# {path}: good")
        click.echo(msgspec.json.format(line, indent=2).decode())
