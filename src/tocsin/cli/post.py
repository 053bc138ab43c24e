"""`tocsin post`: fetch what came back, and file it."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click
import msgspec

from tocsin.cli.options import data_options, json_option, now_option


@click.command("post", short_help="Fetch what came back: bounces and replies, each filed with its case or report.")
@data_options
@now_option
@json_option
def command(data: Path | None, config_file: Path | None, now: datetime | None, as_json: bool) -> int:
    """Read the mailbox of the configuration. What is about no notice or report of ours stays there as it is."""
    from tocsin.cli.report import print_post
    from tocsin.pipeline.house import House
    from tocsin.pipeline.post import fetch_post

    with House.open(config_file=config_file, data=data, now=now) as house:
        if house.config.mailbox.via == "none":
            raise click.UsageError("no mailbox is configured: see [mailbox] in docs/configuration.md")
        post = fetch_post(house)
    if as_json:
        sys.stdout.buffer.write(msgspec.json.encode(post) + b"\n")
    else:
        print_post(post)
        click.echo(f"  about no notice or report of ours: {post.others}")
    return 1 if post.trouble else 0
