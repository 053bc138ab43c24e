"""`tocsin read`: evidence to sightings, into the lake or onto the screen."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli.options import data_options, json_option, now_option

if TYPE_CHECKING:
    from tocsin.pipeline.house import House
    from tocsin.pipeline.intake import Came
    from tocsin.pipeline.progress import Progress
    from tocsin.pipeline.queues import Sink


# What `formats.writers()` says, and a test holds them equal: --help loads no engine.
TARGETS = ("intelmq", "n6", "jsonl")


@click.command("read", short_help="Turn evidence into sightings: a feed or a log, into the lake or onto the screen.")
@click.argument("file", required=False, type=click.Path(path_type=Path, allow_dash=True))
@click.option("--source", help="Whose evidence it is (a name of the configuration; with --to any name).")
@click.option("--log", help="Read it as this binding log of the configuration.")
@click.option("--as", "reader", help="The format, where it should not be guessed: shadowserver:scan_telnet, intelmq …")
@click.option("--to", "target", type=click.Choice(TARGETS), help="Print the records; store nothing.")
@click.option("--send", metavar="URL", help="With --to: into this queue instead (redis://HOST/DB/QUEUE, amqp://…).")
@data_options
@now_option
@json_option
def command(
    file: Path | None,
    source: str | None,
    log: str | None,
    reader: str | None,
    target: str | None,
    send: str | None,
    data: Path | None,
    config_file: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Read FILE (or - for standard input), or, without FILE, everything that is configured.

    The same evidence read again adds nothing. With --to nothing is stored, and no data folder is needed; --config says
    then what the source's reader is, and what it is told (a sinkhole's map). A binding log is shown too: --log NAME,
    or --as with its format.
    """
    from tocsin.pipeline.progress import progress_for_terminal

    if target is not None:
        from tocsin.pipeline.config import told_of
        from tocsin.pipeline.screen import print_records
        from tocsin.pipeline.screen_log import log_asked, print_log

        if file is None:
            raise click.UsageError("--to needs a FILE")
        with _out(send, target) as out:
            asked = log_asked(config_file, log, reader)
            if asked is not None:
                return print_log(file, target, asked, out=out, now=now)
            configured, settings = told_of(config_file, source)
            reader = reader or configured
            return print_records(file, target, source=source, reader=reader, out=out, now=now, settings=settings)
    if send is not None:
        raise click.UsageError("--send needs --to")
    from tocsin.pipeline.house import House

    with House.open(config_file=config_file, data=data, now=now) as house:
        came = _read(house, file, source, log, reader, progress_for_terminal())
    return _tell(came, as_json)


def _out(send: str | None, target: str) -> AbstractContextManager[Sink]:
    if send is None:
        return nullcontext(sys.stdout.buffer)
    from tocsin.pipeline.queues import open_outbox, parse_url

    return open_outbox(parse_url(send, "--send"), is_intelmq=target == "intelmq")


def _read(
    house: House, file: Path | None, source: str | None, log: str | None, reader: str | None, progress: Progress
) -> list[Came]:
    from tocsin.pipeline.intake import find_log, find_source, read_log_file, read_source_file
    from tocsin.pipeline.run import read_all

    if file is None:
        return read_all(house, progress)
    if log is not None:
        return [read_log_file(house, find_log(house.config, log), file, progress)]
    return [read_source_file(house, find_source(house.config, source, reader), file, progress)]


def _tell(came: list[Came], as_json: bool) -> int:
    import msgspec

    from tocsin.cli.report import print_came

    if as_json:
        for each in came:
            sys.stdout.buffer.write(msgspec.json.encode(each) + b"\n")
    else:
        print_came(came)
    return 1 if any(each.rejects or each.error for each in came) else 0
