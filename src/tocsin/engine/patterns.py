"""Many literal texts sought in a block of bytes at once, and what a pattern extracts of many texts.

Every pattern is RE2's, whose time is linear in the text: no line that a stranger writes can make it slow.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from itertools import accumulate
from re import escape

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

try:
    import hyperscan
except ImportError:  # an extra (tocsin[witness]); without it the same texts are found by RE2, slower
    hyperscan = None  # type: ignore[assignment]


class Extracted(msgspec.Struct, frozen=True):
    """Which of the texts a pattern matches (their places, rising), and of those each named group; '' where unset.

    Of groups with one name (in alternatives) it is the last that is set.
    """

    places: list[int]
    groups: Mapping[str, list[str]]


class Pattern:
    """One RE2 pattern. Raises ValueError when it is none."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        try:
            pc.extract_regex(pa.array([""]), pattern=pattern)
        except pa.ArrowInvalid as error:
            raise ValueError(str(error).splitlines()[0]) from error

    def extract(self, texts: Sequence[str]) -> Extracted:
        """Looked for anywhere in each text, unless the pattern anchors itself."""
        found = pc.extract_regex(pa.array(texts, pa.string()), pattern=self._pattern)
        is_found = found.is_valid()
        places = pc.indices_nonzero(is_found).to_pylist()
        kept = found.filter(is_found)
        groups: dict[str, list[str]] = {}
        for field, column in zip(kept.type, kept.flatten(), strict=True):
            values = column.to_pylist()
            before = groups.get(field.name)
            groups[field.name] = values if before is None else [v or b for v, b in zip(values, before, strict=True)]
        return Extracted(places, groups)


class Needles:
    """Literal ASCII texts, letters of either case. One of these may be used by several threads at once."""

    def __init__(self, literals: Sequence[str], *, fast: bool = True) -> None:
        if not literals or not all(text and text.isascii() for text in literals):
            raise ValueError("needles are ASCII texts, each of at least one character")
        self._literals = [text.lower().encode() for text in literals]
        self._any = "(?i)" + "|".join(escape(text).replace("\\ ", " ") for text in literals)
        self._database = _compiled(self._literals) if fast and hyperscan is not None else None
        self._of_thread = threading.local()

    def hits(self, block: bytes) -> list[tuple[int, int]]:
        """(offset of its last byte, which literal) of every occurrence, by offset."""
        return self._slow(block) if self._database is None else self._fast(block)

    def _fast(self, block: bytes) -> list[tuple[int, int]]:
        if not hasattr(self._of_thread, "scratch"):
            self._of_thread.scratch = hyperscan.Scratch(self._database)
        found: list[tuple[int, int]] = []
        note = found.append

        def on_match(number: int, _start: int, end: int, _flags: int, _context: object) -> None:
            note((end - 1, number))

        assert self._database is not None
        self._database.scan(block, match_event_handler=on_match, scratch=self._of_thread.scratch)
        return found

    def _slow(self, block: bytes) -> list[tuple[int, int]]:
        lines = block.split(b"\n")
        ends = list(accumulate(len(line) + 1 for line in lines))
        column = pa.array(lines, pa.binary())
        is_hit = pc.match_substring_regex(column, self._any)
        found = []
        for place in pc.indices_nonzero(is_hit).to_pylist():
            line, start = lines[place].lower(), ends[place] - len(lines[place]) - 1
            for number, literal in enumerate(self._literals):
                at = line.find(literal)
                while at >= 0:
                    found.append((start + at + len(literal) - 1, number))
                    at = line.find(literal, at + 1)
        return sorted(found)


def _compiled(literals: Sequence[bytes]) -> hyperscan.Database:
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    database.compile(
        expressions=[escape(text) for text in literals],
        ids=list(range(len(literals))),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(literals),
    )
    return database
