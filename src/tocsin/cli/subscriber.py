"""`tocsin subscriber`: everything that is held of one subscriber, to be handed over or erased."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tocsin.cli.options import data_options, now_option

_WHY = "Why: it is written to the audit with your name."


@click.group("subscriber", short_help="Hand over, or erase, everything that is held of one subscriber.")
def command() -> None:
    """REF is the customer number, as the subscribers' file has it."""


@command.command("export")
@click.argument("ref")
@click.option("--to", "target", type=click.Path(path_type=Path), required=True, help="The ZIP to write; - is stdout.")
@click.option("--reason", required=True, help=_WHY)
@data_options
@now_option
def export_(
    ref: str, target: Path, reason: str, data: Path | None, config_file: Path | None, now: datetime | None
) -> None:
    """Write a ZIP with everything that is held of this subscriber."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.privacy.export import export

    with House.open(config_file=config_file, data=data, now=now) as house:
        body = export(house, ref, reason=reason)
    with click.open_file(str(target), "wb", lazy=False) as file:
        file.write(body)
    click.echo(f"{len(body):,} bytes: it holds everything about them, so send it by a way that you trust", err=True)


@command.command("erase")
@click.argument("ref")
@click.option("--reason", required=True, help=_WHY)
@click.option("--yes", is_flag=True, help="Do not ask.")
@data_options
@now_option
def erase_(ref: str, reason: str, yes: bool, data: Path | None, config_file: Path | None, now: datetime | None) -> None:
    """Erase everything that is held of this subscriber. It cannot be undone."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.privacy.erase import ask, finish

    if not yes:
        click.confirm(f"Erase everything that is held of {ref}? It cannot be undone", abort=True)
    with House.open(config_file=config_file, data=data, now=now) as house:
        erased = finish(house, ask(house, ref, reason=reason))
    click.echo(f"erased: {erased.sightings:,} sightings, {erased.days:,} days of the lake written anew", err=True)
    click.echo("take them out of your own files too: what these say is read again when they change", err=True)
