"""What a mail says to its reader: its words as they are seen, and the ideas that stand in them, with their places.

Words are compared folded: NFKC, lower case, without accents, invisible characters and punctuation, letters of other
scripts that look Latin as Latin ones. So nothing is gained by writing them oddly; that they are written oddly is said
by `obfuscation`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from functools import cache
from pathlib import Path

import msgspec

from tocsin.mailcheck.limits import WORDING_CHARACTERS_MAX, WORDS_MAX
from tocsin.mailcheck.links import links_of
from tocsin.mailcheck.mail import Mail, shown
from tocsin.mailcheck.sender import read_sender
from tocsin.proof.words import html_words, text_words

_FOLDER = Path(__file__).parent / "lexicon"
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff\u4e00-\u9fff]"),
    "hi": re.compile("[\u0900-\u097f]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "ru": re.compile("[\u0430-\u044f]{3}"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "ar": re.compile("[\u0620-\u064a]{3}"),
}
LANGUAGES = ("en", "hi", "ja", "de", "es", "pt", "fr", "nl", "it", "pl", "da", "sv", "tr", "ko", "ru", "zh", "ar")
_LATIN = ("en", "de", "es", "pt", "fr", "nl", "it", "pl", "da", "sv", "tr")
_KANA = re.compile("[\u3040-\u30ff]")
_MARKS = re.compile("[\u0300-\u036f\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u034f]+")
_PUNCTUATION = re.compile(r"[!-/:-@\[-`{-~\u00a1-\u00bf\u2010-\u203f\u3000-\u3002\u300a-\u301f\uff01-\uff0f]+")
_LINK = re.compile(r"https?://\S{1,400}", re.IGNORECASE)
_LOOKALIKE = str.maketrans("аеорсухіјѕһԁɡνοαρτικυωѵ", "aeopcyxijshdgvoaptikuwv")
# A telephone number as it is written to be rung; parts of it may be masked.
_NUMBER = re.compile(
    r"(?<![\d.:/-])(?:\+?\d{1,3}[ ().\u2013-]{1,4})?\(?(?:\d{3}|x{3})\)?[ ().\u2013-]{1,5}"
    r"(?:\d{3}|x{3})[ ().\u2013-]{1,5}(?:\d{4}|x{4})(?![\d.:/-])"
)
_QUOTED = re.compile(r"^[ \t]{0,3}>.*$", re.MULTILINE)
_LATIN_LETTER = re.compile("[a-z]")
NEAR = 55  # characters between two ideas that belong together, a clause
_CONTEXT = 60  # characters shown on either side
_PREFIX_MIN = 3
_PICTURES_SPEAK_BELOW = 300  # characters: a mail that says so little says the rest by its pictures


class _Lexicon(msgspec.Struct):
    """The words of one language: whole, by their beginning, and phrases by their first word."""

    common: frozenset[str]
    whole: dict[str, list[str]]
    beginnings: dict[str, list[str]]
    phrases: dict[str, list[tuple[str, str]]]
    pieces: list[tuple[str, str]]  # in scripts without blanks

    @property
    def ideas(self) -> frozenset[str]:
        listed = (*self.whole.values(), *self.beginnings.values())
        paired = (*self.pieces, *(pair for pairs in self.phrases.values() for pair in pairs))
        return frozenset(idea for ideas in listed for idea in ideas) | {idea for _, idea in paired}

    @property
    def lengths(self) -> range:
        return range(_PREFIX_MIN, 1 + max(map(len, self.beginnings), default=0))


class Wording(msgspec.Struct, frozen=True):
    """The words of one mail. `places` has, for each idea, where in `folded` it stands."""

    subject: str
    body: str
    folded: str
    languages: tuple[str, ...]
    places: dict[str, list[int]]

    def has(self, *ideas: str) -> bool:
        return all(idea in self.places for idea in ideas)

    def count(self, idea: str) -> int:
        """How many different words speak of the idea."""
        return len({self.folded[place : place + 12].split(" ")[0] for place in self.places.get(idea, ())})

    def near(self, first: str, second: str, distance: int = NEAR) -> int | None:
        """Where the first idea stands with the second beside it."""
        others = self.places.get(second, [])
        for place in self.places.get(first, ()):
            low = bisect_left(others, place - distance)
            high = bisect_right(others, place + distance)
            if any(other != place for other in others[low:high]):
                return place
        return None

    def around(self, place: int) -> str:
        return self.folded[max(0, place - _CONTEXT) : place + _CONTEXT].strip()


def read_wording(mail: Mail) -> Wording:
    """Of the twins the one that a mail program shows, the HTML part; the text where that shows hardly anything. What is
    hidden is not read; a picture speaks by the words that stand for it."""
    subject = shown(mail.first("subject") or "")
    spoken = _spoken(mail) if mail.html else ""
    text = text_words(mail.text) if mail.text else ""
    if mail.text and "\n>" in mail.text:
        text = text_words(_QUOTED.sub("", mail.text))  # somebody else's words, said earlier
    body = (text if len(spoken) * 4 < len(text) and not _is_markup(text) else spoken)[:WORDING_CHARACTERS_MAX]
    return wording_of(subject, body, read_sender(shown(mail.first("from") or "")).name)


def _spoken(mail: Mail) -> str:
    links = links_of(mail)
    spoken = links.shown if links.hidden else html_words(mail.html or "")
    if len(spoken) > _PICTURES_SPEAK_BELOW:
        return spoken
    return " . ".join([spoken, *(link.shown for link in links.links if link.place == "picture" and link.shown)])


def _is_markup(text: str) -> bool:
    return text.count("{") + text.count("<") > len(text) // 200


def wording_of(subject: str, body: str, name: str = "") -> Wording:
    """`name`: the one that the sender shows, which is read as the first words of the mail."""
    folded = " ".join(fold_words(f"{name} . {subject} . {body}"))
    tokens = folded.split(" ")
    languages = languages_of(folded, tokens)
    places = _places(folded, tokens, languages)
    if _NUMBER.search(body):
        places.setdefault("number", [0])
    return Wording(subject, body, folded, languages, places)


def fold_words(text: str) -> list[str]:
    """The words in the form in which they are compared, links left out."""
    plain = _LINK.sub(" ", text)
    if not plain.isascii():
        plain = _MARKS.sub("", unicodedata.normalize("NFKD", plain))
        plain = unicodedata.normalize("NFC", plain)  # Hangul, which was taken apart, whole again
    words = _PUNCTUATION.sub(" ", plain.lower()).split()[:WORDS_MAX]
    return words if plain.isascii() else [_as_latin(word) for word in words]


def _as_latin(word: str) -> str:
    return word.translate(_LOOKALIKE) if not word.isascii() and _LATIN_LETTER.search(word) else word


def languages_of(folded: str, tokens: list[str]) -> tuple[str, ...]:
    """Those whose script or whose common words are there; all that are written in Latin letters if none shows."""
    written = tuple(name for name, script in _SCRIPTS.items() if not folded.isascii() and script.search(folded))
    written = tuple(name for name in written if name != "zh" or not _KANA.search(folded))
    counts = dict.fromkeys(_LATIN, 0)
    seen: dict[str, int] = {}
    for token in tokens:
        seen[token] = seen.get(token, 0) + 1
    for name in _LATIN:
        counts[name] = sum(min(seen[word], 8) for word in lexicon(name).common & seen.keys())
    most = max(counts.values())
    spoken = tuple(name for name, count in counts.items() if most >= 2 and count * 2 >= most)
    return (*written, *(spoken or (("en",) if written else _LATIN)))


def _places(folded: str, tokens: list[str], languages: tuple[str, ...]) -> dict[str, list[int]]:
    places: dict[str, list[int]] = {}
    for name in languages:
        words = lexicon(name)
        place, padded = 0, f"{folded} "
        for token in tokens:
            for idea in _ideas(words, token, padded, place):
                places.setdefault(idea, []).append(place)
            place += len(token) + 1
        for piece, idea in words.pieces:
            start = folded.find(piece)
            while start >= 0 and len(places.get(idea, ())) < WORDS_MAX:
                places.setdefault(idea, []).append(start)
                start = folded.find(piece, start + len(piece))
    return {idea: sorted(set(found)) for idea, found in places.items()}


def _ideas(words: _Lexicon, token: str, folded: str, place: int) -> list[str]:
    found = list(words.whole.get(token, ()))
    for length in words.lengths[: max(0, len(token) - _PREFIX_MIN + 1)]:
        found.extend(words.beginnings.get(token[:length], ()))
    for phrase, idea in words.phrases.get(token, ()):
        if folded.startswith(phrase, place):
            found.append(idea)
    return found


@cache
def lexicon(language: str) -> _Lexicon:
    ideas = msgspec.toml.decode((_FOLDER / f"{language}.toml").read_bytes(), type=dict[str, list[str]])
    made = _Lexicon(frozenset(ideas.pop("common", ())), {}, {}, {}, [])
    for idea, entries in ideas.items():
        for entry in entries:
            _enter(made, " ".join(fold_words(entry.rstrip("*"))), idea, entry.endswith("*"), language)
    return made


def _enter(made: _Lexicon, words: str, idea: str, is_beginning: bool, language: str) -> None:
    if language in _SCRIPTS and not words.isascii():
        made.pieces.append((words, idea))
    elif " " in words:
        made.phrases.setdefault(words.partition(" ")[0], []).append((words if is_beginning else f"{words} ", idea))
    elif is_beginning:
        made.beginnings.setdefault(words, []).append(idea)
    else:
        made.whole.setdefault(words, []).append(idea)
