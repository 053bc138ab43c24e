"""Fits the points of light contradictions: `python -m bench.mailcheck_fit [--write]`.

A logistic model whose only inputs are which kinds were found. Each kind's points start from its weight in
`findings.KINDS`, which a person chose for a reason, and are drawn back there (ridge): data move them only as far as
they have something to say, never below one point and never up to GRAVE. Honest mails weigh more than fraud, since to
flag one is the worse mistake. Plain Python, no dice: the same data give the same table.
"""

from __future__ import annotations

import math
import sys
from collections import Counter
from pathlib import Path

import msgspec

from bench.mailcheck_corpus import Sample, answer, samples
from tocsin.mailcheck import scorecard
from tocsin.mailcheck.findings import GRAVE, KINDS

FOLDS = 5
STEPS = 400
RATE = 6.0
RIDGE = 0.35  # per kind; the loss is summed over samples
SLOPE = 9.0  # points that change the odds by a factor of e
HONEST_WEIGHT = 3.0
POINTS_MAX = GRAVE - 1
GROWTH_MAX = 2.0  # times the weight that a person gave
FILE = Path(scorecard.__file__).parent / "points.toml"


class Seen(msgspec.Struct, frozen=True):
    """A sample and what was found in it: the codes of its light contradictions, and the points of the gravest other."""

    sample: Sample
    light: tuple[str, ...]
    grave: int


def look(sample: Sample) -> Seen:
    against = {one.code: one.weight for one in answer(sample).findings if one.effect == "contradicts"}
    light = tuple(sorted(code for code, weight in against.items() if weight < GRAVE))
    return Seen(sample, light, max((weight for weight in against.values() if weight >= GRAVE), default=0))


def fit(seen: list[Seen]) -> dict[str, float]:
    start = {
        code: float(kind.weight) for code, kind in KINDS.items() if kind.effect == "contradicts" and kind.weight < GRAVE
    }
    points = dict(start)
    counts = Counter(code for one in seen for code in one.light)
    for _ in range(STEPS):
        slope = {code: RIDGE * (points[code] - start[code]) / SLOPE for code in points}
        for one in seen:
            weight = 1.0 if one.sample.is_fraud else -HONEST_WEIGHT
            far = (total(one, points) - GRAVE) / SLOPE
            miss = 1 / (1 + math.exp(max(-40.0, min(40.0, far if one.sample.is_fraud else -far))))
            for code in one.light:
                slope[code] -= weight * miss
        for code, count in counts.items():
            moved = points[code] - RATE * slope[code] / (RIDGE * 10 + math.sqrt(count))
            points[code] = min(POINTS_MAX, GROWTH_MAX * start[code], max(1.0, moved))
    return points


def total(one: Seen, points: dict[str, float]) -> float:
    return one.grave + scorecard.light_of({code: points[code] for code in one.light})


def flagged(one: Seen, points: dict[str, float]) -> bool:
    return total(one, points) >= GRAVE


def fold_of(sample: Sample) -> int:
    """By month for fraud, by source for the rest: nothing of a campaign stands on both sides."""
    key = sample.month if sample.kind == "phishing" else sample.source if sample.kind != "ham" else sample.name[:4]
    return sum(key.encode()) % FOLDS


def cross_validated(seen: list[Seen]) -> list[tuple[Seen, float]]:
    judged = []
    for fold in range(FOLDS):
        points = fit([one for one in seen if fold_of(one.sample) != fold])
        judged += [(one, total(one, points)) for one in seen if fold_of(one.sample) == fold]
    return judged


def matrix(judged: list[tuple[Seen, float]]) -> str:
    lines = [f"{'kind':<16} {'mails':>6} {'flagged':>8} {'of it fake':>10}"]
    for kind in dict.fromkeys(one.sample.kind for one, _ in judged):
        sums = [points for one, points in judged if one.sample.kind == kind]
        hit, sure = sum(points >= GRAVE for points in sums), sum(points >= 2 * GRAVE for points in sums)
        lines.append(f"{kind:<16} {len(sums):>6} {hit / len(sums):>8.1%} {sure / len(sums):>10.1%}")
    return "\n".join(lines)


def table(points: dict[str, float], seen: list[Seen]) -> str:
    fraud = Counter(code for one in seen if one.sample.is_fraud for code in one.light)
    honest = Counter(code for one in seen if not one.sample.is_fraud for code in one.light)
    lines = [
        "# Points of light contradictions in mails without a proof: 50 in sum make a mail likely-fake, 100 fake.",
        "# Written by `python -m bench.mailcheck_fit --write`; a kind that is not here has the weight of its line in",
        "# findings.py, from which the fit starts. Behind each: that weight; in how many of the fraudulent and of",
        "# the honest mails of the fit it was found. To argue with it: change the weight there and fit again.",
        "",
        "[points]",
    ]
    for code in sorted(points, key=lambda code: -points[code]):
        if fraud[code] or honest[code]:
            lines.append(f"{code} = {round(points[code])}  # {KINDS[code].weight}; {fraud[code]}, {honest[code]}")
    return "\n".join(lines) + "\n"


def main() -> None:
    seen = [look(sample) for sample in samples()]
    start = {code: float(kind.weight) for code, kind in KINDS.items()}
    print("By the table alone\n" + matrix([(one, total(one, start)) for one in seen]))
    print("\nCross-validated by month and source\n" + matrix(cross_validated(seen)))
    points = fit(seen)
    print("\nFitted on all\n" + matrix([(one, total(one, points)) for one in seen]))
    text = table(points, seen)
    if "--write" in sys.argv:
        FILE.write_text(text, encoding="utf-8")
    else:
        print("\n" + text)


if __name__ == "__main__":
    main()
