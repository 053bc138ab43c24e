"""From findings to a verdict: a table to read and to argue with.

| verdict | when |
|---|---|
| fake | a contradiction of weight FATAL |
| likely-fake | any other contradiction |
| genuine | a proof by a trusted key, everything in NEEDS found, nothing in CAPS |
| likely-genuine | a proof by a trusted key; or a known sender, whose domain signed the mail |
| unclear | everything else |

What could not be checked never lowers a verdict; it can only leave something that `genuine` needs unproved.
"""

from __future__ import annotations

from tocsin.mailcheck.answer import Verdict
from tocsin.mailcheck.findings import FATAL, Finding

# One of each row must have been found.
NEEDS: tuple[tuple[str, ...], ...] = (
    ("proof-verified",),
    ("text-unchanged",),
    ("html-unchanged",),
    ("headers-unchanged", "headers-signed"),
    ("sender-is-issuer",),
    ("recipient-named",),
    ("facts-stated",),
    ("code-stated",),
    ("asks-nothing",),
)
CAPS = ("mail-cut", "mail-broken", "proof-header-missing", "subject-tagged")
AUTHENTICATED = ("dkim-aligned", "sender-known")
_EFFECTS = ("contradicts", "supports", "unchecked", "neutral")


def verdict_of(findings: list[Finding]) -> Verdict:
    codes = {finding.code for finding in findings}
    against = [finding.weight for finding in findings if finding.effect == "contradicts"]
    if against:
        return "fake" if max(against) >= FATAL else "likely-fake"
    if all(codes.intersection(row) for row in NEEDS) and not codes.intersection(CAPS):
        return "genuine"
    if "proof-verified" in codes or codes.issuperset(AUTHENTICATED):
        return "likely-genuine"
    return "unclear"


def most_telling_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (_EFFECTS.index(finding.effect), -finding.weight))
