"""`tocsin notify`: decide, compose, check, deliver; and release what a brake held."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option, reason_option

if TYPE_CHECKING:
    from tocsin.pipeline.house import House


@click.command("notify", short_help="Decide, compose, check and deliver notices; release what a brake held.")
@click.option("--release", is_flag=True, help="Let go what the brakes hold, once; every other rule still applies.")
@click.option("--dry-run", is_flag=True, help="Only say what would be decided.")
@click.option(
    "--resolve",
    nargs=2,
    metavar="NOTICE sent|again|never",
    help="Say what became of an uncertain notice: it has left, it has not and is sent again, or it is given up.",
)
@click.option(
    "--came-back",
    metavar="NOTICE",
    help="Say that a letter or message came back unread, with --reason: its case is open again.",
)
@reason_option
@data_options
@now_option
@json_option
def command(
    release: bool,
    dry_run: bool,
    resolve: tuple[str, str] | None,
    came_back: str | None,
    reason: str,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Plan notices from the open cases, and bring out those that nothing speaks against."""
    from tocsin.cli.report import fell_short, print_notified
    from tocsin.pipeline.house import House
    from tocsin.pipeline.progress import progress_for_terminal
    from tocsin.pipeline.run import notify, preview

    with House.open(config_file=config_file, data=data, now=now) as house:
        if resolve is not None:
            return _resolve(house, *resolve, reason)
        if came_back is not None:
            return _came_back(house, came_back, reason)
        if release and not dry_run:
            _release(house, reason)
        done = preview(house) if dry_run else notify(house, progress_for_terminal())
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(done) + b"\n")
    else:
        print_notified(done)
    return 1 if fell_short(done) else 0


def _resolve(house: House, notice: str, answer: str, reason: str) -> int:
    from tocsin.cases.outbox import ANSWERS
    from tocsin.pipeline.uncertain import resolve_uncertain

    word = next((word for word in ANSWERS if word == answer), None)
    if word is None:
        raise click.UsageError(f"--resolve NOTICE {'|'.join(ANSWERS)}, not {answer[:40]!r}")
    resolve_uncertain(house, notice, word, reason=reason)
    click.echo(f"  {notice}: {ANSWERS[word]}")
    return 0


def _came_back(house: House, notice: str, reason: str) -> int:
    from tocsin.pipeline.uncertain import came_back

    came_back(house, notice, reason=reason)
    click.echo(f"  {notice}: it came back, its case is open again")
    return 0


def _release(house: House, reason: str) -> None:
    from tocsin.pipeline.release import release_holds

    released = release_holds(house, reason=reason)
    for hold in released:
        click.echo(f"  released: {hold.reason}", err=True)
    if not released:
        click.echo("  nothing was held", err=True)
