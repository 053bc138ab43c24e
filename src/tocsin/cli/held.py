"""`tocsin held`: which sightings are held on an address?"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import click
import msgspec

from tocsin.cli.options import MOMENT, NETWORK, data_options, json_option, now_option, reason_option
from tocsin.terms.addresses import format_address
from tocsin.terms.moments import format_moment


@click.command("held", short_help="List the sightings held on an address.")
@click.argument("network", metavar="ADDRESS", type=NETWORK)
@click.option("--from", "since", type=MOMENT, help="The first moment; without it as far back as things are kept.")
@click.option("--to", "until", type=MOMENT, help="The moment after the last; without it now.")
@reason_option
@data_options
@now_option
@json_option
def command(
    network: tuple[UUID, int],
    since: datetime | None,
    until: datetime | None,
    reason: str,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Source, reference, kind and time of what was seen of ADDRESS (or a prefix); never whose it was."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.looks import look_held

    with House.open(config_file=config_file, data=data, now=now) as house:
        start = since or house.now - timedelta(days=house.config.lake.retention_days)
        for each in look_held(house, network, since=start, until=until or house.now, reason=reason):
            if as_json:
                shown = msgspec.to_builtins(each) | {"address": format_address(each.address)}
                sys.stdout.buffer.write(msgspec.json.encode(shown) + b"\n")
            else:
                ref, malware = each.source_ref or "-", each.malware or "-"
                click.echo(
                    f"{format_moment(each.seen_at):27} {format_address(each.address):39} {each.source:16} {ref:24}"
                    f" {each.kind} {malware}"
                )
