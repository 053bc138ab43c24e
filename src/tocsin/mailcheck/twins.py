"""Findings on both twins, word by word, and on words that somebody put around a real notice."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator

from tocsin.mailcheck.catalogue import english
from tocsin.mailcheck.findings import Finding, found
from tocsin.mailcheck.inspection import Inspection
from tocsin.mailcheck.limits import LINES_MAX
from tocsin.proof.words import fold, html_digest, html_words, text_digest, text_words, without_block

_QUOTED = re.compile(r"^(?:[ \t]{0,3}[>|] ?){1,9}", re.MULTILINE)
_ADDED_WORDS_MAX = 20
_AROUND_CHARACTERS_MAX = 80
_NOTHING = hashlib.sha256(b"").hexdigest()


def look(seen: Inspection) -> Iterator[Finding]:
    proof, mail = seen.proof, seen.mail
    if proof is None:
        return
    if mail.text is not None:
        yield from _text(mail.text, proof.text_sha256)
    elif proof.text_sha256 != _NOTHING:
        yield found("text-missing")
    if mail.html is None and proof.html_sha256 != _NOTHING:
        yield found("html-missing")
    elif html_digest(mail.html or "") == proof.html_sha256:
        yield found("html-unchanged")
    else:
        yield found("html-changed", added=_added(mail.text or "", mail.html or ""))


def _text(text: str, proved: str) -> Iterator[Finding]:
    if text_digest(text) == proved:
        yield found("text-unchanged")
        return
    yield found("text-changed")
    bare = without_block(text)
    for candidate in (bare, without_block(_QUOTED.sub("", text))):
        around = words_around(candidate, proved)
        if around:
            before, after = around
            name = "words_both" if before and after else "words_before" if before else "words_after"
            said = english(name, before=_some(before, last=True), after=_some(after))
            yield found("words-added", f"{before} … {after}".strip(), around=said)
            return


def _some(words: str, *, last: bool = False) -> str:
    """As much of them as is read at a glance, next to the proved words."""
    if len(words) <= _AROUND_CHARACTERS_MAX:
        return words
    return f"…{words[-_AROUND_CHARACTERS_MAX:]}" if last else f"{words[:_AROUND_CHARACTERS_MAX]}…"


def words_around(text: str, proved: str) -> tuple[str, str] | None:
    """What stands before and after those lines whose words have the digest; None when no lines have it."""
    lines = [words for words in (fold(line) for line in text.splitlines()) if words]
    if len(lines) > LINES_MAX:
        return None
    for first in range(len(lines)):
        running = hashlib.sha256()
        for last in range(first, len(lines)):
            running.update((lines[last] if last == first else " " + lines[last]).encode(errors="surrogatepass"))
            if running.hexdigest() == proved:
                return " ".join(lines[:first]), " ".join(lines[last + 1 :])
    return None


def _added(text: str, html: str) -> str:
    """What the HTML part shows that the text does not say; both say the same in a notice."""
    said = set(text_words(text).split())
    added = [word for word in html_words(html).split() if word not in said][:_ADDED_WORDS_MAX] if text else []
    return english("html_added", words=" ".join(added)) if added else ""
