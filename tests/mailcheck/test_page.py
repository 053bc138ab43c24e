"""The page: one file, no script, nothing from elsewhere; no mail can break it."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mailcheck.mail_world import KNOWN, html_of, notice
from tocsin.mailcheck.answer import VERDICTS, About, Answer, Answers
from tocsin.mailcheck.catalogue import LANGUAGES, page_words
from tocsin.mailcheck.check import check
from tocsin.mailcheck.findings import Finding
from tocsin.mailcheck.page import page
from tocsin.mailcheck.setup import Setup

_TAGS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "main",
        "article",
        "header",
        "footer",
        "section",
        "div",
        "span",
    ),
    *("p", "h1", "h2", "ul", "li", "dl", "dt", "dd", "blockquote", "svg", "path", "circle"),
}
_EMPTY = {"meta", "path", "circle"}
HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><a href='http://bad.example'>x</a>",
    "\u202egnp.exe \u2066\u2069 \x1b[31m \x00",
    "{{ 7*7 }} {% include 'x' %}",
    "&lt;b&gt; &#60;",
)


class _Seen(HTMLParser):
    """The tags and attributes of a page, and whether each that was opened was closed in turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.words = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in _EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in _EMPTY:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def judged(raw: bytes, language: str = "en") -> Answer:
    return check(raw, Setup(known=KNOWN, language=language))


def harmless(text: str) -> _Seen:
    seen = _Seen(text)
    assert seen.open == []
    assert seen.tags <= _TAGS
    assert not {name for name in seen.attributes if name.startswith("on")} & seen.attributes
    assert not seen.attributes & {"href", "src", "srcset", "action", "style", "xlink:href", "data"}
    assert not re.search(r"url\(|@import", text)
    return seen


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_holds_the_whole_answer_in_its_language(language: str) -> None:
    for raw in (notice(), notice(html=html_of().replace("40512", "40513")), b"hello"):
        answer = judged(raw, language)
        text = page([("a.eml", answer)])
        assert f'<html lang="{language}">' in text
        words = " ".join(harmless(text).words.split())
        own = page_words(language)
        headings = (own["who"], own["know"], own["do"], own[f"verdict_{answer.verdict}"], own[f"line_{answer.verdict}"])
        for said in (*headings, answer.answers.who, answer.answers.know, answer.answers.do, answer.aloud):
            assert said in words
        for finding in answer.findings:
            assert finding.text in words


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_verdict_is_said_in_words_and_a_picture_and_not_by_colour_alone(verdict: str) -> None:
    answer = Answer(verdict, Answers("who", "know", "do"), ())  # type: ignore[arg-type]
    text = page([("a.eml", answer)])
    assert page_words()[f"verdict_{verdict}"] in text
    assert "<svg" in text.partition("</header>")[0]


def test_hostile_words_are_shown_as_words_wherever_they_stand() -> None:
    for words in HOSTILE:
        finding = Finding("link-added", "do", "contradicts", words, words)
        about = About(words, words, words, words)
        answer = Answer("fake", Answers(words, words, words), (finding,), words, about)
        seen = harmless(page([(words, answer)]))
        assert seen.words.count(words.replace("\x00", "\ufffd")) + seen.words.count(words) >= 9


def test_a_hostile_mail_cannot_turn_the_page_or_grow_it() -> None:
    subject = "\u202e<script>x</script>" + "A" * 10_000_000
    raw = f"From: \u202eevil <x@bank.example>\nSubject: {subject}\nMessage-ID: <1@x.example>\n\nhello\n".encode()
    text = page([("\u202ea.eml", judged(raw))])
    seen = harmless(text)
    assert "\u202e" not in seen.words.replace("\u202ea.eml", "")
    assert len(text) < 40_000


def test_links_stand_on_the_page_as_text() -> None:
    answer = judged(notice(text="https://bad.example/login"))
    text = page([("a.eml", answer)])
    assert "https://bad.example/login" in text
    harmless(text)


def test_several_mails_stand_on_one_page() -> None:
    text = page([("a.eml", judged(notice())), ("b.eml", judged(b"hello"))])
    harmless(text)
    assert text.count("<article>") == 2


@given(st.text(max_size=200))
def test_no_text_at_all_breaks_the_page(words: str) -> None:
    finding = Finding("link-added", "do", "contradicts", words, words or None)
    harmless(page([(words, Answer("fake", Answers(words, words, words), (finding,), words, About(words, words)))]))
