"""Runs the real pipeline in child processes and kills them. A program of its own: children are forked from it, so
that a run costs no imports, and nothing of a test's process is forked with them.

    python -m tests.faults.driver history FOLDER              found the provider, make its keys, play it undisturbed
    python -m tests.faults.driver kill FOLDER RUN STEP        kill that run at every STEP-th and each named point
    python -m tests.faults.driver random FOLDER SEED TIMES    kill at random moments, several times over
    python -m tests.faults.driver together FOLDER SEED TIMES  two processes at once
    python -m tests.faults.driver init FOLDER                 kill `tocsin init` at every point
    python -m tests.faults.driver squeeze FOLDER RUN          fill the disk (as root: `unshare -m` before it)
    python -m tests.faults.driver limit FOLDER RUN            the same by a limit on the size of a file
    python -m tests.faults.driver locked FOLDER RUN           a data folder that cannot be written, by its rights
    python -m tests.faults.driver mounted FOLDER RUN          the same by a mount (as root: `unshare -m` before it)
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from tests.faults import init, storage
from tests.faults.trials import (
    BUSY,
    KILLED,
    Trials,
    child,
    copied,
    finish,
    fork,
    make_history,
    play,
    play_freely,
    points_of,
    wait,
    warm_up,
)


def kill_at(history: Path, number: int, place: int, *, on: bool) -> list[str]:
    """Kill the run there, repeat it, compare; and, if asked to, go `on` with the second run and compare again."""
    with copied(history, number) as folder:
        code = child(lambda: play(folder, number, place))
        if code != KILLED:
            return [f"it was not killed, but ended with {code}"]
        return finish(folder, history, number, on=on)


def kill_everywhere(history: Path, number: int, step: int) -> Trials:
    """At every step-th point, and where each name is passed for the first time."""
    names = points_of(history, number)
    places = sorted({*range(0, len(names), step), *(names.index(name) for name in names)})
    for turn, place in enumerate(places):
        yield f"run {number}, point {place}: {names[place]}", kill_at(history, number, place, on=turn % 8 == 0)


def kill_at_random(history: Path, seed: int, times: int) -> Trials:
    """From outside, at moments that nobody chose; the same run up to three times, before it may end."""
    dice = Random(seed)
    for turn in range(times):
        number = turn % 2 + 1
        delays = [dice.uniform(0.02, 0.6) for _ in range(dice.randrange(1, 4))]
        with copied(history, number) as folder:
            for delay in delays:
                pid = fork(lambda: play_freely(folder, number))  # noqa: B023
                time.sleep(delay)
                os.kill(pid, signal.SIGKILL)
                wait(pid)
            yield f"run {number}, after {delays}", finish(folder, history, number, on=True)


def run_together(history: Path, seed: int, times: int) -> Trials:
    """The same run by two processes; each ends well or is told that the other is at work. Then once more, alone."""
    dice = Random(seed)
    for turn in range(times):
        number, apart = turn % 2 + 1, dice.choice((0.0, dice.uniform(0, 0.5)))
        with copied(history, number) as folder:
            pids = [fork(lambda: play_freely(folder, number))]  # noqa: B023
            time.sleep(apart)
            pids.append(fork(lambda: play_freely(folder, number)))  # noqa: B023
            codes = [wait(pid) for pid in pids]
            faults = [] if {*codes} <= {0, BUSY} and 0 in codes else [f"they end with {codes}"]
            yield f"run {number}, {apart} s apart: {codes}", faults + finish(folder, history, number, on=True)


def main(verb: str, folder: str, *rest: str) -> None:
    """Prints a line of JSON for each trial: [what was done, [what was wrong with it]]."""
    history, numbers = Path(folder), [int(each) for each in rest]
    if verb == "history":
        make_history(history)
        return
    warm_up(history)
    for trial in CAMPAIGNS[verb](history, *numbers):
        sys.stdout.write(json.dumps(trial) + "\n")


CAMPAIGNS: dict[str, Callable[..., Trials]] = {
    "kill": kill_everywhere,
    "random": kill_at_random,
    "together": run_together,
    "init": init.kill_init,
    "squeeze": storage.squeeze,
    "limit": storage.limit,
    "locked": storage.locked,
    "mounted": storage.mounted,
}


if __name__ == "__main__":
    main(*sys.argv[1:])
