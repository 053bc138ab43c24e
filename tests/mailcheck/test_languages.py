"""Each language says everything that English says, of the same things."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import asdict

from tests.mailcheck.mail_world import KNOWN, html_of, notice, text_of
from tocsin.mailcheck.catalogue import LANGUAGES, catalogue, page_words, phrase, placeholders
from tocsin.mailcheck.check import check
from tocsin.mailcheck.findings import KINDS
from tocsin.mailcheck.setup import Setup

OTHERS = [language for language in LANGUAGES if language != "en"]
TABLES = ("findings", "answers", "phrases", "page")


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("table", TABLES)
def test_a_language_has_the_same_sentences_with_the_same_values(language: str, table: str) -> None:
    english, own = asdict(catalogue())[table], asdict(catalogue(language))[table]
    assert sorted(own) == sorted(english)
    wrong = {name for name in english if placeholders(english[name]) != placeholders(own[name])}
    assert wrong == set()


@pytest.mark.parametrize("language", OTHERS)
def test_no_sentence_was_left_in_english(language: str) -> None:
    for table in TABLES:
        english, own = asdict(catalogue())[table], asdict(catalogue(language))[table]
        same = {name for name in english if english[name] == own[name] and len(english[name]) > 8}
        assert same == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_has_its_words(language: str) -> None:
    assert set(catalogue(language).findings) == set(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_is_given_in_the_readers_language_and_has_three_sentences_at_most(language: str) -> None:
    mails = (
        notice(),
        notice(html=html_of().replace("40512", "40513")),
        notice(text=f"Pay 500.\n\n{text_of()}"),
        b"From: a@b.example\nSubject: x\nMessage-ID: <1@b.example>\n\nhello\n",
        b"",
    )
    for raw in mails:
        said = check(raw, Setup(known=KNOWN, language=language))
        assert check(raw, Setup(known=KNOWN)).verdict == said.verdict
        for text in (said.answers.who, said.answers.know, said.answers.do):
            assert text
            assert "{" not in text
        assert len(re.findall(r"[.。।](?=\s|$|[^\x00-\x7f])", said.answers.do)) <= 3
        assert said.aloud
        script = {"hi": "[\u0900-\u097f]", "ja": "[\u3040-\u30ff]", "de": "[A-Za-z]", "en": "[A-Za-z]"}[language]
        assert all(re.search(script, finding.text) for finding in said.findings)


def test_values_that_are_words_of_ours_are_said_again_and_others_are_kept() -> None:
    assert phrase("no DNS was asked", "de") == "das DNS wurde nicht gefragt"
    assert phrase("the zone file says nothing of net.example", "de") == "die Zonendatei sagt nichts über net.example"
    assert phrase("seen at, Europe/Berlin", "ja") == "見つかった日時、Europe/Berlin"
    assert phrase("Example Broadband", "hi") == "Example Broadband"
    assert phrase("x" * 100_000, "hi") == "x" * 100_000


def test_phrases_tell_each_other_apart() -> None:
    for text in catalogue().phrases.values():
        value = re.sub(r"{.*?}", "net.example", text)
        assert phrase(value, "de") != value or not value.strip()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_has_its_words(language: str) -> None:
    words = page_words(language)
    for verdict in ("genuine", "likely-genuine", "unclear", "likely-fake", "fake"):
        assert words[f"verdict_{verdict}"]
        assert words[f"line_{verdict}"]
