"""`tocsin detect`: which of our hosts are bots, by their flows alone?"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.options import data_options, json_option, now_option, zone_option

if TYPE_CHECKING:
    from tocsin.pipeline.detecting import Detected
    from tocsin.traffic.judge import Host

_QUIET_MAX = 12  # of so many hosts, those that show nothing have no place of their own on the page
_NAMES = {"clean": "clean, and nothing shows", "unseen": "not enough seen"}
_SHOWN_MAX = 6  # findings of one host in the terminal; --json has them all


@click.command("detect", short_help="Judge hosts by their flows: infected, suspicious, clean, or not enough seen.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path, exists=True))
@click.option("--own", multiple=True, metavar="PREFIX", help="Your networks; without it private ones, or what shows.")
@click.option(
    "--list",
    "lists",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True),
    help="Attackers' servers: plain, MISP or STIX 2.1.",
)
@click.option("--as", "format_", help="The format, where it should not be recognised: zeek …")
@click.option("--sampled", type=click.IntRange(1), default=1, help="The sensor looked at one packet in so many.")
@click.option("--html", "page_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a page there.")
@click.option("--lake", is_flag=True, help="Keep what is infected as sightings, so that it enters the chain.")
@zone_option
@data_options
@now_option
@json_option
def command(
    paths: tuple[Path, ...],
    own: tuple[str, ...],
    lists: tuple[Path, ...],
    format_: str | None,
    sampled: int,
    page_file: Path | None,
    lake: bool,
    zone: str | None,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Read flows (files, or folders of them) and say of each host of yours what they show, with the reasons.

    Inbound attacks never count against the host that they hit. A provider's flows are judged only once the
    configuration names the legal basis. Exit codes: 0 done, 1 done with rejects, 2 could not.
    """
    from tocsin.pipeline.detecting import Asked, basis_of, detected

    asked = Asked(paths=paths, own=own, lists=lists, format=format_, sampled=sampled, zone=zone, now=now)
    with detected(asked, basis_of(config_file)) as found:
        if as_json:
            for host in found.judgement.hosts:
                sys.stdout.buffer.write(_line(host) + b"\n")
        else:
            _show(found)
        _tell(found)
        if page_file is not None:
            _write_page(found, page_file)
        if lake:
            _keep(found, config_file, data, now)
        return 1 if found.traffic.rejects else 0


def _write_page(found: Detected, page_file: Path) -> None:
    from tocsin.pipeline.detecting import write_page
    from tocsin.traffic.page import Shown

    sampled = _sampled(found)
    notes = [sampled] if sampled else []
    hosts = found.judgement.hosts
    if len(hosts) > _QUIET_MAX:
        quiet = Counter(host.verdict for host in hosts if not host.behaviours)
        notes += [f"{count:,} more: {_NAMES[verdict]}" for verdict, count in sorted(quiet.items())]
        hosts = tuple(host for host in hosts if host.behaviours)
    devices = [Shown(host=host, title=", ".join(host.addresses[:2])) for host in hosts]
    write_page(devices, page_file, title="What the flows show", notes=notes)


def _keep(found: Detected, config_file: Path | None, data: Path | None, now: datetime | None) -> None:
    """Only a provider has a lake: without a configuration that names its legal basis there is none."""
    from tocsin.pipeline.detected_lake import keep_verdicts
    from tocsin.pipeline.flows_lake import keep_flows
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data, now=now) as house:
        house.config.traffic.demand_basis()
        counts = keep_verdicts(house, found.judgement)
        flows = keep_flows(house, found.judgement, found.traffic)
    kept = 0 if counts is None else counts.sightings
    click.echo(f"tocsin: {kept} new sightings of {house.config.traffic.source}, {flows} flows kept with them", err=True)


def _line(host: Host) -> bytes:
    """The commands' contract: absent values are absent keys."""
    import msgspec

    from tocsin.terms.moments import format_moment

    def plain(value: object) -> object:
        return msgspec.to_builtins(value, builtin_types=())

    behaviours = []
    for each in host.behaviours:
        fields: dict[str, object] = {"name": each.name, "score": each.score, "peers": each.peers, "rows": each.rows}
        fields |= {"text": each.text, "peers_total": each.peers_total, "rows_total": each.rows_total}
        fields |= {"first_at": format_moment(each.first_at), "last_at": format_moment(each.last_at)}
        fields |= {name: value for name, value in (("port", each.port), ("protocol", each.protocol)) if value}
        behaviours.append(fields | {"numbers": each.numbers})
    shown = [
        {
            "starts_at": format_moment(each.starts_at),
            "ends_at": format_moment(each.ends_at),
            "verdict": each.verdict,
            "score": each.score,
            "behaviours": each.behaviours,
        }
        for each in host.windows
    ]
    line: dict[str, object] = {"host": host.host, "verdict": host.verdict, "score": host.score}
    line |= {"first_at": format_moment(host.first_at), "last_at": format_moment(host.last_at)}
    line |= {"addresses": host.addresses, "behaviours": behaviours, "windows": shown}
    if host.sampled > 1:
        line["sampled"] = host.sampled
    return msgspec.json.encode(plain(line))


_COLOURS = {"infected": "red", "suspicious": "yellow", "clean": "green", "unseen": "white"}


def _show(found: Detected) -> None:
    """A line for each host, its findings under it; those of whom too little was seen are counted."""
    unseen = 0
    for host in found.judgement.hosts:
        if host.verdict == "unseen" and not host.behaviours:
            unseen += 1
            continue
        name = "not enough seen" if host.verdict == "unseen" else host.verdict
        seen = (
            f"{host.first_at:%Y-%m-%d %H:%M} to {host.last_at:%Y-%m-%d %H:%M} UTC, {host.opened:,} flows and look-ups"
        )
        verdict = click.style(f"{name:15}", fg=_COLOURS[host.verdict], bold=host.verdict == "infected")
        if host.sampled > 1:
            seen += f", 1 packet in {host.sampled:,}"
        click.echo(f"{host.host:39} {verdict} {host.score:.2f}  {seen}")
        for each in host.behaviours[:_SHOWN_MAX]:
            click.echo(f"    {each.score:.2f}  {each.text}")
        if len(host.behaviours) > _SHOWN_MAX:
            click.echo(f"          … and {len(host.behaviours) - _SHOWN_MAX} more (--json)")
    if unseen:
        click.echo(f"of {unseen} more not enough was seen")
    if sampled := _sampled(found):
        click.echo(sampled)


def _sampled(found: Detected) -> str:
    rate = max((host.sampled for host in found.judgement.hosts), default=1)
    if rate == 1:
        return ""
    return f"One packet in {rate:,} was seen: regular calls do not show then, fan-out does; nobody can be called clean."


def _tell(found: Detected) -> None:
    for warning in found.traffic.warnings:
        click.echo(f"tocsin: {warning}", err=True)
    for name, reject in found.traffic.rejected(10):
        click.echo(f"tocsin: {name}, line {reject.line}: {reject.reason}", err=True)
    if found.judgement.own_by == "callers":
        click.echo(
            "tocsin: nothing tells whose network this is: everybody who called is judged (--own PREFIX)", err=True
        )
