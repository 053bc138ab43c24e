"""A catalogue: the named sentences of one language, read from `<language>.toml` beside this file.

English is the source: every catalogue has exactly its sentences, each with exactly its placeholders.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Formatter

import msgspec

from tocsin.terms.errors import BadRequest
from tocsin.terms.identity import digest

SOURCE_LANGUAGE = "en"
LANGUAGES = ("en", "de", "hi", "ja")

_FORMS = ("letter.html.j2", "letter.txt.j2")
_VERSION_DIGITS = 8

_FOLDER = Path(__file__).parent


class Catalogue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One language's file."""

    language: str  # as in Content-Language and <html lang> (BCP 47)
    name: str  # what the language calls itself
    needs_reading: bool  # no native speaker has read these letters yet
    day_format: str  # CLDR date patterns, as Babel reads them
    moment_format: str
    sentences: dict[str, str]

    def say(self, sentence: str, /, **values: object) -> str:
        """The sentence of this name with its placeholders filled."""
        return self.sentences[sentence].format_map(values) if values else self.sentences[sentence]


@cache
def catalogue(language: str) -> Catalogue:
    """BadRequest when there are no letters in that language."""
    if language not in LANGUAGES:
        raise BadRequest(f"no letters in {language!r}", remedy=f"choose one of {', '.join(LANGUAGES)}")
    return read_catalogue(_FOLDER / f"{language}.toml")


def read_catalogue(path: Path) -> Catalogue:
    return msgspec.toml.decode(path.read_bytes(), type=Catalogue)


@cache
def letters_version(language: str) -> str:
    """`en-3f2a91c0`: another one whenever a word of that language's letters, or their form, is another."""
    texts = catalogue(language).sentences
    forms = [(_FOLDER / name).read_text("utf-8") for name in _FORMS]
    words = [f"{name}\n{text}" for name, text in sorted(texts.items())]
    return f"{language}-{digest(*words, *forms)[:_VERSION_DIGITS]}"


def differences(translated: Catalogue, source: Catalogue) -> list[str]:
    """What a translator still has to do or to correct, a line each; empty when nothing."""
    ours, theirs = translated.sentences, source.sentences
    return [
        *(f"{name}: missing" for name in theirs if not ours.get(name, "").strip()),
        *(f"{name}: not in the source" for name in ours if name not in theirs),
        *(
            f"{name}: placeholders {sorted(placeholders(ours[name]))}, the source has {sorted(placeholders(text))}"
            for name, text in theirs.items()
            if name in ours and placeholders(ours[name]) != placeholders(text)
        ),
    ]


def placeholders(sentence: str) -> set[str]:
    """The names between braces. Raises ValueError for a brace that is not closed."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
