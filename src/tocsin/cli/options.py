"""The options that many verbs share, and what a verb needs open."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import click

from tocsin.terms.addresses import parse_address, parse_network
from tocsin.terms.moments import parse_moment

F = TypeVar("F", bound=Callable[..., object])


class MomentType(click.ParamType[datetime]):
    """RFC 3339 with a zone; a moment without one is refused, since it could mean several."""

    name = "moment"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return parse_moment(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a moment with its zone, such as 2026-11-24T03:16:38Z", param, ctx)


class AddressType(click.ParamType[UUID]):
    """One IPv4 or IPv6 address, as a mapped UUID."""

    name = "address"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> UUID:
        try:
            return parse_address(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


class NetworkType(click.ParamType[tuple[UUID, int]]):
    """A prefix; an address alone is a prefix of one."""

    name = "network"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[UUID, int]:
        try:
            return parse_network(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


MOMENT, ADDRESS, NETWORK = MomentType(), AddressType(), NetworkType()


def data_options(function: F) -> F:
    """--data and --config."""
    function = click.option(
        "--config",
        "config_file",
        type=click.Path(path_type=Path),
        envvar="TOCSIN_CONFIG",
        help="The configuration file.",
    )(function)
    return click.option("--data", type=click.Path(path_type=Path), envvar="TOCSIN_DATA", help="The data folder.")(
        function
    )


def json_option(function: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON lines.")(function)


def now_option(function: F) -> F:
    return click.option("--now", type=MOMENT, help="Work as of this moment instead of the present (a replay).")(
        function
    )


def zone_option(function: F) -> F:
    return click.option(
        "--zone",
        envvar=["TOCSIN_ZONE", "TZ"],
        help="The zone of times that name none, such as Europe/Berlin.",
    )(function)


def reason_option(function: F) -> F:
    return click.option("--reason", default="", help="Why you look: it is written to the audit with your name.")(
        function
    )


def language_of_locale(languages: tuple[str, ...]) -> str:
    """The locale's language, where it is one of ours; else English."""
    named = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return named[:2] if named[:2] in languages else "en"
