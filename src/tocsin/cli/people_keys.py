"""`tocsin people key`: keys of programs for the API."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option, reason_option

SCOPES = (
    *("sightings:write", "sightings:read", "attribution:read", "cases:read", "cases:write", "notices:read"),
    *("confirmations:read", "health"),
)


@click.group("key", short_help="Make and shut the keys of programs.")
def command() -> None:
    """Keys of programs for the API: made, listed, shut. Each step stands in the audit."""


@command.command("add")
@click.argument("name")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, required=True, help="What it may do.")
@click.option(
    "--network",
    "networks",
    multiple=True,
    help="Of a constituent: a prefix, AS64500, a country (IN) or a domain; else all.",
)
@click.option("--source", "sources", multiple=True, help="As which source it may push; else as any.")
@click.option("--days", type=click.IntRange(1, 3650), help="After how many days it ends.")
@data_options
def add(
    name: str,
    scopes: tuple[str, ...],
    networks: tuple[str, ...],
    sources: tuple[str, ...],
    days: int | None,
    data: Path | None,
    config_file: Path | None,
) -> None:
    """Make a key, and print it: this once."""
    from tocsin.pipeline.api_keys import make_key
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house, house.book.write() as tx:
        key = make_key(
            tx,
            name,
            scopes,
            networks=networks,
            sources=sources,
            expires_at=house.now + timedelta(days=days) if days else None,
            at=house.now,
            by=f"{worker()} (command line)",
        )
    click.echo(key)
    click.echo("it is shown only now", err=True)


@command.command("list")
@data_options
@json_option
def list_(data: Path | None, config_file: Path | None, as_json: bool) -> None:
    """Print every key: handle, name, scopes, networks, when it was last used, whether it is shut."""
    from tocsin.book import api_keys
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data) as house, house.book.read() as tx:
        rows, now = api_keys.every(tx), house.now
    for row in rows:
        if as_json:
            sys.stdout.buffer.write(msgspec.json.encode(row) + b"\n")
            continue
        is_over = row.expires_at is not None and row.expires_at <= now
        state = (
            "shut"
            if row.disabled_at
            else "ended"
            if is_over
            else f"used {row.used_at:%Y-%m-%d}"
            if row.used_at
            else "-"
        )
        click.echo(
            f"{row.handle}  {row.name:<24} {state:<16} {' '.join(row.scopes)}  {' '.join(row.networks)}".rstrip()
        )


@command.command("shut")
@click.argument("handle")
@reason_option
@data_options
def shut(handle: str, reason: str, data: Path | None, config_file: Path | None) -> None:
    """Shut a key: it opens nothing from now on."""
    from tocsin.pipeline.api_keys import shut_key
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.house import House
    from tocsin.terms.errors import BadRequest

    with House.open(config_file=config_file, data=data) as house, house.book.write() as tx:
        if not shut_key(tx, handle, at=house.now, by=f"{worker()} (command line)", reason=reason):
            raise BadRequest(f"no key that opens is called {handle[:40]!r}", remedy="`tocsin people key list`")
    click.echo(f"{handle} is shut", err=True)
