"""The mail check on mails it has not seen, and its speed. `python -m bench.mailcheck [--wrong]`.

The rates are cross-validated: each mail is judged with points that were fitted without its month or its source.
"""

from __future__ import annotations

import sys
import time

from bench.figure import Figure, print_figures
from bench.mailcheck_corpus import SETUP, SHARED, Sample, samples, unmasked
from bench.mailcheck_fit import Seen, cross_validated, look, matrix, total
from tocsin.mailcheck.check import check
from tocsin.mailcheck.findings import GRAVE, KINDS
from tocsin.mailcheck.mail import read_mail
from tocsin.mailcheck.scorecard import points

PHISHING_MIN = 0.85
HONEST_MAX = 0.01
MAILS_PER_S_MIN = 150
_SIZE = (15_000, 40_000)  # bytes of the mails that the speed is measured on, 20 kB in the middle
Judged = list[tuple[Seen, float]]


def figures() -> list[Figure]:
    if not SHARED.exists():
        return []
    all_samples = samples()
    judged = cross_validated([look(sample) for sample in all_samples])
    phishing, fakes = _rate(judged, "phishing"), _rate(judged, "notice-fake")
    reports, ham, genuine = (_rate(judged, kind) for kind in ("report", "ham", "notice-genuine"))
    ordinary = _rate(judged, "ordinary")
    speed = _speed(all_samples)
    return [
        _figure("phishing flagged offline, by points fitted on other months", phishing, PHISHING_MIN, "10 to 46 %"),
        _figure("genuine reports of abuse flagged", reports, -HONEST_MAX, "1.3 to 23 %"),
        _figure("ordinary mails of 2002 flagged", ham, -HONEST_MAX, "0.3 to 13 %"),
        _figure("ordinary mails of today, made up, flagged", ordinary, -HONEST_MAX),
        _figure("published genuine notices flagged", genuine, -HONEST_MAX),
        _figure("published fakes flagged", fakes, 1.0),
        Figure(
            what="mails of about 20 kB checked, a second and core", measured=f"{speed:,.0f}",
            promised=f"≥ {MAILS_PER_S_MIN}", kept=speed >= MAILS_PER_S_MIN, peers="8 · 300",
        ),
    ]  # fmt: skip


def _figure(what: str, rate: float, bound: float, peers: str = "") -> Figure:
    """`bound`: at least that much; where negative, at most."""
    kept = rate >= bound if bound > 0 else rate <= -bound
    promised = f"≥ {bound:.0%}" if bound > 0 else f"≤ {-bound:.0%}"
    return Figure(what=what, measured=f"{rate:.1%}", promised=promised, kept=kept, peers=peers)


def _rate(judged: Judged, kind: str) -> float:
    sums = [points for one, points in judged if one.sample.kind == kind]
    return sum(points >= GRAVE for points in sums) / len(sums)


def _speed(all_samples: list[Sample]) -> float:
    chosen = [one for one in all_samples if _SIZE[0] <= len(one.mail.raw) <= _SIZE[1]]
    began = time.process_time()
    for sample in chosen:
        check(read_mail(sample.mail.raw), SETUP)
    return len(chosen) / (time.process_time() - began)


def wrong(judged: Judged) -> list[str]:
    """Every mail that is judged wrongly, by its name, with the points and the findings against it."""
    return [
        f"{one.sample.kind:<16} {one.sample.name[:44]:<44} {points:>4.0f}  {' '.join(one.light)}"
        for one, points in judged
        if (points >= GRAVE) != one.sample.is_fraud
    ]


def as_received() -> Judged:
    """The real mails with all their headers, by the committed points: what a reader's provider found of them counts."""
    committed = {code: float(kind.weight) for code, kind in KINDS.items()} | points()
    return [(one, total(one, committed)) for one in map(look, unmasked())]


if __name__ == "__main__":
    if "--wrong" in sys.argv:
        once = cross_validated([look(sample) for sample in samples()])
        print(matrix(once), *wrong(once), sep="\n")
        print("\nAs received, by the committed points\n" + matrix(as_received()))
    else:
        print_figures(figures())
