"""Findings on as whom a mail speaks: in its first and last lines, in its marks of copyright, in the part of its address
before the @; where neither its sender nor any of its links is that organisation's."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from tocsin.mailcheck.directory import Directory, directory
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.identity import claims, day_of, owner_of
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.links import links_of
from tocsin.mailcheck.lookalike import name_words
from tocsin.mailcheck.places import is_free_mail
from tocsin.mailcheck.sender import Sender, sender_of
from tocsin.proof.organisations import Organisation

_READ_CHARACTERS_MAX = 8_000
_LINE_CHARACTERS = 48
_PIECE = 4  # letters in a row that two names share
_NAME_LETTERS_MIN = 4
_NAME_WORDS = re.compile(r"[^\W\d_]{3,40}")
_LETTERS = re.compile(r"[^\W_]+")
_LATIN = re.compile("[\\x00-\u024f\u1e00-\u1eff\u2000-\u2bff\ufe0f\U0001f000-\U0001faff]*")
_SPELT = str.maketrans({"\u00e4": "ae", "\u00f6": "oe", "\u00fc": "ue", "\u00f8": "o", "\u00e6": "ae", "\u0142": "l"})
_SIGNS = re.compile(r"[._+\d-]+")
# Who speaks is named right behind these ...
_BEHIND = re.compile(
    r"(?:©|\(c\)|\bcopyright)\s{0,3}(?:\d{4}(?:\s?[-\u2013]\s?\d{4})?)?[\s,.]{0,3}(?:by\s)?"
    r"|\b(?:kind|best|warm) regards,?|\bsincerely,?|\bthank you for (?:using|choosing)\b|\bthanks,|\byours truly,?"
    r"|\bmit freundlichen gr\u00fc(?:\u00df|ss)en,?|\bviele gr\u00fc(?:\u00df|ss)e,?|\b(?:ihr|dein) team (?:von|der)\b"
    r"|\bcordialement,?|\bsinc\u00e8rement,?|\bl'\u00e9quipe\b|\bsaludos,?|\batentamente,?|\bel equipo de\b|\bequipo\b"
    r"|\batenciosamente,?|\bequipe\b|\bmet vriendelijke groet(?:en)?,?|\bcordiali saluti,?|\bdistinti saluti,?"
    r"|\bil team\b|\bz powa\u017caniem,?|\bzesp\u00f3\u0142\b|\bthe team at\b|\bserdecznie,?"
    r"|\bsayg\u0131lar\u0131m\u0131zla,?|\b\u0441 \u0443\u0432\u0430\u0436\u0435\u043d\u0438\u0435\u043c,?"
    r"|\b\u043a\u043e\u043c\u0430\u043d\u0434\u0430\b",
    re.IGNORECASE,
)
# ... or right before these.
_BEFORE = re.compile(
    r"\b(?:support|security|service|customer|billing|account|help|verification|compliance) (?:team|service|center"
    r"|centre|department|desk|care)\b|\bteam\b(?=[\s.,!]{0,3}(?:$|©|copyright))|\b(?:kunden(?:service|dienst)|sicherheitsteam)\b"
    r"|をご利用いただき|カスタマーサービス|カスタマーセンター|カスタマーサポート"
    r"|サポートセンター|お客様センター",
    re.IGNORECASE,
)


def look(seen: Inspection) -> Iterator[Finding]:
    if seen.is_proved or seen.mail.first("list-id"):
        return
    book, day, sender = directory(seen.known.organisations), day_of(seen), sender_of(seen.mail)
    if not sender.domain or owner_of(sender, book, day) is not None:
        return
    leads = {one.name for link in links_of(seen.mail).followed if (one := book.holder(link.target.host, day))}
    named = {claim.organisation.name for claim in claims(seen.mail, book)}
    if _is_nowhere(seen, sender):
        yield found("name-nowhere", sender.name, seen=sender.name, domain=sender.domain)
    mailbox = _of_mailbox(sender, book)
    if mailbox is not None and mailbox.name not in named:
        yield found("mailbox-of-another", sender.address, name=mailbox.name, domain=sender.domain)
    if not any(link.place == "link" for link in links_of(seen.mail).followed):
        return
    for one, line in _speakers(seen.wording.body[:_READ_CHARACTERS_MAX], book):
        if one.name not in leads and one.name not in named:
            yield found("speaks-as-another", line, name=one.name, domain=sender.domain)
            return


def _of_mailbox(sender: Sender, book: Directory) -> Organisation | None:
    local = _SIGNS.sub(" ", sender.address.rpartition("@")[0])
    claimed = book.claimed(local, whole=True)
    return claimed[0].organisation if claimed and not claimed[0].is_common else None


def _is_nowhere(seen: Inspection, sender: Sender) -> bool:
    """Whether nothing of the sender's name stands in his address or in a domain that his links lead to. Firms choose a
    domain by which they are known; people have at least a piece of their name in their address."""
    name = unicodedata.normalize("NFKC", sender.name).casefold()
    if is_free_mail(sender.domain) or (not name.isascii() and not _LATIN.fullmatch(name)):
        return False
    words = [word for word in _NAME_WORDS.findall(name) if word not in name_words().office]
    clicked = [link for link in links_of(seen.mail).followed if link.place == "link"]
    if not clicked or sum(map(len, words)) < _NAME_LETTERS_MIN:
        return False
    places = [sender.address, *(link.target.host for link in clicked)]
    there = {piece for place in places for piece in _pieces(_plain(place))}
    initials = "".join(word[0] for word in words)
    is_short = len(initials) > 2 and any(initials in place for place in places)
    return not is_short and there.isdisjoint(
        [*_pieces(_plain("".join(_LETTERS.findall(name)))), *(_plain(word) for word in words)]
    )


def _plain(text: str) -> str:
    split = unicodedata.normalize("NFD", text.casefold().translate(_SPELT))
    return "".join(character for character in split if character.isalnum() or character == ".")


def _pieces(word: str) -> Iterator[str]:
    """Four letters in a row each; a shorter word whole."""
    for part in word.split("."):
        yield from (part[place : place + _PIECE] for place in range(max(1, len(part) - _PIECE + 1)))


def _speakers(body: str, book: Directory) -> Iterator[tuple[Organisation, str]]:
    for match in _BEHIND.finditer(body):
        line = body[match.end() : match.end() + _LINE_CHARACTERS]
        yield from ((claim.organisation, line) for claim in book.claimed(line)[:1] if _is_close(claim.name, line))
    for match in _BEFORE.finditer(body):
        line = body[max(0, match.start() - _LINE_CHARACTERS // 2) : match.start()]
        yield from ((claim.organisation, line) for claim in book.claimed(line)[-1:])


def _is_close(name: str, line: str) -> bool:
    """Within the first words: whoever signs is named first."""
    return name.casefold().split()[0] in " ".join(line.casefold().split()[:4])
