"""The words of a notice: what its proof covers of the text twin and of the HTML twin.

The block that a person can copy is left out, since it holds the proof itself; nothing else is. Of the HTML twin the
*source* is digested, tags and all: hidden text, a link, a form or a style sheet that paints over the words would leave
the visible words as they were. White space may change on the way, nothing else may.
"""

from __future__ import annotations

import hashlib
import html as html_entities
import re

BLOCK_BEGIN = "-----BEGIN TOCSIN PROOF-----"
BLOCK_END = "-----END TOCSIN PROOF-----"
TWIN_CHARACTERS_MAX = 262_144  # of a twin that is looked at; a notice has some 5,000

_FORM = re.compile(
    r"v=1;key=([0-9a-z]{10});pub=([\w-]{43});facts=([\w-]{1,22000});"
    r"text=([0-9a-f]{64});html=([0-9a-f]{64});(?:head=([\w-]{86});)?sig=([\w-]{86})",
    re.ASCII,
)
_FORM_CHARACTERS_MAX = 60_000  # with its white space
_PRE, _PRE_END = "<pre>", "</pre>"
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*|!|\?)[^<>]*>?", re.ASCII)
_HUGE_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}", re.ASCII)
_UNSEEN = frozenset(("script", "style", "head", "title", "template"))
_INLINE = frozenset(("a", "b", "em", "i", "strong", "span", "code", "u", "small", "bdi"))


def match_proof(text: str) -> re.Match[str] | None:
    """The parts of a proof (key, pub, facts, text, html, head, sig) if the text is one; white space is ignored."""
    return _FORM.fullmatch("".join(text.split())) if len(text) <= _FORM_CHARACTERS_MAX else None


def find_block(text: str) -> tuple[int, int] | None:
    """Where the first block begins and ends, fences included; None if what is fenced has not the form of a proof.

    Words written between the fences are words of the mail like any others.
    """
    start = text.find(BLOCK_BEGIN)
    end = text.find(BLOCK_END, start) if start >= 0 else -1
    if end < 0 or not match_proof(text[start + len(BLOCK_BEGIN) : end]):
        return None
    return start, end + len(BLOCK_END)


def without_block(text: str) -> str:
    """The text with its first block left out."""
    place = find_block(text)
    return f"{text[: place[0]]} {text[place[1] :]}" if place else text


def text_words(text: str) -> str:
    """The words of a plain text, one blank between them, the first proof block left out."""
    return fold(without_block(text))


def html_words(html: str) -> str:
    """The words that an HTML text shows, one blank between them, the first proof block left out.

    For comparing facts and for reading. What the proof covers is the source: see `html_digest`.
    """
    pieces: list[str] = []
    unseen, place = "", 0
    for match in _TAG.finditer(html):
        closing, name = match[1], match[2].lower()
        if not unseen:
            pieces.append(html[place : match.start()])
            pieces.append("" if name in _INLINE else " ")
        place = match.end()
        unseen = _unseen_after(unseen, closing, name)
    pieces.append("" if unseen else html[place:])
    return text_words(html_entities.unescape(_HUGE_ENTITY.sub("\ufffd", "".join(pieces))))


def _unseen_after(unseen: str, closing: str, name: str) -> str:
    if unseen:
        return "" if closing and name == unseen else unseen
    return name if name in _UNSEEN and not closing else ""


def text_digest(text: str) -> str:
    """Hex SHA-256 of the words of the text twin."""
    return _digest(text_words(text))


def html_digest(html: str) -> str:
    """Hex SHA-256 of the source of the HTML twin: white space folded, the first proof block left out, and with it the
    bare `<pre>` that holds it alone."""
    place = find_block(html)
    if place is None:
        return _digest(fold(html))
    before, after = html[: place[0]].rstrip(), html[place[1] :].lstrip()
    if before.endswith(_PRE) and after.startswith(_PRE_END):
        before, after = before.removesuffix(_PRE), after.removeprefix(_PRE_END)
    return _digest(fold(f"{before} {after}"))


def fold(text: str) -> str:
    """One blank for any run of white space; none at the ends."""
    return " ".join(text.split())


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
