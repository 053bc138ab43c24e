"""`tocsin home`: which device at home is it?"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.options import MOMENT, json_option, zone_option

if TYPE_CHECKING:
    from tocsin.home.household import Device
    from tocsin.pipeline.at_home import AtHome

_FINDINGS_SHOWN = 3
_COLOURS = {"infected": "red", "suspicious": "yellow", "clean": "green", "unseen": "white"}


@click.command("home", short_help="List the devices at home, and say which one a notice is about.")
@click.argument("paths", nargs=-1, metavar="[PATH]…", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--notice", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The notice: a mail or a text."
)
@click.option("--at", type=MOMENT, help="When it was seen, as the notice says.")
@click.option("--peer", metavar="ADDRESS[:PORT]", help="Whom the device spoke to, as the notice says.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port of your line, as the notice says.")
@click.option("--as", "format_", help="The format, where it should not be recognised: zeek …")
@click.option("--html", "page_file", type=click.Path(path_type=Path, dir_okay=False), help="Write a page there.")
@zone_option
@json_option
def command(
    paths: tuple[Path, ...],
    notice: Path | None,
    at: datetime | None,
    peer: str | None,
    port: int | None,
    format_: str | None,
    page_file: Path | None,
    zone: str | None,
    as_json: bool,
) -> int:
    """Read what your router, Pi-hole or laptop has kept, and say of each device what it is and how it behaves.

    Nothing leaves your house, and what anybody looks at is not shown. Without any file: what to switch on, and in
    which order to look. Exit codes: 0 done, 1 done with rejects, 2 could not.
    """
    from tocsin.home.advice import NO_LOGS
    from tocsin.pipeline.at_home import at_home, question_of

    question = question_of(notice, at, peer, port)
    if not paths:
        click.echo("\n".join(NO_LOGS))
        return 0
    with at_home(paths, question, format_=format_, zone=zone) as answer:
        if as_json:
            for device in answer.household.devices:
                sys.stdout.buffer.write(_line(device) + b"\n")
        else:
            _show(answer)
        if page_file is not None:
            _write_page(answer, page_file)
        for warning in answer.found.traffic.warnings:
            click.echo(f"tocsin: {warning}", err=True)
        for name, reject in answer.found.traffic.rejected(10):
            click.echo(f"tocsin: {name}, line {reject.line}: {reject.reason}", err=True)
        return 1 if answer.found.traffic.rejects else 0


def _write_page(answer: AtHome, page_file: Path) -> None:
    from tocsin.pipeline.detecting import write_page
    from tocsin.traffic.page import Shown

    devices = [Shown(host=each.host, title=_title(each), advice=each.advice) for each in answer.household.devices]
    write_page(devices, page_file, title="The devices at home", notes=["Nothing of this has left your house."])


def _line(device: Device) -> bytes:
    """The commands' contract: absent values are absent keys."""
    import msgspec

    behaviours = [
        {"name": each.name, "score": each.score, "peers": each.peers, "rows": each.rows, "text": each.text}
        for each in device.host.behaviours
    ]
    line: dict[str, object] = {"device": device.device, "addresses": device.addresses}
    line |= {
        name: value for name, value in (("mac", device.mac), ("name", device.name), ("maker", device.maker)) if value
    }
    line |= {"kind": device.kind, "kind_sure": device.sure, "verdict": device.host.verdict, "score": device.host.score}
    line |= {"behaviours": behaviours}
    if device.match is not None:
        line["match"] = device.match
    extras = (("reason", device.reason), ("installed", device.installed), ("advice", device.advice))
    line |= {name: value for name, value in extras if value}
    if device.is_guest:
        line["guest"] = True
    if device.host.sampled > 1:
        line["sampled"] = device.host.sampled
    return msgspec.json.encode(line)


def _show(answer: AtHome) -> None:
    household = answer.household
    if household.covers:
        click.echo(
            f"Your logs run from {household.covers[0]:%Y-%m-%d %H:%M} to {household.covers[1]:%Y-%m-%d %H:%M} UTC."
        )
    if household.matched is not None and not household.matched.is_covered:
        click.echo(
            "They do not cover the moment of the notice: what follows is by how the devices behave at other times."
        )
    if household.matched is not None:
        _answer(household.devices)
    click.echo("")
    for device in household.devices:
        _show_device(device)


def _answer(devices: tuple[Device, ...]) -> None:
    meant = [device for device in devices if device.match]
    if not meant:
        click.echo(
            "Nothing in these logs was that device. It may be the router itself, or a device that they do not see."
        )
        return
    first = meant[0]
    says = "is very likely" if (first.match or 0) >= 0.8 else "may be"
    click.echo(f"It {says} {_title(first)}: {first.reason}.")


def _title(device: Device) -> str:
    told = " ".join(
        part for part in (device.maker.split(",")[0], device.kind if device.kind != "unknown" else "") if part
    )
    where = ", ".join(device.addresses[:2])
    return (
        f"{device.device} ({told + ', ' if told else ''}{where})"
        if device.device not in device.addresses
        else (f"{where} ({told})" if told else where)
    )


def _show_device(device: Device) -> None:
    verdict = "not enough seen" if device.host.verdict == "unseen" else device.host.verdict
    shown = click.style(f"{verdict:15}", fg=_COLOURS[device.host.verdict], bold=device.host.verdict == "infected")
    share = f"  {device.match:.0%} the one of the notice" if device.match else ""
    click.echo(f"{shown} {_title(device)}{share}")
    for each in device.host.behaviours[:_FINDINGS_SHOWN]:
        click.echo(f"    {each.text}")
    for step in device.advice:
        click.echo(f"    → {step}")
