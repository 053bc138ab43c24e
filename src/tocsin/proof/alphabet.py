"""Crockford's base 32: letters and digits that can be read out, without I, L, O and U."""

from __future__ import annotations

import unicodedata

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
VALUE_BY_CHARACTER = {character: value for value, character in enumerate(ALPHABET)}
TYPED_CHARACTERS_MAX = 200

# What a hand writes or an ear hears in place of a digit.
_MEANT = str.maketrans("oil", "011")
_PROLONGED_SOUND_MARK = "\u30fc"  # a Japanese keyboard's dash
_MINUS = "\u2212"


def encode_base32(raw: bytes, characters: int) -> str:
    """The first `characters` x 5 bits of `raw`, lower case."""
    number = int.from_bytes(raw, "big") >> (len(raw) * 8 - characters * 5)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(characters)))


def normalise(typed: str) -> str:
    """Lower case, O to 0, I and L to 1; blanks and dashes of any script dropped, wide characters narrowed.

    Raises ValueError, which quotes the character, for one that is not in the alphabet.
    """
    if len(typed) > TYPED_CHARACTERS_MAX:
        raise ValueError(f"longer than {TYPED_CHARACTERS_MAX} characters")
    narrow = unicodedata.normalize("NFKC", typed).lower().translate(_MEANT)
    kept = "".join(character for character in narrow if not _is_gap(character))
    for character in kept:
        if character not in VALUE_BY_CHARACTER:
            raise ValueError(f"not a character that is used here: {character!r}")
    return kept


def grouped(text: str, size: int = 5) -> str:
    """`abcdefg` to `ABCDE-FG`."""
    return "-".join(text[start : start + size] for start in range(0, len(text), size)).upper()


def _is_gap(character: str) -> bool:
    return (
        character.isspace() or unicodedata.category(character) == "Pd" or character in (_PROLONGED_SOUND_MARK, _MINUS)
    )
