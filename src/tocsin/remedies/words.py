"""The catalogue's words: `words/<language>/*.toml` over the English of the threats; what is missing falls back to it.

In a language's folder `shared.toml` holds the steps and labels that threats share; each other file holds tables named
by a threat's key, with the keys of its `[words]`. How the files are cut does not matter.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import msgspec

from tocsin.remedies.catalogue import threats
from tocsin.remedies.threat import Words
from tocsin.terms.errors import BadConfig, BadRequest

LANGUAGES = ("en", "de", "hi", "ja")
SOURCE_LANGUAGE = "en"
_FOLDER = Path(__file__).parent / "words"
_SHARED = "shared"


def speaks(language: str) -> str:
    """The language, when there are words in it; else BadRequest."""
    if language not in LANGUAGES:
        raise BadRequest(f"no remedies in {language!r}", remedy=f"choose one of {', '.join(LANGUAGES)}")
    return language


def words_of(key: str, language: str) -> Words:
    """What is said of this threat, English where there is no translation yet."""
    translated = _translations(speaks(language)).get(key)
    return translated if translated is not None else threats()[key].words


def called(key: str, language: str) -> str:
    """The threat's name as it is said in that language."""
    return words_of(key, language).called or threats()[key].name


def say(name: str, language: str, /, **values: object) -> str:
    """A shared sentence, as `step.unplug`. An unknown name is a bug: KeyError."""
    text = _shared(speaks(language)).get(name) or _shared(SOURCE_LANGUAGE)[name]
    return text.format_map(values) if values else text


def missing(language: str) -> list[str]:
    """What a translator still has to do or to correct, a line each; empty when nothing."""
    ours, source = sentences(speaks(language)), _source()
    return [
        *(f"{name}: missing" for name in source if not ours.get(name, "").strip()),
        *(f"{name}: not in the source" for name in ours if name not in source),
        *(
            f"{name}: placeholders {sorted(_names(ours[name]))}, the source has {sorted(_names(text))}"
            for name, text in source.items()
            if name in ours and _names(ours[name]) != _names(text)
        ),
    ]


def sentences(language: str) -> dict[str, str]:
    """Every sentence of a language by its name: `shared.step.unplug`, `mirai.signs.0`."""
    return _source() if speaks(language) == SOURCE_LANGUAGE else dict(_flat(_files(language)))


@cache
def _source() -> dict[str, str]:
    own = {key: msgspec.to_builtins(threat.words) for key, threat in threats().items()}
    return {name: text for name, text in _flat({**_files(SOURCE_LANGUAGE), **own}) if text}


@cache
def _shared(language: str) -> Mapping[str, str]:
    return dict(_flat(_files(language).get(_SHARED, {})))


@cache
def _translations(language: str) -> Mapping[str, Words]:
    """The threats that are translated whole."""
    if language == SOURCE_LANGUAGE:
        return {}
    found, source = {}, _source()
    for key, tree in _files(language).items():
        if key in threats() and {f"{key}.{name}" for name, _ in _flat(tree)} >= _names_under(key, source):
            found[key] = _as_words(tree, f"{language}: {key}")
    return found


def _names_under(key: str, source: Mapping[str, str]) -> set[str]:
    return {name for name in source if name.startswith(f"{key}.")}


def _as_words(tree: Any, where: str) -> Words:
    try:
        return msgspec.convert(tree, type=Words)
    except msgspec.ValidationError as error:
        raise BadConfig(
            f"no words of a threat: {error}", where=where, remedy="compare the threat's own file"
        ) from error


@cache
def _files(language: str) -> Mapping[str, Any]:
    """All of a language: the shared words under `shared`, and a table for each threat."""
    tables: dict[str, Any] = {}
    for path in sorted((_FOLDER / language).glob("*.toml")):
        try:
            tree = tomllib.loads(path.read_text("utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadConfig(f"no TOML: {error}", where=str(path), remedy="correct the line") from error
        if twice := tables.keys() & tree.keys():
            raise BadConfig(f"again: {', '.join(sorted(twice))}", where=str(path), remedy="keep one of them")
        tables |= {_SHARED: tree} if path.stem == _SHARED else tree
    return tables


def _flat(tree: Any, before: str = "") -> Iterator[tuple[str, str]]:
    pairs = tree.items() if isinstance(tree, Mapping) else enumerate(tree)
    for key, value in pairs:
        if isinstance(value, str):
            yield f"{before}{key}", value
        else:
            yield from _flat(value, f"{before}{key}.")


def _names(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}
