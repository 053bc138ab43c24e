"""Who is asking is known only as far as proxies that are ours have said it."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest
from litestar import Litestar, Request, get
from litestar.testing import TestClient

from tests.web.demo_site import PORTAL
from tocsin.web.app import make_portal
from tocsin.web.shared.clients import client_key, client_of
from tocsin.web.shared.site import Site


@get("/who-am-i", sync_to_thread=False)
def who(request: Request[object, object, object]) -> dict[str, str]:  # type: ignore[type-var]
    return {"address": str(client_of(request)), "key": client_key(request)}


@pytest.fixture
def ask(sqlite_site: Site) -> Iterator[TestClient[Litestar]]:
    proxies = ("127.0.0.1", "198.51.100.0/24")
    sqlite_site.web = msgspec.structs.replace(sqlite_site.web, proxies=proxies)
    app = make_portal(sqlite_site)
    app.register(who)
    with TestClient(app, base_url=PORTAL) as client:
        yield client


@pytest.mark.parametrize(
    ("said", "address"),
    [
        ("", "127.0.0.1"),
        ("203.0.113.7", "203.0.113.7"),
        ("10.0.0.1, 203.0.113.7", "203.0.113.7"),  # the first was invented by the client
        ("203.0.113.7, 198.51.100.20", "203.0.113.7"),  # through two proxies of ours
        ("127.0.0.1", "127.0.0.1"),
        ("not-an-address", "127.0.0.1"),
        ("203.0.113.7, not-an-address, 198.51.100.20", "198.51.100.20"),
        ("2001:db8::1", "2001:db8::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        (", ".join(["203.0.113.7"] + ["198.51.100.1"] * 500), "198.51.100.1"),  # no more hops than anybody has
    ],
)
def test_the_client_is_whom_our_proxies_heard(ask: TestClient[Litestar], said: str, address: str) -> None:
    assert ask.get("/who-am-i", headers={"X-Forwarded-For": said}).json()["address"] == address


def test_nobody_else_is_believed(ask: TestClient[Litestar], sqlite_site: Site) -> None:
    sqlite_site.web = msgspec.structs.replace(sqlite_site.web, proxies=())
    assert ask.get("/who-am-i", headers={"X-Forwarded-For": "203.0.113.7"}).json()["address"] == "127.0.0.1"


def test_a_household_with_ipv6_is_counted_as_one(ask: TestClient[Litestar]) -> None:
    keys = {
        ask.get("/who-am-i", headers={"X-Forwarded-For": address}).json()["key"]
        for address in ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2")
    }
    assert keys == {"2001:db8:0:1::/64"}
