"""What the words of a twin say, in a form in which facts can be looked up: one scan, however many facts there are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from functools import cached_property
from uuid import UUID

from tocsin.proof.words import fold
from tocsin.terms.addresses import parse_address

FOUND_MAX = 1_000  # moments, or addresses, of one text that are looked at
_MONTHS = (  # in each language that letters write months out in, and as they are also spelled
    "january february march april may june july august september october november december",
    "januar februar märz april mai juni juli august september oktober november dezember",
    "जनवरी फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर अक्टूबर नवंबर दिसंबर",
    "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितम्बर अक्तूबर नवम्बर दिसम्बर",
)
_MONTH_BY_NAME = {name: number for line in _MONTHS for number, name in enumerate(line.split(), start=1)}
_MONTH = "|".join(sorted(_MONTH_BY_NAME, key=len, reverse=True))
_CASED = frozenset(("Lu", "Ll", "Lt"))  # Latin, Greek, Cyrillic and the like
_INDIC = re.compile("[\u0900-\u0963\u0966-\u0d7f]")  # Devanagari to Malayalam with their marks, the danda apart
_UNSEEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn"))
# Letters take links apart, so that no mail program makes them clickable: `bad[.]example`, `hxxp`.
_SAME = (
    *(("\\", "/"), ("\u3002", "."), ("\uff0e", "."), ("\uff61", "."), ("\uff20", "@")),
    *(("[.]", "."), ("[at]", "@"), ("[:]", ":")),
)
_MASKED = re.compile(r"h(?:xx|tt)p", re.IGNORECASE)
_REPEATED = re.compile(r"([/-])\1+")
_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)|[0-9a-fA-F:]{2,39}(?![\w:]))",
    re.ASCII,
)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:時] ?(\d\d)[:分] ?(\d\d)(?!\d)")
_DATE_BEFORE_MAX = 60  # characters before a clock in which its date is sought
_DATE_BEFORE = re.compile(
    r"(?<!\d)(?:(?P<y1>\d{4})-(?P<m1>\d\d)-(?P<d1>\d\d)"
    rf"|(?P<d2>\d{{1,2}})\.? (?P<m2>{_MONTH}) (?P<y2>\d{{4}})"
    rf"|(?P<m3>{_MONTH}) (?P<d3>\d{{1,2}}), (?P<y3>\d{{4}})"
    r"|(?P<y4>\d{4})年 ?(?P<m4>\d{1,2})月 ?(?P<d4>\d{1,2})日)\D{0,24}\Z",
    re.IGNORECASE,
)


class Spoken:
    """One twin: `name` to call it by, its words, and the moments and addresses that stand in them."""

    def __init__(self, name: str, words: str) -> None:
        self.name = name
        self.words = comparable(words)

    @cached_property
    def moments(self) -> dict[datetime, str]:
        """Each stated moment, naive and as written; its zone is what the letter says beside it."""
        return dict(_moments(self.words))

    @cached_property
    def addresses(self) -> dict[UUID, str]:
        """Each stated IP address and the text of it."""
        return dict(_addresses(self.words))

    @cached_property
    def packed(self) -> str:
        """The words without white space and without capitals."""
        return packed(self.words)


def comparable(words: str) -> str:
    """One line; links put together again, invisible characters left out, dashes and slashes not repeated."""
    line = visible(words)
    for written, meant in _SAME:
        line = line.replace(written, meant)
    return _REPEATED.sub(r"\1", _MASKED.sub("http", line))


def packed(words: str) -> str:
    return comparable("".join(words.split())).lower()


def visible(text: str) -> str:
    """One line without invisible characters."""
    line = fold(text)
    if line.isprintable():
        return line
    return fold("".join(character for character in line if unicodedata.category(character) not in _UNSEEN))


def stands(words: str, value: str) -> bool:
    """Whether the value stands there as a whole word: no letter or digit goes on before or after it (in scripts that
    put blanks between words)."""
    place = words.find(value)
    while value and place >= 0:
        end = place + len(value)
        if not (_joined(words[place - 1 : place], value[0]) or _joined(value[-1], words[end : end + 1])):
            return True
        place = words.find(value, place + 1)
    return False


def _joined(left: str, right: str) -> bool:
    return _goes_on(left) and _goes_on(right)


def _goes_on(character: str) -> bool:
    if character.isascii():
        return character.isalnum()
    return unicodedata.category(character) in _CASED or bool(_INDIC.fullmatch(character))


def _moments(words: str) -> Iterator[tuple[datetime, str]]:
    for _, clock in zip(range(FOUND_MAX), _CLOCK.finditer(words), strict=False):
        before = words[max(0, clock.start() - _DATE_BEFORE_MAX) : clock.start()]
        date = _DATE_BEFORE.search(before)
        moment = _moment(date, clock) if date else None
        if date and moment:
            yield moment, before[date.start() :] + clock[0]


def _moment(date: re.Match[str], clock: re.Match[str]) -> datetime | None:
    year, month, day = (next(filter(None, (date[f"{part}{form}"] for form in "1234"))) for part in "ymd")
    number = int(month) if month.isdigit() else _MONTH_BY_NAME.get(month.lower(), 0)
    try:
        return datetime(int(year), number, int(day), int(clock[1]), int(clock[2]), int(clock[3]))  # noqa: DTZ001 - naive
    except ValueError:
        return None


def _addresses(words: str) -> Iterator[tuple[UUID, str]]:
    for _, match in zip(range(FOUND_MAX), _ADDRESS.finditer(words), strict=False):
        try:
            yield parse_address(match[0]), match[0]
        except ValueError:
            continue
