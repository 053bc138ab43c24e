"""The organisations that are known: which one a domain belongs to, and which ones words claim to speak for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import msgspec

from tocsin.mailcheck.lookalike import Lookalikes, name_words, skeleton
from tocsin.proof.organisations import Domain, Organisation, OrganisationFile

_FOLDER = Path(__file__).parent / "organisations"
_WORD = re.compile(r"[^\W_]+(?:[&'\u2019.@+-][^\W_]+)*\+?")
_MARKS = re.compile(r"[\u2122\u00ae\u00a9]")
_SIGNS = re.compile(r"[.'\u2019`\u00b4_~*|@-]")
_CLAIM_CHARACTERS_MAX = 2_000


class Claimed(msgspec.Struct, frozen=True):
    """An organisation that words claim. `name` is as it stands there; `is_disguised`: other letters look like it."""

    organisation: Organisation
    name: str
    is_disguised: bool = False
    is_common: bool = False


class Directory:
    """Look-ups over organisations. Their number is bounded by files that are ours or the reader's own."""

    def __init__(self, organisations: Iterable[Organisation]) -> None:
        self.organisations = tuple({one.name.casefold(): one for one in organisations}.values())
        self._domains: dict[str, list[tuple[Domain, Organisation]]] = {}
        self._hosting: dict[str, Organisation] = {}
        self._names: dict[str, list[tuple[tuple[str, ...], Organisation, bool]]] = {}
        self._asian: list[tuple[str, Organisation]] = []
        self._common: dict[str, tuple[Organisation, bool]] = {}
        self._everyday: set[str] = set()
        self.brands: dict[str, Organisation] = {}  # the first label of each domain that is distinct
        for one in self.organisations:
            self._add(one)
        for one in self.organisations:
            self._add_brands(one)
        everyday = {label for label in self._everyday if len(label) >= 5 and label not in name_words().everyday}
        self.lookalikes = Lookalikes(self.brands, everyday)

    def _add(self, one: Organisation) -> None:
        for domain in one.every_domain:
            self._domains.setdefault(domain.name, []).append((domain, one))
        for host in one.hosting:
            self._hosting.setdefault(host, one)
        for name in one.common:
            self._common.setdefault(name.casefold(), (one, False))
        for name in one.surnames:
            self._common.setdefault(name.casefold(), (one, True))
        everyday = {name.casefold() for name in (*one.common, *one.surnames)}
        self._everyday |= everyday
        for name in (one.name, *one.names):
            if name.casefold() in everyday:
                continue
            words = tuple(words_of(name))
            if not name.isascii() and _is_asian(name):
                self._asian.append((name.casefold(), one))
            elif words:
                self._names.setdefault(skeleton(words[0]), []).append((words, one, len(name) <= 4))

    def _add_brands(self, one: Organisation) -> None:
        for domain in one.every_domain:
            label = domain.name.partition(".")[0]
            if len(label) >= 4 and label not in self._everyday and label not in name_words().everyday:
                self.brands.setdefault(label, one)

    def owner(self, host: str, day: date | None = None) -> Organisation | None:
        """Whose the host is, on that day; None where strangers put things, too."""
        if self.hosts_strangers(host):
            return None
        return self.holder(host, day)

    def holder(self, host: str, day: date | None = None) -> Organisation | None:
        """Whose domain the host lies in, whoever put there what is there."""
        for name in parents(host):
            for domain, one in self._domains.get(name, ()):
                if domain.held_on(day):
                    return one
            if name in self._hosting:
                return self._hosting[name]
        return self._of_any_country(host, day)

    def _of_any_country(self, host: str, day: date | None) -> Organisation | None:
        labels = host.split(".")
        for ending in (1, 2):
            if len(labels) > ending and _is_country(labels[-ending:]):
                for domain, one in self._domains.get(f"{labels[-ending - 1]}.*", ()):
                    if domain.held_on(day):
                        return one
        return None

    def brand(self, label: str) -> Organisation | None:
        """Whose the label is that a host looks like."""
        common = self._common.get(label)
        return self.brands.get(label) or (common[0] if common else None)

    def hosts_strangers(self, host: str) -> bool:
        return any(name in self._hosting for name in parents(host))

    def claimed(self, text: str, *, whole: bool = False) -> list[Claimed]:
        """Whom the words claim, the first first. `whole`: the text is a sender's name, where an everyday word may be
        the claim, and which is read in several ways, since it is often taken apart to be missed."""
        line = _line_of(text)
        words = list(words_of(line))
        found: dict[str, Claimed] = {}
        for read in (words, *(map(list, map(words_of, _read_again(line))) if whole else ())):
            for claim in self._in_words(read):
                found.setdefault(claim.organisation.name, claim)
        lowered = line.casefold()
        for name, one in self._asian if not line.isascii() else ():
            if name in lowered:
                found.setdefault(one.name, Claimed(one, name))
        if whole and not found:
            common = self._in_common(words)
            return [common] if common else []
        return list(found.values())

    def _in_words(self, words: list[str]) -> Iterator[Claimed]:
        for place, word in enumerate(words):
            for name, one, is_short in self._names.get(skeleton(word), ()):
                stands = words[place : place + len(name)]
                same = [left.casefold() == right.casefold() for left, right in zip(stands, name, strict=False)]
                if len(stands) < len(name):
                    continue
                if all(same):
                    if not is_short or stands == list(name) or " ".join(stands).isupper():
                        yield Claimed(one, " ".join(stands))
                elif not is_short and all(map(_looks, stands, name)):
                    yield Claimed(one, " ".join(stands), is_disguised=not _is_spelling(stands, name))

    def _in_common(self, words: list[str]) -> Claimed | None:
        """An everyday word as a sender's whole name, or beside words of an office."""
        kept = [word for word in words if word.casefold() not in name_words().office and not word.isdecimal()]
        if len(kept) != 1 or len(words) > 6:
            return None
        one, is_surname = self._common.get(kept[0].casefold(), (None, False))
        if one is None or (is_surname and len(words) == 1):
            return None
        return Claimed(one, kept[0], is_common=True)


