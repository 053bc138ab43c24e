"""`tocsin why`: on which flows does a sighting of our own detection rest?"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option, reason_option


@click.command("why", short_help="Show the flows that a sighting of your own detection rests on.")
@click.argument("sighting", type=click.UUID)
@reason_option
@data_options
@now_option
@json_option
def command(
    sighting: UUID,
    reason: str,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """The flows behind SIGHTING (an `id` of `tocsin held`), which `tocsin detect --lake` has kept with it.

    They go with the sighting, and before it after `traffic.retention_days`. Who looks stands in the audit.
    """
    from tocsin.pipeline.house import House
    from tocsin.pipeline.looks import look_why

    with House.open(config_file=config_file, data=data, now=now) as house:
        is_any = False
        for flow in look_why(house, sighting, reason=reason):
            is_any = True
            if as_json:
                sys.stdout.buffer.write(msgspec.json.encode(flow) + b"\n")
            else:
                click.echo(_line(flow))
        if not is_any:
            click.echo("tocsin: no flow is kept with this sighting, or they have gone by their retention", err=True)


def _line(flow: dict[str, object]) -> str:
    ends = [
        f"{flow[end]}{f' port {flow[port]}' if port in flow else ''}"
        for end, port in (("caller", "caller_port"), ("called", "called_port"))
    ]
    sent = f"{flow.get('packets_out', 0)}/{flow.get('packets_in', 0)} packets"
    how = f"{flow['protocol']} {flow['state']}, {sent}"
    return f"{flow['at']:27} {ends[0]} to {ends[1]} {how}  {flow['file']}:{flow['line']}"
