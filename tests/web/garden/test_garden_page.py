"""The page in the garden: it tells whoever is inside how to get out, and needs nothing but a file to do so."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.web.garden.conftest import ANNA, LISTEN, enter
from tocsin.garden import queue
from tocsin.web.shared.words import LANGUAGES, words_of

Client = TestClient[Litestar]
ELSEWHERE = {"X-Forwarded-For": "203.0.113.8"}


def token(client: Client) -> str:
    found = re.search(r'name="_csrf_token" value="([^"]+)"', client.get("/").text)
    assert found
    return found[1]


def press(client: Client, **fields: str) -> int:
    return client.post("/out", data={"_csrf_token": token(client), **fields}).status_code


def test_the_page_says_why_since_when_what_to_do_and_how_to_get_out(client: Client) -> None:
    text = client.get("/").text
    for wanted in ("mirai", "24 Nov 2026, 04:16", "24 Nov 2026, 10:30", "8 Dec 2026, 10:30", "Example CERT"):
        assert wanted in text, wanted
    assert ANNA.quarantine in text
    assert "···· 4711" in text
    assert "Emergency calls" in text
    assert "Let my line out" in text


def test_nobody_is_named(client: Client) -> None:
    text = client.get("/").text
    assert ANNA.login not in text
    assert ANNA.address not in text
    assert ANNA.session not in text


def test_whoever_comes_from_another_line_sees_nothing_of_it(client: Client) -> None:
    text = client.get("/", headers=ELSEWHERE).text
    assert "Your line is not limited" in text
    assert "mirai" not in text


def test_the_button_keeps_a_wish_on_disk(client: Client, data: Path) -> None:
    assert press(client, done="on") == 200
    [wish] = queue.wishes(data)
    assert (wish.quarantine, wish.way) == (ANNA.quarantine, "self")
    assert "on its way out" in client.get("/").text


def test_without_the_tick_nothing_is_wished(client: Client, data: Path) -> None:
    assert press(client) == 422
    assert queue.wishes(data) == []


def test_pressed_twice_is_one_wish(client: Client, data: Path) -> None:
    secret = token(client)
    for _ in range(2):
        client.post("/out", data={"_csrf_token": secret, "done": "on"})
    assert len(queue.wishes(data)) == 1


def test_another_site_cannot_press_it(client: Client, data: Path) -> None:
    answer = client.post(
        "/out", data={"_csrf_token": token(client), "done": "on"}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403
    assert queue.wishes(data) == []


def test_who_is_not_inside_cannot_wish(client: Client, data: Path) -> None:
    secret = token(client)
    client.post("/out", data={"_csrf_token": secret, "done": "on"}, headers=ELSEWHERE)
    assert queue.wishes(data) == []


def test_when_the_own_ways_are_used_up_there_is_no_button_but_a_number_to_ring(client: Client, data: Path) -> None:
    secret = token(client)
    enter(data, msgspec.structs.replace(ANNA, self_left=0))
    text = client.get("/").text
    assert "Let my line out" not in text
    assert "ring the number on your bill" in text
    client.post("/out", data={"_csrf_token": secret, "done": "on"})
    assert queue.wishes(data) == []


def test_an_ipv6_line_is_known_by_its_prefix(client: Client, data: Path) -> None:
    enter(data, msgspec.structs.replace(ANNA, address="2001:db8:ab00::/56"))
    assert "mirai" in client.get("/", headers={"X-Forwarded-For": "2001:db8:ab00:7::1"}).text
    assert "mirai" not in client.get("/", headers={"X-Forwarded-For": "2001:db8:ab01::1"}).text


def test_a_device_that_looks_for_its_makers_page_is_led_here(client: Client) -> None:
    answer = client.get("/generate_204", headers={"Host": "connectivity.example"}, follow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"http://{LISTEN}/")
    assert client.get("/", headers={"Host": "bank.example"}, follow_redirects=False).status_code == 302
    assert client.post("/out", headers={"Host": "bank.example"}).status_code in (403, 421)
    assert client.get("/generate_204").status_code == 404


def test_a_device_may_ask_by_rfc_8908(client: Client) -> None:
    answer = client.get("/captive")
    assert answer.headers["Content-Type"] == "application/captive+json"
    assert answer.headers["Cache-Control"] == "private"
    assert answer.json() == {"captive": True, "user-portal-url": f"http://{LISTEN}/"}
    assert client.get("/captive", headers=ELSEWHERE).json() == {"captive": False}


def test_before_anybody_was_inside_there_is_a_page(client: Client, data: Path) -> None:
    (data / "garden" / "roster.json").unlink()
    assert "Your line is not limited" in client.get("/").text


def test_a_roster_that_cannot_be_read_is_said(client: Client, data: Path) -> None:
    (data / "garden" / "roster.json").write_text("{")
    assert client.get("/").status_code == 503


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything(client: Client, language: str) -> None:
    english = {key for key in words_of("garden", "en") if key.partition(".")[0] in ("inside", "leaving", "outside")}
    assert english <= words_of("garden", language).keys()
    answer = client.get(f"/?language={language}")
    assert f'<html lang="{language}">' in answer.text
    assert words_of("garden", language)["inside.heading"] in answer.text
