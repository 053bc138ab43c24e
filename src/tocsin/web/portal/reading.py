"""A code as a person typed it: read kindly, and where it cannot be one, with the reason."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from tocsin.proof.alphabet import TYPED_CHARACTERS_MAX, normalise
from tocsin.proof.code import CODE_CHARACTERS, check_character

WANTED = CODE_CHARACTERS + 1
_PASTED_MAX = 2_000  # characters of a sentence in which a code is looked for
_IN_A_SENTENCE = re.compile(
    r"(?<![0-9A-Za-z])([0-9A-Za-z]{5})\W{1,3}([0-9A-Za-z]{5})\W{1,3}([0-9A-Za-z]{4})(?![0-9A-Za-z])"
)


class Typo(msgspec.Struct, frozen=True):
    """Why it cannot be a code: the name of the words for it, and what was seen."""

    words: Literal["first.missing", "first.wrong_length", "first.wrong_character", "first.wrong_check"]
    typed: str = ""


def read_typed(typed: str) -> str | Typo:
    """The 14 characters of a code, also where it stands within a sentence that was pasted whole."""
    if not typed.strip():
        return Typo("first.missing")
    plain = _read(typed)
    if isinstance(plain, str):
        return plain
    inside = _IN_A_SENTENCE.search(typed[:_PASTED_MAX])
    found = _read("".join(inside.groups())) if inside else plain
    return found if isinstance(found, str) else plain


def _read(typed: str) -> str | Typo:
    if len(typed) > TYPED_CHARACTERS_MAX:
        return Typo("first.wrong_length", str(len(typed)))
    try:
        kept = normalise(typed)
    except ValueError:
        return Typo("first.wrong_character", _strange(typed))
    if len(kept) != WANTED:
        return Typo("first.wrong_length", str(len(kept)))
    return kept if check_character(kept[:-1]) == kept[-1] else Typo("first.wrong_check")


def _strange(typed: str) -> str:
    """The first character that never stands in a code."""
    for character in typed[:_PASTED_MAX]:
        try:
            normalise(character)
        except ValueError:
            return character if character.isprintable() else "?"
    return "?"
