"""Short messages: counted as networks count them, and none leaves that could not be told from a fraud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.notices.notice_world import BY_ROLE, CODE, INFECTED, ISSUER, ROLES, facts_about
from tocsin.mailcheck.answer import Answer
from tocsin.mailcheck.check import check
from tocsin.mailcheck.pasted import read_pasted
from tocsin.mailcheck.setup import Setup
from tocsin.notices.letters.catalogue import LANGUAGES, catalogue, placeholders
from tocsin.notices.outline import phone_words
from tocsin.notices.sms.compose import OPTIONAL, PARTS_MAX, compose_short, words
from tocsin.notices.sms.leave import may_leave_short
from tocsin.notices.sms.number import international
from tocsin.notices.sms.parts import PART_UNITS, coding_of, outside, split
from tocsin.proof.facts import Facts
from tocsin.terms.errors import BadRequest, Refused


@pytest.mark.parametrize(
    ("text", "coding", "pieces"),
    [
        ("", "gsm-7", 1),
        ("a" * 160, "gsm-7", 1),
        ("a" * 161, "gsm-7", 2),
        ("a" * 306, "gsm-7", 2),
        ("a" * 307, "gsm-7", 3),
        ("€" * 80, "gsm-7", 1),  # two septets each
        ("€" * 81, "gsm-7", 2),
        ("ä" * 160, "gsm-7", 1),
        ("ç" * 70, "ucs-2", 1),  # the alphabet has the capital one only
        ("क" * 70, "ucs-2", 1),
        ("क" * 71, "ucs-2", 2),
        ("क" * 134, "ucs-2", 2),
        ("क" * 135, "ucs-2", 3),
        ("😀" * 35, "ucs-2", 1),  # two units each
        ("😀" * 36, "ucs-2", 2),
    ],
)
def test_a_text_takes_as_many_messages_as_the_standard_says(text: str, coding: str, pieces: int) -> None:
    parts = split(text)
    assert (parts.coding, len(parts.pieces)) == (coding, pieces)


def test_an_escaped_character_is_not_divided_between_two_parts() -> None:
    first, second = split("a" * 152 + "€" + "b" * 8).pieces
    assert (first, second) == ("a" * 152, "€" + "b" * 8)


@given(st.text(max_size=400))
def test_the_parts_are_the_text_and_none_is_too_long(text: str) -> None:
    """Asked the slow way: a unit at a time, by Python's own UTF-16."""
    parts = split(text)
    assert "".join(parts.pieces) == text
    units = [
        sum(2 if sign in "\f^{}\\[~]|€" else 1 for sign in piece)
        if parts.coding == "gsm-7"
        else len(piece.encode("utf-16-le", "surrogatepass")) // 2
        for piece in parts.pieces
    ]
    assert all(each <= (PART_UNITS[parts.coding] if len(units) > 1 else 160) for each in units)
    if len(units) > 1:
        assert sum(units) > (160 if parts.coding == "gsm-7" else 70)


def test_english_and_german_stay_in_the_small_alphabet() -> None:
    for language in ("en", "de"):
        assert {outside(text) for text in words()[language].__struct_fields__} == {""}
        said = words()[language]
        assert all(coding_of(getattr(said, name)) == "gsm-7" for name in said.__struct_fields__), language


def test_every_language_has_the_same_sentences_with_the_same_places() -> None:
    assert set(words()) == set(LANGUAGES)
    source = words()["en"]
    for language, said in words().items():
        for name in source.__struct_fields__:
            if name != "moment_format":
                assert placeholders(getattr(said, name)) == placeholders(getattr(source, name)), (language, name)


def stranger(text: str) -> Answer:
    return check(read_pasted(b"(forwarded)\n" + text.encode()), Setup())


def judged(facts: Facts, text: str) -> str | None:
    phone = phone_words(ISSUER, catalogue(facts.language))
    return may_leave_short(text, facts, CODE, phone, parts_max=PARTS_MAX, stranger=stranger(text))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("role", ROLES)
