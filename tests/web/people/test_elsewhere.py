"""Signing in with an OpenID provider: an honest one lets somebody in, a lie lets nobody in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.demo_site import DESK
from tests.web.people.openid_provider import CLIENT, SECRET, Provider, running
from tocsin.book import people
from tocsin.web.app import make_desk
from tocsin.web.shared.site import Site

Client = TestClient[Litestar]
STEPPED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with running() as told:
        yield told


@pytest.fixture
def client(sqlite_site: Site, provider: Provider) -> Iterator[Client]:
    provider.lies, provider.claims = {}, {}
    (sqlite_site.config_file.parent / "openid.secret").write_text(SECRET + "\n")
    with sqlite_site.config_file.open("a") as file:
        file.write(
            f'[people.oidc]\nissuer = "{provider.issuer}"\ntitle = "the house"\nclient_id = "{CLIENT}"\n'
            'client_secret_file = "openid.secret"\nroles = { abuse-desk = "agent", leads = "lead" }\n'
        )
    with TestClient(make_desk(sqlite_site), base_url=DESK) as opened:
        yield opened


def come(client: Client, provider: Provider, site: Site, **changed: Any) -> str:
    """There and back; the text of the page at which it ends."""
    went = client.get("/sign-in/oidc?next=/account", follow_redirects=False)
    back, nonce = provider.authorize(went.headers["location"])
    now = int(site.clock().timestamp())
    claims = {"iss": provider.issuer, "aud": CLIENT, "sub": "subject-1", "exp": now + 300, "iat": now, "nonce": nonce}
    claims |= {"preferred_username": "Anna.Berg", "groups": ["staff", "abuse-desk", "leads"]}
    provider.claims = {name: value for name, value in (claims | changed).items() if value is not None}
    return client.get(back, headers=STEPPED, follow_redirects=False).text


def is_in(client: Client) -> bool:
    return client.get("/account", follow_redirects=False).status_code == 200


def test_an_honest_provider_lets_somebody_in_with_the_highest_of_their_roles(
    client: Client, provider: Provider, sqlite_site: Site
) -> None:
    assert "Sign in with the house" in client.get("/sign-in").text
    assert 'url=/account"' in come(client, provider, sqlite_site)
    assert "You are lead here" in client.get("/account").text
    with sqlite_site.book.read() as tx:
        anna = people.demand(tx, "anna.berg")
    assert (anna.role, anna.password, anna.oidc_subject) == ("lead", None, "subject-1")


def test_the_role_is_taken_anew_and_the_person_is_the_same_under_another_name(
    client: Client, provider: Provider, sqlite_site: Site
) -> None:
    come(client, provider, sqlite_site)
    come(client, provider, sqlite_site, groups="abuse-desk", preferred_username="anna.wald")
    with sqlite_site.book.read() as tx:
        assert [(row.name, row.role) for row in people.every(tx)] == [("anna.berg", "agent")]


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://other.example"},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"azp": "another-client"},
        {"nonce": "of-another-trip"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"sub": 7},
        {"groups": ["staff"]},
        {"groups": None},
        {"groups": {"leads": True}},
        {"preferred_username": "no name at all!"},
        {"preferred_username": None},
    ],
    ids=str,
)
def test_a_word_that_does_not_fit_lets_nobody_in(
    client: Client, provider: Provider, sqlite_site: Site, changed: dict[str, Any]
) -> None:
    assert "did not sign you in" in come(client, provider, sqlite_site, **changed)
    assert not is_in(client)


@pytest.mark.parametrize(
    "lies",
    [
        {"key": RSAKey.generate_key(2048, {"kid": "one"})},
        {"key": OctKey.import_key("a" * 32), "header": {"alg": "HS256"}},
        {"document": {"issuer": "https://other.example"}},
        {"document": {"token_endpoint": "http://192.0.2.1/token"}},
    ],
    ids=["another key", "a symmetric one", "another issuer", "an address without TLS"],
)
def test_a_provider_that_lies_lets_nobody_in(
    client: Client, provider: Provider, sqlite_site: Site, lies: dict[str, Any]
) -> None:
    provider.lies = lies
    if "document" in lies:
        assert "did not sign you in" in client.get("/sign-in/oidc").text
    else:
        assert "did not sign you in" in come(client, provider, sqlite_site)
    assert not is_in(client)


def test_a_trip_is_one_browsers_own_and_is_made_once(client: Client, provider: Provider, sqlite_site: Site) -> None:
    went = client.get("/sign-in/oidc", follow_redirects=False)
    back, _ = provider.authorize(went.headers["location"])
    with TestClient(make_desk(sqlite_site), base_url=DESK) as victim:
        assert "did not sign you in" in victim.get(back, headers=STEPPED).text
    come(client, provider, sqlite_site)
    client.cookies.delete("desk_session")
    assert "did not sign you in" in client.get(back, headers=STEPPED).text
    assert not is_in(client)


def test_another_sites_link_signs_nobody_in(client: Client) -> None:
    went = client.get("/sign-in/oidc", headers=STEPPED, follow_redirects=False)
    assert (went.status_code, went.headers["location"]) == (303, "/sign-in")


def test_another_providers_answer_is_refused(client: Client, provider: Provider) -> None:
    back, _ = provider.authorize(client.get("/sign-in/oidc", follow_redirects=False).headers["location"])
    mixed = back.replace(f"iss={provider.issuer}", "iss=https://other.example")
    assert "another provider" in client.get(mixed, headers=STEPPED).text.lower()


def test_nobody_takes_the_name_of_somebody_with_a_password(
    client: Client, provider: Provider, sqlite_site: Site
) -> None:
    with sqlite_site.book.write() as tx:
        people.add(tx, "anna.berg", "admin", at=sqlite_site.clock(), by="a test")
    assert "signs in with a password here" in come(client, provider, sqlite_site)
    assert not is_in(client)


def test_who_was_shut_out_here_stays_out(client: Client, provider: Provider, sqlite_site: Site) -> None:
    come(client, provider, sqlite_site)
    with sqlite_site.book.write() as tx:
        people.disable(tx, "anna.berg", at=sqlite_site.clock(), by="a test")
    assert "shut out" in come(client, provider, sqlite_site)


def test_without_a_provider_there_is_no_such_page(sqlite_site: Site) -> None:
    with TestClient(make_desk(sqlite_site), base_url=DESK) as client:
        assert client.get("/sign-in/oidc").status_code == 404
        assert "Sign in with" not in client.get("/sign-in").text
