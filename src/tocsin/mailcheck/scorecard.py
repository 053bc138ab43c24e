"""From findings to a verdict: a table to read and to argue with.

| verdict | when |
|---|---|
| fake | contradictions of FATAL points or more: one of that weight, or lighter ones that add up |
| likely-fake | contradictions of GRAVE points or more |
| genuine | a proof by a trusted key, everything in NEEDS found, nothing in CAPS |
| likely-genuine | a proof by a trusted key; or a known sender, whose domain is shown; no contradiction |
| unclear | everything else |

Points: of contradictions that are grave by themselves the gravest counts, and nothing is added for another; the *light*
ones (below GRAVE) add up, each kind once; those that honest mails have too only so far (USUAL_MAX). How
many points a light kind has stands in `points.toml`, which is fitted (`bench/mailcheck_fit.py`) and may be argued with;
one that is not there has the weight of its line in `findings.KINDS`. Beside a proof, which leaves nothing to be
weighed, a light contradiction is a contradiction: GRAVE.

What could not be checked never lowers a verdict; it can only leave something that `genuine` needs unproved.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec

from tocsin.mailcheck.answer import Verdict
from tocsin.mailcheck.findings import FATAL, GRAVE, Finding

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
# What shows that the mail is the sender's, and that the sender is one whom the reader knows. One of each row.
AUTHENTICATED: tuple[tuple[str, ...], ...] = (
    ("dkim-aligned", "spf-aligned", "dmarc-pass", "authres-passed"),
    ("sender-known",),
)
# What honest mails have too. Newsletters: links to those who send and count for them, short links, pictures in place of
# words. Bills and services: a request to pay or to confirm, a date, a cut-off. All of these together have at most so
# many points: never enough without something else.
USUAL = frozenset(
    ("links-not-sender", "link-hosting", "link-short", "link-picture-only", "link-passed-on", "link-blind")
).union(
    ("asks-confirm", "asks-pay", "asks-fee", "presses-haste", "presses-threat", "greets-by-address", "name-nowhere")
)
USUAL_MAX = GRAVE - 5
_EFFECTS = ("contradicts", "supports", "unchecked", "neutral")
_POINTS = Path(__file__).parent / "points.toml"


class _Points(msgspec.Struct, frozen=True):
    points: dict[str, int]


def verdict_of(findings: list[Finding]) -> Verdict:
    codes = {finding.code for finding in findings}
    against = points_of(findings)
    if against:
        if against >= FATAL:
            return "fake"
        return "likely-fake" if against >= GRAVE else "unclear"
    if all(codes.intersection(row) for row in NEEDS) and not codes.intersection(CAPS):
        return "genuine"
    if "proof-verified" in codes or all(codes.intersection(row) for row in AUTHENTICATED):
        return "likely-genuine"
    return "unclear"


def points_of(findings: list[Finding]) -> float:
    """The points against the mail: the gravest contradiction and the sum of the light ones, each kind once."""
    weights = {finding.code: finding.weight for finding in findings if finding.effect == "contradicts"}
    grave = max((weight for weight in weights.values() if weight >= GRAVE), default=0)
    if weights and any(finding.code == "proof-verified" for finding in findings):
        return grave or GRAVE
    return grave + light_of({code: points().get(code, weight) for code, weight in weights.items() if weight < GRAVE})


def light_of(by_code: Mapping[str, float]) -> float:
    """The sum of light contradictions, by their points."""
    usual = sum(points for code, points in by_code.items() if code in USUAL)
    return min(usual, USUAL_MAX) + sum(points for code, points in by_code.items() if code not in USUAL)


@cache
def points() -> dict[str, int]:
    """The fitted points of light contradictions, by code."""
    return msgspec.toml.decode(_POINTS.read_bytes(), type=_Points).points


def most_telling_first(findings: list[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: (_EFFECTS.index(finding.effect), -finding.weight))
