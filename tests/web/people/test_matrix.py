"""Authorisation as a matrix: every route of the desk, every role, from one table."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.demo_site import DESK
from tests.web.people.matrix import ANSWERS, NEEDS, ROLES
from tests.web.signing_in import sign_in
from tocsin.web.app import make_desk
from tocsin.web.people import slowing
from tocsin.web.shared.limits import Limit
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]
_WAYS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
_ENDLESS = {"GET /cases/events"}  # a stream: whom it lets in, its own tests say


def routes_of(app: Litestar) -> set[str]:
    return {
        f"{method} {path}"
        for path, handlers in app.route_handler_method_map.items()
        for method in handlers
        if method in _WAYS
    }


@pytest.fixture
def app(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> Litestar:
    monkeypatch.setattr(slowing, "BY_CLIENT", Limit(burst=10_000, per_s=1000))
    monkeypatch.setattr(slowing, "BY_NAME", Limit(burst=10_000, per_s=1000))
    return make_desk(sqlite_site)


def test_every_route_stands_in_the_table(app: Litestar) -> None:
    there = {each for each in routes_of(app) if not each.startswith("GET /api/v1/schema")}
    assert {"missing in the table": there - NEEDS.keys(), "no longer there": NEEDS.keys() - there} == {
        "missing in the table": set(),
        "no longer there": set(),
    }


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_this_role_as_the_table_says(app: Litestar, sqlite_site: Site, role: str) -> None:
    wrong = []
    with TestClient(app, base_url=DESK) as client:
        for route, need in NEEDS.items():
            client.cookies.clear()
            client.get("/sign-in")
            if role != "nobody":
                sign_in(client, sqlite_site, role)
            expected = ANSWERS[need][ROLES.index(role)]
            if route in _ENDLESS and expected == "in":
                continue
            if found := _misfit(expected, _asked(client, route)):
                wrong.append(f"{route} ({need}): {expected} was expected, {found} came")
    assert wrong == []


def _asked(client: Client, route: str) -> httpx.Response:
    method, path = route.split(" ")
    path = re.sub(r"\{[a-z_]+:\w+\}", "nothing-of-this-name", path)
    data = {"_csrf_token": client.cookies.get("desk_form") or ""} if method == "POST" else None
    return client.request(method, path, data=data, follow_redirects=False)


def _misfit(expected: str, answer: httpx.Response) -> str:
    """What came instead, or ''."""
    place = answer.headers.get("location", "")
    came = f"{answer.status_code} {place}".strip()
    to_sign_in = answer.status_code == 303 and re.match(r"/sign-in(\?next=|$)", place) is not None
    fits = {
        "sign-in": to_sign_in,
        "away": answer.status_code == 303 and not to_sign_in,
        "403": answer.status_code == 403,
        "401": answer.status_code == 401,
        "in": answer.status_code not in {401, 403, 405} and answer.status_code < 500 and not to_sign_in,
    }
    return "" if fits[expected] else came


@pytest.fixture
def somebody(app: Litestar, sqlite_site: Site) -> Iterator[tuple[Client, Client]]:
    """Anna and Bert, both agents."""
    with TestClient(app, base_url=DESK) as anna, TestClient(app, base_url=DESK) as bert:
        sign_in(anna, sqlite_site, "agent", name="anna")
        sign_in(bert, sqlite_site, "agent", name="bert")
        yield anna, bert


def test_a_session_of_the_desk_without_its_cookie_is_nobodys(somebody: tuple[Client, Client]) -> None:
    anna, _ = somebody
    anna.cookies.set("desk_session", "a" * 43)
    anna.cookies.delete("desk_session")
    anna.cookies.set("desk_session", "a" * 43)
    assert anna.get("/account", follow_redirects=False).status_code == 303
