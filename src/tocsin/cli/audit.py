"""`tocsin audit`: who looked, is the chain whole, and what is the canonical state?"""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option


@click.group("audit", short_help="Show the audit, verify its chain, dump the canonical state.")
def command() -> None:
    """The audit is append-only; each line's hash covers the line before it."""


@command.command("list")
@data_options
@json_option
def list_(data: Path | None, config_file: Path | None, as_json: bool) -> None:
    """Print every line, oldest first."""
    from tocsin.book import audit
    from tocsin.pipeline.house import House
    from tocsin.terms.moments import format_moment

    with House.open(config_file=config_file, data=data) as house, house.book.read() as tx:
        for entry in audit.entries(tx):
            if as_json:
                sys.stdout.buffer.write(msgspec.json.encode(entry) + b"\n")
            else:
                click.echo(
                    f"{entry.number:>6} {format_moment(entry.at)} {entry.actor} {entry.action} {entry.object}"
                    f"{' — ' + entry.reason if entry.reason else ''}"
                )


@command.command("verify")
@data_options
@json_option
def verify(data: Path | None, config_file: Path | None, as_json: bool) -> int:
    """Check the chain of hashes. Ends with 1 when a line was changed, removed, added or moved."""
    from tocsin.book import audit
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house, house.book.read() as tx:
        lines, fault = audit.verify(tx)
        last = audit.last_hash(tx)
    if as_json:
        told = {"lines": lines, "whole": fault is None, "last": last} | ({"fault": fault} if fault else {})
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")
    elif fault:
        click.secho(f"NOT WHOLE: {fault}", fg="red", bold=True)
    else:
        click.echo(f"whole: {lines} lines; the last hash is {last}")
        click.echo("keep that hash elsewhere: a cut at the end cannot be seen from inside")
    return 1 if fault else 0


@command.command("dump")
@data_options
def dump(data: Path | None, config_file: Path | None) -> None:
    """Print lake, book and outbox in canonical form. Two runs are the same when their dumps are equal."""
    from tocsin.pipeline.dump import dump as lines
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house:
        for line in lines(house.book, house.lake, house.maildir):
            sys.stdout.buffer.write(line)
