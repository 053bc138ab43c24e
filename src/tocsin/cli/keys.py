"""`tocsin keys`: a clearing house vouches for its providers' keys and for what it gave them; a reader takes it over."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path

import click

from tocsin.cli.options import data_options, now_option, reason_option

_PATH = click.Path(path_type=Path)


@click.group("keys", short_help="Providers' keys: show one's own, sign a list of them, take a list; confirm.")
def command() -> None:
    """Whom a reader trusts without having pinned each provider's key himself."""


@command.command("show")
@data_options
def show(data: Path | None, config_file: Path | None) -> None:
    """Print this house's own key as a `known.toml`: for readers, and for the clearing house that lists it."""
    from tocsin.pipeline.house import House
    from tocsin.proof.known import format_known

    with House.open(config_file=config_file, data=data) as house:
        click.echo(format_known([(house.keys.proof.public, house.issuer.name)], []), nl=False)


@command.command("sign")
@click.argument("providers", type=_PATH)
@click.option("--out", type=_PATH, required=True, help="The list; the one that lies there is followed and replaced.")
@click.option("--days", type=click.IntRange(1, 400), default=30, show_default=True, help="How long it speaks.")
@data_options
@now_option
def sign(
    providers: Path, out: Path, days: int, data: Path | None, config_file: Path | None, now: datetime | None
) -> None:
    """Sign the keys of PROVIDERS (a `known.toml` with a [[key]] each) as a list, numbered after the one before."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.key_lists import sign_list

    with House.open(config_file=config_file, data=data, now=now) as house:
        signed = sign_list(house, providers, out, lasts=timedelta(days=days))
    click.echo(f"{out}: list {signed.number}, {len(signed.keys)} keys, until {signed.expires_at:%Y-%m-%d}", err=True)


@command.command("take")
@click.argument("list_file", metavar="LIST", type=_PATH)
@click.option("--known", "known_file", type=_PATH, required=True, help="The known.toml that pins who signs it.")
def take(list_file: Path, known_file: Path) -> None:
    """Put LIST in the place that the known.toml names for its signer's list; never an older one over a newer."""
    from tocsin.pipeline.key_lists import take_list

    taken = take_list(list_file, known_file)
    instead = f" in the place of {taken.before}" if taken.before is not None else ""
    click.echo(f"{taken.place}: list {taken.number}{instead}", err=True)


@command.command("confirm")
@click.argument("reference")
@click.option("--to", "provider", required=True, metavar="DOMAIN", help="In whose name the provider writes.")
@click.option("--out", type=_PATH, help="Write it there; else it is printed.")
@reason_option
@data_options
@now_option
def confirm(
    reference: str,
    provider: str,
    out: Path | None,
    reason: str,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
) -> None:
    """Sign that we gave the provider what REFERENCE names (a sighting's id, or a report's number), and on what day."""
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.confirming import Asked
    from tocsin.pipeline.confirming import confirm as confirm_it
    from tocsin.pipeline.house import House
    from tocsin.terms.errors import BadRequest

    with House.open(config_file=config_file, data=data, now=now) as house:
        asked = Asked(reference=reference, provider=provider, actor=worker(), reason=reason)
        said = confirm_it(house, asked)
    if said is None:
        remedy = "look for it with `tocsin held`; only reports that have been sent count"
        raise BadRequest(f"no report that was sent told {provider[:80]!r} of {reference[:64]!r}", remedy=remedy)
    if out is None:
        sys.stdout.buffer.write(said)
    else:
        out.write_bytes(said)