def test_every_message_may_leave_and_says_what_it_must(role: str, language: str) -> None:
    facts = facts_about(BY_ROLE[role], language=language)
    short = compose_short(facts, CODE, ISSUER)
    assert judged(facts, short.text) is None
    assert short.text.startswith(ISSUER.name)
    for told in (CODE, "4711", "04:16", "UTC+01:00", "2026", phone_words(ISSUER, catalogue(language))):
        assert told in short.text
    assert len(short.parts.pieces) <= PARTS_MAX
    if language == "hi":
        assert short.parts.coding == "ucs-2"
        assert all(len(piece) <= 70 for piece in short.parts.pieces)
    if language in ("en", "de"):
        assert short.parts.coding == "gsm-7"


def test_what_may_be_left_out_goes_before_one_part_too_many() -> None:
    facts = facts_about(INFECTED, replace(INFECTED, kind="brute-force", role="attacker"))
    facts = replace(facts, troubles=(replace(facts.troubles[0], malware="mirai" * 8), *facts.troubles[1:]))
    told = {most: compose_short(facts, CODE, ISSUER, parts_max=most).text for most in (2, 3)}
    assert ("mirai" in told[3], "Example CERT" in told[3], "and 1 more" in told[3]) == (True, True, True)
    assert "mirai" not in told[2]
    assert "name" not in told[2].partition("seen")[2]
    with pytest.raises(Refused, match="even the shortest message takes 2 parts"):
        compose_short(facts, CODE, ISSUER, parts_max=1)


def test_a_name_in_another_script_does_not_halve_an_english_message() -> None:
    facts = facts_about(replace(INFECTED, malware="мираи", source="जाँच"))
    short = compose_short(facts, CODE, ISSUER)
    assert short.parts.coding == "gsm-7"
    assert "мираи" not in short.text


def test_a_hostile_name_is_no_link_and_no_number_to_ring() -> None:
    facts = facts_about(replace(INFECTED, malware="https://evil.example/x", source="call +49 30 1234567890"))
    text = compose_short(facts, CODE, ISSUER).text
    assert "evil.example" not in text
    assert judged(facts, text) == "it holds what a telephone takes for a number to ring: +49 30 1234567890"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda text: text.replace(ISSUER.name, "Your provider"), "does not name the sender"),
        (lambda text: text.replace(CODE, "see bill"), "the code does not stand in it"),
        (lambda text: text.replace("the number on your bill", "us"), "which number to ring"),
        (lambda text: f"{text} https://net.example/c", "makes a link of"),
        (lambda text: f"{text} net-check.example.com/c", "makes a link of"),
        (lambda text: f"{text} or write to help@net.example", "link of|mail address"),
        (lambda text: f"{text} Ring 0800 123 4567.", "number to ring"),
        (lambda text: text + "a" * 400, "more than 4 parts"),
        (lambda text: f"{text} Confirm your password and pay now.", "contradiction|stranger"),
    ],
)
def test_a_message_that_looks_like_a_fraud_does_not_leave(change, why: str) -> None:  # type: ignore[no-untyped-def]
    facts = facts_about(INFECTED)
    text = change(compose_short(facts, CODE, ISSUER).text)
    assert (found := judged(facts, text)) is not None
    assert any(part in found for part in why.split("|")), found


def test_a_line_of_few_characters_and_a_subscriber_of_many_troubles() -> None:
    facts = replace(facts_about(*[INFECTED] * 3), line="····")
    text = compose_short(facts, CODE, ISSUER).text
    assert "on your line is infected" in text
    assert "and 2 more" in text


def test_what_no_letter_could_say_no_message_says() -> None:
    with pytest.raises(Refused, match="no letter"):
        compose_short(facts_about(replace(INFECTED, role="victim")), CODE, ISSUER)
    with pytest.raises(BadRequest):
        compose_short(facts_about(INFECTED, language="xx"), CODE, ISSUER)


def test_each_optional_piece_has_a_place_in_the_text() -> None:
    assert set(OPTIONAL) <= placeholders(words()["en"].text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+49 (170) 123-4567", "+491701234567"),
        ("0049 170 1234567", "+491701234567"),
        ("+91 98765 43210", "+919876543210"),
    ],
)
def test_a_number_is_put_into_its_international_form(text: str, number: str) -> None:
    assert international(text) == number


@pytest.mark.parametrize("text", ["0170 1234567", "", "+49", "+1234567890123456", "+49170123456x", "tel:+491701234567"])
def test_a_number_that_could_be_anybodys_is_refused(text: str) -> None:
    with pytest.raises(Refused, match="international"):
        international(text)
