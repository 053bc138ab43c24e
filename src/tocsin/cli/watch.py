"""`tocsin watch`: who attacked a server, by its own logs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tocsin.cli.options import data_options, json_option, now_option


@click.command("watch", short_help="Find in a server's logs who attacked it; report each network's own to it.")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True), metavar="LOG…")
@click.option(
    "--as", "service", help="Watch for this service only: sshd, web, postfix … (else for all that are known)."
)
@click.option("--zone", envvar=["TOCSIN_ZONE", "TZ"], help="The zone of times that name none, such as Europe/Berlin.")
@click.option("--source", help="Whose sightings these are (a name; else witness).")
@data_options
@now_option
@json_option
def command(
    logs: tuple[Path, ...],
    service: str | None,
    zone: str | None,
    source: str | None,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Read each LOG (or - for standard input): web access and error logs, sshd, mail, FTP, DNS, VoIP, firewall.

    What a service's lines look like is known from its data file; one log may hold several services. Nothing is sent.
    """
    from tocsin.pipeline.watching import Asked, watch_logs

    asked = Asked(logs=logs, service=service, zone=zone, source=source, config_file=config_file, data=data, now=now)
    return watch_logs(asked, as_json=as_json)
