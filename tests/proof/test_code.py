from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.proof.alphabet import ALPHABET, encode_base32, normalise
from tocsin.proof.code import CODE_CHARACTERS, check_character, code_digest, make_code, normalise_code

SECRET = bytes(range(32))
bodies = st.text(ALPHABET, min_size=CODE_CHARACTERS, max_size=CODE_CHARACTERS)


def is_code(text: str) -> bool:
    try:
        normalise_code(text)
    except ValueError:
        return False
    return True


@given(st.text(max_size=30), st.binary(min_size=32, max_size=64))
def test_a_code_that_is_made_is_a_code_and_always_the_same(notice: str, secret: bytes) -> None:
    code = make_code(secret, notice)
    assert code == make_code(secret, notice)
    assert len(normalise_code(code)) == CODE_CHARACTERS + 1
    assert [len(group) for group in code.split("-")] == [5, 5, 4]


def test_a_code_has_sixty_bits_that_nobody_can_guess() -> None:
    assert CODE_CHARACTERS * 5 >= 60
    by_position = [set[str]() for _ in range(CODE_CHARACTERS)]
    for number in range(2_000):
        for seen, character in zip(by_position, normalise_code(make_code(SECRET, f"N-{number}")), strict=False):
            seen.add(character)
    assert all(len(seen) == 32 for seen in by_position)


def test_another_secret_or_another_notice_gives_another_code() -> None:
    assert make_code(SECRET, "N-1") != make_code(SECRET, "N-2")
    assert make_code(SECRET, "N-1") != make_code(bytes(32), "N-1")


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        make_code(SECRET[:31], "N-1")


@given(bodies)
def test_every_single_wrong_character_is_caught(body: str) -> None:
    code = body + check_character(body)
    for place in range(len(code)):
        for other in ALPHABET:
            if other != code[place]:
                assert not is_code(code[:place] + other + code[place + 1 :])


@given(bodies)
def test_every_two_characters_that_change_places_are_caught(body: str) -> None:
    code = body + check_character(body)
    for first in range(len(code)):
        for second in range(first + 1, len(code)):
            swapped = list(code)
            swapped[first], swapped[second] = swapped[second], swapped[first]
            assert is_code("".join(swapped)) == (code[first] == code[second])


@given(
    bodies,
    st.sampled_from([str.upper, str.lower, str.title]),
    st.sampled_from(["-", " ", "\u2013", "ー", "\u3000", "\u2212"]),
)
def test_a_code_is_read_however_a_hand_writes_it(body: str, case, gap: str) -> None:  # type: ignore[no-untyped-def]
    code = body + check_character(body)
    written = case(gap.join(code)).replace("0", "O").replace("1", "l")
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in written)
    assert normalise_code(written) == normalise_code(wide) == code


@pytest.mark.parametrize("text", ["", "ABCDE", "U" * 14, "ABCDE-ABCDE-ABCD!", "0" * 15, "0" * 201, "é" * 14])
def test_what_cannot_be_a_code_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        normalise_code(text)


def test_only_the_digest_of_the_normal_form_is_kept() -> None:
    code = make_code(SECRET, "N-1")
    assert code_digest(code) == hashlib.sha256(code.replace("-", "").lower().encode()).hexdigest()
    assert code_digest(f" {code.lower()} ") == code_digest(code)


@given(st.binary(min_size=32, max_size=32), st.integers(1, 51))
def test_base_32_says_the_same_as_the_number(raw: bytes, characters: int) -> None:
    number = int.from_bytes(raw, "big")
    expected = ""
    for place in range(characters):
        expected += ALPHABET[number >> (256 - 5 * (place + 1)) & 31]
    assert encode_base32(raw, characters) == expected


def test_letters_that_sound_or_look_alike_are_not_used() -> None:
    assert not set("ilou") & set(ALPHABET)
    assert normalise("oO iI lL") == "001111"
