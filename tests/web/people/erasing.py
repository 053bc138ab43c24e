"""Erases one household of the small provider, killed at one point after another; a process of its own, which forks."""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from tests.faults.points import Points
from tests.web.demo_site import NOW
from tocsin.pipeline.dump import dump
from tocsin.pipeline.house import House
from tocsin.pipeline.privacy.erase import ask, finish, finish_all

REF = "C-000"
AT = NOW + timedelta(minutes=5)


def open_house(folder: Path) -> House:
    return House.open(config_file=folder / "tocsin.toml", data=None, now=AT)


def erase(folder: Path) -> None:
    with open_house(folder) as house:
        finish(house, ask(house, REF, reason="asked for by letter"))


def finish_later(folder: Path) -> None:
    """What the next worker does; where nothing had been asked for yet, it is asked for."""
    with open_house(folder) as house:
        from tocsin.book.subject import number_of

        with house.book.read() as tx:
            begun = number_of(tx, REF) is None
        if not begun:
            ask(house, REF, reason="asked for by letter")
        finish_all(house)


def state(folder: Path) -> list[bytes]:
    """Without what chance has made, and without the audit: a second attempt is a second line of it."""
    with open_house(folder) as house:
        lines = [line for line in dump(house.book, house.lake, house.maildir) if b'"table":"audit"' not in line]
        files = sorted(path.name for path in (house.data / "lake").rglob("*.parquet"))
    return [line for line in lines if b'"erased-' not in line] + [name.encode() for name in files]


def in_child(work: Callable[[], None]) -> int:
    """The status with which a child ends that does the work: -9 when it was killed."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:  # noqa: BLE001 - a child that went on would be a second pytest
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def count_points(folder: Path, told: Path) -> int:
    def work() -> None:
        points = Points()
        points.put()
        erase(folder)
        told.write_text("\n".join(points.passed))

    assert in_child(work) == 0
    return len(told.read_text().splitlines())


def main() -> None:
    """FOLDER STEP: prints how many points there are; fails at the first after which the state is another."""
    demo, step = Path(sys.argv[1]), int(sys.argv[2])
    work = demo.parent / "trials"
    whole = shutil.copytree(demo, work / "whole")
    points = count_points(whole, work / "points.txt")
    wanted = state_of(whole, work)
    for kill_at in range(0, points, step):
        trial = shutil.copytree(demo, work / "trial")
        assert in_child(lambda: _killed(trial, kill_at)) == -9, kill_at  # noqa: B023
        assert in_child(lambda: finish_later(trial)) == 0, kill_at  # noqa: B023
        found = state_of(trial, work)
        assert found == wanted, (kill_at, sorted(set(found) ^ set(wanted))[:6])
        shutil.rmtree(trial)
    print(points)  # noqa: T201


def _killed(folder: Path, kill_at: int) -> None:
    Points(kill_at).put()
    erase(folder)


def state_of(folder: Path, work: Path) -> list[bytes]:
    told = work / "state.txt"

    def work_out() -> None:
        told.write_bytes(b"\n".join(state(folder)))

    assert in_child(work_out) == 0
    return told.read_bytes().split(b"\n")


if __name__ == "__main__":
    main()
