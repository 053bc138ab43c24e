"""The log tells an operator what happened, and nobody's secret."""

from __future__ import annotations

import json

import pytest
from litestar import get
from litestar.params import FromPath
from litestar.testing import TestClient

from tests.web.demo_site import PORTAL
from tocsin.web.app import make_portal
from tocsin.web.shared.logs import log, start_logs
from tocsin.web.shared.site import Site


@get("/fails/{code:str}", sync_to_thread=False)
def fails(code: FromPath[str]) -> str:
    secret = f"the house's secret {code}"
    raise ZeroDivisionError(str(len(secret)))


def test_a_request_is_a_line_without_path_query_or_address(
    sqlite_site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    app = make_portal(sqlite_site)
    app.register(fails)
    start_logs("portal")
    with TestClient(app, base_url=PORTAL, raise_server_exceptions=False) as client:
        client.get("/fails/ABCD-EFGH?word=hidden", headers={"X-Forwarded-For": "203.0.113.7", "Cookie": "a=hidden"})
    said = capsys.readouterr().err
    lines = [json.loads(line) for line in said.splitlines()]
    assert [line["event"] for line in lines] == ["bug", "request"]
    assert lines[1]["route"] == "/fails/{code:str}"
    assert lines[1]["status"] == 500
    assert "ZeroDivisionError" in lines[0]["exception"]
    for hidden in ("ABCD-EFGH", "hidden", "203.0.113.7", "the house's secret ABCD"):
        assert hidden not in said


def test_what_is_named_a_secret_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    start_logs("desk")
    log().info("signed in", person="agent-1", password="open sesame", api_key="k", client_address="203.0.113.7")
    line = json.loads(capsys.readouterr().err)
    assert (line["person"], line["password"], line["api_key"], line["client_address"]) == ("agent-1", "…", "…", "…")
