"""What the reader brings to `tocsin check`: one option and one line for each thing that he knows or allows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TypedDict, TypeVar

import click

from tocsin.cli.options import MOMENT
from tocsin.mailcheck.alert_list import load_alerts
from tocsin.mailcheck.dnscache import read_cache
from tocsin.mailcheck.link_lists import load_lists
from tocsin.mailcheck.online import Online
from tocsin.mailcheck.own_address import own_address
from tocsin.mailcheck.reputation import DNS_LISTS_MAX, dns_list
from tocsin.mailcheck.resolver import FirstOf, Resolver, offline, zone_resolver
from tocsin.mailcheck.scanners import Scanner, Urlscan, VirusTotal, read_key
from tocsin.mailcheck.setup import OwnAddress, Setup
from tocsin.proof.confirmation import CONFIRMATION_BYTES_MAX
from tocsin.proof.known import Known, load_known
from tocsin.terms.errors import BadRequest

F = TypeVar("F", bound=Callable[..., object])


class Given(TypedDict):
    """The options below, as click hands them over."""

    zone: Path | None
    dns_cache: Path | None
    online: bool
    dns_servers: tuple[str, ...]
    known_file: Path | None
    trust: tuple[Path, ...]
    confirmations: tuple[Path, ...]
    lists_folder: Path | None
    alerts_file: Path | None
    provider: str
    dns_lists: tuple[str, ...]
    virustotal: Path | None
    urlscan: Path | None
    address: str
    had_at: datetime | None


_PATH = click.Path(path_type=Path)
# An option is a line here, a key of Given and a line of `setup_of`; docs/check.md has a heading for each.
_OPTIONS = (
    click.option("--zone", type=_PATH, help="A DNS zone file with the sender's records."),
    click.option("--dns-cache", type=_PATH, help="A file of DNS answers with their times; --online adds to it."),
    click.option("--online", is_flag=True, help="Ask the DNS; who keeps the sender's domain can see that."),
    click.option("--dns-server", "dns_servers", multiple=True, metavar="ADDRESS", help="With --online: whom to ask."),
    click.option("--known", "known_file", type=_PATH, help="Whom you trust (known.toml)."),
    click.option(
        "--trust", type=_PATH, multiple=True, help="A list of keys that a clearing house of --known has signed."
    ),
    click.option("--confirmation", "confirmations", type=_PATH, multiple=True, help="A clearing house's signed word."),
    click.option("--lists", "lists_folder", type=_PATH, metavar="DIR", help="A folder with lists of harmful links."),
    click.option("--dns-list", "dns_lists", multiple=True, metavar="NAME", help="With --online: a DNS list to ask."),
    click.option("--virustotal", type=_PATH, metavar="KEYFILE", help="Ask VirusTotal about links: it learns them."),
    click.option("--urlscan", type=_PATH, metavar="KEYFILE", help="Ask urlscan.io about links: it learns them."),
    click.option("--alerts", "alerts_file", type=_PATH, help="Dated alerts (TOML or JSON): is a threat current?"),
    click.option("--provider", default="", metavar="DOMAIN", help="Your mail provider: his headers are believed."),
    click.option("--address", default="", metavar="ADDRESS", help="Your own public address: does the mail state it?"),
    click.option("--at", "had_at", type=MOMENT, help="When --address was yours; else now."),
)


def setup_options(function: F) -> F:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def setup_of(given: Given, at: datetime, language: str) -> Setup:
    """Loads what was named. Bad files raise BadConfig or BadRequest."""
    return Setup(
        known=_known(given),
        confirmations=tuple(_bytes_of(path) for path in given["confirmations"]),
        resolve=_resolver(given),
        lists=load_lists(given["lists_folder"]) if given["lists_folder"] else None,
        alerts=load_alerts(given["alerts_file"]) if given["alerts_file"] else None,
        at=at,
        dns_lists=_dns_lists(given),
        scanners=tuple(_scanners(given)),
        own=_own(given, at),
        provider=given["provider"].strip().lower().rstrip("."),
        language=language,
    )


def _known(given: Given) -> Known:
    if given["known_file"] is None:
        if given["trust"]:
            raise click.UsageError("--trust needs --known: it pins the key of whoever signed the list")
        return Known()
    return load_known(given["known_file"], given["trust"])


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(CONFIRMATION_BYTES_MAX + 1)
    except OSError as error:
        raise BadRequest(f"cannot be read: {error.strerror}", where=str(path)) from error


def _dns_lists(given: Given) -> tuple[str, ...]:
    if given["dns_lists"] and not given["online"]:
        raise click.UsageError("--dns-list is asked only with --online")
    if len(given["dns_lists"]) > DNS_LISTS_MAX:
        raise click.UsageError(f"at most {DNS_LISTS_MAX} --dns-list")
    try:
        return tuple(map(dns_list, given["dns_lists"]))
    except ValueError as error:
        raise click.UsageError(f"--dns-list: {error}") from error


def _scanners(given: Given) -> Iterator[Scanner]:
    if given["virustotal"]:
        yield VirusTotal(read_key(given["virustotal"]))
    if given["urlscan"]:
        yield Urlscan(read_key(given["urlscan"]))


def _own(given: Given, at: datetime) -> OwnAddress | None:
    if not given["address"]:
        if given["had_at"]:
            raise click.UsageError("--at says when --address was yours")
        return None
    try:
        return OwnAddress(own_address(given["address"]), given["had_at"] or at)
    except ValueError as error:
        raise click.UsageError(f"--address: {error}") from error


def _resolver(given: Given) -> Resolver:
    """Those that may be asked, in turn: a zone file speaks before a cache, and a cache before the net."""
    from tocsin.pipeline.clock import present

    if given["dns_servers"] and not given["online"]:
        raise click.UsageError("--dns-server says whom --online asks")
    cache = given["dns_cache"]
    found: list[Resolver] = [zone_resolver(given["zone"])] if given["zone"] else []
    if cache:
        found.append(read_cache(cache))
    if given["online"]:
        found.append(Online(present, given["dns_servers"], cache))
    return found[0] if len(found) == 1 else FirstOf(*found) if found else offline
