"""The words of the scan, from `words/`, one file a language; what a language does not have yet is said in English."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path

import msgspec

from tocsin.scan.findings import Finding

LANGUAGES = ("en", "hi", "ja", "de")
_FOLDER = Path(__file__).parent / "words"
BLIND = ("blind_device", "blind_known", "blind_hiding", "blind_memory", "blind_time")  # what a scan cannot see


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`findings` by their codes; `page` is what stands around them."""

    findings: dict[str, str]
    page: dict[str, str]


@cache
def words_of(language: str) -> Words:
    return msgspec.toml.decode((_FOLDER / f"{language}.toml").read_bytes(), type=Words)


def text_of(finding: Finding, language: str = "en") -> str:
    """The finding's sentence."""
    sentence = words_of(language).findings.get(finding.code) or words_of("en").findings[finding.code]
    return sentence.format(**finding.values)


def page_word(name: str, language: str = "en", /, **values: str) -> str:
    sentence = words_of(language).page.get(name) or words_of("en").page[name]
    return sentence.format(**values)


def placeholders(sentence: str) -> set[str]:
    """The names of a sentence's values."""
    return {slot for _, slot, _, _ in string.Formatter().parse(sentence) if slot}
