"""`tocsin run`: everything configured, one step on."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option


@click.command("run", short_help="Take everything configured one step on, from evidence to delivered notices.")
@data_options
@now_option
@json_option
def command(data: Path | None, config_file: Path | None, now: datetime | None, as_json: bool) -> int:
    """Read what has come in, attribute it, follow the cases, decide, and deliver what may leave.

    Run it again whenever you like: what has been done is not done twice.
    """
    from tocsin.cli.report import exit_code, print_report
    from tocsin.pipeline.house import House
    from tocsin.pipeline.progress import progress_for_terminal
    from tocsin.pipeline.run import run

    with House.open(config_file=config_file, data=data, now=now) as house:
        report = run(house, progress_for_terminal())
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(report) + b"\n")
    else:
        print_report(report)
    return exit_code(report)
