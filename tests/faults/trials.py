"""A run of the small provider in a child process, and what must be found afterwards.

A history's folder holds `before-1`, `before-2` and `after`: the whole provider before each run and after both; and
`dump-1`, `dump-2`: the canonical dumps after them.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults import small_provider
from tests.faults.points import CountedProgress, Points
from tocsin.book import manifest
from tocsin.book.migrations import migrate
from tocsin.pipeline.demo import show
from tocsin.pipeline.dump import dump
from tocsin.pipeline.house import House
from tocsin.pipeline.keys import make_keys
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import run
from tocsin.terms.errors import Busy, StorageFailed, TocsinError

Trials = Iterator[tuple[str, list[str]]]  # what was done, and what was wrong afterwards

LOADED = (migrate, show)  # imported here, so that no child has to
KILLED = -signal.SIGKILL
BUSY, STORAGE_FAILED = 75, 74
CODES: dict[type[TocsinError], int] = {Busy: BUSY, StorageFailed: STORAGE_FAILED}
SCRATCH = Path("/dev/shm") if Path("/dev/shm").is_dir() else None  # a kill loses nothing there, and nobody waits


def warm_up(history: Path) -> None:
    """Import what a run needs, all of it, so that no child has to."""

    def tell() -> None:
        with copied(history, 2) as folder:
            play_freely(folder, 2)
            (history / "modules").write_text("\n".join(sys.modules), "utf-8")

    demand(child(tell) == 0, "an undisturbed run fails")
    for name in sorted({*(history / "modules").read_text("utf-8").split()} - sys.modules.keys()):
        with suppress(ImportError):  # some are made while others are imported
            import_module(name)


def child(work: Callable[[], None]) -> int:
    """Do it in a process of its own; its exit code, negative where a signal ended it. 70: a bug; errors: see CODES."""
    return wait(fork(work))


def fork(work: Callable[[], None]) -> int:
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        work()
        code = 0
    except TocsinError as error:
        sys.stderr.write(f"tocsin: {error}\n")
        code = CODES.get(type(error), 2)
    except BaseException:  # noqa: BLE001 - a child must never come back into its parent's work
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def wait(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


# --- what a child does ------------------------------------------------------------------------------------------


def open_house(folder: Path, number: int) -> House:
    return House.open(config_file=folder / "tocsin.toml", data=None, now=small_provider.RUNS[number - 1])


def play(folder: Path, number: int, kill_at: int | None = None, told: Path | None = None) -> None:
    """Run 1 or 2; the points that it passed go to `told`."""
    points = Points(kill_at)
    points.put()
    with open_house(folder, number) as house:
        run(house, CountedProgress(points))
    if told is not None:
        told.write_text("\n".join(points.passed), "utf-8")


def play_freely(folder: Path, number: int) -> None:
    with open_house(folder, number) as house:
        run(house, Progress())


def write_dump(folder: Path, target: Path) -> None:
    with open_house(folder, 2) as house:
        target.write_bytes(b"".join(dump(house.book, house.lake, house.maildir)))


def make_provider_keys(folder: Path, kill_at: int | None = None, told: Path | None = None) -> None:
    points = Points(kill_at)
    points.put()
    with open_house(folder, 1) as house:
        make_keys(house.data / "keys", house.issuer, house.now)
    if told is not None:
        told.write_text("\n".join(points.passed), "utf-8")


# --- what is found afterwards -----------------------------------------------------------------------------------


def mails(folder: Path) -> dict[str, str]:
    """Every file of the maildir with the digest of its bytes."""
    box = folder / "data" / "outbox"
    return {
        str(path.relative_to(box)): sha256(path.read_bytes()).hexdigest() for path in box.rglob("*") if path.is_file()
    }


def litter(folder: Path, undisturbed: Path) -> list[str]:
    """What a run should not leave: halves, spilled work, half mails, and files of the lake that no manifest lists.

    What the run itself has replaced the next one sweeps: such files an undisturbed run leaves too.
    """
    data = folder / "data"
    with open_house(folder, 2) as house, house.book.read() as tx:
        known = manifest.every_path(tx)
    lake = {path.relative_to(data / "lake").as_posix() for path in (data / "lake").rglob("*") if path.is_file()}
    replaced = {path for path in lake - known if (undisturbed / "data" / "lake" / path).exists()}
    found = [*data.rglob("*half*"), *(data / "outbox" / "tmp").glob("*"), *(data / "work").glob("*")]
    return sorted({*(lake - known - replaced), *(str(path.relative_to(data)) for path in found)})


def compare(folder: Path, history: Path, number: int) -> list[str]:
    """What differs from the undisturbed history after that run."""
    with TemporaryDirectory() as scratch:
        found = Path(scratch) / "dump"
        code = child(lambda: write_dump(folder, found))
        return [f"the dump ends with {code}"] if code else differences(found.read_bytes(), folder, history, number)


def differences(found: bytes, folder: Path, history: Path, number: int) -> list[str]:
    """The same for a dump that is there."""
    wanted, left = (history / f"dump-{number}").read_bytes(), history / ("before-2" if number == 1 else "after")
    faults = [] if found == wanted else _unlike(found.splitlines(), wanted.splitlines())
    if mails(folder) != mails(left):
        faults.append("the maildir differs")
    return faults + [f"left: {each}" for each in litter(folder, left)]


def _unlike(lines: list[bytes], others: list[bytes]) -> list[str]:
    missing = [f"missing: {line.decode()[:200]}" for line in others if line not in lines][:3]
    extra = [f"too much: {line.decode()[:200]}" for line in lines if line not in others][:3]
    return [*missing, *extra] or ["the order or number of lines differs"]


# --- a history --------------------------------------------------------------------------------------------------


def make_history(history: Path) -> None:
    """The undisturbed history, with a picture before each run."""
    folder = history / "before-1"
    small_provider.found(folder)
    demand(child(lambda: make_provider_keys(folder)) == 0, "the keys could not be made")
    for number, after in ((1, "before-2"), (2, "after")):
        shutil.copytree(folder, history / after)
        folder = history / after
        demand(child(lambda: play(folder, number, told=history / f"points-{number}")) == 0, f"run {number} fails")  # noqa: B023
        demand(child(lambda: write_dump(folder, history / f"dump-{number}")) == 0, "no dump")  # noqa: B023
        if number == 1:
            small_provider.more(folder)
    whole = not litter(folder, folder) and len(mails(folder)) == small_provider.NOTICES
    demand(whole, "the history is not as it should be")


def points_of(history: Path, number: int) -> list[str]:
    return (history / f"points-{number}").read_text("utf-8").splitlines()


@contextmanager
def copied(history: Path, number: int) -> Iterator[Path]:
    """The provider as it stood before that run."""
    with TemporaryDirectory(dir=SCRATCH) as scratch:
        yield shutil.copytree(history / f"before-{number}", Path(scratch) / "provider")


def finish(folder: Path, history: Path, number: int, *, on: bool) -> list[str]:
    """Repeat the run until its end, compare, and play the rest of the history."""
    code = child(lambda: play_freely(folder, number))
    if code:
        return [f"the repeated run ended with {code}"]
    faults = compare(folder, history, number)
    if faults or number == 2 or not on:
        return faults
    small_provider.more(folder)
    return finish(folder, history, 2, on=on)


def demand(true: bool, complaint: str) -> None:
    if not true:
        raise SystemExit(complaint)
