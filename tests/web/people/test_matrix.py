"""Authorisation as a matrix: every route of the desk, every role, from one table."""

from __future__ import annotations

import re

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.api.api_world import key_for
from tests.web.demo_site import DESK
from tests.web.people.matrix import ANSWERS, NEEDS, ROLES, SCOPES
from tests.web.signing_in import sign_in
from tocsin.book import case_days, cases, sessions
from tocsin.pipeline.api_keys import SCOPES as KNOWN
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


def _filled(route: str) -> tuple[str, str]:
    method, path = route.split(" ")
    return method, re.sub(r"\{[a-z_]+:\w+\}", "nothing-of-this-name", path)


def _asked(client: Client, route: str) -> httpx.Response:
    method, path = _filled(route)
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


def test_every_route_of_the_api_needs_its_scope(app: Litestar, sqlite_site: Site) -> None:
    assert {route for route, need in NEEDS.items() if need == "key"} == SCOPES.keys()
    wrong = []
    with TestClient(app, base_url=DESK) as client:
        for route, scope in SCOPES.items():
            others = key_for(sqlite_site, *(each for each in KNOWN if each != scope))
            for key, fits in ((others, "403"), (key_for(sqlite_site, scope), "in")):
                method, path = _filled(route)
                if found := _misfit(fits, client.request(method, path, headers=key)):
                    wrong.append(f"{route} ({scope}): {fits} was expected, {found} came")
    assert wrong == []


def test_a_constituents_key_sees_its_own_networks_and_a_foreign_case_is_no_case(
    app: Litestar, sqlite_site: Site
) -> None:
    with sqlite_site.book.read() as tx:
        held = {day.address: case.case for case in cases.case_rows(tx) for day in case_days.days_of_case(tx, case.case)}
    assert len(held) > 2
    with TestClient(app, base_url=DESK) as client:
        for address, case in held.items():
            own, foreign = (
                key_for(sqlite_site, networks=[f"{address}/32"]),
                key_for(sqlite_site, networks=["192.0.2.0/24"]),
            )
            assert client.get(f"/api/v1/cases/{case}", headers=own).status_code == 200
            assert client.get(f"/api/v1/cases/{case}", headers=foreign).status_code == 404
            assert client.get("/api/v1/cases", headers=foreign).json()["items"] == []
            assert [each["case"] for each in client.get("/api/v1/cases", headers=own).json()["items"]] == [case]


@pytest.mark.parametrize("other", ["viewer", "agent", "lead", "admin"])
def test_nobody_ends_another_persons_session_whatever_their_role(app: Litestar, sqlite_site: Site, other: str) -> None:
    with TestClient(app, base_url=DESK) as anna, TestClient(app, base_url=DESK) as foreign:
        sign_in(anna, sqlite_site, "agent", name="anna")
        sign_in(foreign, sqlite_site, other, name="bert")
        with sqlite_site.book.read() as tx:
            [session] = sessions.of_person(tx, "anna", at=sqlite_site.clock(), seen_since=sqlite_site.clock())
        foreign.get("/account")
        data = {"_csrf_token": foreign.cookies["desk_form"]}
        answer = foreign.post(f"/account/sessions/{session.handle}/end", data=data, follow_redirects=False)
        assert answer.status_code == 404
        assert anna.get("/account", follow_redirects=False).status_code == 200
