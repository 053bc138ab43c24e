"""What every page owes to every visitor: headers, the right name, no foreign hand, errors in plain words."""

from __future__ import annotations

import json
import re
import warnings

import pytest
from litestar import Litestar, get, post
from litestar.testing import TestClient

from tests.web.demo_site import PORTAL
from tocsin.web.app import make_desk, make_portal
from tocsin.web.shared.site import Site

FOREIGN = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}


def test_every_seat_has_a_first_page(site: Site) -> None:
    with TestClient(make_portal(site), base_url=PORTAL) as portal:
        assert portal.get("/").status_code == 200
    paths = make_desk(site).route_handler_method_map
    assert {"/", "/phone", "/sign-in", "/api/v1/health"} <= set(paths)


@pytest.mark.parametrize("path", ["/", "/nothing-here", "/static/tocsin.css"])
def test_every_answer_carries_the_headers(portal_client: TestClient[Litestar], path: str) -> None:
    headers = portal_client.get(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert "strict-transport-security" not in headers  # it is not reached by TLS
    assert "access-control-allow-origin" not in headers


def test_another_name_is_refused(portal_client: TestClient[Litestar]) -> None:
    assert portal_client.get("/", headers={"Host": "rebound.example"}).status_code == 421


def test_what_another_site_embeds_is_refused(portal_client: TestClient[Litestar]) -> None:
    assert portal_client.get("/", headers=FOREIGN).status_code == 403
    stepped = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert portal_client.get("/", headers=stepped).status_code == 200
    framed = stepped | {"Sec-Fetch-Dest": "iframe"}
    assert portal_client.get("/", headers=framed).status_code == 403


def test_an_unknown_page_says_so_in_the_visitors_language(portal_client: TestClient[Litestar]) -> None:
    answer = portal_client.get("/nothing-here", headers={"Accept-Language": "fr;q=0.9, ja;q=0.8, de;q=0.1"})
    assert answer.status_code == 404
    assert 'lang="ja"' in answer.text
    assert "このページはありません" in answer.text


def test_a_program_gets_a_problem(site: Site) -> None:
    with TestClient(make_desk(site), base_url="http://127.0.0.1:8081") as client:
        answer = client.get("/api/v1/nothing-here")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert json.loads(answer.content)["status"] == 404


@get("/form", sync_to_thread=False)
def form() -> str:
    return "here"


@post("/form", sync_to_thread=False)
def posted() -> str:
    return "done"


@get("/broken", sync_to_thread=False)
def broken() -> str:
    raise ZeroDivisionError("a secret of the house")


def test_a_form_without_its_token_is_refused(sqlite_site: Site) -> None:
    app = make_portal(sqlite_site)
    app.register(form)
    app.register(posted)
    with TestClient(app, base_url=PORTAL) as client:
        assert client.post("/form", data={"word": "x"}).status_code == 403
        client.get("/form")
        token = client.cookies["portal_form"]
        assert client.post("/form", data={"word": "x", "_csrf_token": token}).status_code == 201
        assert client.post("/form", data={"word": "x", "_csrf_token": token[:-1] + "x"}).status_code == 403
        foreign = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
        assert client.post("/form", data={"_csrf_token": token}, headers=foreign).status_code == 403
        elsewhere = {"Origin": "http://elsewhere.example"}
        assert client.post("/form", data={"_csrf_token": token}, headers=elsewhere).status_code == 403


def test_a_large_body_is_refused(sqlite_site: Site) -> None:
    app = make_portal(sqlite_site)
    app.register(posted)
    with TestClient(app, base_url=PORTAL) as client:
        assert client.post("/form", data={"word": "x" * 70_000}).status_code == 413


def test_a_bug_tells_the_visitor_nothing(sqlite_site: Site) -> None:
    app = make_portal(sqlite_site)
    app.register(broken)
    with TestClient(app, base_url=PORTAL, raise_server_exceptions=False) as client:
        answer = client.get("/broken")
    assert answer.status_code == 500
    assert "our fault" in answer.text
    assert "secret of the house" not in answer.text


def test_https_brings_strict_transport_and_cookies_for_it_alone(sqlite_site: Site) -> None:
    import msgspec

    sqlite_site.web = msgspec.structs.replace(sqlite_site.web, portal_url="https://notice.isp.example")
    with TestClient(make_portal(sqlite_site), base_url="https://notice.isp.example") as client:
        answer = client.get("/")
    assert answer.headers["strict-transport-security"].startswith("max-age=")
    assert re.match(r"__Host-form=.*; HttpOnly; Path=/; SameSite=strict; Secure", answer.headers["set-cookie"])


def test_the_web_framework_warns_of_nothing(sqlite_site: Site) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for make in (make_portal, make_desk):
            with TestClient(make(sqlite_site)):
                pass