def _line_of(text: str) -> str:
    """One line of what is seen: compatibility characters folded, marks of trade and invisible characters left out."""
    line = unicodedata.normalize("NFKC", _MARKS.sub(" ", text[:_CLAIM_CHARACTERS_MAX]))
    if line.isascii():
        return line
    return "".join(character for character in line if unicodedata.category(character) != "Cf")


def _read_again(line: str) -> tuple[str, ...]:
    """Without the signs that take a name apart: `D'isney`, `MetaMask.io`, `Pay_Pal`."""
    return _SIGNS.sub(" ", line), _SIGNS.sub("", line)


def _looks(stands: str, name: str) -> bool:
    return skeleton(stands) == skeleton(name)


def _is_spelling(stands: list[str], name: tuple[str, ...]) -> bool:
    """Whether only accents differ: `Telefonica`, `Itau`."""
    return _bare("".join(stands)) == _bare("".join(name))


def _bare(text: str) -> str:
    split = unicodedata.normalize("NFD", text.casefold())
    return "".join(character for character in split if not unicodedata.combining(character))


def words_of(text: str) -> Iterator[str]:
    return (match[0] for match in _WORD.finditer(text))


def _is_asian(name: str) -> bool:
    """Scripts that put no blanks between words, or whose vowel signs are no word characters."""
    return any(ord(character) >= 0x900 for character in name)


def parents(host: str) -> Iterator[str]:
    """The host and the domains it lies in, the closest first, at most 12."""
    labels = host.lower().rstrip(".").split(".")[-12:]
    return (".".join(labels[start:]) for start in range(len(labels)))


def _is_country(ending: list[str]) -> bool:
    """`de`, `co.uk`, `com.br`; not those endings that were given away for nothing."""
    if len(ending) == 2 and ending[0] not in ("co", "com", "net", "org", "or", "ne", "gov"):
        return False
    return len(ending[-1]) == 2 and ending[-1] not in ("tk", "ml", "ga", "cf", "gq", "cc", "ws", "pw", "to", "su")


@cache
def shipped() -> Directory:
    """The organisations that come with Tocsin."""
    return Directory(_shipped())


@cache
def _shipped() -> tuple[Organisation, ...]:
    files = sorted(_FOLDER.glob("*.toml"))
    return tuple(
        one for path in files for one in msgspec.toml.decode(path.read_bytes(), type=OrganisationFile).organisations
    )


def directory(own: tuple[Organisation, ...] = ()) -> Directory:
    """What Tocsin ships and what the reader adds; one of the same name replaces the shipped one."""
    return _with(own) if own else shipped()


_kept: dict[tuple[str, ...], tuple[tuple[Organisation, ...], Directory]] = {}


def _with(own: tuple[Organisation, ...]) -> Directory:
    key = tuple(one.name for one in own)
    held = _kept.get(key)
    if held is None or held[0] is not own:
        _kept.clear()
        held = _kept[key] = (own, Directory((*_shipped(), *own)))
    return held[1]
