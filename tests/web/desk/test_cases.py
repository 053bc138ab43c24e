"""The list of cases and one case, asked as a browser without script asks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from tests.web import demo_site
from tests.web.demo_site import DESK, Clock
from tests.web.desk.cases_world import case_of, cases_of, csrf, post_act
from tests.web.signing_in import sign_in
from tocsin.book import audit, views
from tocsin.book import cases as book_cases
from tocsin.proof.code import make_code
from tocsin.web.app import make_desk
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One for all who only look."""
    folder: Path = tmp_path_factory.mktemp("looked-at") / "site"
    if request.param == "sqlite":
        demo_site.copy_demo(request.getfixturevalue("demo_folder"), folder, "")
    else:
        postgres: sa.URL = request.getfixturevalue("postgres")
        demo, template = request.getfixturevalue("demo_database")
        demo_site.copy_demo(demo, folder, demo_site.copy_database(postgres, template))
    opened = demo_site.open_site(folder, Clock())
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def desk_client(site: Site) -> Iterator[TestClient[Litestar]]:
    with TestClient(make_desk(site), base_url=DESK) as client:
        yield client


@pytest.fixture(scope="module")
def as_role(site: Site) -> Iterator[AsRole]:
    """Each role once."""
    clients: dict[str, TestClient[Litestar]] = {}
    with ExitStack() as stack:

        def client_as(role: str) -> TestClient[Litestar]:
            if role not in clients:
                clients[role] = stack.enter_context(TestClient(make_desk(site), base_url=DESK))
                sign_in(clients[role], site, role)
            return clients[role]

        yield client_as


def _listed(text: str) -> list[str]:
    return re.findall(r'<tr id="(C-[0-9A-Z]{12})"', text)


# --- the list ----------------------------------------------------------------------------------------------------


def test_the_list_shows_every_living_case(site: Site, as_role: AsRole) -> None:
    answer = as_role("viewer").get("/cases")
    living = {case.case for case in cases_of(site) if case.state != "withdrawn"}
    assert answer.status_code == 200
    assert set(_listed(answer.text)) == living


def test_a_tab_says_how_many_and_shows_those(site: Site, as_role: AsRole) -> None:
    answer = as_role("viewer").get("/cases?state=withdrawn")
    assert [case.state for case in cases_of(site) if case.case in _listed(answer.text)] == ["withdrawn"]
    assert re.search(r'Withdrawn <span class="count">1</span>', answer.text)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("kind=vulnerable-system", 1),
        ("malware=mirai", 4),
        ("source=cert", 5),
        ("source=nobody", 0),
        ("seen=1", 5),
        ("open=7", 0),
        ("kind=infected-system&malware=mirai&source=cert&seen=7&sort=sightings&rising=1", 4),
    ],
)
def test_filters_narrow_the_list(as_role: AsRole, query: str, count: int) -> None:
    answer = as_role("viewer").get(f"/cases?{query}")
    assert len(_listed(answer.text)) == count
    if not count:
        assert "No case is like this" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "state=nonsense&sort=nothing&seen=999&open=-1&rising=maybe",
        "after=garbage&before=~",
        "after=2026-13-45T00:00:00Z~C-1",
        "sort=sightings&after=99999999999999999999999~C-1",
        "kind=%00&malware=%00%00&source=" + "x" * 5_000,
        "q=" + "%F0%9F%94%94" * 200,
        "unknown=1&state=open&state=closed",
    ],
)
def test_an_address_that_makes_no_sense_is_a_page(as_role: AsRole, query: str) -> None:
    assert as_role("viewer").get(f"/cases?{query}").status_code == 200


