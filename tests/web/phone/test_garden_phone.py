"""Somebody rings whose line is in the garden: the number tells why and names nobody, a proof lets out at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.garden_world import asked, inside, stay_of, with_garden
from tests.web.portal.portal_world import home_notice
from tocsin.book import audit, quarantines
from tocsin.pipeline.garden_phone import number_of
from tocsin.web.shared.site import Site
from tocsin.web.shared.words import LANGUAGES, say

AsRole = Callable[[str], TestClient[Litestar]]
Client = TestClient[Litestar]
_TOKEN = re.compile(r'name="_csrf_token" value="([^"]+)"')


def press(client: Client, path: str, **fields: str) -> Response:
    token = _TOKEN.search(client.get("/phone").text)
    assert token
    return client.post(path, data={"_csrf_token": token[1], **fields})


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_number_tells_why_and_names_nobody(as_role: AsRole, site: Site, language: str) -> None:
    stay = inside(with_garden(site))
    clerk = as_role("phone")
    shown = press(clerk, "/phone/garden", number=stay.quarantine.lower().replace("-", " "), spoken=language)
    assert shown.status_code == 200
    assert say("phone", language, "aloud.garden_works", {"issuer": "x"}) in shown.text
    assert say("phone", language, "aloud.garden_self", {"left": 2}) in shown.text
    for secret in ("Robin Example", home_notice(site).account, "203.0.113.1", "s-1"):
        assert secret not in shown.text
    with site.book.read() as tx:
        last = list(audit.entries(tx))[-1]
    assert (last.actor, last.action, last.object) == ("phone-1", "garden by telephone", stay.quarantine)


def test_a_proof_lets_out_at_once_and_it_is_the_clerks_way(as_role: AsRole, site: Site) -> None:
    stay = inside(with_garden(site))
    clerk = as_role("phone")
    assert press(clerk, "/phone/garden/out", number=stay.quarantine).status_code == 422
    assert stay_of(site, stay.quarantine).state == "active"
    done = press(
        clerk, "/phone/garden/out", number=stay.quarantine, proof="bill", depends="on", reason="she has a care alarm"
    )
    assert "is being let out" in done.text
    mine = stay_of(site, stay.quarantine)
    assert (mine.state, mine.way, mine.released_by) == ("releasing", "clerk", "phone-1")
    assert mine.release_reason == "rang, bill. somebody depends on the line. she has a care alarm"
    again = press(clerk, "/phone/garden/out", number=stay.quarantine, proof="bill")
    assert again.status_code == 200
    assert stay_of(site, stay.quarantine).release_reason == mine.release_reason, "said once"


def test_also_when_the_garden_is_shut(as_role: AsRole, site: Site) -> None:
    stay = inside(with_garden(site))
    with_garden(site, on=False)
    press(as_role("phone"), "/phone/garden/out", number=stay.quarantine, proof="questions")
    assert stay_of(site, stay.quarantine).state == "releasing"


def test_one_that_has_not_begun_does_not_begin(as_role: AsRole, site: Site) -> None:
    stay = asked(with_garden(site))
    clerk = as_role("phone")
    assert "Not limited yet" in press(clerk, "/phone/garden", number=stay.quarantine).text
    assert "This line is not limited" in press(clerk, "/phone/garden/out", number=stay.quarantine, proof="bill").text
    assert stay_of(site, stay.quarantine).state == "released"


def test_after_two_releases_of_their_own_the_script_says_that_we_do_it(as_role: AsRole, site: Site) -> None:
    with_garden(site)
    for _ in range(2):
        stay = inside(site)
        with site.book.write() as tx:
            quarantines.release(tx, stay.quarantine, way="self", by="garden", reason="asked", at=site.clock())
            quarantines.note_released(tx, stay.quarantine, at=site.clock())
    third = inside(site)
    shown = press(as_role("phone"), "/phone/garden", number=third.quarantine)
    assert say("phone", "en", "aloud.garden_used", {}) in shown.text
    assert "2 times in 180 days, at once and without asking anybody; 0 are left" in shown.text


def test_by_the_customer_number_after_a_proof(as_role: AsRole, site: Site) -> None:
    stay = inside(with_garden(site))
    clerk = as_role("phone")
    ref = home_notice(site).account
    assert stay.quarantine not in press(clerk, "/phone/account", account=ref).text
    shown = press(clerk, "/phone/account", account=ref, proof="call-back")
    assert stay.quarantine in shown.text
    assert shown.text.count("<h1") == 1
    assert stay.quarantine not in press(clerk, "/phone/account", account="C-001", proof="call-back").text


def test_a_number_that_is_none(as_role: AsRole, site: Site) -> None:
    with_garden(site)
    clerk = as_role("phone")
    for number in ("G-000000000000", "x", "../../etc", "9" * 300, "<script>"):
        for path in ("/phone/garden", "/phone/garden/out"):
            answer = press(clerk, path, number=number, proof="bill")
            assert answer.status_code == 404
            assert "<script>" not in answer.text.partition("<main")[2]
    assert press(clerk, "/phone/garden").status_code == 404


@pytest.mark.parametrize("typed", ["G-0123456789AB", "g0123456789ab", " 0123 4567 89ab ", "G 0123-4567-89AB"])
def test_a_number_is_read_however_it_was_read_out(typed: str) -> None:
    assert number_of(typed) == "G-0123456789AB"


def test_it_is_for_clerks_only(as_role: AsRole) -> None:
    assert as_role("viewer").get("/phone/garden").status_code == 403
