"""A provider of its own for the portal's tests: the same as the scenes have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.scenes.conftest import scene, scenes, templates
from tests.web.demo_site import PORTAL
from tocsin.web.app import make_portal
from tocsin.web.portal import notice_read
from tocsin.web.shared.site import Site

__all__ = ["scene", "scenes", "templates"]


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that waits for an answer gives up soon: in most tests nobody works meanwhile."""
    monkeypatch.setattr(notice_read, "PATIENCE_S", 0.2)


@pytest.fixture
def sqlite_client(sqlite_site: Site) -> Iterator[TestClient[Litestar]]:
    """The portal on SQLite alone."""
    with TestClient(make_portal(sqlite_site), base_url=PORTAL) as client:
        yield client
