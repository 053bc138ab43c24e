"""How fast a town is simulated: 100,000 lines over 60 days under every plan, and one plan in a town of a million."""

from __future__ import annotations

import time

from bench.figure import Figure, in_process, peak_mb
from tocsin.cases.policy import Policy
from tocsin.measure.simulation.compare import compare
from tocsin.measure.simulation.plans import plans_of
from tocsin.measure.simulation.run import simulate
from tocsin.measure.simulation.threats import THREATS
from tocsin.measure.simulation.town import Town

_PLANS_S, _MILLION_S = 5.0, 10.0


def figures() -> list[Figure]:
    """CPU seconds in a process of its own, the start and the estimates with it."""
    plans_s, million_s, peak = (float(part) for part in in_process("bench.simulation").split())
    return [
        Figure(
            what="simulate 100,000 lines over 60 days under four plans, with curves and tests",
            measured=f"{plans_s:.1f} s of CPU",
            promised=f"{_PLANS_S:.0f} s",
            kept=plans_s <= _PLANS_S,
        ),
        Figure(
            what="one plan, 1,000,000 lines",
            measured=f"{million_s:.1f} s of CPU, {peak:.0f} MB",
            promised=f"{_MILLION_S:.0f} s",
            kept=million_s <= _MILLION_S,
        ),
    ]


def _measure() -> None:
    plans = plans_of(Policy())
    begun = time.process_time()
    compare(THREATS["mirai"], plans.values(), Town())
    middle = time.process_time()
    simulate(THREATS["mirai"], plans["garden at once"], Town(subscribers=1_000_000))
    print(middle - begun, time.process_time() - middle, peak_mb())


if __name__ == "__main__":
    _measure()
