from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.notices.notice_world import (
    ATTACKER,
    BY_ROLE,
    CODE,
    EXPOSED,
    FACTS,
    INFECTED,
    ISSUER,
    LINK,
    ROLES,
    Tags,
    facts_about,
    letter_about,
    squeezed,
)
from tocsin.notices.compose import compose
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.notices.wrapping import COLUMNS, width
from tocsin.proof.facts import TROUBLES_TOLD_MAX
from tocsin.proof.words import html_words, text_words
from tocsin.terms.errors import BadRequest, Refused
from tocsin.terms.kinds import TAXONOMY_BY_KIND

LINES_MAX = 120
INFECTION_WORDS = {
    "en": ("infect", "malware", "virus", "compromised"),
    "de": ("infi", "befallen", "schadprogramm", "schadsoftware", "malware", "virus", "viren", "trojan", "gehackt"),
    "hi": ("संक्रम", "मैलवेयर", "वायरस", "हैक"),
    "ja": ("感染", "マルウェア", "ウイルス", "ウィルス", "乗っ取"),
}
SHOUTED = {
    "en": ("urgent", "immediately", "suspend", "legal", "terminate"),
    "de": ("dringend", "unverzüglich", "sofort", "umgehend", "sperr", "kündig", "rechtlich", "gericht"),
    "hi": ("तुरंत", "फ़ौरन", "अभी के अभी", "कानून", "निलंबित", "बंद कर दिया जाएगा"),
    "ja": ("至急", "緊急", "停止", "法的"),
}
in_each_language = pytest.mark.parametrize("language", LANGUAGES)
in_each_role = pytest.mark.parametrize("role", ROLES)


@in_each_language
@in_each_role
def test_both_twins_state_every_fact(language: str, role: str) -> None:
    trouble = BY_ROLE[role]
    letter = letter_about(trouble, language=language)
    stated = (
        *("Anna Weber", "···· 4711", "Example Broadband", "N-7K3QD9M2XA4F8CBE", CODE),
        *("2026-11-24 03:16:38", "2026-11-22 21:05:09", "203.0.113.7", str(trouble.port), "12", "tcp"),
        *("Example CERT", "CERT-2026-4711"),
        *(value for value in (trouble.malware, trouble.peer_address) if value),
        *((str(trouble.peer_port),) if trouble.peer_port else ()),
    )
    for fact in stated:
        assert squeezed(fact) in squeezed(letter.text), fact
        assert fact in html_words(letter.html), fact


@in_each_language
@pytest.mark.parametrize("roles", [("infected",), ("attacker",), ("exposed",), ROLES])
def test_the_twins_say_the_same_words(language: str, roles: tuple[str, ...]) -> None:
    letter = letter_about(*(BY_ROLE[role] for role in roles), language=language)
    assert squeezed(text_words(letter.text)) == squeezed(html_words(letter.html))


@in_each_language
@in_each_role
def test_a_letter_about_one_trouble_is_short_and_fits_the_screen(language: str, role: str) -> None:
    lines = letter_about(BY_ROLE[role], language=language).text.split("\n")
    assert len(lines) < LINES_MAX
    assert max(width(line) for line in lines) <= COLUMNS


def test_the_time_is_told_in_the_readers_zone_and_in_utc() -> None:
    text = " ".join(letter_about(INFECTED).text.split())
    assert "Tuesday, 24 November 2026, 04:16:38, Central European Standard Time (UTC+01:00)" in text
    assert "2026-11-24 03:16:38" in text


@pytest.mark.parametrize(
    ("language", "zone", "told"),
    [
        ("de", "Europe/Vienna", "Dienstag, 24. November 2026, 04:16:38 Uhr, Mitteleuropäische Normalzeit (UTC+01:00)"),
        ("hi", "Asia/Kolkata", "मंगलवार, 24 नवंबर 2026, 08:46:38 बजे, भारतीय मानक समय (UTC+05:30)"),
        ("en", "Asia/Kolkata", "Tuesday, 24 November 2026, 08:46:38, India Standard Time (UTC+05:30)"),
        ("ja", "Asia/Tokyo", "2026年11月24日(火曜日) 12時16分38秒 日本標準時（UTC+09:00）"),  # noqa: RUF001 (full width is meant)
    ],
)
def test_each_language_tells_time_as_its_readers_do(language: str, zone: str, told: str) -> None:
    letter = compose(replace(FACTS, language=language, zone=zone), CODE, ISSUER)
    assert squeezed(told) in squeezed(letter.text)
    assert told in html_words(letter.html)


