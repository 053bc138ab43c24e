"""`tocsin measure`: how long trouble lasts, with a notice and without; how good sources, networks and logs are."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option

if TYPE_CHECKING:
    from datetime import datetime

    from tocsin.measure.report import Report


@click.command("measure", short_help="Measure how long trouble lasts, and how good sources and logs are.")
@click.option("--days", default=180, show_default=True, help="Cases opened in so many days (at most 400).")
@click.option("--html", "html_file", type=click.Path(path_type=Path), help="Write the report with its drawings here.")
@data_options
@json_option
@now_option
def command(
    days: int,
    html_file: Path | None,
    data: Path | None,
    config_file: Path | None,
    as_json: bool,
    now: datetime | None,
) -> None:
    """Curves of the time to quiet by kind, channel and version of the notice, beside what happens without any."""
    from tocsin.pipeline.house import House
    from tocsin.pipeline.measuring import measure

    with House.open(config_file=config_file, data=data, now=now) as house:
        found = measure(house, days=days)
        title = f"{house.config.issuer.name}: what was measured"
    if html_file is not None:
        from tocsin.cli.files import write_text
        from tocsin.measure.page import html_page

        write_text(html_file, html_page(found, title))
    if as_json:
        _print_json(found)
    else:
        _print(found)


def _print_json(found: Report) -> None:
    """A line a curve, then a line a scorecard, each naming what it is."""
    lines: list[tuple[str, msgspec.Struct]] = [
        *((f"curve/{chart.name}", curve) for chart in found.charts for curve in chart.curves),
        *((f"compared/{chart.name}", each) for chart in found.charts for each in chart.compared),
        *(("source", card) for card in found.sources),
        *(("network", card) for card in found.networks),
        *(("log", card) for card in found.logs),
        *(("origin", card) for card in found.origins),
        ("again", found.again),
    ]
    for what, value in lines:
        told = {"measured": what, **_present(msgspec.to_builtins(value))}
        sys.stdout.buffer.write(msgspec.json.encode(told) + b"\n")


def _present(value: dict[str, object]) -> dict[str, object]:
    """Absent values are absent keys."""
    return {
        name: _present(each) if isinstance(each, dict) else each for name, each in value.items() if each is not None
    }


def _print(found: Report) -> None:
    from tocsin.cli.tables import print_table
    from tocsin.measure.words import again_words, baseline_words, card_tables, curve_table, remarks

    click.echo(f"{found.cases:,} cases. {baseline_words(found)} {again_words(found)}")
    for chart in found.charts:
        print_table(curve_table(chart))
        for remark in remarks(chart):
            click.echo(f"  {remark}")
    for table in card_tables(found):
        if table.rows:
            print_table(table)
