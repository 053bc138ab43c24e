"""`tocsin check`: is this mail a genuine notice? Needs no data folder, no engine and no network."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Unpack

import click

from tocsin.cli.check_setup import Given, setup_of, setup_options
from tocsin.cli.options import json_option, now_option
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check
from tocsin.mailcheck.limits import MAIL_BYTES_MAX
from tocsin.terms.errors import BadRequest

_COLOURS = {"genuine": "green", "likely-genuine": "green", "unclear": "yellow", "likely-fake": "red", "fake": "red"}
_MARKS = {"supports": "+", "contradicts": "!", "neutral": "·", "unchecked": "?"}


@click.command("check", short_help="Check whether a mail is a genuine notice.")
@click.argument("mails", nargs=-1, required=True, type=click.Path(path_type=Path, allow_dash=True))
@setup_options
@now_option
@json_option
def command(mails: tuple[Path, ...], now: datetime | None, as_json: bool, **given: Unpack[Given]) -> None:
    """Check MAILs (.eml files, or - for standard input): who sent it, could they know, what to do.

    Nothing is fetched. The answer is the verdict; the exit code only says whether the mails could be read.
    """
    from tocsin.pipeline.clock import present

    setup = setup_of(given, now or present(), "en")
    for mail in mails:
        answer = check(_read(mail), setup)
        if as_json:
            sys.stdout.buffer.write(answer.to_json(str(mail)) + b"\n")
        else:
            _print(mail, answer, many=len(mails) > 1)


def _read(mail: Path) -> bytes:
    try:
        if str(mail) == "-":
            return sys.stdin.buffer.read(MAIL_BYTES_MAX + 1)
        with mail.open("rb") as file:
            return file.read(MAIL_BYTES_MAX + 1)
    except OSError as error:
        raise BadRequest(f"cannot be read: {error.strerror}", where=str(mail)) from error


def _print(mail: Path, answer: Answer, *, many: bool) -> None:
    if many:
        click.secho(f"{mail}", bold=True)
    click.secho(answer.verdict.upper().replace("-", " "), fg=_COLOURS[answer.verdict], bold=True)
    for question, said in (
        ("Who sent it?", answer.answers.who),
        ("Could they know?", answer.answers.know),
        ("What should I do?", answer.answers.do),
    ):
        click.echo()
        click.secho(question, bold=True)
        click.echo(click.wrap_text(said, 76, "  ", "  "))
    click.echo()
    click.secho("What was found", bold=True)
    for finding in answer.findings:
        click.echo(click.wrap_text(f"{_MARKS[finding.effect]} {finding.text}", 76, "  ", "    "))
    click.echo()
