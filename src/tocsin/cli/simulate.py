"""`tocsin simulate`: what a policy would do to a town, before it touches anybody."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tocsin.cli.options import json_option

if TYPE_CHECKING:
    from tocsin.measure.simulation.compare import Comparison

_SPAN_PARTS = 2


@click.command("simulate", short_help="Compare policies on a simulated town.")
@click.option("--threat", default="mirai", show_default=True, help="mirai, pc-malware or open-service.")
@click.option("--subscribers", default=100_000, show_default=True, help="Lines in the town.")
@click.option("--days", default=60, show_default=True, help="How long it is followed.")
@click.option("--seed", default=1, show_default=True, help="Another seed is another town.")
@click.option("--sick", "sick_share", default=0.005, show_default=True, help="Share in trouble on the first day.")
@click.option("--seen", "seen_a_day", default=0.7, show_default=True, help="Share of them that is seen on a day.")
@click.option("--blind", "blind", multiple=True, help="Days without a source or a log, as 20-29; several times.")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write the drawing and the table here.")
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    envvar="TOCSIN_CONFIG",
    help="Take the rules from this file.",
)
@json_option
def command(
    threat: str,
    subscribers: int,
    days: int,
    seed: int,
    sick_share: float,
    seen_a_day: float,
    blind: tuple[str, ...],
    html_file: Path | None,
    config_file: Path | None,
    as_json: bool,
) -> None:
    """The rules of your configuration (else the defaults), with nobody told, mail alone, a ladder, the garden; then its
    own follow-up policies."""
    from tocsin.pipeline.simulating import compare_plans

    found = compare_plans(
        config_file,
        threat,
        subscribers=subscribers,
        days=days,
        seed=seed,
        sick_share=sick_share,
        seen_a_day=seen_a_day,
        blind_days=tuple(sorted({day for span in blind for day in _span(span)})),
    )
    if html_file is not None:
        from tocsin.cli.files import write_text
        from tocsin.measure.page import simulation_page

        write_text(html_file, simulation_page(found))
    if as_json:
        for result in found.results:
            sys.stdout.buffer.write(msgspec.json.encode(result) + b"\n")
    else:
        _print(found)


def _span(text: str) -> range:
    first, _, last = text.partition("-")
    if not first.isascii() or not first.isdigit() or (last and not (last.isascii() and last.isdigit())):
        raise click.BadParameter(f"{text!r} is no day and no span of days such as 20-29", param_hint="--blind")
    return range(int(first[:4]), int((last or first)[:4]) + 1)


def _print(found: Comparison) -> None:
    from tocsin.cli.tables import print_table
    from tocsin.measure.simulation.compare import result_table
    from tocsin.measure.words import remarks

    print_table(result_table(found))
    for remark in remarks(found.chart):
        click.echo(f"  {remark}")
