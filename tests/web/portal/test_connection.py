"""My connection: the visitor learns of it, no other page does, not by reading, framing, size, time or work."""

from __future__ import annotations

import re
import time
from urllib.parse import unquote

import pytest
import sqlalchemy as sa

from tests.web.demo_site import Clock
from tests.web.portal.portal_world import DYNAMIC, ELSEWHERE, HOME, NEIGHBOUR, Client, asked_of, look, post, work
from tocsin.book import Transaction, audit, visits
from tocsin.book import tables_portal as tables
from tocsin.pipeline.own_line import answer_visit
from tocsin.web.portal.connection import PAGE_BYTES
from tocsin.web.portal.doors import Doors
from tocsin.web.shared.limits import Limit, Limiter
from tocsin.web.shared.site import Site

ANSWER = "/connection/answer"


def answered(client: Client, site: Site, address: str, language: str = "en") -> str:
    """What the page says to who comes from there, once it has been looked up."""
    client.cookies.clear()
    answer = post(client, "/connection", address=address, start="/connection")
    assert (answer.status_code, answer.headers["location"]) == (303, ANSWER)
    work(site)
    page = look(client, f"{ANSWER}?language={language}", address=address)
    assert page.status_code == 200
    assert len(page.content) == PAGE_BYTES
    return page.text.partition("</html>")[0]


def test_all_clear_is_said_plainly(portal_client: Client, site: Site) -> None:
    page = answered(portal_client, site, NEIGHBOUR)
    assert "All clear" in page
    assert "no reliable report of trouble" in page


def test_trouble_is_told_by_kind_day_and_steps(portal_client: Client, site: Site) -> None:
    page = answered(portal_client, site, HOME)
    assert "There is something to put right" in page
    assert "A device on your line is infected" in page
    assert "23 November 2026" in page
    assert "/clean?trouble=infected" in page


def test_by_the_address_alone_no_name_account_source_or_peer_is_told(portal_client: Client, site: Site) -> None:
    page = answered(portal_client, site, HOME)
    for secret in ("Robin", "post.example", "C-0", "5550", "s01", "CERT.", "Example CERT", "192.0.2.8", "mirai", "N-"):
        assert secret not in page, secret
    assert not re.search(r"\b(10|12):\d\d\b", page.replace("00:00 UTC", "").partition("<textarea")[0])  # no hour


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (ELSEWHERE, "You do not come from our network"),
        ("203.0.113.77", "We cannot say anything about this address"),
        ("2001:db8::1", "You do not come from our network"),
    ],
)
def test_of_other_addresses_nothing_is_said(sqlite_client: Client, sqlite_site: Site, address: str, said: str) -> None:
    page = answered(sqlite_client, sqlite_site, address)
    assert said in page
    assert "All clear" not in page
    assert "infected" not in page


def test_yes_and_no_have_the_same_bytes_headers_and_work(portal_client: Client, site: Site) -> None:
    seen: dict[str, tuple[int, list[str], list[str], list[str]]] = {}
    for address in (NEIGHBOUR, HOME, ELSEWHERE, DYNAMIC):
        portal_client.cookies.clear()
        with asked_of(site.book) as asked:
            post(portal_client, "/connection", address=address, start="/connection")
        work(site)
        with asked_of(site.book) as read:
            page = look(portal_client, ANSWER, address=address)
        headers = [f"{name}: {value}" for name, value in page.headers.items()]
        waits = address == DYNAMIC  # its log has not been read so far: it looks again, for as long as it is patient
        seen[address] = (len(page.content), headers, asked, read[:1] if waits else read)
    assert seen[NEIGHBOUR] == seen[HOME] == seen[ELSEWHERE]
    assert seen[DYNAMIC][:2] == seen[HOME][:2]
    assert seen[HOME][0] == PAGE_BYTES
    assert len(seen[HOME][3]) <= 2


def test_yes_and_no_take_the_same_time(sqlite_client: Client, sqlite_site: Site) -> None:
    took: dict[str, list[float]] = {NEIGHBOUR: [], HOME: []}
    cookies = {}
    for address in took:
        answered(sqlite_client, sqlite_site, address)
        cookies[address] = dict(sqlite_client.cookies)
    for _ in range(60):
        for address, times in took.items():
            sqlite_client.cookies.clear()
            sqlite_client.cookies.update(cookies[address])
            begun = time.perf_counter()
            look(sqlite_client, ANSWER, address=address)
            times.append(time.perf_counter() - begun)
    means = [sum(sorted(times)[5:30]) / 25 for times in took.values()]
    assert abs(means[0] - means[1]) < 0.25 * max(means)


def test_the_same_work_is_done_behind_the_page_for_yes_and_no(sqlite_site: Site, sqlite_client: Client) -> None:
    asked: dict[str, list[str]] = {}
    for address in (NEIGHBOUR, HOME):
        sqlite_client.cookies.clear()
        post(sqlite_client, "/connection", address=address, start="/connection")
        with sqlite_site.fresh_house() as house, asked_of(house.book) as questions:
            with house.book.read() as tx:
                (name,) = [each for each in visits_waiting(tx)]
            assert answer_visit(house, name)
        asked[address] = [re.sub(r"\s+", " ", each) for each in questions]
    assert asked[NEIGHBOUR] == asked[HOME]


