"""Progress of long work: a bar on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[int, int], None]  # (done, total)


def _quiet(done: int, total: int) -> None:
    pass


class Progress:
    """Where a step says how far it is. This one says nothing: for scripts and tests."""

    @contextmanager
    def bytes(self, name: str, total: int) -> Iterator[Tell]:
        """For work on so many bytes."""
        yield _quiet

    def step(self, name: str) -> None:
        """A step without a measure begins."""


class BarProgress(Progress):
    """Bars on standard error, drawn by rich; removed when the work is done."""

    @contextmanager
    def bytes(self, name: str, total: int) -> Iterator[Tell]:
        from rich.console import Console  # noqa: PLC0415 - 0.1 s that no script needs
        from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn  # noqa: PLC0415
        from rich.progress import Progress as Bars  # noqa: PLC0415

        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(name[:40], total=total)
            yield lambda done, total: bars.update(task, completed=done, total=total)

    def step(self, name: str) -> None:
        sys.stderr.write(f"\r\x1b[K{name} …\r")
        sys.stderr.flush()


def progress_for_terminal() -> Progress:
    return BarProgress() if sys.stderr.isatty() else Progress()
