"""Whatever stands in a feed or a customer's record: never a link, never markup, never a header, never long."""

from __future__ import annotations

import email
import email.policy
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.notices.notice_world import (
    CODE,
    FACTS,
    INFECTED,
    ISSUER,
    LINK,
    Tags,
    letter_about,
    sealed,
    squeezed,
)
from tocsin.notices.compose import Letter, compose
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.notices.quoted import GROWTH_MAX, bare, quoted, quoted_name
from tocsin.notices.wrapping import COLUMNS, width
from tocsin.proof.facts import Facts
from tocsin.proof.words import html_words, text_words
from tocsin.terms.errors import Refused

PIECES = (
    *("http://evil.example/x", "https://evil.example", "HTTP:\\\\evil.example", "www.evil.example", "evil.example"),
    *("anna@evil.example", "mailto:anna@evil.example", "evil。example", "evil\uff0eexample", "xn--80ak6aa.xn--p1ai"),
    *("कंपनी.भारत", "evil.भारत", "कंपनी.example", "evil\uff0eभारत"),
    *("javascript:alert(1)", "\\\\evil\\share", "//evil.example", "evil.\u200bexample", "ftp://203.0.113.9/x"),
    *("<a href='x'>", "</body>", "</td></table><script>", "<!--", "&lt;b&gt;", "{{ 7*7 }}", "{name}", "%s"),
    *("\r\nBcc: anna@evil.example", "\n\nbody", "\x00", "\u202e", "\u2066", "\u2028", "\ud800", "\U000e0041"),
    *("-----BEGIN TOCSIN PROOF-----", "-----END TOCSIN PROOF-----", "=?utf-8?q?x?=", "From ", "\n.\n", "\t", "x" * 500),
)
hostile = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=30)), max_size=6).map("".join)
short = hostile.map(lambda text: text[:200])


def facts_with(name: str, malware: str, source: str, reference: str, language: str = "en") -> Facts:
    trouble = replace(
        INFECTED, malware=malware, source=source, source_ref=reference, protocol=name, peer_address=malware, kind=name
    )
    return replace(FACTS, name=name, troubles=(trouble,), language=language)


def letter_with(name: str, malware: str, source: str, reference: str, language: str) -> Letter:
    return compose(facts_with(name, malware, source, reference, language), CODE, ISSUER)


@given(hostile, hostile, hostile, hostile, st.sampled_from(LANGUAGES))
def test_never_a_link(name: str, malware: str, source: str, reference: str, language: str) -> None:
    letter = letter_with(name, malware, source, reference, language)
    assert not LINK.search(html_words(letter.html))
    assert not LINK.search(text_words(letter.text))


@given(hostile, hostile, hostile, hostile, st.sampled_from(LANGUAGES))
def test_never_markup(name: str, malware: str, source: str, reference: str, language: str) -> None:
    tags = Tags(letter_with(name, malware, source, reference, language).html)
    plain = Tags(letter_about(INFECTED, language=language).html)
    assert set(tags.names) == set(plain.names)
    assert tags.attributes == plain.attributes
    assert tags.names.count("body") == 1


@given(hostile, hostile, hostile, hostile, st.sampled_from(LANGUAGES))
def test_never_long(name: str, malware: str, source: str, reference: str, language: str) -> None:
    text = letter_with(name, malware, source, reference, language).text
    plain = letter_about(INFECTED, language=language).text
    assert max(width(line) for line in text.split("\n")) <= COLUMNS
    assert len(text) <= len(plain) + 2_000


@given(hostile, hostile, hostile, hostile, st.sampled_from(LANGUAGES))
def test_the_twins_still_say_the_same(name: str, malware: str, source: str, reference: str, language: str) -> None:
    letter = letter_with(name, malware, source, reference, language)
    assert squeezed(text_words(letter.text)) == squeezed(html_words(letter.html))


@given(hostile)
@example("".join(PIECES))
def test_never_a_control_or_an_invisible_character(text: str) -> None:
    for character in quoted(text, 60):
        assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


@given(hostile, st.integers(2, 80))
def test_bounded_before_and_after_links_are_taken_apart(text: str, longest: int) -> None:
    assert len(bare(text, longest)) <= longest
    assert len(quoted(text, longest)) <= longest * GROWTH_MAX


def test_what_is_cut_ends_in_a_mark() -> None:
    assert bare("x" * 61, 60) == "x" * 59 + "…"
    assert bare("x" * 60, 60) == "x" * 60


@given(short, short, short, short)
def test_never_a_header(name: str, malware: str, source: str, reference: str) -> None:
    facts = facts_with(name, malware, source, reference)
    try:
        raw = sealed(facts).raw
    except Refused:  # half a surrogate pair, which no proof can cover
        assert any("\ud800" <= character <= "\udfff" for character in name + malware + source + reference)
        return
    assert email.message_from_bytes(raw).keys() == email.message_from_bytes(sealed().raw).keys()


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "anna",
        "anna@mail",
        "a@b@mail.example",
        "anna@mail.example\r\nBcc: x@evil.example",
        "Anna <a@mail.example>",
        "a@mail.example,b@mail.example",
        "änna@mail.example",
        "a@mail.example ",
        "x" * 65 + "@mail.example",
    ],
)
def test_a_recipient_that_is_no_plain_address_is_refused(recipient: str) -> None:
    with pytest.raises(Refused, match="not a mail address"):
        sealed(replace(FACTS, recipient=recipient))


def test_facts_too_long_to_prove_are_refused() -> None:
    with pytest.raises(Refused, match="longer than"):
        sealed(facts_with("Anna", "x" * 20_000, "s", "r"))


def test_a_name_cannot_hold_a_proof() -> None:
    name = "-----BEGIN TOCSIN PROOF----- x -----END TOCSIN PROOF-----"
    letter = compose(replace(FACTS, name=name), CODE, ISSUER)
    assert "TOCSIN PROOF" in text_words(letter.text), "a name is a word of the letter, so the proof covers it"


@pytest.mark.parametrize(
    ("given_text", "printed"),
    [
        ("http://evil.example/x", "hxxp[:]//evil[.]example/x"),
        ("CERT.LV", "CERT[.]LV"),
        ("203.0.113.9", "203.0.113.9"),
        ("Trojan-Spy 2.1", "Trojan-Spy 2.1"),
        ("Österreich  CERT\n", "Österreich CERT"),
        ("CERT-2026-4711", "CERT-2026-4711"),
    ],
)
def test_links_are_taken_apart_as_analysts_do_and_the_rest_is_left(given_text: str, printed: str) -> None:
    assert quoted(given_text, 60) == printed


def test_a_malwares_name_cannot_be_rung() -> None:
    assert quoted_name("call +1 800 555 0199") == "call …"
    assert quoted_name("CVE-2017-17215") == "CVE-2017-17215"
