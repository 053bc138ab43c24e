"""Handing over and erasing at the desk: by a lead, with a reason; a worker does what takes time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable

import httpx
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.people.erasing import REF
from tocsin.book import audit, subject
from tocsin.pipeline.house import House
from tocsin.pipeline.work import Worker
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]


def post(client: Client, path: str, **fields: str) -> httpx.Response:
    client.get("/account")
    data = {"_csrf_token": client.cookies["desk_form"], **fields}
    return client.post(path, data=data, follow_redirects=False)


def test_a_lead_hands_over_what_is_held_and_it_stands_in_the_audit(
    site: Site, as_role: Callable[[str], Client]
) -> None:
    lead = as_role("lead")
    answer = post(lead, "/privacy/export", ref=REF, reason="a letter of theirs")
    assert answer.headers["content-disposition"] == 'attachment; filename="subscriber.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        told = json.loads(packed.read("subscriber.json"))
    assert told["subscriber"] == REF
    with site.book.read() as tx:
        last = list(audit.entries(tx))[-1]
    assert (last.actor, last.action, last.object, last.reason) == ("lead-1", "export", REF, "a letter of theirs")


def test_erasing_needs_the_number_twice_and_is_done_by_a_worker(site: Site, as_role: Callable[[str], Client]) -> None:
    lead = as_role("lead")
    assert "not the same" in post(lead, "/privacy/erase", ref=REF, again="C-001", reason="a letter").text
    assert "no subscriber" in post(lead, "/privacy/erase", ref="C-999", again="C-999", reason="a letter").text
    assert post(lead, "/privacy/erase", ref=REF, again=REF, reason="a letter").status_code == 303
    assert "a worker is at it" in lead.get("/privacy").text
    worker = Worker(site.book, site.config, lambda: _house(site), clock=site.clock)
    while worker.once():
        pass
    assert "a worker is at it" not in lead.get("/privacy").text
    with site.book.read() as tx:
        assert subject.number_of(tx, REF) is None
    assert "no subscriber" in post(lead, "/privacy/export", ref=REF, reason="a letter").text


def _house(site: Site) -> House:
    return House(site.config, site.config_file, site.data, site.clock())
