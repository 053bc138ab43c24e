"""The options of `tocsin scan`, and what follows from them: what files and connections are compared with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypedDict

import click

from tocsin.cli.options import F
from tocsin.scan.examiner import Examiner
from tocsin.scan.lists import load_hashes, load_servers
from tocsin.scan.rules import load_rules, rule_paths
from tocsin.scan.scan import Asked, Setup
from tocsin.scan.vault import Vault
from tocsin.terms.errors import BadRequest

_PATH = click.Path(path_type=Path)
_EXISTING = click.Path(path_type=Path, exists=True)
_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)
_OPTIONS: tuple[Callable[[F], F], ...] = (
    click.option("--this-machine", is_flag=True, help="Programs that run, their connections, what starts by itself."),
    click.option("--disk", type=_FOLDER, metavar="DIR", help="A mounted disk: its autostart, usual places."),
    click.option("--rules", multiple=True, type=_EXISTING, metavar="FILE", help="YARA rules; repeatable."),
    click.option("--hashes", multiple=True, type=_EXISTING, metavar="FILE", help="SHA-256 of malware; repeatable."),
    click.option("--servers", multiple=True, type=_EXISTING, metavar="FILE", help="Attackers' servers; repeatable."),
    click.option("--quarantine", is_flag=True, help="Move bad files into the vault, encrypted; nothing is deleted."),
    click.option("--vault", type=_PATH, metavar="DIR", help="The vault, else ~/.local/share/tocsin/vault."),
    click.option("--minutes", type=click.IntRange(1, 360), default=60, show_default=True, help="No longer than this."),
)  # fmt: skip


class Given(TypedDict):
    """What the options say."""

    this_machine: bool
    disk: Path | None
    rules: tuple[Path, ...]
    hashes: tuple[Path, ...]
    servers: tuple[Path, ...]
    quarantine: bool
    vault: Path | None
    minutes: int


def scan_options(function: F) -> F:
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def vault_of(given: Given) -> Vault:
    return Vault(given["vault"] or Path.home() / ".local/share/tocsin/vault")


def asked_of(paths: tuple[Path, ...], given: Given) -> Asked:
    """BadRequest where there is nothing to look at, or nothing to compare files with."""
    if not (paths or given["this_machine"] or given["disk"]):
        raise BadRequest("nothing to look at", remedy="name a file or folder, --this-machine, or --disk")
    if given["this_machine"] and given["disk"]:
        raise BadRequest("--this-machine and --disk are two scans", remedy="make one after the other")
    if not (given["rules"] or given["hashes"] or given["this_machine"] or given["disk"]):
        raise BadRequest("nothing to compare files with", remedy="give --rules or --hashes, such as abuse.ch publishes")
    return Asked(paths, given["disk"], given["this_machine"])


@contextmanager
def setup_of(given: Given, now: datetime) -> Iterator[Setup]:
    """Lists read, rules compiled, the examiner running, the vault locked where files are to be moved."""
    files = rule_paths(given["rules"])
    hashes, servers = load_hashes(given["hashes"]), load_servers(given["servers"])
    vault, begun = vault_of(given), time.monotonic()
    ours = (*files, *given["hashes"], *given["servers"], vault.folder)
    with Examiner(load_rules(files)) as examiner:
        setup = Setup(
            examiner=examiner,
            hashes=hashes,
            servers=servers,
            now=now,
            elapsed=lambda: time.monotonic() - begun,
            seconds_max=given["minutes"] * 60,
            skip=frozenset(_identity(path) for path in ours if path.exists()),
            vault=vault if given["quarantine"] else None,
        )
        if not given["quarantine"]:
            yield setup
            return
        with vault.open():
            yield setup


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
