"""`tocsin init`: a data folder, its keys, and a first configuration."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tocsin.cli.options import data_options, now_option


@click.command("init", short_help="Make a data folder, its keys and a first configuration.")
@data_options
@now_option
def command(data: Path | None, config_file: Path | None, now: datetime | None) -> None:
    """Write a configuration if there is none; make the data folder and the keys. Changes nothing that is there."""
    from tocsin.pipeline.config import find_config
    from tocsin.pipeline.house import House
    from tocsin.pipeline.keys import make_keys
    from tocsin.pipeline.template import CONFIG_TEMPLATE
    from tocsin.proof.keys import fingerprint

    path = find_config(config_file)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(CONFIG_TEMPLATE, "utf-8")
        click.echo(f"wrote {path}: put your own networks, sources and logs into it, then run `tocsin init` again")
        return
    with House.open(config_file=path, data=data, now=now) as house:
        made = make_keys(house.data / "keys", house.issuer, house.now)
        click.echo(f"{'made' if made else 'found'} the keys of {house.issuer.domain} in {house.data / 'keys'}")
        click.echo(f"  zone.txt    what belongs into your DNS (DKIM selector {house.issuer.selector})")
        click.echo("  known.toml  what a reader pins; hand it to whoever checks your notices")
        click.echo(f"  fingerprint for the bill: {fingerprint(house.keys.proof)}")
