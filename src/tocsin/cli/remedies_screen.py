"""What `tocsin remedies NAME` shows on a terminal."""

from __future__ import annotations

import shutil
from collections.abc import Iterable

import click

from tocsin.cli.wrapping import wrapped
from tocsin.remedies.sheet import Sheet
from tocsin.remedies.words import say

_WIDTH_MAX = 88
_ALIASES_MAX = 12


def show(found: Sheet, language: str) -> None:
    width = min(shutil.get_terminal_size((80, 24)).columns, _WIDTH_MAX)
    click.secho(found.name, bold=True)
    _said("", [found.what], width)
    _said(say("label.aliases", language), [", ".join(found.aliases[:_ALIASES_MAX])] if found.aliases else [], width)
    _said(say("label.ports", language), [", ".join(found.ports)] if found.ports else [], width)
    _said(say("label.devices", language), [found.devices], width)
    _said(say("label.signs", language), found.signs, width, mark="· ")
    _said(say("label.seen", language), [found.seen], width)
    for each in found.by_device:
        _said(say("label.steps", language, device=each.name), each.steps, width, mark="{}. ")
    _said(say("useless.heading", language), found.useless, width, mark="· ")
    _said(
        say("label.tools", language),
        [f"{each.name} ({each.maker}). {each.how}" for each in found.tools],
        width,
        mark="· ",
    )
    told = [
        " ".join(part for part in (f"{each.by}: {each.title}.", each.day, each.url) if part) for each in found.sources
    ]
    _said(say("label.sources", language), told, width, mark="· ")


def _said(heading: str, texts: Iterable[str], width: int, mark: str = "") -> None:
    texts = list(texts)
    if not texts:
        return
    click.echo()
    if heading:
        click.secho(heading, bold=True)
    for number, text in enumerate(texts, start=1):
        first = "  " + mark.format(number)
        for place, line in enumerate(wrapped(text, width - len(first))):
            click.echo((first if place == 0 else " " * len(first)) + line)
