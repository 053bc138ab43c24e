"""Sites to test on: the demo provider on both databases, and clients that look at it as a stranger or signed in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient
from playwright.sync_api import Browser, Page

from tests.book.conftest import debian_postgres, postgres
from tests.web import demo_site
from tests.web.demo_site import DESK, PORTAL, Clock
from tests.web.live import CHROMIUM, Live, chromium, looking, serving
from tests.web.signing_in import sign_in
from tocsin.web.app import make_desk, make_portal
from tocsin.web.shared.site import Site

__all__ = ["debian_postgres", "postgres"]  # the same servers as the book's tests have


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo on SQLite: look, do not touch."""
    return demo_site.make_demo(tmp_path_factory.mktemp("demo") / "sqlite", "")


@pytest.fixture(scope="session")
def demo_database(postgres: sa.URL, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The demo on PostgreSQL, and its database's URL: to be copied."""
    url = demo_site.make_database(postgres)
    return demo_site.make_demo(tmp_path_factory.mktemp("demo") / "postgresql", url), url


@pytest.fixture
def clock() -> Clock:
    """The moment at which the pages live; move it by hand."""
    return Clock()


@pytest.fixture
def sqlite_site(demo_folder: Path, tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """A demo of its own on SQLite, for what no database can change."""
    opened = demo_site.open_site(demo_site.copy_demo(demo_folder, tmp_path / "site", ""), clock)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Site]:
    """A demo of its own, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_site")
        return
    postgres: sa.URL = request.getfixturevalue("postgres")
    demo, template = request.getfixturevalue("demo_database")
    url = demo_site.copy_database(postgres, template)
    opened = demo_site.open_site(demo_site.copy_demo(demo, tmp_path / "site", url), clock)
    yield opened
    opened.close()
    demo_site.drop_database(postgres, url)


@pytest.fixture
def portal_client(site: Site) -> Iterator[TestClient[Litestar]]:
    """The portal, as a stranger from 127.0.0.1, a trusted proxy: `X-Forwarded-For` says who asks."""
    with TestClient(make_portal(site), base_url=PORTAL) as client:
        yield client


@pytest.fixture
def desk_client(site: Site) -> Iterator[TestClient[Litestar]]:
    """The desk, not signed in."""
    with TestClient(make_desk(site), base_url=DESK) as client:
        yield client


@pytest.fixture
def as_role(site: Site) -> Iterator[Callable[[str], TestClient[Litestar]]]:
    """`as_role("agent")`: the desk, signed in as somebody with that role."""
    opened: list[TestClient[Litestar]] = []

    def client_as(role: str) -> TestClient[Litestar]:
        client = TestClient(make_desk(site), base_url=DESK)
        opened.append(client.__enter__())
        sign_in(client, site, role)
        return client

    yield client_as
    for client in opened:
        client.__exit__(None, None, None)


@pytest.fixture
def live(site: Site) -> Iterator[Live]:
    """Desk and portal on real ports, on both databases."""
    with serving(site) as opened:
        yield opened


@pytest.fixture
def sqlite_live(sqlite_site: Site) -> Iterator[Live]:
    """The same on SQLite alone: for how pages look and feel."""
    with serving(sqlite_site) as opened:
        yield opened


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A real browser. Where there is none the test is skipped, and CI fails on that.

    Gone with its module: while it is open, this thread's event loop is taken, and nobody else's asyncio.run works.
    """
    if not CHROMIUM.exists():
        pytest.skip("Debian's package chromium is not installed")
    with chromium() as opened:
        yield opened


@pytest.fixture
def browser_page(browser: Browser) -> Iterator[Page]:
    """A page in a fresh browser; `live.sign_in(browser_page.context, "agent")` makes it somebody's."""
    with looking(browser) as page:
        yield page
