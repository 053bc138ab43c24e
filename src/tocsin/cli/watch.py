"""`tocsin watch`: who attacked a server, by its own logs."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tocsin.cli.options import data_options, json_option, now_option, zone_option


@click.command("watch", short_help="Find in a server's logs who attacked it; report each network's own to it.")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True), metavar="LOG…")
@click.option(
    "--as", "services", multiple=True, help="Watch for this service only: sshd, web, postfix … (may be given again)."
)
@zone_option
@click.option("--source", help="Whose sightings these are (a name; else witness).")
@click.option(
    "--proxy", "proxies", multiple=True, metavar="NETWORK", help="A proxy of your own: believe its X-Forwarded-For."
)
@click.option(
    "--allow", "allowed", multiple=True, metavar="NETWORK", help="Leave these addresses alone: your own, a crawler's."
)
@click.option("--report", is_flag=True, help="Print the reports, one a network; nothing is sent.")
@click.option(
    "--networks", multiple=True, type=click.Path(path_type=Path), help="A prefix table that names abuse contacts."
)
@click.option("--from", "reporter", metavar="'NAME <MAIL>'", help="Who reports.")
@click.option("--form", type=click.Choice(["xarf", "csv", "plain"]), help="The part for programs; else xarf.")
@click.option(
    "--confidence", type=click.IntRange(0, 100), default=75, show_default=True, help="How sure a report must be."
)
@click.option("--with-leads", is_flag=True, help="Report bare packets too, which anybody can forge.")
@click.option(
    "--withhold-target", is_flag=True, help="Take out what names your server: the contact may be the attacker."
)
@click.option("--raw", is_flag=True, help="With --report: the mails' own bytes.")
@click.option(
    "--follow",
    is_flag=True,
    help="Go on as the logs grow; where it stands is kept. JSON lines, or with --report or --send reports.",
)
@click.option("--from-start", is_flag=True, help="With --follow: a log that is new to it from its first line on.")
@click.option("--send", is_flag=True, help="Send the reports, as the configuration says, and keep them.")
@data_options
@now_option
@json_option
def command(
    logs: tuple[Path, ...],
    services: tuple[str, ...],
    zone: str | None,
    source: str | None,
    proxies: tuple[str, ...],
    allowed: tuple[str, ...],
    report: bool,
    networks: tuple[Path, ...],
    reporter: str | None,
    form: str | None,
    confidence: int | None,
    with_leads: bool,
    withhold_target: bool,
    raw: bool,
    follow: bool,
    from_start: bool,
    send: bool,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Read each LOG (or - for standard input): web access and error logs, sshd, mail, FTP, DNS, VoIP, firewall.

    What a service's attack lines look like is known from its data file; one log may hold several services. Without
    an option it prints a line a host; with --json every sighting, as `tocsin read --to jsonl` does.
    """
    import msgspec

    from tocsin.pipeline.watch_asked import Asked, configured
    from tocsin.pipeline.watching import watch_and_follow, watch_and_send, watch_logs

    if sum((report, send, as_json)) > 1:
        raise click.UsageError("--report, --send and --json exclude each other")
    said = {
        "logs": logs,
        "services": services,
        "zone": zone,
        "source": source,
        "proxies": proxies,
        "allowed": allowed,
        "networks": networks,
        "reporter": reporter,
        "form": form,
        "confidence_min": confidence,
        "with_leads": with_leads,
        "withhold_target": withhold_target,
        "raw": raw,
        "from_start": from_start,
        "data": data,
        "config_file": config_file,
        "now": now,
    }
    asked = configured(msgspec.convert({name: value for name, value in said.items() if value is not None}, Asked))
    if follow:
        return watch_and_follow(asked, report=report, send=send)
    return watch_and_send(asked) if send else watch_logs(asked, as_json=as_json, report=report)
