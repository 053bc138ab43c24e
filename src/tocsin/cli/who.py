"""`tocsin who`: who held this address (and port) at this moment?"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click
import msgspec

from tocsin.cli.options import ADDRESS, MOMENT, data_options, json_option, now_option, reason_option


@click.command("who", short_help="Say who held an address (and port) at a moment.")
@click.argument("address", type=ADDRESS)
@click.option("--port", type=click.IntRange(1, 65535), help="The client's own port, where the address is shared.")
@click.option("--protocol", type=click.Choice(["tcp", "udp"]), help="Where a log names ports by protocol.")
@click.option("--at", type=MOMENT, help="The moment, with its zone: 2026-11-24T03:16:38Z.")
@reason_option
@data_options
@now_option
@json_option
def command(
    address: UUID,
    port: int | None,
    protocol: str | None,
    at: datetime | None,
    reason: str,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """The one answer about ADDRESS: a subscriber, or why it cannot be told. The look is written to the audit."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.looks import look_who

    with House.open(config_file=config_file, data=data, now=now) as house:
        if at is None:
            click.secho(
                "No --at was given: this is about NOW, not about when something was seen.", err=True, fg="yellow"
            )
        answer = look_who(house, address, at=at or house.now, port=port, protocol=protocol, reason=reason)
    if as_json:
        shown = {
            name: value for name, value in msgspec.to_builtins(answer).items() if name not in ("number", "account")
        }
        sys.stdout.buffer.write(msgspec.json.encode({**shown, "bindings": list(answer.bindings)}) + b"\n")
        return
    subject = (
        f" {answer.subscriber}" if answer.subscriber else f" ({answer.sharers} share it)" if answer.sharers else ""
    )
    click.secho(f"{answer.outcome}{subject}", bold=True)
    click.echo(f"  {answer.sentence}")
    click.echo(f"  margin {answer.margin_s} s · rests on {len(answer.bindings)} bindings")
    if answer.prefix:
        network = [answer.prefix, f"AS{answer.origin}" if answer.origin else None, answer.country, answer.abuse_contact]
        click.echo("  " + " · ".join(part for part in network if part))
