"""What the tests of the desk's cases ask of a site, and how they fill in its forms."""

from __future__ import annotations

import re

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from tocsin.book import cases as book_cases
from tocsin.book.cases import Case
from tocsin.web.shared.site import Site


def cases_of(site: Site) -> list[Case]:
    with site.book.read() as tx:
        return list(book_cases.find_all(tx, [row.case for row in book_cases.case_rows(tx)]).values())


def case_of(site: Site, ref: str) -> Case:
    """The newest case of the subscriber with this customer number."""
    with site.book.read() as tx:
        rows = [row for row in book_cases.case_rows(tx) if row.subscriber == ref]
        found = book_cases.find(tx, rows[-1].case)
    assert found is not None
    return found


def csrf(client: TestClient[Litestar]) -> dict[str, str]:
    """The token that every form carries."""
    return {"_csrf_token": re.findall(r'name="_csrf_token" value="([^"]+)"', client.get("/cases").text)[0]}


def form_of(client: TestClient[Litestar], case: str | None) -> dict[str, str | list[str]]:
    """What the hidden fields of a page's form hold."""
    text = client.get(f"/cases/{case}" if case else "/cases").text
    token = re.findall(r'name="_csrf_token" value="([^"]+)"', text)
    form = re.findall(r'name="form" value="([^"]+)"', text)
    if form:
        return {"_csrf_token": token[0], "form": form[0]}
    return {**csrf(client), "form": "a form of no page"}


def post_act(client: TestClient[Litestar], case: str, action: str, *, reason: str = "ticket 7") -> httpx.Response:
    sent = form_of(client, case) | {"action": action, "reason": reason}
    return client.post(f"/cases/{case}/act", data=sent, follow_redirects=False)