def test_summer_time_is_called_summer_time() -> None:
    summer = replace(INFECTED, seen_at=datetime(2026, 7, 1, 22, 30, tzinfo=UTC))
    text = " ".join(letter_about(summer).text.split())
    assert "Thursday, 2 July 2026, 00:30:00, Central European Summer Time (UTC+02:00)" in text


def test_the_subject_names_the_issuer_what_and_the_local_day() -> None:
    late = replace(EXPOSED, seen_at=datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    assert letter_about(late).subject == "Example Broadband: an open service on your line, seen on 25 November 2026"


@in_each_language
def test_each_role_has_its_own_subject_and_letter(language: str) -> None:
    letters = [letter_about(BY_ROLE[role], language=language) for role in ROLES]
    assert len({letter.subject for letter in letters}) == len({letter.text for letter in letters}) == len(ROLES)


@in_each_language
@pytest.mark.parametrize("kind", [*TAXONOMY_BY_KIND, "a-kind-of-tomorrow"])
def test_an_open_service_is_never_called_infected(language: str, kind: str) -> None:
    letter = letter_about(replace(EXPOSED, kind=kind, malware="telnet"), language=language)
    for word in INFECTION_WORDS[language]:
        assert word not in (letter.subject + letter.text + letter.html).lower()


@in_each_language
@pytest.mark.parametrize("kind", [*TAXONOMY_BY_KIND, "a-kind-of-tomorrow"])
def test_an_attack_alone_does_not_prove_an_infection(language: str, kind: str) -> None:
    letter = letter_about(replace(ATTACKER, kind=kind), language=language)
    for word in INFECTION_WORDS[language]:
        assert word not in (letter.subject + letter.text + letter.html).lower()


@pytest.mark.parametrize(
    ("language", "absent"),
    [
        ("en", "not stated by those who saw it"),
        ("de", "in der Meldung nicht angegeben"),
        ("hi", "देखने वालों ने नहीं बताया"),
        ("ja", "見つけた機関からの記載なし"),
    ],
)
def test_a_port_that_the_source_did_not_give_is_said_to_be_absent(language: str, absent: str) -> None:
    letter = letter_about(replace(ATTACKER, port=None), language=language)
    assert absent in letter.text
    assert absent in letter.html
    assert absent not in letter_about(ATTACKER, language=language).text


def test_the_source_can_be_asked_only_when_it_gave_a_number() -> None:
    assert "name their reference number" in letter_about(INFECTED).text
    assert "name their reference number" not in letter_about(replace(INFECTED, source_ref=None)).text


def test_a_router_is_not_cleaned_by_a_program_on_the_computer_and_passwords_come_last() -> None:
    text = " ".join(letter_about(replace(INFECTED, malware="somethingnew")).text.split())
    assert "a security program on your computer cannot clean it" in text
    assert text.index("Reset it to its factory state") < text.index("Only when all is clean: change your passwords")


def test_a_letter_about_a_known_program_names_its_devices_and_spares_the_reader_the_others_steps() -> None:
    text = " ".join(letter_about(INFECTED).text.split())
    assert "mostly found on: router, camera or recorder" in text
    assert "If it is a computer or a telephone" not in text
    assert "What does not help: A security program on your computer" in text


def test_what_is_known_of_the_infection_holds_for_the_traffic_that_goes_with_it() -> None:
    assert "mostly found on" in letter_about(INFECTED, ATTACKER).text
    assert "Think of all that uses your internet" not in letter_about(INFECTED, ATTACKER).text


def test_two_programs_on_one_line_leave_the_device_open() -> None:
    text = " ".join(letter_about(INFECTED, replace(INFECTED, malware="emotet")).text.split())
    assert "If it is a computer or a telephone" in text
    assert "mostly found on" not in text


def test_several_troubles_share_one_letter_and_no_step_is_said_twice() -> None:
    letter = letter_about(INFECTED, ATTACKER, EXPOSED)
    assert letter.subject.startswith("Example Broadband: 3 things")
    for number in (1, 2, 3):
        assert f"{number} of 3:" in letter.text
    steps = re.findall(r"^ ?\d+\. (.+)$", letter.text, re.MULTILINE)
    assert len(steps) == len(set(steps))


def test_one_trouble_that_is_left_out_is_not_told_as_several() -> None:
    for language in LANGUAGES:
        letters = [
            letter_about(*(replace(INFECTED, malware=f"family{number}") for number in range(count)), language=language)
            for count in (TROUBLES_TOLD_MAX + 1, TROUBLES_TOLD_MAX + 2)
        ]
        assert letters[0].text != letters[1].text
    assert "One more is not printed here" in letter_about(*[INFECTED] * (TROUBLES_TOLD_MAX + 1)).text


def test_more_troubles_than_a_letter_holds_are_counted() -> None:
    many = [replace(INFECTED, malware=f"family{number}") for number in range(TROUBLES_TOLD_MAX + 3)]
    text = letter_about(*many).text
    assert f"family{TROUBLES_TOLD_MAX - 1}" in text
    assert f"family{TROUBLES_TOLD_MAX}" not in text
    assert "3 more are not printed here" in text


@in_each_language
@in_each_role
def test_nothing_can_be_clicked_opened_or_dialled(language: str, role: str) -> None:
    letter = letter_about(BY_ROLE[role], language=language)
    assert not LINK.search(html_words(letter.html))
    assert not {"a", "img", "form", "input", "script", "link", "iframe", "base"} & set(Tags(letter.html).names)


@in_each_language
@in_each_role
def test_the_letter_does_not_shout(language: str, role: str) -> None:
    letter = letter_about(BY_ROLE[role], language=language)
    said = letter.subject + letter.text
    assert not re.search("[!\uff01]", said)
    for word in SHOUTED[language]:
        assert word not in said.lower()


def test_a_provider_words_its_number_in_its_own_language_only() -> None:
    issuer = replace(ISSUER, phone_hint="the number on the back of your bill")
    assert "the number on the back of your bill" in " ".join(compose(FACTS, CODE, issuer).text.split())
    assert "bill" not in compose(replace(FACTS, language="ja"), CODE, issuer).text


def test_a_person_without_a_name_is_greeted_by_the_line() -> None:
    letter = compose(replace(FACTS, name=" \u200b "), CODE, ISSUER)
    assert letter.text.startswith("To the holder of the line ···· 4711,")


def test_the_same_facts_give_the_same_letter() -> None:
    assert letter_about(INFECTED, EXPOSED) == letter_about(INFECTED, EXPOSED)


@pytest.mark.parametrize("role", ["victim", "infrastructure", "lead", ""])
def test_other_roles_get_no_letter(role: str) -> None:
    with pytest.raises(Refused, match="has no letter"):
        letter_about(replace(INFECTED, role=role))


def test_a_letter_needs_a_trouble() -> None:
    with pytest.raises(Refused, match="without a trouble"):
        letter_about()


def test_the_code_must_be_the_one_of_the_facts() -> None:
    with pytest.raises(Refused, match="code"):
        compose(replace(FACTS, code_sha256="0" * 64), CODE, ISSUER)


def test_facts_of_another_issuer_are_refused() -> None:
    with pytest.raises(Refused, match="issuer"):
        compose(FACTS, CODE, replace(ISSUER, domain="other.example", mail_from="notices@other.example"))


def test_a_language_without_letters_is_named() -> None:
    with pytest.raises(BadRequest, match="'xx'"):
        letter_about(INFECTED, language="xx")


def test_a_zone_that_does_not_exist_is_named() -> None:
    with pytest.raises(BadRequest, match="Mars/Olympus"):
        compose(replace(FACTS, zone="Mars/Olympus"), CODE, ISSUER)


@given(st.sampled_from(ROLES), st.sampled_from(sorted(TAXONOMY_BY_KIND)), st.sampled_from(LANGUAGES))
def test_every_kind_reads_well_in_every_role(role: str, kind: str, language: str) -> None:
    letter = compose(facts_about(replace(BY_ROLE[role], kind=kind), language=language), CODE, ISSUER)
    assert "{" not in letter.text
    assert "None" not in letter.text
