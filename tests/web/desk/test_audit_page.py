"""The audit at the desk: filtered, paged, its chain checked; for leads and admins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.demo_site import NOW
from tocsin.book import audit
from tocsin.web.desk.auditing import LINES_SHOWN
from tocsin.web.shared.site import Site

AsRole = Callable[[str], TestClient[Litestar]]
_EVIL = "<script>alert(1)</script>"


@pytest.fixture
def site(sqlite_site: Site) -> Site:
    """What the book is asked here is tested on both databases in tests/book/test_figures.py."""
    return sqlite_site


def _fill(site: Site, lines: int) -> None:
    with site.book.write() as tx:
        for number in range(lines):
            audit.append(
                tx,
                at=NOW + timedelta(seconds=number),
                actor=("ann", "bob")[number % 2],
                action=("look", "act")[number % 3 == 0],
                object=f"thing {number} {_EVIL}",
                reason="100%_sure",
            )


def test_the_newest_lines_stand_first_and_the_older_behind_a_link(site: Site, as_role: AsRole) -> None:
    _fill(site, LINES_SHOWN + 30)
    client = as_role("lead")
    first = client.get("/audit").text
    assert f"thing {LINES_SHOWN + 29} " in first
    assert "thing 0 " not in first
    assert _EVIL not in first
    older = first.split('<a href="/audit?', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert "thing 0 " in client.get(f"/audit?{older}").text


@pytest.mark.parametrize(
    ("asked", "there", "absent"),
    [
        ({"actor": "ann"}, "thing 2 ", "thing 3 "),
        ({"action": "act"}, "thing 3 ", "thing 2 "),
        ({"text": "THING 5 "}, "thing 5 ", "thing 6 "),
        ({"text": "100%_"}, "thing 6 ", "nothing of this"),
        ({"text": "%ing"}, "No line is like this.", "thing 6 "),
        ({"since": "2026-11-24"}, "No line is like this.", "thing 6 "),
        ({"until": "2026-11-23", "since": "2026-11-23"}, "thing 6 ", "No line"),
    ],
)
def test_lines_are_filtered(site: Site, as_role: AsRole, asked: dict[str, str], there: str, absent: str) -> None:
    _fill(site, 10)
    text = as_role("lead").get("/audit", params=asked).text
    assert there in text
    assert absent not in text


@pytest.mark.parametrize("asked", [{"since": "yesterday"}, {"before": "x"}, {"until": "2026-02-30"}])
def test_a_filter_that_cannot_be_read_is_no_bug(as_role: AsRole, asked: dict[str, str]) -> None:
    assert as_role("lead").get("/audit", params=asked).status_code == 400


def test_a_whole_chain_is_said_with_its_last_hash(site: Site, as_role: AsRole) -> None:
    _fill(site, 3)
    text = as_role("admin").get("/audit", params={"verify": "1"}).text
    assert "The chain is whole" in text
    with site.book.read() as tx:
        assert audit.last_hash(tx) in text


def test_a_changed_line_breaks_the_chain(sqlite_site: Site) -> None:
    from tests.web.demo_site import DESK
    from tests.web.signing_in import sign_in
    from tocsin.web.app import make_desk

    _fill(sqlite_site, 3)
    with sqlite_site.book.write() as tx:
        tx.execute(sa.text("DROP TRIGGER audit_keeps_lines"))
        tx.execute(sa.text("UPDATE audit SET reason = 'another' WHERE number = (SELECT max(number) FROM audit)"))
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        sign_in(client, sqlite_site, "admin")
        assert "The chain is broken" in client.get("/audit", params={"verify": "1"}).text


@pytest.mark.parametrize("role", ["viewer", "agent", "phone"])
def test_others_do_not_see_it(as_role: AsRole, role: str) -> None:
    assert as_role(role).get("/audit").status_code == 403
