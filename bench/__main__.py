"""`make bench`: every number that issue, docs or README promise, in one table, with the machine and the day."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

from bench import (
    api,
    attribution,
    commands,
    desk,
    logs,
    mailcheck,
    nat_logs,
    networks,
    notices,
    portal,
    quiet,
    radius,
    read,
    reports,
    simulation,
    traffic,
    witness,
)
from bench.figure import machine, print_figures

BENCHES = (
    read,
    radius,
    logs,
    nat_logs,
    attribution,
    networks,
    commands,
    notices,
    mailcheck,
    desk,
    portal,
    api,
    witness,
    reports,
    traffic,
    simulation,
    quiet,
)


def main() -> None:
    print(f"{datetime.now(UTC):%Y-%m-%d}, {machine()}\n", flush=True)  # noqa: TID251 - the day stands in the table
    broken, began = 0, time.perf_counter()
    for bench in BENCHES:
        figures = bench.figures()
        print_figures(figures)
        sys.stdout.flush()
        broken += sum(not figure.kept for figure in figures)
    print(f"\n{broken} of the promises broken; measured in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    main()
