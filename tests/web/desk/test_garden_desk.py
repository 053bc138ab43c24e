"""The garden at the desk: who waits is seen, a person decides with a reason, and everybody can be let out."""

from __future__ import annotations

import re
from collections.abc import Callable

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.desk.cases_world import csrf
from tests.web.garden_world import asked, hostile, inside, stay_of, told_case, with_garden
from tocsin.book import audit
from tocsin.cases.moves import State
from tocsin.garden import queue
from tocsin.web.desk.case_query import GROUPS
from tocsin.web.desk.case_rows import TONE_BY_STATE
from tocsin.web.desk.case_story import _WHAT_BY_STATE
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]
AsRole = Callable[[str], Client]
_EVIL = "<script>alert(1)</script>"


def press(
    client: Client, path: str, *, reason: str = "a doctor rang", form: str = "a form of ours", **more: str
) -> httpx.Response:
    sent = {**csrf(client), "reason": reason, "form": form, **more}
    return client.post(path, data=sent, follow_redirects=False)


def test_where_there_is_none_the_page_says_so(as_role: AsRole, site: Site) -> None:
    viewer = as_role("viewer")
    assert "There is no garden here" in viewer.get("/garden").text
    assert "In the garden" not in viewer.get("/").text
    assert 'id="garden"' not in viewer.get(f"/cases/{told_case(site).case}").text


def test_an_agent_asks_and_a_lead_approves(as_role: AsRole, site: Site) -> None:
    case = told_case(with_garden(site)).case
    agent, lead = as_role("agent"), as_role("lead")
    shown = agent.get(f"/cases/{case}").text
    assert "The rules say: an emergency call hangs on the line, or it is not known whether" in shown
    done = press(agent, f"/cases/{case}/garden", reason="two letters did not help", back="case")
    assert (done.status_code, done.headers["location"]) == (303, f"/cases/{case}#garden")
    [name] = re.findall(r"/garden/(G-[0-9A-F]{12})/release", agent.get(f"/cases/{case}").text)
    assert "two letters did not help" in agent.get("/garden").text
    assert press(agent, f"/garden/{name}/approve").status_code == 403
    assert press(lead, f"/garden/{name}/approve").status_code == 303
    stay = stay_of(site, name)
    assert (stay.state, stay.asked_by, stay.approved_by) == ("approved", "agent-1", "lead-1")
    with site.book.read() as tx:
        actions = [(each.actor, each.action) for each in audit.entries(tx) if each.object == name]
    assert actions == [("agent-1", "garden asked for"), ("lead-1", "garden approved")]


def test_a_form_is_acted_on_once_and_each_deed_by_itself(as_role: AsRole, site: Site) -> None:
    case = told_case(with_garden(site)).case
    lead = as_role("lead")
    for _ in range(2):
        assert press(lead, f"/cases/{case}/garden").status_code == 303
    [name] = set(re.findall(r"/garden/(G-[0-9A-F]{12})/release", lead.get("/garden").text))
    for _ in range(2):
        assert press(lead, f"/garden/{name}/approve").status_code == 303
    assert press(lead, f"/garden/{name}/approve", form="another form").status_code == 409
    assert press(lead, f"/garden/{name}/release").status_code == 303
    assert stay_of(site, name).way == "desk"


def test_what_a_rule_forbids_is_not_asked_for_and_the_page_says_which(as_role: AsRole, site: Site) -> None:
    case = told_case(with_garden(site, on=False)).case
    agent = as_role("agent")
    shown = agent.get(f"/cases/{case}").text
    assert "garden.enclose is off" in shown
    assert "Ask for the garden" not in shown
    refused = press(agent, f"/cases/{case}/garden")
    assert refused.status_code == 409
    assert "garden.enclose is off" in refused.text


def test_whoever_is_inside_is_let_out_also_when_the_garden_is_shut(as_role: AsRole, site: Site) -> None:
    stay = inside(with_garden(site))
    with_garden(site, on=False)
    assert press(as_role("agent"), f"/garden/{stay.quarantine}/release").status_code == 303
    mine = stay_of(site, stay.quarantine)
    assert (mine.state, mine.way, mine.released_by, mine.release_reason) == (
        "releasing",
        "desk",
        "agent-1",
        "a doctor rang",
    )


def test_without_a_reason_nothing_is_done(as_role: AsRole, site: Site) -> None:
    stay = inside(with_garden(site))
    answer = press(as_role("agent"), f"/garden/{stay.quarantine}/release", reason="")
    assert answer.status_code == 422
    assert "Say in 3 to 250 characters why." in answer.text
    assert stay_of(site, stay.quarantine).state == "active"


def test_a_stay_that_is_not_there(as_role: AsRole, site: Site) -> None:
    lead = as_role("lead")
    for deed in ("approve", "refuse", "release"):
        for name in ("G-000000000000", "x", "..%2f..", "G-" + "9" * 300):
            assert press(lead, f"/garden/{name}/{deed}").status_code == 404
    assert press(lead, "/cases/C-NONE/garden").status_code == 404


def test_the_page_shows_the_share_the_queue_and_what_the_rules_say(as_role: AsRole, site: Site) -> None:
    stay = asked(with_garden(site))
    viewer = as_role("viewer")
    text = viewer.get("/garden").text
    assert "an emergency call hangs on the line, or it is not known whether" in text
    assert "of 1 that may be, of 10 subscribers" in text
    assert "<form" not in text.partition("<main")[2], "a viewer only looks"
    queue.wish(site.data, queue.Wish(quarantine=stay.quarantine, asked_at=site.clock()))
    assert "let himself out" in viewer.get("/garden").text
    assert "1 waits for a person" in viewer.get("/").text


def test_what_others_wrote_is_text(as_role: AsRole, site: Site) -> None:
    stay = asked(with_garden(site))
    hostile(site, _EVIL)
    lead = as_role("lead")
    for path in ("/garden", f"/cases/{stay.case}"):
        text = lead.get(path).text
        assert _EVIL not in text
        assert "&lt;script&gt;" in text


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_word_a_look_and_a_tab(state: State) -> None:
    assert _WHAT_BY_STATE[state]
    assert state in TONE_BY_STATE
    assert GROUPS[state] == (state,)
    assert (state in GROUPS["active"]) == (state not in (State.CLOSED, State.WITHDRAWN, State.FALSE))
