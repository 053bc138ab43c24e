"""`tocsin demo`: a provider that does not exist, and the whole chain on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.pipeline.demo.score import Table
    from tocsin.pipeline.demo.show import Played, Shown, Watched


@click.command("demo", short_help="Build a demo provider and run the whole chain on it.")
@click.option("--data", "folder", type=click.Path(path_type=Path), default=Path("var/demo"), show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed is another town.")
@click.option("--subscribers", type=click.IntRange(150, 3_000), default=2_000, show_default=True)
def command(folder: Path, seed: int, subscribers: int) -> int:
    """Make the demo (once), run the chain, show and check one notice. Ends with 1 if any household was wronged."""
    from tocsin.cli.report import print_report
    from tocsin.pipeline.clock import present
    from tocsin.pipeline.demo import show
    from tocsin.pipeline.progress import progress_for_terminal

    progress = progress_for_terminal()
    played = show.build(folder, seed=seed, subscribers=subscribers, today=present())
    first = played.runs == 0
    _title(f"A provider with {subscribers:,} subscribers, three days of binding logs and a CERT's reports in {folder}")
    if (folder / "flows").is_dir():
        _title(f"What its own sensor saw: tocsin detect {folder / 'flows'} --lake --config {folder / 'tocsin.toml'}")
        _print_watched(show.detect(folder, played))
    if first:
        _title("First run: new sources and logs are dry, so that somebody can look before anything is sent")
        played, report = show.play(folder, played, progress)
        print_report(report)
    _title("The next run, an hour later" if first else "Once more: what is done is not done twice")
    played, report = show.play(folder, played, progress)
    print_report(report)
    if not first and not report.notified.sent:
        click.secho("  nothing is new, and nothing was sent", bold=True)
    _title("Every sighting against the truth, which the generator wrote before and apart from the resolver")
    table = show.mark(folder, played)
    _print_table(table)
    wrong = table.wrong + _print_bots(folder, played)
    shown = show.show(folder, played)
    if shown is not None:
        _print_notice(shown, whole=first)
    click.echo()
    _print_sum(table)
    _print_doors(folder, show.now_of(played), shown)
    return 1 if wrong else 0


def _title(text: str) -> None:
    click.echo()
    click.secho(text, bold=True)


def _print_table(table: Table) -> None:
    from tocsin.attribution.reasons import REASON_BY_CODE

    for reason, count in sorted(table.reasons.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"  {count:>6,}  cannot tell: {REASON_BY_CODE[reason].sentence}")
    click.echo(f"  {table.right:>6,}  the right household")
    click.echo(f"  {table.wrong:>6,}  the wrong household")


def _print_watched(watched: Watched) -> None:
    click.echo(f"  {watched.flows:,} flows of {watched.hosts} of its lines, and the names that they asked for")
    for host in watched.infected:
        click.secho(f"  {host.host:15} infected  {host.behaviours[0].text}", fg="red")
    click.echo(
        f"  {watched.kept} new sightings; {watched.hosts - len(watched.infected)} lines show nothing of the kind"
    )


def _print_bots(folder: Path, played: Played) -> int:
    """What became of the two bots; returns how many other households were named."""
    from tocsin.pipeline.demo import show

    marked = show.mark_own(folder, played)
    notices = show.notices_about(folder, played, marked.bots)
    if marked.bots:
        _title("The bots among its lines, by the truth: found in the flows, attributed, told")
    for bot in marked.bots:
        household = f"household {bot.holder}" if bot.address in marked.found else "not found"
        click.echo(f"  {bot.address:15} {bot.kind:16} {household} · notice {notices.get(bot.address, 'none yet')}")
    click.echo(f"  {marked.wrong:>6,}  other households named")
    return marked.wrong


def _print_sum(table: Table) -> None:
    cannot = sum(table.cannot_tell.values())
    by = " · ".join(f"{outcome} {count:,}" for outcome, count in table.cannot_tell.items())
    colour = "red" if table.wrong else "green"
    click.secho(f"right {table.right:,} · wrong {table.wrong:,} · cannot tell {cannot:,} ({by})", fg=colour, bold=True)


def _print_notice(shown: Shown, *, whole: bool) -> None:
    if whole:
        _title("One of the notices, as the household reads it")
        click.echo("\n".join(f"  │ {line}" for line in shown.text.splitlines()))
    _title(f"tocsin check {shown.path}")
    click.secho(f"  {shown.genuine.verdict}", fg="green" if shown.genuine.verdict == "genuine" else "red", bold=True)
    click.echo(click.wrap_text(shown.genuine.answers.who, 90, "  ", "  "))
    _title(f"The same with {shown.change}: tocsin check {shown.path.with_name('changed.eml')}")
    click.secho(f"  {shown.changed.verdict}", fg="green" if shown.changed.verdict == "fake" else "red", bold=True)
    click.echo(click.wrap_text(shown.changed.answers.who, 90, "  ", "  "))


def _print_doors(folder: Path, now: datetime, shown: Shown | None) -> None:
    """How to look at it in a browser."""
    from tocsin.pipeline.demo.doors import open_doors
    from tocsin.terms.errors import BadRequest

    _title("See it in a browser")
    try:
        doors = open_doors(folder, shown, now=now)
    except BadRequest as error:
        click.echo(f"  {error}")
        return
    click.secho(f"  tocsin serve --config {folder / 'tocsin.toml'}    (in the checkout: make serve)", bold=True)
    click.echo(f"  portal {doors.portal}    what households see; the notice's code is {doors.code or 'in any notice'}")
    click.echo(f"  desk   {doors.desk}    what operators see; sign in as one of")
    for name, password in doors.passwords.items():
        click.echo(f"         {name:<8}{password}")
