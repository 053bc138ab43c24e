"""`tocsin garden`: into the walled garden and out of it."""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option

if TYPE_CHECKING:
    from tocsin.garden.config import GardenSection
    from tocsin.pipeline.garden_acts import Actor

_WHY = click.option("--reason", required=True, help="Why: it is written to the audit with your name.")
_ROWS = 200


@click.group("garden", short_help="Put a line into the walled garden, let it out, obey who wants out.")
def command() -> None:
    """CASE is a case's name, QUARANTINE is what `ask` prints; `list` names all."""


def _actor(now: datetime, reason: str) -> Actor:
    from tocsin.pipeline.clock import worker
    from tocsin.pipeline.garden_acts import Actor

    return Actor(name=worker(), reason=reason, at=now)


@command.command("ask")
@click.argument("case")
@_WHY
@data_options
@now_option
def ask_(case: str, reason: str, data: Path | None, config_file: Path | None, now: datetime | None) -> None:
    """Ask for the case's line to be put into the garden. Somebody approves."""
    from tocsin.pipeline import garden_acts
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data, now=now) as house:
        mine = garden_acts.ask(house.book, house.config, case, _actor(house.now, reason))
    click.echo(mine.quarantine)


@command.command("approve")
@click.argument("quarantine")
@_WHY
@data_options
@now_option
def approve_(quarantine: str, reason: str, data: Path | None, config_file: Path | None, now: datetime | None) -> None:
    """Approve it, or try a failed one again. It is done in the next round."""
    from tocsin.pipeline import garden_acts
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data, now=now) as house:
        garden_acts.approve(house.book, house.config, quarantine, _actor(house.now, reason))


@command.command("refuse")
@click.argument("quarantine")
@_WHY
@data_options
@now_option
def refuse_(quarantine: str, reason: str, data: Path | None, config_file: Path | None, now: datetime | None) -> None:
    """Say no."""
    from tocsin.pipeline import garden_acts
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data, now=now) as house:
        garden_acts.refuse(house.book, quarantine, _actor(house.now, reason))


@command.command("release")
@click.argument("quarantine")
@_WHY
@click.option("--clerk", is_flag=True, help="They have rung: it is the clerk's way out.")
@data_options
@now_option
def release_(
    quarantine: str, reason: str, clerk: bool, data: Path | None, config_file: Path | None, now: datetime | None
) -> None:
    """Let them out, in the next round; without the book by the queue."""
    from tocsin.pipeline import garden_acts
    from tocsin.pipeline.house import House
    from tocsin.terms.errors import Busy, StorageFailed

    try:
        with House.open(config_file=config_file, data=data, now=now) as house:
            garden_acts.release(house.book, quarantine, "clerk" if clerk else "desk", _actor(house.now, reason))
    except (Busy, StorageFailed) as error:
        _wish_instead(quarantine, reason, clerk, data, config_file, now)
        click.echo(f"{error}; the wish is kept in the queue", err=True)


def _wish_instead(
    quarantine: str, reason: str, clerk: bool, data: Path | None, config_file: Path | None, now: datetime | None
) -> None:
    from tocsin.garden.queue import Wish, wish
    from tocsin.pipeline.clock import present, worker
    from tocsin.pipeline.config import data_folder, find_config, load_config

    path = find_config(config_file)
    folder = data_folder(data, load_config(path), path)
    way: Literal["clerk", "desk"] = "clerk" if clerk else "desk"
    wish(folder, Wish(quarantine=quarantine, asked_at=now or present(), way=way, by=worker(), reason=reason))


@command.command("list")
@json_option
@data_options
@now_option
def list_(as_json: bool, data: Path | None, config_file: Path | None, now: datetime | None) -> None:
    """Who is inside, is to go in or has come out, the newest first."""
    from tocsin.book import quarantines
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data, now=now) as house, house.book.read() as tx:
        found = quarantines.newest(tx, _ROWS)
    for each in found:
        if as_json:
            shown = {
                name: value
                for name, value in msgspec.structs.asdict(each).items()
                if value is not None and name not in ("subscriber", "account")
            }
            sys.stdout.buffer.write(msgspec.json.encode(shown) + b"\n")
        else:
            way = f" by {each.way}" if each.way else ""
            trouble = f" ({each.error})" if each.error else ""
            click.echo(f"{each.quarantine}  {each.case}  {each.state}{way}{trouble}")


@command.command("queue")
@click.option("--watch", type=click.IntRange(1, 3600), metavar="SECONDS", help="Again and again, until stopped.")
@data_options
@now_option
def queue_(watch: int | None, data: Path | None, config_file: Path | None, now: datetime | None) -> int:
    """One round: out and in. Where the book cannot be used, who wants out is let out without it."""
    code = _round(data, config_file, now)
    while watch:
        time.sleep(watch)
        code = _round(data, config_file, now)
    return code


def _round(data: Path | None, config_file: Path | None, now: datetime | None) -> int:
    from tocsin.pipeline.garden import garden_round
    from tocsin.pipeline.house import House
    from tocsin.terms.errors import Busy, StorageFailed

    try:
        with House.open(config_file=config_file, data=data, now=now) as house:
            done = garden_round(house)
    except (Busy, StorageFailed) as error:
        click.echo(f"tocsin: {error}: the queue is obeyed without the book", err=True)
        return _without_book(data, config_file, now)
    for word, names in msgspec.structs.asdict(done).items():
        for name in names:
            click.echo(f"{word} {name}")
    return 1 if done.failed else 0


def _without_book(data: Path | None, config_file: Path | None, now: datetime | None) -> int:
    from tocsin.garden.queue import alone, obey, wishes
    from tocsin.pipeline.clock import present
    from tocsin.pipeline.config import data_folder, find_config, load_config

    path = find_config(config_file)
    config = load_config(path)
    folder = data_folder(data, config, path)
    with alone(folder):
        found = obey(folder, config.garden, path.parent, at=now or present())
    for each in found:
        click.echo(f"{'released' if each.is_out else 'later'} {each.wish.quarantine} ({each.answer.words})")
    return 1 if wishes(folder) else 0


@command.command("allow")
@click.option("--to", "form", type=click.Choice(["list", "nftables", "dnsmasq", "radius"]), default="list")
@data_options
def allow_(form: str, data: Path | None, config_file: Path | None) -> None:
    """Print what stays open in the garden, in the words of what keeps it open."""
    from tocsin.garden.allowed import FORMS

    click.echo(FORMS[form](_garden(config_file)), nl=False)


@command.command("signals")
@click.option("--to", "form", type=click.Choice(["dhcpd", "kea", "dnsmasq", "radvd", "octets"]), default="kea")
@data_options
def signals_(form: str, data: Path | None, config_file: Path | None) -> None:
    """Print how DHCP and router advertisements tell devices where to ask (RFC 8910)."""
    from tocsin.garden.signals import FORMS, api_uri

    click.echo(FORMS[form](api_uri(_garden(config_file))), nl=False)


def _garden(config_file: Path | None) -> GardenSection:
    from tocsin.pipeline.config import find_config, load_config

    return load_config(find_config(config_file)).garden
