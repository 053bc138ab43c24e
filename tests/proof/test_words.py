from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from tests.proof.proof_world import FACTS, issuer_key, texts
from tocsin.proof.proof import make_proof
from tocsin.proof.words import (
    BLOCK_BEGIN,
    BLOCK_END,
    TWIN_CHARACTERS_MAX,
    fold,
    html_digest,
    html_words,
    text_digest,
    text_words,
)

BLOCK = make_proof(FACTS, "words", "<p>words</p>", issuer_key()).block()


@given(texts, texts)
def test_the_block_is_left_out_wherever_it_stands(before: str, after: str) -> None:
    assert text_digest(f"{before}\n{BLOCK}\n{after}") == text_digest(f"{before}\n{after}")
    page = f"<p>{before}</p>\n<pre>\n{BLOCK}</pre>\n<p>{after}</p>"
    assert html_digest(page) == html_digest(f"<p>{before}</p>\n<p>{after}</p>")


def test_words_between_the_fences_stay_words() -> None:
    fenced = f"{BLOCK_BEGIN}\nPay today\n{BLOCK_END}"
    assert "Pay today" in text_words(f"words {fenced}")
    assert text_digest(f"words {fenced}") != text_digest("words")
    assert html_digest(f"<p>words</p> {fenced}") != html_digest("<p>words</p>")


def test_only_the_first_block_is_left_out() -> None:
    assert text_digest(f"words {BLOCK} {BLOCK}") != text_digest("words")


@given(st.lists(texts.filter(str.strip)), st.sampled_from([" ", "\n", "\r\n", "\t", "\u3000", "\n\n"]))
def test_white_space_may_change_on_the_way(words: list[str], gap: str) -> None:
    assert text_digest(gap.join(words)) == text_digest(" ".join(words))
    assert html_digest(gap.join(words)) == html_digest(" ".join(words))


@given(texts, texts)
def test_other_words_have_another_digest(one: str, other: str) -> None:
    assert (text_digest(one) == text_digest(other)) == (one.split() == other.split())


def test_whatever_html_hides_or_paints_changes_its_digest() -> None:
    page = "<p>words</p>"
    for changed in (
        "<p hidden>words</p>",
        "<p>words</p><!-- -->",
        "<style>p::before{content:'Pay'}</style><p>words</p>",
        '<p>words</p><img src="x">',
        '<a href="x"><p>words</p></a>',
        f'<p>words</p><pre class="x">{BLOCK}</pre>',
    ):
        assert html_digest(changed) != html_digest(page)


def test_the_words_of_html_are_those_that_a_person_reads() -> None:
    head = "<!DOCTYPE html><head><title>t</title><style>s</style></head>"
    page = f"{head}<body><p>A&amp;B&nbsp;c<br>d</p><td>e</td><td><b>f</b>g"
    assert html_words(page) == "A&B c d e fg"


def test_a_huge_character_reference_breaks_nothing() -> None:
    assert html_words("&#" + "9" * 5000 + ";x").endswith("x")
    assert html_words("&#x" + "f" * 5000 + ";x").endswith("x")


def test_junk_of_the_longest_length_is_read_in_a_moment() -> None:
    started = time.process_time()
    for piece in ("<", "<a", "<!--", "<style>", "&#9", BLOCK_BEGIN, f"{BLOCK_BEGIN}{BLOCK_END}", "</", "-", " \n"):
        junk = (piece * TWIN_CHARACTERS_MAX)[:TWIN_CHARACTERS_MAX]
        html_words(junk)
        text_digest(junk)
        html_digest(junk)
    assert time.process_time() - started < 5


@given(st.text(max_size=200))
def test_no_text_breaks_the_words(text: str) -> None:
    assert html_words(text) == fold(html_words(text))
    assert len(text_digest(text + "\ud800")) == 64
