"""A page speaks the visitor's language, and the same things in each."""

from __future__ import annotations

import string
from datetime import UTC, datetime

import pytest
from litestar.testing import RequestFactory

from tocsin.web.shared.words import LANGUAGES, language_of, moment_text, time_tag, words_of

AT = datetime(2026, 11, 24, 3, 16, 38, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "hi"),
        ("de-CH, en;q=0.9", "de"),
        ("fr, ja;q=0.4, en;q=0.5", "en"),
        ("JA", "ja"),
        ("de;q=0, ja;q=nonsense", "hi"),
        ("de;q=9e9", "de"),
        (",".join(["fr"] * 5000 + ["de"]), "hi"),  # no more preferences than anybody has
    ],
)
def test_the_browser_says_which_language(header: str, language: str) -> None:
    request = RequestFactory().get("/", headers={"Accept-Language": header})
    assert language_of(request, "hi") == language


def test_the_switch_goes_before_the_browser() -> None:
    factory = RequestFactory()

    def asked(word: str, cookie: str) -> str:
        headers = {"Accept-Language": "de", "Cookie": f"language={cookie}"}
        return language_of(factory.get("/", headers=headers, query_params={"language": word}), "en")

    assert [asked("ja", "hi"), asked("", "hi"), asked("../x", "../y")] == ["ja", "hi", "de"]


@pytest.mark.parametrize("seat", ["shared", "portal", "phone"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_words_have_the_same_places_in_every_language(seat: str, language: str) -> None:
    english, words = words_of(seat, "en"), words_of(seat, language)
    assert words.keys() == english.keys()
    assert len(english) > 10
    differing = [key for key in english if _places(english[key]) != _places(words[key])]
    assert differing == []


def _places(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def test_a_moment_is_written_as_people_do_with_its_zone() -> None:
    assert moment_text(AT, "en", "UTC") == "24 Nov 2026, 03:16 UTC"
    assert moment_text(AT, "en", "Asia/Tokyo") == "24 Nov 2026, 12:16 JST"
    assert moment_text(AT, "de", "Europe/Berlin") == "24. Nov. 2026, 04:16 MEZ"
    assert moment_text(AT, "ja", "Asia/Tokyo") == "2026年11月24日 12:16 JST"
    assert moment_text(AT, "en", "Asia/Kathmandu") == "24 Nov 2026, 09:01 UTC+05:45"
    assert 'datetime="2026-11-24T03:16:38Z"' in time_tag(AT, "hi", "Asia/Kolkata")
