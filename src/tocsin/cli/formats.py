"""`tocsin formats`: what is read and what is written."""

from __future__ import annotations

import sys

import click

from tocsin.cli.options import json_option


@click.command("formats", short_help="List the formats: evidence in and out, binding logs.")
@json_option
def command(as_json: bool) -> None:
    """Evidence, binding logs and flows, each by the name that --as, --to and the configuration take."""
    import msgspec

    from tocsin.pipeline.listing import all_formats

    for each in all_formats():
        if as_json:
            sys.stdout.buffer.write(msgspec.json.encode(each) + b"\n")
        else:
            ways = " ".join(("in" if each.is_read else "  ", "out" if each.is_written else "   "))
            click.echo(f"{each.of:9} {each.format:14} {ways:7} {each.title}".rstrip())
