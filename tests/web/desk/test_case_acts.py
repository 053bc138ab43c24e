"""What is done to cases at the desk: once, with a name and a reason, and only what the table allows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.faults.small_provider import DYNAMIC, write_sinkhole
from tests.web.desk.cases_world import case_of, cases_of, csrf, form_of, post_act
from tocsin.book import arrivals, audit, notes, notices
from tocsin.book import cases as book_cases
from tocsin.book.arrivals import Arrival
from tocsin.pipeline.house import House
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import attribute, follow, read_all
from tocsin.pipeline.work import Worker
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]


@pytest.mark.parametrize(
    ("action", "state"), [("hold", "held"), ("close", "closed"), ("false-positive", "false-positive")]
)
def test_an_action_moves_the_case_with_name_and_reason(site: Site, as_role: AsRole, action: str, state: str) -> None:
    case = case_of(site, "C-003").case
    client = as_role("agent")
    assert post_act(client, case, action, reason="ticket 4711").status_code == 303
    assert case_of(site, "C-003").state == state
    text = client.get(f"/cases/{case}").text
    assert "ticket 4711" in text
    assert "agent-1" in text
    assert post_act(client, case, "reopen").status_code == 303
    assert case_of(site, "C-003").state == "reopened"


def test_a_second_click_does_nothing(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    client = as_role("agent")
    sent = form_of(client, case) | {"action": "close", "reason": "ticket 7"}
    answers = [client.post(f"/cases/{case}/act", data=sent, follow_redirects=False) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    with site.book.read() as tx:
        assert [move.state for move in book_cases.moves_of(tx, [case])].count("closed") == 1


@pytest.mark.parametrize("reason", ["", "x", "x" * 251])
def test_without_a_reason_nothing_is_done(site: Site, as_role: AsRole, reason: str) -> None:
    case = case_of(site, "C-003").case
    answer = post_act(as_role("agent"), case, "close", reason=reason)
    assert answer.status_code == 422
    assert "Say in 3 to 250 characters why." in answer.text
    assert case_of(site, "C-003").state == "notified"


def test_what_the_table_forbids_is_said_with_why(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    answer = post_act(as_role("agent"), case, "reopen")
    assert answer.status_code == 409
    assert "is notified: it cannot become reopened" in answer.text


@pytest.mark.parametrize("path", ["act", "notes"])
def test_a_viewer_changes_nothing(site: Site, as_role: AsRole, path: str) -> None:
    case = case_of(site, "C-003").case
    client = as_role("viewer")
    answer = client.post(f"/cases/{case}/{path}", data=csrf(client) | {"action": "close", "reason": "because"})
    assert answer.status_code == 403
    assert case_of(site, "C-003").state == "notified"


def test_a_form_without_its_token_is_refused(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    client = as_role("agent")
    sent = {"action": "close", "reason": "because", "form": "12345678"}
    assert client.post(f"/cases/{case}/act", data=sent).status_code == 403
    assert case_of(site, "C-003").state == "notified"


def test_rest_holds_for_whoever_asks_for_a_notice(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    client = as_role("agent")
    post_act(client, case, "hold")
    post_act(client, case, "reopen")
    answer = post_act(client, case, "notify", reason="he rang")
    assert answer.status_code == 409
    assert "was written to a short while ago and is left in peace" in answer.text
    assert "asked for a notice (he rang): was written to a short while ago" in client.get(f"/cases/{case}").text


def test_several_are_done_at_once_and_those_that_cannot_are_named(site: Site, as_role: AsRole) -> None:
    client = as_role("agent")
    names = [case.case for case in cases_of(site)]
    sent = form_of(client, None) | {
        "action": "hold",
        "reason": "holidays",
        "case": names,
        "back": "/cases?malware=mirai",
    }
    answer = client.post("/cases/bulk", data=sent, follow_redirects=False)
    assert answer.status_code == 409
    assert "is withdrawn: it cannot become held" in answer.text
    assert 'href="/cases?malware=mirai"' in answer.text
    assert sorted(case.state for case in cases_of(site)) == ["held"] * 5 + ["withdrawn"]


def test_nothing_ticked_is_said(as_role: AsRole) -> None:
    client = as_role("agent")
    answer = client.post("/cases/bulk", data=form_of(client, None) | {"action": "hold", "reason": "holidays"})
    assert answer.status_code == 422
    assert "Tick at least one case." in answer.text


def test_a_note_is_kept_for_those_whom_it_is_for(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    client = as_role("agent")
    for audience, text in (("colleagues", "rings every day"), ("subscriber", "We have looked at it again.")):
        sent = form_of(client, case) | {"audience": audience, "text": text}
        assert client.post(f"/cases/{case}/notes", data=sent, follow_redirects=False).status_code == 303
    with site.book.read() as tx:
        assert [note.text for note in notes.of_cases(tx, [case], audience="subscriber")] == [
            "We have looked at it again."
        ]
    shown = client.get(f"/cases/{case}").text
    assert "Note to colleagues" in shown
    assert "rings every day" in shown
    assert client.post(f"/cases/{case}/notes", data=form_of(client, case) | {"text": ""}).status_code == 422


def test_what_was_written_back_is_read_and_noted(site: Site, as_role: AsRole) -> None:
    case = case_of(site, "C-003").case
    with site.book.write() as tx:
        [notice] = notices.of_cases(tx, [case])[case]
        reply = Arrival(
            arrival="a" * 64,
            notice=notice.notice,
            kind="reply",
            found_by="verp",
            received_at=site.clock(),
            sender="robin3@post.example",
            subject="<b>Re: your notice</b>",
            said="wrote back",
        )
        arrivals.add(tx, reply, b"raw", text="<script>alert(1)</script>\nIt was the camera.")
    client = as_role("agent")
    text = client.get(f"/cases/{case}").text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;\nIt was the camera." in text
    assert "&lt;b&gt;Re: your notice&lt;/b&gt;" in text
    for _ in range(2):
        answer = client.post(f"/cases/{case}/replies/{'a' * 64}", data=csrf(client), follow_redirects=False)
        assert answer.status_code == 303
    assert "agent-1 took note of it" in client.get(f"/cases/{case}").text
    with site.book.read() as tx:
        assert [entry.action for entry in audit.entries(tx)].count("reply read") == 1


def test_a_notice_that_nothing_speaks_against_is_decided_and_goes_out(site: Site, as_role: AsRole) -> None:
    feed = Path(site.config_file).parent / "feeds" / "8-event4_sinkhole.csv"
    write_sinkhole(feed, [(13.2, DYNAMIC["u05@isp.example"], 40_005)])
    with site.house() as house:
        read_all(house, Progress())
        attribute(house, Progress())
        follow(house, Progress())
    case = case_of(site, "C-004")
    assert case.state == "open"
    client = as_role("agent")
    sent = form_of(client, case.case) | {"action": "notify", "reason": "he rang"}
    answers = [client.post(f"/cases/{case.case}/act", data=sent, follow_redirects=False) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert case_of(site, "C-004").state == "notified"
    text = client.get(f"/cases/{case.case}").text
    assert "asked for a notice (he rang): N-" in text
    with site.book.read() as tx:
        assert len(notices.of_cases(tx, [case.case])[case.case]) == 1
        assert [entry.action for entry in audit.entries(tx)].count("notice asked for") == 1

    _work(site)
    with site.book.read() as tx:
        assert [notice.state for notice in notices.of_cases(tx, [case.case])[case.case]] == ["sent"]


def _work(site: Site) -> None:
    """What a worker does that is due."""

    def open_house() -> House:
        return House(site.config, site.config_file, site.data, site.clock())

    worker = Worker(site.book, site.config, open_house, clock=site.clock)
    while worker.once():
        pass