def visits_waiting(tx: Transaction) -> list[str]:
    query = sa.select(tables.visits.c.visit)
    return list(
        tx.execute(query.where(tables.visits.c.answer.is_(None), tables.visits.c.asked_at.is_not(None))).scalars()
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
        {"Host": "rebound.example"},
    ],
)
def test_another_site_gets_no_answer(sqlite_client: Client, sqlite_site: Site, headers: dict[str, str]) -> None:
    answered(sqlite_client, sqlite_site, HOME)
    page = sqlite_client.get(ANSWER, headers={"X-Forwarded-For": HOME, **headers}, follow_redirects=False)
    assert page.status_code in {403, 421}
    assert "something to put right" not in page.text


def test_a_step_from_another_site_shows_the_question_not_the_answer(sqlite_client: Client, sqlite_site: Site) -> None:
    answered(sqlite_client, sqlite_site, HOME)
    headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    page = sqlite_client.get(ANSWER, headers={"X-Forwarded-For": HOME, **headers}, follow_redirects=False)
    assert (page.status_code, page.headers["location"]) == (302, "/connection")


def test_only_a_press_of_our_own_button_asks(sqlite_client: Client) -> None:
    for site, origin in (("cross-site", "https://elsewhere.example"), ("same-site", "http://other.example")):
        headers = {"Sec-Fetch-Site": site, "Origin": origin, "X-Forwarded-For": HOME}
        assert sqlite_client.post("/connection", headers=headers).status_code == 403
    assert sqlite_client.post("/connection", headers={"X-Forwarded-For": HOME}).status_code == 403  # no token


def test_nobody_may_embed_frame_or_read_it(sqlite_client: Client, sqlite_site: Site) -> None:
    answered(sqlite_client, sqlite_site, HOME)
    headers = look(sqlite_client, ANSWER, address=HOME).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"
    assert not [name for name in headers if name.startswith("access-control")]


def test_the_address_is_the_visitors_own_and_no_invention(sqlite_client: Client, sqlite_site: Site) -> None:
    """Only what the configured proxy has heard itself counts: the last in the row."""
    post(sqlite_client, "/connection", address=f"{HOME}, {NEIGHBOUR}", start="/connection")
    work(sqlite_site)
    page = look(sqlite_client, ANSWER, address=HOME).text
    assert f"You come from {NEIGHBOUR}." in page
    assert "All clear" in page


def test_the_letter_to_the_cert_names_ones_own_address_and_time(sqlite_client: Client, sqlite_site: Site) -> None:
    with sqlite_site.config_file.open("a", encoding="utf-8") as file:
        file.write('[portal]\ncert_name = "CERT Example"\ncert_mail = "ask@cert.example"\n')
    page = answered(sqlite_client, sqlite_site, HOME)
    assert "To: CERT Example" in page
    link = re.search(r'href="mailto:ask%40cert.example\?([^"]+)"', page)
    assert link
    letter = unquote(link[1].replace("&amp;", "&"))
    assert HOME in letter
    assert "which reports you hold" in letter
    assert "\r\n" in letter


def test_every_look_is_in_the_audit(portal_client: Client, site: Site) -> None:
    answered(portal_client, site, HOME)
    with site.book.read() as tx:
        looks = [each for each in audit.entries(tx) if each.action == "own address"]
        assert audit.verify(tx)[1] is None
    assert [each.actor for each in looks] == ["portal"]


def test_who_asks_too_often_waits_and_others_do_not(sqlite_client: Client) -> None:
    doors = Doors()
    doors.lines = Limiter(Limit(burst=2, per_s=0.01))
    sqlite_client.app.state["portal_doors"] = doors
    said = [post(sqlite_client, "/connection", address=HOME, start="/connection").status_code for _ in range(3)]
    assert said == [303, 303, 429]
    assert post(sqlite_client, "/connection", address=NEIGHBOUR, start="/connection").status_code == 303


def test_too_many_at_once_are_asked_to_come_again(sqlite_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.pipeline.own_line.WAITING_MAX", 2)
    said = [
        post(sqlite_client, "/connection", address=f"203.0.113.{n}", start="/connection").status_code for n in (1, 2, 3)
    ]
    assert said == [303, 303, 503]


def test_a_visit_is_forgotten_when_its_time_is_over(sqlite_client: Client, sqlite_site: Site, clock: Clock) -> None:
    answered(sqlite_client, sqlite_site, HOME)
    clock.forward(hours=25)
    assert look(sqlite_client, ANSWER, address=HOME).status_code == 302
    with sqlite_site.book.write() as tx:
        assert visits.sweep(tx, at=clock()) >= 1
        assert visits.sweep(tx, at=clock()) == 0


def test_of_one_address_few_questions_wait(
    sqlite_client: Client, sqlite_site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who presses the button again and again takes nobody's place but his own."""
    monkeypatch.setattr("tocsin.book.visits.WAITING_MAX", 3)
    doors = Doors()
    doors.lines = Limiter(Limit(burst=100, per_s=1))
    sqlite_client.app.state["portal_doors"] = doors
    for _ in range(8):
        assert post(sqlite_client, "/connection", address=DYNAMIC, start="/connection").status_code == 303
    assert post(sqlite_client, "/connection", address=HOME, start="/connection").status_code == 303
    with sqlite_site.book.read() as tx:
        assert visits.waiting(tx, at=sqlite_site.clock()) == 4
