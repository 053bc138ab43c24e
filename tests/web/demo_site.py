"""The small provider of the fault tests, two runs old, as a site: made once on each database, copied for each test."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from tests.faults import small_provider
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import run
from tocsin.web.shared.site import Site

NOW = small_provider.RUNS[-1] + timedelta(hours=1)  # 2026-11-23, three in the afternoon UTC
PORTAL = "http://127.0.0.1:8080"
DESK = "http://127.0.0.1:8081"
_WEB = '[web]\nproxies = ["127.0.0.1"]\n'
_databases = count(1)


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


def make_demo(folder: Path, book_url: str, *, keys: Path | None = None) -> Path:
    """Ten households, two runs: five notices sent, cases open, withdrawn and new; no person may sign in yet.

    With the `keys` of another demo it ends in the same state, but for the database that keeps the book.
    """
    small_provider.found(folder)
    _configure(folder, book_url)
    if keys is not None:
        shutil.copytree(keys, folder / "data" / "keys")
    for number, at in enumerate(small_provider.RUNS):
        if number:
            small_provider.more(folder)
        with House.open(config_file=folder / "tocsin.toml", data=None, now=at) as house:
            make_keys(house.data / "keys", house.issuer, datetime(2026, 11, 1, tzinfo=UTC))
            run(house, Progress())
    return folder


def copy_demo(demo: Path, folder: Path, book_url: str) -> Path:
    """The same once more, with a book of its own."""
    shutil.copytree(demo, folder)
    _configure(folder, book_url)
    return folder


def open_site(folder: Path, clock: Clock) -> Site:
    return Site.open(config_file=folder / "tocsin.toml", data=None, clock=clock)


def make_database(postgres: sa.URL) -> str:
    """An empty database of its own, to be copied whole."""
    name = f"web{next(_databases)}"
    execute(postgres, f"CREATE DATABASE {name}")
    return postgres.set(database=name).render_as_string(hide_password=False)


def copy_database(postgres: sa.URL, url: str) -> str:
    """A copy of that database, in which nobody may be working."""
    name = f"web{next(_databases)}"
    execute(postgres, f"CREATE DATABASE {name} TEMPLATE {sa.make_url(url).database}")
    return postgres.set(database=name).render_as_string(hide_password=False)


def drop_database(postgres: sa.URL, url: str) -> None:
    execute(postgres, f"DROP DATABASE IF EXISTS {sa.make_url(url).database} WITH (FORCE)")


def execute(url: sa.URL, *statements: str) -> None:
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
    admin.dispose()


def _configure(folder: Path, book_url: str) -> None:
    """Point the configuration at that book ('' is the embedded one)."""
    path = folder / "tocsin.toml"
    text = re.sub(r'(?ms)^\[book\]\nurl = "[^"\n]*"\n', "", path.read_text("utf-8").replace(_WEB, ""))
    path.write_text(text + (f'[book]\nurl = "{book_url}"\n' if book_url else "") + _WEB, "utf-8")
