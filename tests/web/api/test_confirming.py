"""A clearing house's word through the API: signed, of what has left alone, and of one's own networks alone."""

from __future__ import annotations

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.api.api_world import REPORT, SIGHTING, V1, key_for, report_to
from tocsin.book import audit, reports
from tocsin.proof.confirmation import read_confirmation
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]


def ask(
    client: Client, header: dict[str, str], reference: str = SIGHTING, provider: str = "net.example"
) -> httpx.Response:
    params = {"reference": reference, "provider": provider, "reason": "a household asks"}
    return client.get(f"{V1}/confirmations", params=params, headers=header)


@pytest.fixture
def told(site: Site) -> Site:
    with site.book.write() as tx:
        report_to(tx, "abuse@mail.net.example", "198.51.100.11", at=site.clock())
    return site


@pytest.mark.parametrize("reference", [SIGHTING, REPORT])
def test_what_was_given_is_confirmed_and_signed(told: Site, desk_client: Client, reference: str) -> None:
    answer = ask(desk_client, key_for(told, "confirmations:read"), reference, "NET.example.")
    assert answer.status_code == 200
    said, signer = read_confirmation(answer.content, (b"k" * 32, told.keys.proof.raw_public))
    assert signer == told.keys.proof.raw_public
    assert (said.reference, said.provider) == (reference, "net.example")
    assert said.given_at == told.clock().replace(microsecond=0)
    with told.book.read() as tx:
        last = list(audit.entries(tx))[-1]
    assert (last.action, last.object, last.reason) == ("confirmed", f"{reference} net.example", "a household asks")


def test_everything_else_is_not_there(told: Site, desk_client: Client) -> None:
    header = key_for(told, "confirmations:read")
    nots = [ask(desk_client, header, "unheard-of"), ask(desk_client, header, provider="example")]
    nots.append(ask(desk_client, header, provider="et.example"))
    foreign = key_for(told, "confirmations:read", networks=["192.0.2.0/24"])
    nots.append(ask(desk_client, foreign))
    assert [each.status_code for each in nots] == [404, 400, 404, 404]
    assert nots[0].content == nots[3].content
    assert ask(desk_client, key_for(told, "confirmations:read", networks=["198.51.100.8/29"])).status_code == 200


def test_what_has_not_left_is_not_confirmed(site: Site, desk_client: Client) -> None:
    with site.book.write() as tx:
        report_to(tx, "abuse@net.example", "198.51.100.11", at=site.clock())
        reports.end(tx, REPORT, "uncertain", "", site.clock())
    assert ask(desk_client, key_for(site, "confirmations:read")).status_code == 404


def test_a_reference_past_the_bound_and_a_missing_reason_are_refused(told: Site, desk_client: Client) -> None:
    header = key_for(told, "confirmations:read")
    assert ask(desk_client, header, "x" * 65).status_code == 400
    asked = {"reference": SIGHTING, "provider": "net.example"}
    assert desk_client.get(f"{V1}/confirmations", params=asked, headers=header).status_code == 400
