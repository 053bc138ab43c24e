"""How a program gets its key: at the desk, by an admin; or on the command line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import get_args

import msgspec
from click.testing import CliRunner
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.api.api_world import V1
from tocsin.book import api_keys
from tocsin.book.api_keys import ApiKey
from tocsin.cli import people_keys
from tocsin.cli.main import tocsin
from tocsin.pipeline.api_keys import Scope
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]


def test_an_admin_makes_a_key_sees_it_once_and_shuts_it(as_role: Callable[[str], Client], site: Site) -> None:
    desk = as_role("admin")
    desk.get("/programs")
    token = desk.cookies["desk_form"]
    form = {"_csrf_token": token, "name": "SOC", "scope": ["cases:read"], "networks": "198.51.100.0/24", "days": "30"}
    page = desk.post("/programs", data=form)
    found = re.search(r"tocsin_[\w-]{43}", page.text)
    assert found
    header = {"Authorization": f"Bearer {found[0]}"}
    assert desk.get(f"{V1}/cases", headers=header).status_code == 200
    page = desk.get("/programs")
    assert found[0] not in page.text
    with site.book.read() as tx:
        (kept,) = api_keys.every(tx)
    assert kept.networks == ("198.51.100.0/24",)
    desk.post(f"/programs/{kept.handle}/shut", data={"_csrf_token": token, "reason": "lost"})
    assert desk.get(f"{V1}/cases", headers=header).status_code == 401


def test_a_key_that_makes_no_sense_is_told_on_the_page(as_role: Callable[[str], Client], site: Site) -> None:
    desk = as_role("admin")
    desk.get("/programs")
    form = {"_csrf_token": desk.cookies["desk_form"], "name": "<b>SOC</b>", "scope": ["health"], "networks": "AS64500"}
    page = desk.post("/programs", data=form)
    assert page.status_code == 422
    assert "cannot be kept to some networks" in page.text
    assert "<b>SOC" not in page.text
    with site.book.read() as tx:
        assert api_keys.every(tx) == []


def test_the_command_line_makes_lists_and_shuts_keys(sqlite_site: Site) -> None:
    where = ["--config", str(sqlite_site.config_file)]
    run = CliRunner()
    made = run.invoke(tocsin, ["people", "key", "add", "feed", "--scope", "sightings:write", "--days", "9", *where])
    assert made.exit_code == 0, made.output
    assert re.match(r"tocsin_[\w-]{43}\n", made.stdout)
    listed = run.invoke(tocsin, ["people", "key", "list", "--json", *where])
    kept = msgspec.json.decode(listed.stdout, type=ApiKey)
    assert (kept.name, kept.scopes) == ("feed", ("sightings:write",))
    assert kept.expires_at is not None
    shut = run.invoke(tocsin, ["people", "key", "shut", kept.handle, "--reason", "gone", *where])
    assert shut.exit_code == 0, shut.output
    with sqlite_site.book.read() as tx:
        assert api_keys.every(tx)[0].disabled_at is not None


def test_the_command_line_knows_every_scope() -> None:
    assert set(people_keys.SCOPES) == set(get_args(Scope))
