"""Text in the columns of a terminal, in scripts with wide letters, with marks on letters, and without blanks."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

_NOT_FIRST = frozenset("ーっゃゅょッャュョ,.!?:;)")
_CLOSING = ("Pe", "Pf", "Po")
_OPENING = ("Ps", "Pi")


def wrapped(text: str, width: int) -> list[str]:
    """Lines of at most so many columns, broken at blanks and between wide letters; a longer word is cut."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(text):
        if line and columns_of(line + piece.rstrip()) > width:
            lines.append(line.rstrip())
            line = ""
        line += piece
        while columns_of(line.rstrip()) > width:
            head = head_of(line, width)
            lines.append(head)
            line = line[len(head) :]
    return [*lines, line.rstrip()] if line.strip() else lines


def columns_of(text: str) -> int:
    """How wide it is on a terminal: wide letters take two columns, marks on letters none."""
    return sum(0 if unicodedata.category(letter) in ("Mn", "Me", "Cf") else 1 + is_wide(letter) for letter in text)


def head_of(text: str, width: int) -> str:
    """As much of its beginning as fits, at least one letter."""
    taken = 0
    for place, letter in enumerate(text):
        taken += columns_of(letter)
        if taken > width:
            return text[: max(1, place)]
    return text


def is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in "WF"


def _pieces(text: str) -> Iterator[str]:
    """What stays together: words with the blank after them, wide letters with the punctuation that belongs to them."""
    start = 0
    for place in range(1, len(text)):
        if _may_break(text[place - 1], text[place]):
            yield text[start:place]
            start = place
    yield text[start:]


def _may_break(before: str, after: str) -> bool:
    if before == " ":
        return True
    if after == " " or not (is_wide(before) or is_wide(after)):
        return False
    is_closing = after in _NOT_FIRST or unicodedata.category(after) in _CLOSING
    return not is_closing and unicodedata.category(before) not in _OPENING
