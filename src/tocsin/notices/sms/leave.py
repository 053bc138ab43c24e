"""May this short message leave? What a letter's own check cannot ask, since a message has no header and no proof."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from tocsin.mailcheck.answer import VERDICTS, Answer
from tocsin.mailcheck.links import in_text
from tocsin.notices.sms.parts import split
from tocsin.proof.facts import Facts

# Digits that a telephone offers to ring: seven or more, whatever stands between them.
_RINGABLE = re.compile(r"\+?\d(?:[\s()./-]{0,2}\d){6,}")
# Telephones make links of a scheme, of `www.` and of a name with a known ending; the checker finds these, and besides:
_SCHEME = re.compile(r"\w{2,}://|\bwww\.", re.IGNORECASE)  # whatever stands behind it
_MAIL = re.compile(r"\S@\S")


def may_leave_short(text: str, facts: Facts, code: str, phone: str, *, parts_max: int, stranger: Answer) -> str | None:
    """None when it may; else why not, for the operator. `phone` is how the message calls the number to ring."""
    doubts = chain(_missing(text, facts, code, phone), _tapped(text, code), _doubted(text, parts_max, stranger))
    return next(doubts, None)


def _missing(text: str, facts: Facts, code: str, phone: str) -> Iterator[str]:
    if facts.issuer_name.strip() not in text:
        yield "it does not name the sender"
    if code not in text:
        yield "the code does not stand in it"
    if phone not in text:
        yield "it does not say which number to ring"


def _tapped(text: str, code: str) -> Iterator[str]:
    """What a telephone makes something of that can be tapped."""
    for link in in_text(text):
        yield f"it holds what a telephone makes a link of: {link.url[:80]}"
    if found := _SCHEME.search(text):
        yield f"it holds what a telephone makes a link of: {found[0][:80]}"
    if _MAIL.search(text):
        yield "it holds what a telephone takes for a mail address"
    if found := _RINGABLE.search(_without_times(text.replace(code, ""))):
        yield f"it holds what a telephone takes for a number to ring: {found[0][:40]}"


def _doubted(text: str, parts_max: int, stranger: Answer) -> Iterator[str]:
    if len(split(text).pieces) > parts_max:
        yield f"it takes more than {parts_max} parts"
    for finding in stranger.findings:
        if finding.effect == "contradicts":
            yield f"a stranger finds a contradiction: {finding.text}"
    if VERDICTS.index(stranger.verdict) > VERDICTS.index("unclear"):
        yield f"a stranger's check says {stranger.verdict}"


def _without_times(text: str) -> str:
    return re.sub(r"\d{4}年\d{1,2}月\d{1,2}日|\b\d{4},? \d{2}:\d{2}|\d{1,2}:\d{2}", " | ", text)
