"""The garden's page with somebody inside: a roster in a folder, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.live import _bound, _Server
from tocsin.garden.config import GardenSection
from tocsin.garden.roster import Inside, Roster, write_roster
from tocsin.pipeline.config import Config, IssuerSection, ProviderSection
from tocsin.web.app import make_garden
from tocsin.web.garden.place import GardenPlace

NOW = datetime(2026, 11, 24, 15, 0, tzinfo=UTC)
LISTEN = "127.0.0.1:8082"
ANNA = Inside(
    quarantine="G-0123456789AB",
    since=datetime(2026, 11, 24, 9, 30, tzinfo=UTC),
    ends_at=datetime(2026, 12, 8, 9, 30, tzinfo=UTC),
    role="infected",
    kind="infected-system",
    malware="mirai",
    seen_at=datetime(2026, 11, 24, 3, 16, 38, tzinfo=UTC),
    source="Example CERT",
    language="de",
    zone="Europe/Berlin",
    line="···· 4711",
    self_left=2,
    nas="bng-1",
    session="0000A7F3",
    login="anna@dsl.example",
    address="203.0.113.7",
)


def enter(data: Path, *inside: Inside) -> None:
    """These and nobody else are inside."""
    write_roster(data, Roster(made_at=NOW, inside=inside))


def place_at(data: Path, listen: str = LISTEN) -> GardenPlace:
    config = Config(
        issuer=IssuerSection(name="Example Net", domain="isp.example", mail_from="abuse@isp.example"),
        provider=ProviderSection(prefixes=("203.0.113.0/24",)),
        garden=GardenSection(proxies=("127.0.0.1",), listen=listen),
    )
    return GardenPlace(config, data, clock=lambda: NOW)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder, with Anna inside."""
    enter(tmp_path, ANNA)
    return tmp_path


@pytest.fixture
def client(data: Path) -> Iterator[TestClient[Litestar]]:
    """Anna's browser, through the proxy at 127.0.0.1."""
    with TestClient(make_garden(place_at(data)), base_url=f"http://{LISTEN}") as opened:
        opened.headers["X-Forwarded-For"] = ANNA.address
        yield opened


@contextmanager
def served(data: Path) -> Iterator[str]:
    """On a port of its own: its URL."""
    bound = _bound()
    listen = f"127.0.0.1:{bound.getsockname()[1]}"
    server = _Server(make_garden(place_at(data, listen)), bound)
    try:
        yield f"http://{listen}"
    finally:
        server.stop()
