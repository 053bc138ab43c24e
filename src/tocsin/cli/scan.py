"""`tocsin scan`: is there malware on this machine or disk? Needs no data folder, no engine and no network."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Unpack

import click

from tocsin.cli.options import json_option, language_of_locale, now_option
from tocsin.cli.scan_setup import Given, asked_of, scan_options, setup_of, vault_of
from tocsin.scan.findings import Finding
from tocsin.scan.scan import Scan
from tocsin.scan.wording import LANGUAGES
from tocsin.terms.errors import BadRequest


@click.command("scan", short_help="Is there malware on this machine or disk?")
@click.argument("paths", nargs=-1, metavar="[PATH…]", type=click.Path(path_type=Path, exists=True))
@scan_options
@click.option("--undo", metavar="ID", help="Put a file of the vault back where it was.")
@click.option("--held", is_flag=True, help="List what the vault holds.")
@click.option("--lang", "language", type=click.Choice(LANGUAGES), help="The answer's language; else your locale's.")
@now_option
@json_option
def command(
    paths: tuple[Path, ...],
    undo: str | None,
    held: bool,
    language: str | None,
    now: datetime | None,
    as_json: bool,
    **given: Unpack[Given],
) -> int:
    """Look at PATHS, at --this-machine, or at a mounted --disk, with the rules and lists that you give.

    Nothing is run, sent or deleted. Exit codes: 0 all was looked at, 1 some could not be (each is told), 2 it could
    not; what was found stands in the answer.
    """
    from tocsin.cli import scan_screen as screen
    from tocsin.pipeline.clock import present

    if sys.platform == "win32":
        raise BadRequest("runs on Linux and macOS", remedy="start from a clean Linux and use --disk for Windows' disk")
    language = language or ("en" if as_json else language_of_locale(LANGUAGES))
    if undo is not None:
        with vault_of(given).open() as vault:
            screen.show_undone(*vault.undo(undo), language, as_json=as_json)
        return 0
    if held:
        screen.show_held(vault_of(given).held(), language, as_json=as_json)
        return 0
    asked = asked_of(paths, given)
    with setup_of(given, now or present()) as setup:
        scan = Scan(asked, setup)
        if as_json:
            return _exit_code(screen.print_lines(scan, language))
        kept = list(_kept(scan, is_shown=sys.stderr.isatty()))
        screen.show(scan, kept, language, setup.vault.folder if setup.vault else None)
    return _exit_code(kept)


def _kept(scan: Scan, *, is_shown: bool) -> Iterator[Finding]:
    """The findings, while a line on a terminal says how far it is."""
    for number, finding in enumerate(scan.findings()):
        if is_shown and number % 100 == 0:
            click.echo(
                f"\r\033[K{scan.tally.files:,} … {finding.path[-60:]}".encode("ascii", "replace"), err=True, nl=False
            )
        yield finding
    if is_shown:
        click.echo("\r\033[K", err=True, nl=False)


def _exit_code(findings: list[Finding]) -> int:
    return 1 if any(finding.weight == "unseen" for finding in findings) else 0
