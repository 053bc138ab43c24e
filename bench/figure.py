"""One measured number beside its promise and its peers, and the machine it was measured on."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """What was measured, what was promised, what others do; all as text for one table."""

    what: str
    measured: str
    promised: str
    kept: bool
    peers: str = ""


def timed(work: Callable[[], object]) -> float:
    """Seconds of wall clock for one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def peak_mb() -> int:
    """Peak resident memory of this process, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def in_process(module: str, *arguments: str) -> str:
    """Run a bench module by itself, so that its peak memory is its own; returns what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[1],
    )
    return done.stdout


def print_figures(figures: Sequence[Figure]) -> None:
    """A line or two for each."""
    for figure in figures:
        mark = "kept  " if figure.kept else "BROKEN"
        print(f"{mark} {figure.what}\n         {figure.measured}; promised {figure.promised}")
        if figure.peers:
            print(f"         others: {figure.peers}")


def machine() -> str:
    """Cores, processor and Python, in one line."""
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return f"{os.cpu_count()} cores, {model}, Python {platform.python_version()}"
