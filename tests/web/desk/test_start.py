"""The start page: its numbers are those of the book, and what waits for a person is on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.demo_site import NOW, Clock
from tests.web.desk.cases_world import csrf
from tocsin.book import audit, figures, holds, jobs, notices
from tocsin.book.holds import Hold
from tocsin.book.notices import Notice
from tocsin.pipeline.overview import Overviews
from tocsin.pipeline.tally import tally
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
_EVIL = "<script>alert(1)</script>"


def test_the_numbers_are_those_of_the_runs(site: Site, as_role: AsRole) -> None:
    text = as_role("viewer").get("/").text
    assert "Example CERT" in text
    assert re.search(r"Notices sent</span><b>5</b>", text)
    assert "Nobody" not in re.findall(r"<title>(.*?)</title>", text)[0]
    seen = Overviews().of(site.book, site.config, NOW, days=14)
    assert sum(each.sightings for each in seen.came) == sum(seen.outcomes.values())
    assert seen.notices.sent == 5
    assert f"{sum(each.cases for each in seen.open_cases):,}</a></b>" in text


def test_what_could_not_be_attributed_says_why(site: Site, as_role: AsRole) -> None:
    seen = Overviews().of(site.book, site.config, NOW, days=14)
    assert seen.why
    text = as_role("viewer").get("/").text
    for why in seen.why:
        assert why.sentence.replace("'", "&#39;") in text


def test_charts_have_titles_and_a_table_and_no_style_of_their_own(as_role: AsRole) -> None:
    text = as_role("viewer").get("/").text
    assert '<title id="came-title">' in text
    assert '<desc id="came-words">' in text
    assert "As a table" in text
    assert " style=" not in text


def test_a_silent_log_is_said_with_what_it_does(site: Site, as_role: AsRole, clock: Clock) -> None:
    clock.forward(days=1)
    text = as_role("viewer").get("/").text
    assert "Silent for too long. What was seen since then waits, and names nobody." in text


def test_the_tally_is_made_once_for_each_change(site: Site) -> None:
    with site.house() as house:
        with site.book.read() as tx:
            before = figures.outcomes_since(tx, NOW.date() - timedelta(days=9))
        tally(house.lake)
        with site.book.read() as tx:
            assert figures.outcomes_since(tx, NOW.date() - timedelta(days=9)) == before
            assert figures.reaches(tx).keys() == {"radius", "static"}


def _hold(site: Site) -> Hold:
    hold = Hold(hold="H-1", at=NOW, brake="volume", source="cert", reason=f"900 sightings {_EVIL}", notices=7)
    with site.book.write() as tx:
        holds.add(tx, [hold])
    return hold


def test_a_lead_releases_a_hold_with_a_reason(site: Site, as_role: AsRole) -> None:
    _hold(site)
    client = as_role("lead")
    assert _EVIL not in client.get("/").text
    form = csrf(client) | {"hold": "H-1"}
    assert client.post("/holds/release", data=form).status_code == 400
    done = client.post("/holds/release", data=form | {"reason": "they told us"}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/")
    with site.book.read() as tx:
        assert [(each.hold, each.released_by) for each in holds.every(tx)] == [("H-1", "lead-1")]
        last = audit.page(tx, audit.Wanted(), 1)[0]
    assert (last.actor, last.action, last.reason) == ("lead-1", "hold released", "they told us")
    assert client.post("/holds/release", data=form | {"reason": "again"}).status_code == 400


@pytest.mark.parametrize("role", ["viewer", "agent"])
def test_others_see_the_hold_and_cannot_release_it(site: Site, as_role: AsRole, role: str) -> None:
    _hold(site)
    client = as_role(role)
    assert "a lead may" in client.get("/").text
    assert client.post("/holds/release", data=csrf(client) | {"hold": "H-1", "reason": "x"}).status_code == 403


def test_uncertain_deliveries_stand_with_their_cases(site: Site, as_role: AsRole) -> None:
    with site.book.read() as tx:
        sent = notices.in_state(tx, "sent")[0]
        cases = notices.cases_of(tx, sent.notice)
    _make_uncertain(site, sent, cases[0])
    text = as_role("viewer").get("/").text
    assert "N-UNCERTAIN0000001" in text
    assert f'href="/cases/{cases[0]}"' in text
    assert _EVIL not in text


@pytest.mark.parametrize(("answer", "state"), [("sent", "sent"), ("never", "refused")])
def test_a_lead_says_what_became_of_one(site: Site, as_role: AsRole, answer: str, state: str) -> None:
    with site.book.read() as tx:
        sent = notices.in_state(tx, "sent")[0]
        cases = notices.cases_of(tx, sent.notice)
    _make_uncertain(site, sent, cases[0])
    client = as_role("lead")
    form = csrf(client) | {"notice": "N-UNCERTAIN0000001", "answer": answer}
    assert client.post("/uncertain", data=form).status_code == 400
    assert client.post("/uncertain", data=form | {"reason": "the log", "answer": "maybe"}).status_code == 400
    assert client.post("/uncertain", data=form | {"reason": "the log"}, follow_redirects=False).status_code == 303
    with site.book.read() as tx:
        assert notices.states_of(tx, ["N-UNCERTAIN0000001"]) == {"N-UNCERTAIN0000001": state}
        assert audit.page(tx, audit.Wanted(), 1)[0].reason == "the log"
    assert client.post("/uncertain", data=form | {"reason": "again"}).status_code == 400


def _make_uncertain(site: Site, like: Notice, case: str) -> None:
    import msgspec

    new = msgspec.structs.replace(
        like,
        notice="N-UNCERTAIN0000001",
        state="uncertain",
        reason=f"the line broke {_EVIL}",
        message_id="<uncertain@isp.example>",
        code_sha256="0" * 64,
    )
    with site.book.write() as tx:
        notices.add(tx, [new], {new.notice: [case]})


def test_a_run_is_asked_for_once(site: Site, as_role: AsRole) -> None:
    client = as_role("agent")
    form = csrf(client)
    for _ in range(2):
        assert client.post("/run", data=form, follow_redirects=False).status_code == 303
    with site.book.read() as tx:
        assert len(jobs.newest(tx, kinds=["run"])) == 1
    assert "a run waits or goes on" in client.get("/").text


def test_an_empty_house_says_what_to_do(site: Site, as_role: AsRole, clock: Clock) -> None:
    clock.forward(days=60)
    text = as_role("agent").get("/").text
    assert "Nothing has come in for 14 days." in text
    assert "Nothing was seen in 14 days." in text


def test_no_view_opens_the_lake(sqlite_site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(self: Site) -> None:
        raise AssertionError("the lake was opened")

    monkeypatch.setattr(Site, "house", never)
    assert Overviews().of(sqlite_site.book, sqlite_site.config, NOW, days=30).last_run is not None