def test_htmx_gets_the_part_that_it_swaps(as_role: AsRole) -> None:
    answer = as_role("viewer").get("/cases", headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert 'id="list"' in answer.text


def test_a_viewer_has_nothing_to_tick(as_role: AsRole) -> None:
    assert "checkbox" not in as_role("viewer").get("/cases").text
    assert 'type="checkbox" name="case"' in as_role("agent").get("/cases").text


@pytest.mark.parametrize("path", ["/cases", "/cases/C-000000000000", "/cases/events", "/cases/C-0/sightings"])
def test_whoever_answers_the_telephone_sees_no_case(as_role: AsRole, path: str) -> None:
    assert as_role("phone").get(path).status_code == 403


def test_who_is_not_signed_in_is_shown_where_to(desk_client: TestClient[Litestar]) -> None:
    assert desk_client.get("/cases", follow_redirects=False).status_code == 303
    assert desk_client.get("/cases", follow_redirects=False).headers["location"].startswith("/sign-in")


# --- search ------------------------------------------------------------------------------------------------------


def _notice(site: Site) -> tuple[str, str]:
    """(a case, the notice about it)."""
    with site.book.read() as tx:
        rows = book_cases.case_rows(tx, states=["notified"])
    return rows[0].case, rows[0].notices[0]


@pytest.mark.parametrize("said", ["case", "notice", "code", "small code"])
def test_a_case_a_notice_or_a_code_leads_to_the_case(site: Site, as_role: AsRole, said: str) -> None:
    case, notice = _notice(site)
    code = make_code(site.keys.secret, notice)
    asked = {"case": case.lower(), "notice": notice, "code": code, "small code": code.lower().replace("-", " ")}[said]
    answer = as_role("viewer").get("/cases", params={"q": asked}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/cases/{case}")


@pytest.mark.parametrize("asked", ["u04@isp.example", "C-003", "00-5550-0003"])
def test_an_account_a_customer_number_or_a_line_finds_its_cases(site: Site, as_role: AsRole, asked: str) -> None:
    answer = as_role("viewer").get("/cases", params={"q": asked})
    assert len(_listed(answer.text)) == 1
    assert ">C-003<" in answer.text


def test_an_address_finds_the_cases_that_were_seen_there(as_role: AsRole) -> None:
    answer = as_role("viewer").get("/cases", params={"q": "198.51.100.14"})
    assert len(_listed(answer.text)) == 1


@pytest.mark.parametrize(
    "asked",
    [
        "198.51.100.14 port 23 2026-11-23T13:00:00Z",
        "198.51.100.14:23 2026-11-23 13:00",
        "198.51.100.14, 23, 2026-11-23T14:00:00+01:00",
    ],
)
def test_an_address_with_a_time_finds_who_held_it_then(site: Site, as_role: AsRole, asked: str) -> None:
    answer = as_role("agent").get("/cases", params={"q": asked})
    assert "One line held the address" in answer.text
    assert len(_listed(answer.text)) == 1
    with site.book.read() as tx:
        assert list(audit.entries(tx))[-1].action == "who"


def test_a_malware_is_a_list_of_its_own(as_role: AsRole) -> None:
    answer = as_role("viewer").get("/cases", params={"q": "MIRAI"}, follow_redirects=False)
    assert answer.headers["location"] == "/cases?state=all&malware=mirai"


def test_what_nobody_knows_says_so_and_the_search_is_in_the_audit(site: Site, as_role: AsRole) -> None:
    answer = as_role("viewer").get("/cases", params={"q": "nobody@isp.example"})
    assert "Nothing was found" in answer.text
    with site.book.read() as tx:
        last = list(audit.entries(tx))[-1]
    assert (last.actor, last.action, last.object) == ("viewer-1", "search", "nobody@isp.example")


# --- saved views -------------------------------------------------------------------------------------------------


def test_a_view_is_kept_for_its_person_and_forgotten(site: Site, as_role: AsRole) -> None:
    mine, others = as_role("viewer"), as_role("agent")
    kept = {"name": "my <b>mirai</b>", "back": "/cases?malware=mirai&state=open"}
    answer = mine.post("/cases/views", data=kept | csrf(mine), follow_redirects=False)
    assert answer.headers["location"] == "/cases?state=open&malware=mirai"
    assert "my &lt;b&gt;mirai&lt;/b&gt;" in mine.get("/cases").text
    assert "mirai&lt;/b&gt;" not in others.get("/cases").text
    mine.post("/cases/views", data=kept | {"remove": "on"} | csrf(mine))
    with site.book.read() as tx:
        assert views.of_person(tx, "viewer-1") == []


@pytest.mark.parametrize("back", ["https://evil.example/cases?", "//evil.example?x=1", "/people?x=1", "javascript:x?"])
def test_nobody_is_led_away_by_a_form(as_role: AsRole, back: str) -> None:
    client = as_role("viewer")
    answer = client.post("/cases/views", data={"name": "x", "back": back} | csrf(client), follow_redirects=False)
    assert answer.headers["location"] == "/cases"


# --- one case ----------------------------------------------------------------------------------------------------


def test_a_case_shows_what_it_rests_on(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003")
    client = as_role("viewer")
    text = client.get(f"/cases/{case.case}").text
    for shown in ("Robin Example 3", "00-5550-0003", "was sent", "Is this", "first seen by cert"):
        assert shown in text
    seen = client.get(f"/cases/{case.case}/sightings").text
    assert "2026-11-23 13:00:00,198.51.100.14,tcp,23,,telnet" in seen
    assert "One line held the address for the whole of that time." in seen
    assert "u04@isp.example" in seen
    assert "by the log radius" in seen


def test_the_look_is_in_the_audit_and_what_htmx_fetches_again_is_the_same_look(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    client = as_role("viewer")
    before = _audited(site)
    client.get(f"/cases/{case}")
    client.get(
        f"/cases/{case}", headers={"HX-Request": "true", "HX-Current-URL": f"http://127.0.0.1:8081/cases/{case}"}
    )
    assert _audited(site)[len(before) :] == [("viewer-1", "case", case)]


def _audited(site: Site) -> list[tuple[str, str, str]]:
    with site.book.read() as tx:
        return [(entry.actor, entry.action, entry.object) for entry in audit.entries(tx)]


def test_evidence_that_is_gone_leaves_its_place(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    for path in (site.data / "evidence").rglob("*"):
        if path.is_file():
            path.unlink()
    seen = as_role("viewer").get(f"/cases/{case}/sightings").text
    assert "2-scan_telnet.csv, line 2" in seen
    assert "no longer kept" in seen


def test_a_case_that_is_not_there_is_said_to_be(as_role: AsRole) -> None:
    client = as_role("agent")
    for path in ("/cases/C-000000000000", "/cases/C-000000000000/sightings", "/cases/%3Cscript%3E"):
        assert client.get(path).status_code == 404
    assert post_act(client, "C-000000000000", "close").status_code == 404


def test_a_notice_is_downloaded_as_it_was_sent_and_never_shown_by_the_browser(site: Site, as_role: AsRole) -> None:
    case, notice = _notice(site)
    answer = as_role("viewer").get(f"/cases/{case}/notices/{notice}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == f'attachment; filename="{notice}.eml"'
    assert b"DKIM-Signature" in answer.content
    other = next(each.case for each in cases_of(site) if each.case != case)
    assert as_role("viewer").get(f"/cases/{other}/notices/{notice}").status_code == 400


def test_the_steps_of_the_policy_stand_on_the_page(site: Site, as_role: AsRole) -> None:
    case, notice = _notice(site)
    text = as_role("viewer").get(f"/cases/{case}").text
    section = text.partition("Steps of its policy")[2].partition("</section>")[0]
    assert "step 1: nobody has been told yet" in section
    assert notice in section
    assert "by mail, decided" in text
