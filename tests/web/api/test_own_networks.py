"""A constituent's key sees its own networks and nothing else: every route, own and foreign, as a matrix.

What is foreign answers like what is not there, to the byte.
"""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.api.api_world import V1, fresh, key_for
from tests.web.demo_site import DESK
from tocsin.book import case_days
from tocsin.pipeline.api_keys import SCOPES
from tocsin.web.app import make_desk
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]
ROUTES = {  # route: the scope that it needs
    "GET /cases": "cases:read",
    "GET /cases/{case}": "cases:read",
    "POST /cases/{case}/actions": "cases:write",
    "GET /notices": "notices:read",
    "GET /sightings": "sightings:read",
    "POST /sightings": "sightings:write",
    "GET /attribution": "attribution:read",
    "GET /confirmations": "confirmations:read",
    "GET /metrics": "health",
}
SINCE = {"time.min": "2026-11-20T00:00:00Z", "opt.limit": "1000"}
CONFIRMED = {"reference": "R-0000000000000000", "provider": "net.example", "reason": "a test asks"}
ASKED = {"at": "2026-11-23T09:30:00Z", "port": "40001", "reason": "a test asks"}


def test_every_route_stands_in_the_table(sqlite_site: Site) -> None:
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        paths = client.get(f"{V1}/openapi.json").json()["paths"]
    there = {f"{method.upper()} {path.removeprefix(V1)}" for path, item in paths.items() for method in item}
    assert there == {*ROUTES, "GET /health"}


def test_every_route_needs_its_own_scope(sqlite_site: Site) -> None:
    wrong = []
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        for scope in SCOPES:
            header = key_for(sqlite_site, scope)
            for route, needed in ROUTES.items():
                status = _asked(client, route, header, "C-NONE").status_code
                if (status == 403) == (scope == needed):
                    wrong.append(f"{route} with {scope}: {status}")
    assert wrong == []


def _asked(client: Client, route: str, header: dict[str, str], case: str, address: str = "192.0.2.1") -> httpx.Response:
    method, path = route.split(" ")
    path = path.replace("{case}", case)
    path = path if path == "/metrics" else V1 + path
    if method == "POST":
        body = {"action": "hold", "reason": "a test does"}
        return client.post(path, json=body, headers=header | fresh())
    of_path = {"attribution": ASKED | {"address": address}, "sightings": SINCE, "confirmations": CONFIRMED}
    params = next((params for word, params in of_path.items() if word in path), {})
    return client.get(path, params=params, headers=header)


@pytest.fixture
def addresses(site: Site, desk_client: Client) -> dict[str, set[str]]:
    """Where each case of the demo was seen."""
    names = [each["case"] for each in desk_client.get(f"{V1}/cases", headers=key_for(site)).json()["items"]]
    with site.book.read() as tx:
        return case_days.addresses_of(tx, names)


def test_lists_hold_what_is_the_keys_own(desk_client: Client, site: Site, addresses: dict[str, set[str]]) -> None:
    everything, mine = key_for(site), key_for(site, networks=["198.51.100.8/29"])
    own = {case for case, seen in addresses.items() if all(8 <= int(each.split(".")[3]) < 16 for each in seen)}
    own = {case for case in own if all(each.startswith("198.51.100.") for each in addresses[case])}
    assert own
    assert own != addresses.keys()
    assert {each["case"] for each in _items(desk_client, "cases", mine)} == own
    notices = _items(desk_client, "notices", everything)
    expected = [each for each in notices if set(each["cases"]) <= own]
    assert expected != notices
    assert _items(desk_client, "notices", mine) == expected
    seen = _items(desk_client, "sightings", everything)
    inside = [each for each in seen if re.fullmatch(r"198\.51\.100\.(8|9|1[0-5])", each["address"])]
    assert inside != seen
    assert _items(desk_client, "sightings", mine) == [_without_who_complained(each) for each in inside]


def _without_who_complained(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in {"observer", "peer_address", "peer_name"}}


def _items(client: Client, what: str, header: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get(f"{V1}/{what}", params=SINCE if what == "sightings" else {}, headers=header)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


@pytest.mark.parametrize("route", ["GET /cases/{case}", "POST /cases/{case}/actions"])
def test_a_foreign_case_answers_like_one_that_is_not_there(
    desk_client: Client, site: Site, addresses: dict[str, set[str]], route: str
) -> None:
    case, seen = next(iter(sorted(addresses.items())))
    mine = key_for(site, networks=[f"{each}/32" for each in seen])
    foreign = key_for(site, networks=["192.0.2.0/24"])
    assert _asked(desk_client, route, mine, case).status_code == 200
    unknown, hidden = (_asked(desk_client, route, foreign, name) for name in ("C-0000000000", case))
    assert hidden.status_code == unknown.status_code == 404
    assert hidden.content == unknown.content


def test_an_attribution_is_answered_for_own_addresses_alone(desk_client: Client, site: Site) -> None:
    mine = key_for(site, networks=["198.51.100.8/29"])
    answers = {
        address: _asked(desk_client, "GET /attribution", mine, "", address)
        for address in ("198.51.100.11", "198.51.100.77", "192.0.2.1", "2001:db8::1")
    }
    assert answers.pop("198.51.100.11").json()["outcome"] == "subscriber"
    assert {answer.status_code for answer in answers.values()} == {404}
    assert len({answer.content for answer in answers.values()}) == 1


def test_foreign_sightings_are_not_there_however_they_are_asked_for(desk_client: Client, site: Site) -> None:
    foreign = key_for(site, networks=["192.0.2.0/24"])
    ways: tuple[dict[str, str], ...] = ({"address": "198.51.100.11"}, {"prefix": "0.0.0.0/0"}, {"asn": "64500"}, {})
    for way in ways:
        answer = desk_client.get(f"{V1}/sightings", params=SINCE | way, headers=foreign)
        assert answer.json() == {"items": [], "next": None}


def test_a_key_of_an_autonomous_system_sees_its_prefixes(desk_client: Client, site: Site) -> None:
    everything = key_for(site)
    there = _items(desk_client, "sightings", everything)
    answer = desk_client.get(f"{V1}/sightings", params=SINCE | {"asn": "64500"}, headers=everything)
    mine = key_for(site, networks=["AS64500"])
    assert _items(desk_client, "sightings", mine) == list(map(_without_who_complained, answer.json()["items"]))
    assert 0 < len(answer.json()["items"]) <= len(there)
    assert _items(desk_client, "sightings", key_for(site, networks=["AS64999"])) == []
