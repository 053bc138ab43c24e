"""The undisturbed history, and the driver that disturbs it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DRIVER = (sys.executable, "-m", "tests.faults.driver")

Drive = Callable[..., int]


def _run(words: Sequence[str]) -> str:
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`before-1`, `before-2`, `after`: the provider before its first run, before its second, and after it."""
    folder = tmp_path_factory.mktemp("faults") / "history"
    _run([*DRIVER, "history", str(folder)])
    return folder


@pytest.fixture
def drive(history: Path) -> Drive:
    """Play a campaign; fails with every trial that went wrong. Returns how many there were."""

    def campaign(verb: str, *numbers: int, first: Sequence[str] = ()) -> int:
        said = _run([*first, *DRIVER, verb, str(history), *map(str, numbers)])
        trials = [json.loads(line) for line in said.splitlines()]
        wrong = [f"{done}: {faults}" for done, faults in trials if faults]
        assert not wrong, "\n".join(wrong)
        return len(trials)

    return campaign


@pytest.fixture
def provider(history: Path, tmp_path: Path) -> Path:
    """The provider as it stands before its second run."""
    return shutil.copytree(history / "before-2", tmp_path / "provider")


@pytest.fixture(scope="session")
def own_mounts(tmp_path_factory: pytest.TempPathFactory) -> Sequence[str]:
    """What to write before a command so that it may mount; nothing where that is not allowed."""
    there = str(tmp_path_factory.mktemp("mount"))
    for words in (("unshare", "-m"), ("unshare", "-m", "--map-root-user")):
        probe = [*words, "mount", "-t", "tmpfs", "tmpfs", there]
        if shutil.which(words[0]) and subprocess.run(probe, capture_output=True, check=False).returncode == 0:
            return words
    return ()
