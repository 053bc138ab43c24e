"""The few lines of a block that some pattern may match: those that hold one of its needles."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tocsin.engine.patterns import Needles
from tocsin.witness.blocks import Block


class Candidates(msgspec.Struct, frozen=True):
    """Lines with their numbers, and for each needle that occurs the places (in `texts`) of the lines that hold it."""

    numbers: list[int]
    texts: list[str]
    places_by_needle: Mapping[int, list[int]]


def candidates(block: Block, needles: Needles) -> Candidates:
    """Bytes that are no UTF-8, and NUL, are shown as `\\xNN`; the rest of the line is as it was."""
    text = block.text
    numbers: list[int] = []
    texts: list[str] = []
    places_by_needle: dict[int, list[int]] = {}
    number, counted, end = block.first, 0, -1
    for offset, needle in needles.hits(text):
        if offset > end:  # on a new line
            start = text.rfind(b"\n", 0, offset) + 1
            number += text.count(b"\n", counted, start)
            counted = start
            end = text.find(b"\n", offset)
            end = len(text) if end < 0 else end
            numbers.append(number)
            texts.append(_shown(text[start:end]))
        places = places_by_needle.setdefault(needle, [])
        if not places or places[-1] != len(texts) - 1:
            places.append(len(texts) - 1)
    return Candidates(numbers, texts, places_by_needle)


def _shown(line: bytes) -> str:
    text = line.decode(errors="backslashreplace")
    return text.replace("\0", "\\x00") if "\0" in text else text
