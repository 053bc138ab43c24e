"""The words of the check, from `words/`, one file a language: findings by their code, everything else by its name.

A check finds in English; `findings.in_language` says its text and values again. What a language does not have yet is
said in English.
"""

from __future__ import annotations

import re
import string
from functools import cache
from pathlib import Path

import msgspec

_FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("en", "hi", "ja", "de")
_WITHOUT_BLANKS = ("ja",)
_PHRASE_CHARACTERS_MAX = 400


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`findings` by code; `phrases` are values of findings that are words themselves; `answers` are the three answers
    and the text to read out; `page` is what stands around them on a screen or a page."""

    findings: dict[str, str]
    answers: dict[str, str]
    phrases: dict[str, str]
    page: dict[str, str]


@cache
def catalogue(language: str = "en") -> Catalogue:
    return msgspec.toml.decode((_FOLDER / f"{language}.toml").read_bytes(), type=Catalogue)


@cache
def _spoken(language: str) -> Catalogue:
    """The language's words over the English ones."""
    english, own = catalogue(), catalogue(language)
    return Catalogue(
        findings=english.findings | own.findings,
        answers=english.answers | own.answers,
        phrases=english.phrases | own.phrases,
        page=english.page | own.page,
    )


def say(code: str, language: str = "en", /, **values: str) -> str:
    """The sentence of a finding."""
    return _spoken(language).findings[code].format(**values)


def answer(name: str, language: str = "en", /, **values: str) -> str:
    """A sentence of the three answers."""
    return _spoken(language).answers[name].format(**values)


def page_words(language: str = "en") -> dict[str, str]:
    """What stands around the answers, by its name."""
    return _spoken(language).page


def together(language: str, *sentences: str) -> str:
    """Sentences one after another, as the language joins them; empty ones are left out."""
    return ("" if language in _WITHOUT_BLANKS else " ").join(sentence for sentence in sentences if sentence)


def english(name: str, /, **values: str) -> str:
    """One of our phrases, to be a value of a finding."""
    return catalogue().phrases[name].format(**values)


def phrase(value: str, language: str) -> str:
    """A finding's value in the language, where it is one of our own phrases; else the value as it is."""
    if language == "en" or len(value) > _PHRASE_CHARACTERS_MAX:
        return value
    for name, pattern in _phrases():
        match = pattern.fullmatch(value)
        if match:
            held = {slot: phrase(text, language) if text else "" for slot, text in match.groupdict().items()}
            return _spoken(language).phrases[name].format(**held)
    return value


@cache
def _phrases() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Each English phrase as the pattern of what it becomes; those that say most come first."""
    phrases = sorted(catalogue().phrases.items(), key=lambda entry: -len(re.sub(r"{.*?}", "", entry[1])))
    return tuple((name, re.compile(_pattern(text), re.DOTALL)) for name, text in phrases)


def _pattern(text: str) -> str:
    pieces = (
        re.escape(literal) + (f"(?P<{slot}>.+?)" if slot else "")
        for literal, slot, _, _ in string.Formatter().parse(text)
    )
    return "".join(pieces)


def placeholders(text: str) -> list[str]:
    """The names of a sentence's values, sorted."""
    return sorted({slot for _, slot, _, _ in string.Formatter().parse(text) if slot})
