"""Lines of at most so many columns, in scripts with blanks between words and in those without.

A wide character (Unicode Annex 11) takes two columns, a mark above or below a letter none. Japanese may break between
any two characters, but no line starts with a closing bracket or a full stop, nor ends with an opening bracket (JIS X
4051, the common part of it).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

COLUMNS = 70

_CLOSING = "、。，．・：；？！」』）】〕〉》々ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"  # noqa: RUF001 (these very marks are meant)
_OPENING = "「『（【〔〈《"  # noqa: RUF001
_WIDE = r"\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6"
_NARROWEST = frozenset(("Mn", "Me", "Cf"))  # marks above and below a letter, joiners: no columns of their own
# A piece that stays together: brackets, one wide character or one run of narrow ones (a masked line with its last
# characters), closing marks.
_PIECE = re.compile(rf" |[{_OPENING}]*(?:[{_WIDE}](?<![{_OPENING}])|(?:·+ )?[^ {_WIDE}]+)?[{_CLOSING}]*")


@lru_cache(maxsize=4096)
def wrapped(text: str, first: str = "", rest: str = "", columns: int = COLUMNS) -> str:
    """`text` in lines of at most `columns`; `first` stands before the first line, `rest` before the others.

    A single word that is longer than a line is broken.
    """
    lines, line, used = [], first, width(first)
    for piece in _pieces(text, columns - width(rest)):
        if used + width(piece) > columns and line not in (first, rest):
            lines.append(line.rstrip())
            line, used = rest, width(rest)
        if piece != " " or line != rest:
            line += piece
            used += width(piece)
    return "\n".join((*lines, line.rstrip()))


def _pieces(text: str, most: int) -> list[str]:
    found = [piece for piece in _PIECE.findall(text) if piece]
    return [part for piece in found for part in _broken(piece, most)]


def _broken(piece: str, most: int) -> list[str]:
    if width(piece) <= most:
        return [piece]
    parts, half = [], max(1, most // 2)  # half as many characters always fit
    while piece:
        end = _end_of_letter(piece, half)
        parts.append(piece[:end])
        piece = piece[end:]
    return parts


def _end_of_letter(piece: str, most: int) -> int:
    """The last place up to `most` where no mark follows that belongs to the letter before it, as vowels do in Hindi."""
    ends = range(min(most, len(piece)), 0, -1)
    return next((end for end in ends if not unicodedata.category(piece[end : end + 1] or " ").startswith("M")), ends[0])


def width(text: str) -> int:
    """Columns in a font of fixed width."""
    return len(text) if text.isascii() else sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in _NARROWEST:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
