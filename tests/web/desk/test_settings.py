"""Changing the configuration at the desk: checked as a whole, with its comments, in the audit, by those who may."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.desk.cases_world import csrf
from tocsin.book import audit
from tocsin.pipeline import settings
from tocsin.pipeline.config import load_config
from tocsin.pipeline.settings import EDITABLE, Change, Writer, change_settings, seen_of
from tocsin.terms.errors import BadConfig, BadRequest, Busy
from tocsin.web.desk.settings_form import MAY
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
_CERT = {"title": "Example CERT", "trust": "known", "reader": "", "accuracy_s": "5"}
_ANN = Writer("ann", "because")
_EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    """What the book is asked here is tested on both databases in tests/book/test_figures.py."""
    return sqlite_site


def _post(client: TestClient[Litestar], path: str, values: dict[str, str]) -> httpx.Response:
    seen = re.findall(r'name="seen" value="([0-9a-f]+)"', client.get(path).text)
    form = csrf(client) | ({"seen": seen[0]} if seen else {}) | {"reason": "ticket 7"} | values
    return client.post(path, data=form)


def test_a_change_keeps_comments_and_stands_in_the_audit(site: Site, as_role: AsRole) -> None:
    path = site.config_file
    path.write_text("# ours, do not lose\n" + path.read_text("utf-8"), "utf-8")
    answer = _post(as_role("lead"), "/settings/sources/cert", _CERT | {"trust": "stranger", "accuracy_s": "60"})
    assert answer.status_code == 200
    assert "Changed" in answer.text
    assert path.read_text("utf-8").startswith("# ours, do not lose\n")
    assert [(each.trust, each.accuracy_s) for each in load_config(path).sources] == [("stranger", 60)]
    assert site.config.sources[0].accuracy_s == 60, "the next question goes by it"
    with site.book.read() as tx:
        lines = audit.page(tx, audit.Wanted(action="settings changed"), 9)
    assert {line.actor for line in lines} == {"lead-1"}
    assert {line.reason for line in lines} == {"ticket 7"}
    assert any(line.object == '[[sources]] "cert" + trust = "stranger"' for line in lines)


@pytest.mark.parametrize(
    ("path", "values", "said"),
    [
        ("/settings/sources/cert", _CERT | {"accuracy_s": "many"}, "A whole number."),
        ("/settings/sources/cert", _CERT | {"trust": "best"}, "Choose one of the list."),
        ("/settings/sources/cert", _CERT | {"title": "two\nlines"}, "One line"),
        ("/settings/sources/cert", _CERT | {"title": "New", "reason": ""}, "Say why"),
        ("/settings/sources/cert", _CERT | {"accuracy_s": "99999999"}, "99999999 seconds"),
        ("/settings/logs/radius", {"prefixes": "198.51.100.0/99", "interim_s": "1800"}, "not a prefix length"),
        ("/settings/sources/_new", {"name": "Bad Name", "trust": "known"}, "Lower-case letters"),
        ("/settings/sources/_new", {"name": "cert", "trust": "known"}, "are named"),
    ],
)
def test_what_would_be_wrong_is_said_and_the_file_stays(
    site: Site, as_role: AsRole, path: str, values: dict[str, str], said: str
) -> None:
    before = site.config_file.read_bytes()
    answer = _post(as_role("lead"), path, values)
    assert answer.status_code == 400
    assert said in answer.text
    assert site.config_file.read_bytes() == before
    assert [each.name for each in site.config_file.parent.glob(".tocsin*")] == []


def test_a_new_source_can_be_sent_to_at_once(site: Site, as_role: AsRole) -> None:
    client = as_role("lead")
    answer = _post(client, "/settings/sources/_new", {"name": "hotline", "title": "Hot Line", "trust": "known"})
    assert answer.status_code == 200
    assert [each.name for each in load_config(site.config_file).sources] == ["cert", "hotline"]
    assert load_config(site.config_file).sources[1].paths == ()
    assert "Hot Line" in client.get("/upload").text


def test_text_from_a_form_is_text_in_the_file_and_on_the_page(site: Site, as_role: AsRole) -> None:
    client = as_role("lead")
    evil = _EVIL + '\\" \U0001f514 [[sources]] # '
    assert _post(client, "/settings/sources/cert", _CERT | {"title": evil}).status_code == 200
    assert load_config(site.config_file).sources[0].title == evil.strip()
    for page in ("/", "/sources", "/upload", "/settings/sources/cert"):
        assert "<script>alert" not in client.get(page).text


def test_two_who_change_at_once_do_not_undo_each_other(site: Site, as_role: AsRole) -> None:
    client = as_role("lead")
    text = client.get("/settings/sources/cert").text
    seen = re.findall(r'name="seen" value="([0-9a-f]+)"', text)[0]
    assert _post(client, "/settings/sources/cert", _CERT | {"title": "First"}).status_code == 200
    form = csrf(client) | _CERT | {"seen": seen, "title": "Second", "reason": "late"}
    late = client.post("/settings/sources/cert", data=form)
    assert late.status_code == 400
    assert "has been changed meanwhile" in late.text
    assert load_config(site.config_file).sources[0].title == "First"


def test_own_networks_are_an_admins(site: Site, as_role: AsRole) -> None:
    lead, admin = as_role("lead"), as_role("admin")
    assert lead.get("/settings/provider").status_code == 403
    values = {"prefixes": "198.51.100.0/24\n203.0.113.0/24\n192.0.2.0/24", "shared_prefixes": ""}
    assert _post(lead, "/settings/provider", values).status_code == 403
    assert _post(admin, "/settings/provider", values).status_code == 200
    assert "192.0.2.0/24" in load_config(site.config_file).provider.prefixes
    assert _post(admin, "/settings/provider", {"prefixes": ""}).status_code == 400


@pytest.mark.parametrize("role", ["viewer", "agent", "phone"])
def test_others_change_nothing(as_role: AsRole, role: str) -> None:
    client = as_role(role)
    assert client.get("/settings/sources/cert").status_code == 403
    form = csrf(client) if role != "phone" else {}
    assert client.post("/settings/sources/cert", data=form | _CERT).status_code == 403


def test_a_file_that_cannot_be_written_is_shown_only(
    site: Site, as_role: AsRole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tocsin.web.desk.configured.is_writable", lambda path: False)
    monkeypatch.setattr(settings, "is_writable", lambda path: False)
    client = as_role("admin")
    assert "read-only" in client.get("/sources").text
    shown = client.get("/settings/sources/cert").text
    assert "cannot be written by this service" in shown
    assert "Change it" not in shown
    assert _post(client, "/settings/sources/cert", _CERT | {"title": "X"}).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        Change("sources", "cert", "paths", ("/etc/shadow",)),
        Change("sources", "cert", "url", "redis://192.0.2.1/0/x"),
        Change("notices", "", "send", "true"),
        Change("book", "", "url", "sqlite:////tmp/x"),
        Change("sources", "nobody", "title", "X"),
    ],
)
def test_only_what_is_listed_can_be_changed(site: Site, change: Change) -> None:
    with pytest.raises(BadRequest):
        change_settings(site.book, site.config_file, [change], _ANN, seen=seen_of(site.config_file))


def test_every_editable_section_says_who_may() -> None:
    assert MAY.keys() == EDITABLE.keys()


def test_a_section_written_in_another_way_is_left_alone(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "tocsin.toml"
    text = re.sub(r"(?s)\[\[sources\]\].*?(?=\[\[logs)", "", site.config_file.read_text("utf-8"))
    path.write_text('sources = [{name = "cert"}]\n' + text, "utf-8")
    with pytest.raises((BadRequest, BadConfig)):
        change_settings(site.book, path, [Change("sources", "cert", "title", "X")], _ANN, seen=seen_of(path))


def test_a_stale_form_is_refused(site: Site) -> None:
    with pytest.raises(Busy, match="meanwhile"):
        change_settings(site.book, site.config_file, [], _ANN, seen="0" * 64)


def test_a_broken_file_stops_no_page(sqlite_site: Site) -> None:
    titles = sqlite_site.config.titles()
    sqlite_site.config_file.write_text("[[sources", "utf-8")
    assert sqlite_site.config.titles() == titles
    change, seen = Change("sources", "cert", "title", "X"), seen_of(sqlite_site.config_file)
    with pytest.raises(BadConfig):
        change_settings(sqlite_site.book, sqlite_site.config_file, [change], _ANN, seen=seen)


def test_pages_show_what_is_configured(as_role: AsRole) -> None:
    client = as_role("viewer")
    assert "feeds/*.csv" in client.get("/sources").text
    assert "198.51.100.0/24" in client.get("/networks").text
    assert "abuse@isp.example" in client.get("/contacts").text


def test_an_address_is_looked_up_in_the_tables(as_role: AsRole) -> None:
    client = as_role("viewer")
    assert "AS64500" in client.get("/networks", params={"address": "198.51.100.7"}).text
    assert "No table names a prefix around it." in client.get("/networks", params={"address": "192.0.2.1"}).text
    assert client.get("/networks", params={"address": _EVIL}).status_code == 400


@pytest.mark.parametrize(("typed", "found"), [("AS64500", True), ("jp", True), ("abuse@isp", True), ("AS64511", False)])
def test_contacts_are_searched(as_role: AsRole, typed: str, found: bool) -> None:
    text = as_role("viewer").get("/contacts", params={"q": typed}).text
    assert ('<td class="mono">abuse@isp.example</td>' in text) == found
