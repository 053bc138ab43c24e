"""Names that look like others: skeletons (UTS 39), a letter more or less, a brand with bait beside or before it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

import msgspec

Way = Literal["letters", "typo", "ending", "joined", "inside"]

_TABLE = Path(__file__).parent / "confusables.txt"
_NAME_WORDS = Path(__file__).parent / "name_words.toml"
_TYPO_CHARACTERS_MIN = 6  # of a name in which one letter may differ
_TYPOS_CHARACTERS_MIN = 12  # … in which two may
_JOINED_CHARACTERS_MIN = 4
_WITHIN_CHARACTERS_MIN = 6  # of a name that counts where it is grown together with others
_LABEL_CHARACTERS_MAX = 63
_LABELS_MAX = 6  # before the registered one that are looked at
_HELD_MAX = 4_096
_SPLIT = re.compile(r"[-_.0-9]+")
# Scripts that are rightly written together, besides any one alone (UTS 39 §5.2, highly restrictive).
_TOGETHER = (
    frozenset(("LATIN", "CJK", "HIRAGANA", "KATAKANA")),
    frozenset(("LATIN", "CJK", "BOPOMOFO")),
    frozenset(("LATIN", "CJK", "HANGUL")),
)


class NameWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """See name_words.toml."""

    office: frozenset[str]
    bait: frozenset[str]
    everyday: frozenset[str]


@cache
def name_words() -> NameWords:
    return msgspec.toml.decode(_NAME_WORDS.read_bytes(), type=NameWords)


class Likeness(msgspec.Struct, frozen=True):
    """The brand's label that a host looks like, and in which way."""

    label: str
    way: Way

    @property
    def is_close(self) -> bool:
        """Whether one may be taken for the other; else the brand's whole name stands in it."""
        return self.way in ("letters", "typo")


@cache
def _alike() -> dict[int, str]:
    table: dict[int, str] = {}
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        plain, _, characters = line.partition(" ")
        if plain != "#":
            table.update((ord(character), plain) for character in characters)
    return table


@lru_cache(maxsize=16_384)
def skeleton(name: str) -> str:
    """UTS 39 §4, for comparing only: two names with one skeleton look alike. `i`, `l`, `1` and `|` are one here (a
    domain may be shown in capitals), as are `0` and `o`, `rn` and `m`, `vv` and `w`."""
    folded = unicodedata.normalize("NFKC", name)
    if not folded.isascii():
        split = unicodedata.normalize("NFD", folded.translate(_alike()))
        folded = "".join(one for one in split if unicodedata.category(one) not in ("Mn", "Cf"))
    return folded.casefold().translate(_ASCII).replace("rn", "m").replace("vv", "w")


_ASCII = str.maketrans({"i": "l", "1": "l", "|": "l", "0": "o"})


def is_mixed(label: str) -> bool:
    """Whether letters of scripts stand together that nobody writes together."""
    if label.isascii():
        return False
    scripts = {_script(character) for character in label if character.isalpha()}
    return len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER)


def _script(character: str) -> str:
    return "LATIN" if character.isascii() else unicodedata.name(character, "?").split()[0].split("-")[0]


class Lookalikes:
    """Compares hosts with the labels of brands. `everyday` labels are words too: they count only beside bait."""

    def __init__(self, brands: Collection[str], everyday: Collection[str] = ()) -> None:
        self._brands = frozenset(brands)
        self._words = self._brands | frozenset(everyday)
        self._by_skeleton = {skeleton(label): label for label in sorted(brands)}
        self._by_size: dict[int, list[str]] = {}
        for label in sorted(brands):
            self._by_size.setdefault(len(label), []).append(label)
        self._held: dict[tuple[str, str], Likeness | None] = {}

    def of(self, host: str, main: str) -> Likeness | None:
        """Which brand's label a host looks like; None for none. `main` is the label that was registered; the host
        must not be the brand's own."""
        if (host, main) not in self._held:
            if len(self._held) >= _HELD_MAX:
                self._held.clear()
            self._held[host, main] = self._of(host, main)
        return self._held[host, main]

    def _of(self, host: str, main: str) -> Likeness | None:
        if main in self._brands:
            return Likeness(main, "ending")
        letters = self._by_skeleton.get(skeleton(main))
        if letters:
            return Likeness(letters, "letters")
        return self._typo(main) or self._joined(main) or self._inside(host, main)

    def _inside(self, host: str, main: str) -> Likeness | None:
        before = host[: max(0, host.rfind(main + "."))].rstrip(".")
        for label in before.split(".")[-_LABELS_MAX:] if before else ():
            if label in self._brands:
                return Likeness(label, "inside")
            joined = self._joined(label)
            if joined:
                return Likeness(joined.label, "inside")
        return None

    def _typo(self, main: str) -> Likeness | None:
        if not _TYPO_CHARACTERS_MIN <= len(main) <= _LABEL_CHARACTERS_MAX:
            return None
        for size in range(max(_TYPO_CHARACTERS_MIN, len(main) - 2), len(main) + 3):
            for label in self._by_size.get(size, ()):
                if label[0] == main[0] or label[-1] == main[-1]:
                    twice = len(label) >= _TYPOS_CHARACTERS_MIN and _distance(main, label) <= 2
                    if twice or _is_one_off(main, label):
                        return Likeness(label, "typo")
        return None

    def _joined(self, label: str) -> Likeness | None:
        """A brand and bait in one label: `paypal-secure-login`, `securepaypal`."""
        pieces = [piece for piece in _SPLIT.split(label[:_LABEL_CHARACTERS_MAX]) if piece]
        baited = len(pieces) > 1 and any(piece in name_words().bait for piece in pieces)
        for piece in pieces if pieces != [label] else ():
            is_name = piece in (self._words if baited else self._brands)
            if is_name and len(piece) >= (_JOINED_CHARACTERS_MIN if baited else _WITHIN_CHARACTERS_MIN):
                return Likeness(piece, "joined")
        for piece in pieces:
            grown = self._grown(piece)
            if grown:
                return Likeness(grown, "joined")
        return None

    def _grown(self, piece: str) -> str | None:
        """A brand at either end of a word whose rest is bait."""
        for cut in range(2, len(piece) - 1):
            head, tail = piece[:cut], piece[cut:]
            if head in self._words and len(head) >= _JOINED_CHARACTERS_MIN and _is_bait(tail):
                return head
            if tail in self._words and len(tail) >= _JOINED_CHARACTERS_MIN and _is_bait(head):
                return tail
        return None


def _is_one_off(left: str, right: str) -> bool:
    """Whether one letter is other, more, less, or two are swapped."""
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) > 1:
        return False
    start = 0
    while start < len(short) and short[start] == long[start]:
        start += 1
    if len(short) != len(long):
        return short[start:] == long[start + 1 :]
    return short[start + 1 :] == long[start + 1 :] or (
        short[start + 2 :] == long[start + 2 :] and short[start : start + 2] == long[start : start + 2][::-1]
    )


def _distance(left: str, right: str) -> int:
    """Levenshtein's, of short names."""
    if len(set(left) ^ set(right)) > 4:
        return 9
    row = list(range(len(right) + 1))
    for here, one in enumerate(left, 1):
        before, row[0] = row[0], here
        for there, other in enumerate(right, 1):
            before, row[there] = row[there], min(row[there] + 1, row[there - 1] + 1, before + (one != other))
    return row[-1]


def _is_bait(text: str) -> bool:
    """One or two words of bait."""
    bait = name_words().bait
    return text in bait or any(text[:cut] in bait and text[cut:] in bait for cut in range(2, len(text) - 1))
