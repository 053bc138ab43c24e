"""May this notice leave the house? Asked of every notice, after it is sealed and before it is queued."""

from __future__ import annotations

from tocsin.mailcheck.answer import VERDICTS, Answer

_BROKEN_SIGNATURE = ("dkim-bad-signature", "dkim-body-changed", "dkim-unreadable", "dkim-weak-key", "dkim-partial")


def may_leave(known: Answer, stranger: Answer) -> str | None:
    """None when it may; else the reason why not, for the operator.

    `known` is the answer of a reader who pinned the issuer's key, `stranger` of one who knows nothing of Tocsin. A
    notice that a careful stranger would have reason to throw away is not sent either.
    """
    if known.verdict != "genuine":
        return f"our own check says {known.verdict}: {_most_telling(known)}"
    for answer in (known, stranger):
        for finding in answer.findings:
            if finding.code in _BROKEN_SIGNATURE:
                return f"its DKIM signature is not good: {finding.text}"
    if VERDICTS.index(stranger.verdict) > VERDICTS.index("unclear"):
        return f"a stranger's check says {stranger.verdict}: {_most_telling(stranger)}"
    against = [finding.text for finding in stranger.findings if finding.effect == "contradicts"]
    return f"a stranger finds a contradiction: {against[0]}" if against else None


def _most_telling(answer: Answer) -> str:
    doubts = [finding for finding in answer.findings if finding.effect in ("contradicts", "unchecked")]
    return (doubts or list(answer.findings))[0].text
