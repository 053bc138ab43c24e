"""`tocsin check`: is this mail what it says it is? Needs no data folder, no engine and no network."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Unpack

import click

from tocsin.cli.check_setup import Given, setup_of, setup_options
from tocsin.cli.options import json_option, now_option
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.catalogue import LANGUAGES
from tocsin.mailcheck.check import check
from tocsin.mailcheck.inputs import Unread, given_mails
from tocsin.mailcheck.setup import Setup
from tocsin.terms.errors import BadRequest


@click.command("check", short_help="Is this mail real? Who sent it, could they know, what to do.")
@click.argument("mails", nargs=-1, required=True, metavar="MAIL…", type=click.Path(path_type=Path, allow_dash=True))
@setup_options
@click.option("--lang", "language", type=click.Choice(LANGUAGES), help="The answer's language; else your locale's.")
@click.option(
    "--html", "html_file", type=click.Path(path_type=Path), metavar="FILE", help="Write the answer as a page."
)
@now_option
@json_option
def command(
    mails: tuple[Path, ...],
    language: str | None,
    html_file: Path | None,
    now: datetime | None,
    as_json: bool,
    **given: Unpack[Given],
) -> int:
    """Check each MAIL: who sent it, could they know, what to do.

    A MAIL is a file (.eml, mbox, Outlook's .msg, or pasted headers or words), a maildir or folder of mails, or - for
    standard input. Nothing in it is opened or fetched. The answer is the verdict; exit codes: 0 all were read, 1 some
    could not be, 2 none could.
    """
    from tocsin.pipeline.clock import present

    setup = setup_of(given, now or present(), language or ("en" if as_json else _language_of_locale()))
    kept: list[tuple[str, Answer]] = []
    read = unread = 0
    for name, answer in _answers(mails, setup):
        if answer is None:
            unread += 1
            continue
        read += 1
        if html_file is not None:
            kept.append((name, answer))
        if as_json:
            sys.stdout.buffer.write(answer.to_json(name) + b"\n")
        elif html_file is None:
            from tocsin.cli.check_screen import show

            show(name, answer)
    if html_file is not None and kept:
        _write_page(html_file, kept)
    return 0 if not unread else 1 if read else 2


def _answers(mails: tuple[Path, ...], setup: Setup) -> Iterator[tuple[str, Answer | None]]:
    """Each mail's name and its answer; None where it could not be read, which is told on standard error."""
    for path in mails:
        for given in given_mails(path, sys.stdin.buffer):
            if isinstance(given, Unread):
                remedy = f" ({given.remedy})" if given.remedy else ""
                click.echo(f"tocsin: {_printable(given.name)}: {_printable(given.why)}{remedy}", err=True)
                yield given.name, None
            else:
                yield _printable(given.name), check(given.mail, setup)


def _write_page(path: Path, answers: list[tuple[str, Answer]]) -> None:
    from tocsin.mailcheck.page import page

    try:
        path.write_text(page(answers), encoding="utf-8")
    except OSError as error:
        raise BadRequest(f"cannot be written: {error.strerror}", where=str(path)) from error
    click.echo(f"{path}", err=True)


def _language_of_locale() -> str:
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return named[:2] if named[:2] in LANGUAGES else "en"


def _printable(name: str) -> str:
    """A file's name as it can be shown: what a terminal would obey is spelled out."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in name)
