"""`tocsin policy`: what is done about a case, step by step, as the configuration says it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import json_option


@click.command("policy", short_help="Show the follow-up policies: which step comes when.")
@click.option(
    "--config", "config_file", type=click.Path(path_type=Path), envvar="TOCSIN_CONFIG", help="The configuration file."
)
@click.option("--svg", "svg_file", type=click.Path(path_type=Path), help="Draw them into this file.")
@json_option
def command(config_file: Path | None, svg_file: Path | None, as_json: bool) -> None:
    """Each policy of the configuration as a table, and what holds for all other kinds. Changes nothing."""
    from tocsin.cli.tables import print_table
    from tocsin.measure.policies import again_of, policies_svg, policy_table, shown
    from tocsin.pipeline.config import find_config, load_config

    policies = shown(load_config(find_config(config_file)).followup)
    if svg_file is not None:
        from tocsin.cli.files import write_text

        write_text(svg_file, policies_svg(policies))
    for policy in policies:
        if as_json:
            for number, step in enumerate(policy.steps, 1):
                line = {"kinds": policy.kinds, "step": number, **msgspec.structs.asdict(step)}
                sys.stdout.buffer.write(msgspec.json.encode(line) + b"\n")
        else:
            print_table(policy_table(policy), left=True)
            click.echo(f"  {again_of(policy)}")
