"""Lines of kept evidence, as they came: for a person who wants to see what a source said."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from unicodedata import category

from tocsin.evidence.blocks import Truncated, open_blocks
from tocsin.evidence.lines import Lines, Reject, numbered_lines
from tocsin.evidence.store import evidence_path
from tocsin.terms.errors import BadRequest

BYTES_MAX = 256 << 20  # of one evidence, unpacked: what stands further on is not looked for
CHARACTERS_MAX = 2_000  # of one line


def quote_lines(data: Path, sha256: str, wanted: Collection[int]) -> dict[int, str]:
    """Those lines by their number, each cut at CHARACTERS_MAX. Without evidence that can be read: none.

    Control and format characters stand as `\\x..` or `\\u....`: a line cannot pose as another.
    """
    left = set(wanted)
    found: dict[int, str] = {}
    try:
        for part in numbered_lines(_bounded(open_blocks(evidence_path(data, sha256))), _unread):
            for number in [each for each in left if part.first <= each < part.first + part.count]:
                found[number] = _line(part, number)
                left.discard(number)
            if not left:
                break
    except (OSError, BadRequest):
        return found
    return {number: text for number, text in found.items() if text}


def visible(text: str) -> str:
    """The text with everything that has no shape of its own written out."""
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    if character == "\t" or category(character) not in ("Cc", "Cf", "Zl", "Zp"):
        return character
    return character.encode("unicode_escape").decode("ascii")


def _line(part: Lines, number: int) -> str:
    line = part.split()[number - part.first]
    text = (line or b"").decode("utf-8", "replace").rstrip("\r\n")
    return visible(text[:CHARACTERS_MAX]) + ("…" if len(text) > CHARACTERS_MAX else "")


def _bounded(blocks: Iterable[bytes | Truncated]) -> Iterator[bytes | Truncated]:
    read = 0
    for block in blocks:
        yield block
        read += len(block) if isinstance(block, bytes) else 0
        if read > BYTES_MAX:
            return


def _unread(_reject: Reject) -> None:
    """What cannot be read is not quoted."""
