"""What is said at the portal stands at the desk, with its case, until somebody has read it."""

from __future__ import annotations

from collections.abc import Callable

from litestar import Litestar
from litestar.testing import TestClient

from tests.web.portal.portal_world import Client, home_notice, post
from tocsin.book import audit, notices, statements
from tocsin.web.shared.site import Site


def test_an_objection_is_read_at_the_desk_once(
    portal_client: Client, site: Site, as_role: Callable[[str], TestClient[Litestar]]
) -> None:
    notice = home_notice(site)
    text = "It was <script>alert(1)</script> my own test"
    post(portal_client, "/notice/said", kind="objection", code=notice.code, text=text)
    with site.book.read() as tx:
        (case,) = notices.cases_of(tx, notice.notice)
        (said,) = statements.of_case(tx, case)
    desk = as_role("agent")
    page = desk.get(f"/cases/{case}")
    assert "The reader says that it is wrong" in page.text
    assert "with the code alone" in page.text
    assert "<script>alert" not in page.text
    token = page.text.partition('name="_csrf_token" value="')[2].partition('"')[0]
    for _ in range(2):
        answer = desk.post(
            f"/cases/{case}/statements/{said.number}", data={"_csrf_token": token}, follow_redirects=False
        )
        assert answer.status_code == 303
    assert "took note of it" in desk.get(f"/cases/{case}").text
    with site.book.read() as tx:
        assert statements.unread(tx, limit=5) == []
        assert [each.action for each in audit.entries(tx)].count("statement read") == 1
        assert statements.of_case(tx, case)[0].read_by
