"""The words of the check, from `words/`: findings by their code, answers by their name."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

_FOLDER = Path(__file__).parent / "words"


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    findings: dict[str, str]
    answers: dict[str, str]


@cache
def catalogue(language: str = "en") -> Catalogue:
    return msgspec.toml.decode((_FOLDER / f"{language}.toml").read_bytes(), type=Catalogue)


def say(code: str, /, **values: str) -> str:
    """The sentence of a finding."""
    return catalogue().findings[code].format(**values)


def answer(name: str, /, **values: str) -> str:
    """A sentence of the three answers."""
    return catalogue().answers[name].format(**values)
