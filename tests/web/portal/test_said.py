"""What people say of a notice is kept for a person to read, and closes no case."""

from __future__ import annotations

import csv
import io
import json

import pytest

from tests.web.portal.portal_world import HOME, Client, check, home_notice, look, post, sent, work
from tocsin.book import cases as book_cases
from tocsin.book import notices, statements
from tocsin.book.tables import case_days
from tocsin.web.portal.doors import Doors
from tocsin.web.shared.limits import Limit, Limiter
from tocsin.web.shared.site import Site


@pytest.fixture
def reader(portal_client: Client, site: Site) -> Client:
    """Somebody who has opened the notice from its own line."""
    return opened(portal_client, site)


@pytest.fixture
def sqlite_reader(sqlite_client: Client, sqlite_site: Site) -> Client:
    return opened(sqlite_client, sqlite_site)


def opened(client: Client, site: Site) -> Client:
    doors = Doors()
    doors.said = Limiter(Limit(burst=1000, per_s=100))
    client.app.state["portal_doors"] = doors
    post(client, "/notice/line", address=HOME, code=home_notice(site).code)
    work(site)
    assert "This is what we wrote to you" in look(client, "/notice", address=HOME).text
    return client


def states(site: Site, notice: str) -> list[str]:
    with site.book.read() as tx:
        return sorted(book_cases.states_of(tx, notices.cases_of(tx, notice)).values())


def said(site: Site, notice: str) -> list[tuple[str, str, str]]:
    with site.book.read() as tx:
        return [(each.kind, each.text, each.proven_by) for each in statements.of_notices(tx, [notice])]


def test_i_did_it_is_noted_and_closes_nothing(reader: Client, site: Site) -> None:
    notice = home_notice(site).notice
    before = states(site, notice)
    answer = post(reader, "/notice/said", address=HOME, start="/notice", kind="did-it")
    assert "Thank you, we have noted it" in answer.text
    assert "14 days" in answer.text
    assert said(site, notice) == [("did-it", "", "line")]
    assert states(site, notice) == before
    assert "closed" not in before
    assert "You told us on 23 November 2026 that you have done it" in look(reader, "/notice", address=HOME).text


def test_an_objection_waits_for_a_person(reader: Client, site: Site) -> None:
    notice = home_notice(site).notice
    text = "That was <b>my</b> own test of a sinkhole."
    post(reader, "/notice/said", address=HOME, start="/notice", kind="objection", text=text)
    with site.book.read() as tx:
        (waiting,) = statements.unread(tx, limit=10)
    assert (waiting.kind, waiting.text, waiting.notice) == ("objection", text, notice)
    with site.book.write() as tx:
        assert statements.note_read(tx, waiting.number, by="agent", at=site.clock())
        assert not statements.note_read(tx, waiting.number, by="other", at=site.clock())
    with site.book.read() as tx:
        assert statements.unread(tx, limit=10) == []


def test_with_the_code_alone_one_may_object_but_not_erase(portal_client: Client, site: Site) -> None:
    notice = sent(site)[0]
    told = {"code": notice.code}
    form = post(portal_client, "/notice/tell", **told)
    assert "What do you want to tell us?" in form.text
    post(portal_client, "/notice/said", kind="objection", text="not mine", **told)
    assert post(portal_client, "/notice/said", kind="erase", **told).status_code == 303
    assert said(site, notice.notice) == [("objection", "not mine", "code")]


def test_an_objection_without_words_is_asked_for_them(sqlite_reader: Client, sqlite_site: Site) -> None:
    answer = post(sqlite_reader, "/notice/said", address=HOME, start="/notice", kind="objection", text="  ")
    assert answer.status_code == 422
    assert "Please write in a few words" in answer.text
    assert said(sqlite_site, home_notice(sqlite_site).notice) == []


def test_what_is_said_is_bounded_and_said_twice_it_stands_once(sqlite_reader: Client, sqlite_site: Site) -> None:
    notice = home_notice(sqlite_site).notice
    for text in ("x" * 5000, "again", "again"):
        post(sqlite_reader, "/notice/said", address=HOME, start="/notice", kind="objection", text=text)
    kept = said(sqlite_site, notice)
    assert [len(text) for _, text, _ in kept] == [1000, 5]
    for number in range(statements.STATEMENTS_MAX):
        answer = post(
            sqlite_reader, "/notice/said", address=HOME, start="/notice", kind="objection", text=f"more {number}"
        )
    assert "Please ring the number on your bill" in answer.text
    assert len(said(sqlite_site, notice)) == statements.STATEMENTS_MAX


