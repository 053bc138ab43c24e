"""`tocsin remedies`: what a threat is, and what helps. Needs no data folder, no engine and no network."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from tocsin.cli.options import json_option

_LANGUAGES = ("en", "de", "hi", "ja")
_PATH = click.Path(path_type=Path)


@click.command("remedies", short_help="Say what a threat is and what helps; list all; write the alerts.")
@click.argument("name", required=False)
@click.option("--lang", "language", type=click.Choice(_LANGUAGES), help="The answer's language; else your locale's.")
@click.option("--kind", default="", metavar="KIND", help="Only what feeds report as this kind (RSIT).")
@click.option(
    "--alerts", "as_alerts", is_flag=True, help="Write the dated alerts as JSON, for `tocsin check --alerts`."
)
@click.option("--own", type=_PATH, metavar="FILE", help="With --alerts: your own alerts (TOML) among them.")
@click.option("--missing", type=click.Choice(_LANGUAGES[1:]), help="Say what is not translated yet.")
@json_option
def command(
    name: str | None,
    language: str | None,
    kind: str,
    as_alerts: bool,
    own: Path | None,
    missing: str | None,
    as_json: bool,
) -> int:
    """Without NAME a line for each threat. NAME may be what a feed or a security program calls it.

    Exit code 1 when nothing has that name, or something is not translated.
    """
    language = language or ("en" if as_json else _language_of_locale())
    if missing:
        return _say_missing(missing)
    if as_alerts:
        from tocsin.remedies.alerts import all_alerts
        from tocsin.remedies.alerts import as_json as alerts_json

        sys.stdout.buffer.write(alerts_json(all_alerts(own), language))
        return 0
    return _show_one(name, language, as_json) if name else _list(kind, language, as_json)


def _say_missing(language: str) -> int:
    from tocsin.remedies.words import missing

    lines = missing(language)
    for line in lines:
        click.echo(line)
    return 1 if lines else 0


def _list(kind: str, language: str, as_json: bool) -> int:
    from tocsin.remedies.catalogue import of_kind, threats
    from tocsin.remedies.sheet import sheet, to_json
    from tocsin.remedies.words import called

    for threat in of_kind(kind) if kind else threats().values():
        if as_json:
            sys.stdout.buffer.write(to_json(sheet(threat, language)) + b"\n")
        else:
            click.echo(f"{threat.key:14} {called(threat.key, language)}  ({', '.join(threat.devices)})")
    return 0


def _show_one(name: str, language: str, as_json: bool) -> int:
    from tocsin.remedies.catalogue import find
    from tocsin.remedies.sheet import sheet, to_json

    threat = find(name)
    if threat is None:
        click.echo(f"tocsin: nothing in the catalogue is called {name!r:.80} (`tocsin remedies` lists all)", err=True)
        return 1
    found = sheet(threat, language)
    if as_json:
        sys.stdout.buffer.write(to_json(found) + b"\n")
        return 0
    from tocsin.cli.remedies_screen import show

    show(found, language)
    return 0


def _language_of_locale() -> str:
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return named[:2] if named[:2] in _LANGUAGES else "en"
