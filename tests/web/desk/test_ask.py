"""Who held this address and port at this time: the answer, and the audit before it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.desk.cases_world import csrf
from tocsin.book import audit
from tocsin.web.desk.zones import local_moment
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
_ASKED = {"address": "198.51.100.11", "at": "2026-11-23 09:30:00", "zone": "UTC", "reason": "ticket 4711"}


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    """What the book is asked here is tested on both databases in tests/book/test_figures.py."""
    return sqlite_site


def _ask(client: TestClient[Litestar], **changed: str) -> httpx.Response:
    return client.post("/ask", data=csrf(client) | _ASKED | changed)


def test_one_subscriber_is_named_with_what_it_rests_on(site: Site, as_role: AsRole) -> None:
    text = _ask(as_role("agent")).text
    for said in (
        "One subscriber held it",
        "held-throughout",
        "radius",
        "198.51.100.11/32",
        "AS64500",
        "u01@isp.example",
    ):
        assert said in text
    with site.book.read() as tx:
        last = audit.page(tx, audit.Wanted(), 1)[0]
    assert (last.actor, last.action, last.reason) == ("agent-1", "who", "ticket 4711")
    assert "198.51.100.11" in last.object


@pytest.mark.parametrize(
    ("address", "at", "said"),
    [
        ("198.51.100.99", "2026-11-23T09:30:00Z", "Nobody is known to have held it"),
        ("192.0.2.1", "2026-11-23T09:30:00Z", "It is not an address of yours"),
        ("198.51.100.11", "2026-11-22T09:30:00Z", "The logs do not reach"),
        ("198.51.100.11", "2026-11-23T14:30:00Z", "It cannot be told yet"),
    ],
)
def test_what_cannot_be_told_is_said_and_names_nobody(as_role: AsRole, address: str, at: str, said: str) -> None:
    text = _ask(as_role("agent"), address=address, at=at).text
    assert said in text
    assert "@isp.example</dd>\n" not in text.replace("abuse@isp.example", "")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"address": "999.1.1.1"}, "Not an IP address."),
        ({"address": ""}, "Which address?"),
        ({"at": "yesterday"}, "Write it as 2026-11-24 04:16:38"),
        ({"at": ""}, "without a time there is no answer"),
        ({"at": "2027-01-01T00:00:00Z"}, "That is still to come."),
        ({"port": "70000"}, "A port is a number from 1 to 65535."),
        ({"reason": ""}, "Why do you look?"),
        ({"zone": "Mars/Olympus"}, "Choose a time zone of the list."),
    ],
)
def test_a_wrong_field_is_said_and_nothing_is_looked_up(
    site: Site, as_role: AsRole, changed: dict[str, str], said: str
) -> None:
    answer = _ask(as_role("agent"), **changed)
    assert answer.status_code == 400
    assert said in answer.text
    with site.book.read() as tx:
        assert audit.page(tx, audit.Wanted(action="who"), 1) == []


def test_what_was_typed_stands_again_and_harms_nobody(as_role: AsRole) -> None:
    text = _ask(as_role("agent"), address='"><script>alert(1)</script>').text
    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_link_fills_the_form_and_looks_nothing_up(site: Site, as_role: AsRole) -> None:
    text = as_role("agent").get("/ask", params={"address": "198.51.100.11", "port": "4000"}).text
    assert 'value="198.51.100.11"' in text
    with site.book.read() as tx:
        assert audit.page(tx, audit.Wanted(action="who"), 1) == []


def test_a_viewer_may_not_ask(as_role: AsRole) -> None:
    assert as_role("viewer").get("/ask").status_code == 403


def test_a_local_time_is_read_in_its_zone() -> None:
    assert local_moment("2026-11-24 04:16:38", "Europe/Berlin") == datetime(2026, 11, 24, 3, 16, 38, tzinfo=UTC)
    assert local_moment("2026-07-24T04:16", "Europe/Berlin") == datetime(2026, 7, 24, 2, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-10-25 02:30", "showed that time twice"),
        ("2026-03-29 02:30", "skipped that time"),
        ("2026-02-30 01:00", "no such day"),
    ],
)
def test_a_time_that_the_clock_showed_twice_or_never_is_not_guessed(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        local_moment(text, "Europe/Berlin")
