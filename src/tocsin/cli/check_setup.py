"""What the reader brings to `tocsin check`: one option and one line for each thing that he knows or allows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypedDict, TypeVar

import click

from tocsin.mailcheck.resolver import Resolver, offline, zone_resolver
from tocsin.mailcheck.setup import Setup
from tocsin.proof.known import Known, load_known

F = TypeVar("F", bound=Callable[..., object])


class Given(TypedDict):
    """The options below, as click hands them over."""

    zone: Path | None
    known_file: Path | None
    provider: str


_PATH = click.Path(path_type=Path)
# An option is a line here, a key of Given and a line of `setup_of`; docs/check.md has a heading for each.
_OPTIONS = (
    click.option("--zone", type=_PATH, help="A DNS zone file with the sender's records."),
    click.option("--known", "known_file", type=_PATH, help="Whom you trust (known.toml)."),
    click.option("--provider", default="", metavar="DOMAIN", help="Your mail provider: his headers are believed."),
)


def setup_options(function: F) -> F:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def setup_of(given: Given, at: datetime, language: str) -> Setup:
    """Loads what was named. Bad files raise BadConfig or BadRequest."""
    return Setup(
        known=load_known(given["known_file"]) if given["known_file"] else Known(),
        resolve=_resolver(given),
        at=at,
        provider=given["provider"].strip().lower().rstrip("."),
        language=language,
    )


def _resolver(given: Given) -> Resolver:
    return zone_resolver(given["zone"]) if given["zone"] else offline
