"""Killed from outside at moments that nobody chose, up to three times over; and two processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults import small_provider
from tests.faults.conftest import Drive
from tests.faults.trials import differences
from tocsin.terms.moments import format_moment


@pytest.mark.slow
def test_a_run_killed_at_random_moments_leaves_no_trace_once_repeated(drive: Drive) -> None:
    assert drive("random", 20_261_124, 12) == 12


@pytest.mark.slow
def test_two_runs_at_once_end_well_or_busy_and_leave_what_one_leaves(drive: Drive) -> None:
    assert drive("together", 20_261_124, 6) == 6


def test_two_commands_at_once_end_well_or_say_what_to_do(history: Path, provider: Path) -> None:
    both = [_start(provider, "run", "--now", NOW) for _ in range(2)]
    for process in both:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0 or (process.returncode == 2 and _is_busy(said)), said
    last, dump = _start(provider, "run", "--now", NOW), b""
    assert last.wait(timeout=60) == 0
    dump, _ = _start(provider, "audit", "dump").communicate(timeout=60)
    assert differences(dump, provider, history, 2) == []


NOW = format_moment(small_provider.RUNS[1])


def _start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tocsin", *words, "--config", str(folder / "tocsin.toml")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _is_busy(said: bytes) -> bool:
    return said.count(b"\n") == 1 and b"another process" in said and b"run again" in said
