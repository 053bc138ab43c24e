"""The list of calls in the browser: no name before a call is taken, the script in the subscriber's language."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.phone.calls_world import NOTICE, PHONE, call_to_make
from tocsin.book import audit, cases, notices
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES

AsRole = Callable[[str], TestClient[Litestar]]
Client = TestClient[Litestar]
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


def press(client: Client, path: str, **fields: str) -> Response:
    token = _TOKEN.search(client.get("/phone").text)
    assert token
    return client.post(path, data={"_csrf_token": token[1], **fields})


def state_of(site: Site) -> str:
    with site.book.read() as tx:
        return notices.states_of(tx, [NOTICE])[NOTICE]


def test_the_list_names_nobody(as_role: AsRole, site: Site) -> None:
    code = call_to_make(site)
    shown = as_role("phone").get("/phone/calls").text
    assert NOTICE in shown
    for secret in (PHONE, "Robin Example", code):
        assert secret not in shown


@pytest.mark.parametrize("language", LANGUAGES)
def test_whoever_takes_it_reads_aloud_in_the_subscribers_language(as_role: AsRole, site: Site, language: str) -> None:
    code, clerk = call_to_make(site, language), as_role("phone")
    shown = press(clerk, "/phone/calls/take", notice=NOTICE)
    assert shown.status_code == 200
    for told in (PHONE, "Robin Example", code, f'<ol class="panel lead" lang="{language}">'):
        assert told in shown.text
    assert '<html lang="en">' in shown.text
    assert clerk.get("/phone/calls").text.count(PHONE) == shown.text.count(PHONE), "it stays in their hands"
    with site.book.read() as tx:
        last = list(audit.entries(tx))[-1]
    assert (last.actor, last.action, last.object) == ("phone-1", "call taken", NOTICE)


def test_what_became_of_it_is_noted_once(as_role: AsRole, site: Site) -> None:
    call_to_make(site)
    clerk = as_role("phone")
    assert press(clerk, "/phone/calls/note", notice=NOTICE, outcome="reached").status_code == 409
    press(clerk, "/phone/calls/take", notice=NOTICE)
    assert press(clerk, "/phone/calls/note", notice=NOTICE).status_code == 422
    assert press(clerk, "/phone/calls/note", notice=NOTICE, outcome="sold").status_code == 422
    done = press(clerk, "/phone/calls/note", notice=NOTICE, outcome="reached", said="will look at the camera")
    assert done.status_code == 200
    assert "Noted in the case." in done.text
    assert state_of(site) == "sent"
    with site.book.read() as tx:
        told = notices.find(tx, NOTICE)
        last = cases.moves_of(tx, notices.cases_of(tx, NOTICE))[-1]
    assert told is not None
    assert told.read_by == "phone"
    said = f"{NOTICE} was told on the telephone: will look at the camera"
    assert (last.state, last.actor, last.reason) == ("confirmed", "phone-1", said)
    assert press(clerk, "/phone/calls/note", notice=NOTICE, outcome="reached").status_code == 409


def test_a_call_that_is_not_there_and_one_of_another_channel(as_role: AsRole, site: Site) -> None:
    clerk = as_role("phone")
    with site.book.read() as tx:
        mail = notices.in_state(tx, "sent")[0].notice
    for name in ("N-0000000000000000", mail, "", "x" * 500):
        assert press(clerk, "/phone/calls/take", notice=name).status_code == 409


def test_it_is_for_clerks_only(as_role: AsRole) -> None:
    assert as_role("viewer").get("/phone/calls").status_code == 403
