"""A disk that is full, and one that cannot be written."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.trials import SCRATCH, STORAGE_FAILED, Trials, child, copied, finish, play_freely

NOBODY = 65_534
FREE_BYTES = (0, 16_384, 131_072, 196_608, 262_144, 393_216, 655_360, 917_504, 1_179_648, 2_097_152)
FILE_BYTES_MAX = (1_000, 4_096, 10_000, 40_000, 100_000, 200_000, 300_000, 400_000, 600_000, 1_000_000)


def squeeze(history: Path, number: int) -> Trials:
    """With ever more room, until the run ends well. In a mount namespace of its own, as root."""
    for free in FREE_BYTES:
        with _disk(history, number) as folder:
            data = folder / "data"
            stat = os.statvfs(data)
            _mount("-o", f"remount,size={(stat.f_blocks - stat.f_bfree) * stat.f_frsize + free}", str(data))
            code, faults = _told(lambda: play_freely(folder, number))
            _mount("-o", "remount,size=64M", str(data))
            yield f"run {number}, {free} bytes free: {code}", faults + finish(folder, history, number, on=False)
        if code == 0:
            return
    yield "at last", ["it never had enough"]


def limit(history: Path, number: int) -> Trials:
    """No file may grow beyond a size: what a disk says that is full, for whoever may not mount one."""

    def limited(folder: Path, most: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        play_freely(folder, number)

    for most in FILE_BYTES_MAX:
        with copied(history, number) as folder:
            code, faults = _told(lambda: limited(folder, most))  # noqa: B023
            yield f"run {number}, files to {most} bytes: {code}", faults + finish(folder, history, number, on=False)
        if code == 0:
            return
    yield "at last", ["it never had enough"]


def locked(history: Path, number: int) -> Trials:
    """A data folder whose rights forbid it to whoever runs."""
    with copied(history, number) as folder:
        folder.parent.chmod(0o755)
        modes = {path: path.stat().st_mode for path in (folder / "data", *(folder / "data").rglob("*"))}
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        yield _cannot_write(folder, number, "by its rights", _as_nobody if os.getuid() == 0 else lambda: None)
        for path, mode in modes.items():
            path.chmod(mode)
        yield "and afterwards", finish(folder, history, number, on=False)


def mounted(history: Path, number: int) -> Trials:
    """A data folder on a disk that is mounted read-only. In a mount namespace of its own, as root."""
    with copied(history, number) as folder:
        data = str(folder / "data")
        _mount("--bind", data, data)
        _mount("-o", "remount,ro,bind", data)
        try:
            yield _cannot_write(folder, number, "by a mount", lambda: None)
        finally:
            subprocess.run(["umount", data], check=True)
        yield "and afterwards", finish(folder, history, number, on=False)


def _cannot_write(folder: Path, number: int, how: str, first: Callable[[], None]) -> tuple[str, list[str]]:
    def tried() -> None:
        first()
        play_freely(folder, number)

    before = _fingerprint(folder)
    code, faults = _told(tried)
    if code == 0:
        faults.append("it was said to have ended well")
    return f"run {number}, locked {how}", faults + ([] if _fingerprint(folder) == before else ["something changed"])


def _as_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _fingerprint(folder: Path) -> dict[str, str]:
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


def _told(work: Callable[[], None]) -> tuple[int, list[str]]:
    """Its exit code, and what is wrong with it: it ends well, or with one line that says what to do."""
    with TemporaryDirectory(dir=SCRATCH) as scratch:
        said = Path(scratch) / "said"

        def heard() -> None:
            os.dup2(os.open(said, os.O_WRONLY | os.O_CREAT, 0o600), sys.stderr.fileno())
            work()

        code = child(heard)
        lines = said.read_text("utf-8").splitlines()
    good = code == 0 or (code == STORAGE_FAILED and len(lines) == 1 and "run again" in lines[0])
    return code, [] if good else [f"it ended with {code}", *lines[-8:]]


@contextmanager
def _disk(history: Path, number: int) -> Iterator[Path]:
    """The provider with its data folder on a disk of its own."""
    with copied(history, number) as folder:
        data, beside = folder / "data", folder / "moved"
        data.rename(beside)
        data.mkdir()
        _mount("-t", "tmpfs", "-o", "size=64M", "tmpfs", str(data))
        try:
            shutil.copytree(beside, data, dirs_exist_ok=True)
            shutil.rmtree(beside)
            yield folder
        finally:
            subprocess.run(["umount", str(data)], check=True)


def _mount(*words: str) -> None:
    subprocess.run(["mount", *words], check=True, capture_output=True)
