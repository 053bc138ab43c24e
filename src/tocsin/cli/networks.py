"""`tocsin networks`: whose network is it, by which tables?"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import click
import msgspec

from tocsin.cli.options import ADDRESS, MOMENT, data_options, json_option, now_option

if TYPE_CHECKING:
    from tocsin.attribution.networks import NetworksRead
    from tocsin.pipeline.networks import Fetched, Shown


@click.group("networks", short_help="Read prefix tables; show whose network an address was in, and who says so.")
def command() -> None:
    """Prefix to origin AS, country and abuse contact, as they were at each moment."""


@command.command("update")
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.option("--table", help="The name of the table that FILES are together; without it one for each format.")
@click.option("--as", "of", help="The format of FILES, where it should not be recognised.")
@click.option("--online", is_flag=True, help="First fetch what the configuration names (networks.tables.urls).")
@click.option("--valid-from", type=MOMENT, help="From when on they hold, with its zone; without it from now on.")
@data_options
@now_option
@json_option
def update(
    files: tuple[Path, ...],
    table: str | None,
    of: str | None,
    online: bool,
    valid_from: datetime | None,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Read the prefix tables FILES, or those of the configuration.

    They hold from now on (the very first ones for all the time before, too); what was answered for earlier moments
    stays as it is. The same files again change nothing.
    """
    from tocsin.pipeline import networks
    from tocsin.pipeline.house import House
    from tocsin.pipeline.progress import progress_for_terminal

    if files and online:
        raise click.UsageError("--online fetches what the configuration names; it takes no FILES")
    progress = progress_for_terminal()
    with House.open(config_file=config_file, data=data, now=now) as house:
        fetched = list(networks.fetch_tables(house, progress)) if online else []
        tables = networks.named_tables(files, table, of) if files else networks.configured_tables(house)
        found = networks.update(house, tables, progress, valid_from=valid_from)
    failed = any(each.failure for each in fetched)
    _tell_json(found, fetched) if as_json else _tell_update(found, fetched)
    return 1 if found.rejected or failed else 0


def _tell_json(found: NetworksRead, fetched: list[Fetched]) -> None:
    for each in fetched:
        sys.stdout.buffer.write(msgspec.json.encode(each) + b"\n")
    for reject in found.rejects:
        line = {"reject": reject.reason, "file": reject.file, "line": reject.line, "value": reject.value}
        sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
    shown: dict[str, object] = {"tables": found.tables, "prefixes": found.prefixes, "rejects": found.rejected}
    if found.valid_from is not None and found.valid_from.year > 1:
        shown["valid_from"] = found.valid_from
    sys.stdout.buffer.write(msgspec.json.encode(shown | {"already": found.already}) + b"\n")


def _tell_update(found: NetworksRead, fetched: list[Fetched]) -> None:
    for each in fetched:
        said = each.failure or ("fetched" if each.fresh else "no newer than what is here")
        click.secho(f"{each.table}: {each.url}: {said}", err=each.failure is not None)
    for reject in found.rejects[:10]:
        click.echo(f"  {reject.file}, line {reject.line}: {reject.reason}: {reject.value!r:.80}", err=True)
    if found.rejected:
        click.echo(f"{found.rejected} rows left out", err=True)
    if found.already:
        click.echo("nothing new: these tables hold already" if found.files else "no table is configured or named")
        return
    assert found.valid_from is not None
    since = "the beginning" if found.valid_from.year == 1 else f"{found.valid_from:%Y-%m-%dT%H:%M:%SZ}"
    click.echo(f"{', '.join(found.tables)}: {found.prefixes:,} prefixes, in force from {since}")


@command.command("show")
@click.argument("address", type=ADDRESS)
@click.option("--at", type=MOMENT, help="The moment, with its zone; without it now.")
@click.option("--online", is_flag=True, help="Ask those whom the configuration names, about now (networks.online).")
@data_options
@now_option
@json_option
def show(
    address: UUID,
    at: datetime | None,
    online: bool,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Whose network ADDRESS was in, and what each table said of it."""
    from tocsin.pipeline import networks
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data, now=now) as house:
        shown = networks.show(house, address, at or house.now, online=online)
    _show_json(shown) if as_json else _show_text(shown)


def _show_json(shown: Shown) -> None:
    found = {name: value for name, value in _fields(shown.found).items() if value is not None}
    line = found | {"at": shown.at, "claims": [_claim(claim) for claim in shown.claims]}
    if shown.told:
        line["told"] = shown.told
    sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")


def _fields(found: msgspec.Struct | None) -> dict[str, object]:
    return msgspec.structs.asdict(found) if found is not None else {}


def _claim(claim: msgspec.Struct) -> dict[str, object]:
    """Without a date where it holds from the beginning: that is no moment."""
    fields = {name: value for name, value in msgspec.structs.asdict(claim).items() if value is not None}
    since = fields["valid_from"]
    return fields if isinstance(since, datetime) and since.year > 1 else fields | {"valid_from": "beginning"}


def _show_text(shown: Shown) -> None:
    found = shown.found
    if found is None:
        click.secho("no table names a prefix around it", bold=True)
    else:
        origin = f"AS{found.origin}" if found.origin else None
        parts = (found.prefix, origin, found.country, found.abuse_contact)
        click.secho(" · ".join(part for part in parts if part), bold=True)
    for claim in shown.claims:
        parts = (claim.prefix, f"AS{claim.origin}" if claim.origin else None, claim.country, claim.abuse_contact)
        click.echo(f"  {claim.said_by} ({claim.format}): " + " · ".join(part for part in parts if part))
    for told in shown.told:
        said = told.failure or " · ".join((*told.abuse_contacts, told.prefix or "", told.country or "")) or "nothing"
        click.echo(f"  now, {told.client}: {said}")