@pytest.mark.parametrize("kind", ["", "close", "did-it' --"])
def test_other_statements_are_not_taken(sqlite_reader: Client, sqlite_site: Site, kind: str) -> None:
    post(sqlite_reader, "/notice/said", address=HOME, start="/notice", kind=kind)
    assert said(sqlite_site, home_notice(sqlite_site).notice) == []


def test_what_a_notice_rests_on_can_be_taken_away(reader: Client, site: Site) -> None:
    raw = look(reader, "/notice/evidence/json", address=HOME)
    assert raw.headers["content-disposition"].startswith("attachment")
    told = json.loads(raw.content)
    (day,) = told["rests_on"]
    assert (day["address"], day["kind"], day["source"]) == (HOME, "infected-system", "cert")
    assert told["notice"]["line"].startswith("····")
    table = look(reader, "/notice/evidence/csv", address=HOME)
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert (row["address"], row["sightings"]) == (HOME, "1")
    assert look(reader, "/notice/evidence/exe", address=HOME).status_code == 404


def test_no_cell_of_the_table_is_a_formula(sqlite_reader: Client, sqlite_site: Site) -> None:
    with sqlite_site.book.write() as tx:
        tx.execute(case_days.update().values(source_ref='=HYPERLINK("https://elsewhere.example")'))
    table = look(sqlite_reader, "/notice/evidence/csv", address=HOME)
    (row,) = csv.DictReader(io.StringIO(table.content.decode("utf-8-sig")))
    assert row["source_ref"].startswith("'=")


def test_a_wish_to_be_erased_comes_to_the_desk(sqlite_reader: Client, sqlite_site: Site) -> None:
    answer = post(sqlite_reader, "/notice/said", address=HOME, start="/notice", kind="erase")
    assert "Your wish has come to us" in answer.text
    assert said(sqlite_site, home_notice(sqlite_site).notice) == [("erase", "", "line")]


def test_a_closed_notice_is_closed(sqlite_reader: Client) -> None:
    answer = post(sqlite_reader, "/notice/leave", address=HOME, start="/notice")
    assert answer.status_code == 303
    assert look(sqlite_reader, "/notice", address=HOME).status_code == 302


def _story(site: Site, notice: str) -> list[tuple[str, str]]:
    with site.book.read() as tx:
        (case,) = notices.cases_of(tx, notice)
        return [(move.state, move.actor) for move in book_cases.moves_of(tx, [case])]


def _read_by(site: Site, notice: str) -> str | None:
    with site.book.read() as tx:
        found = notices.find(tx, notice)
    return found.read_by if found else None


def test_whoever_types_the_code_has_the_notice(portal_client: Client, site: Site) -> None:
    mine = home_notice(site)
    before = _story(site, mine.notice)
    check(portal_client, mine.code)
    assert _read_by(site, mine.notice) == "code"
    assert _story(site, mine.notice) == [*before, ("confirmed", "portal")]
    check(portal_client, mine.code)
    assert len(_story(site, mine.notice)) == len(before) + 1


def test_whoever_opens_the_notice_and_says_he_did_it_has_confirmed_and_closed_nothing(
    sqlite_reader: Client, sqlite_site: Site
) -> None:
    notice = home_notice(sqlite_site).notice
    story = _story(sqlite_site, notice)
    assert story[-1] == ("confirmed", "portal")
    post(sqlite_reader, "/notice/said", address=HOME, start="/notice", kind="did-it")
    assert _story(sqlite_site, notice) == story


def test_an_objection_moves_the_case_to_a_person_once(portal_client: Client, site: Site) -> None:
    mine = home_notice(site)
    for _ in range(2):
        post(portal_client, "/notice/said", kind="objection", text="not mine", code=mine.code)
    assert states(site, mine.notice) == ["objected"]
    assert [state for state, _ in _story(site, mine.notice)].count("objected") == 1
    assert _read_by(site, mine.notice) == "code"
