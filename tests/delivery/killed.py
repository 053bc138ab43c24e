"""Processes that deliver and are killed: forked from the test, since the server must outlive them."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.delivery import post_office
from tocsin.book import Book, Transaction, deliveries
from tocsin.notices.smtp.session import Session
from tocsin.notices.smtp.wire import Wire
from tocsin.pipeline.outbox import deliver_queued


class Points:
    """Numbered points; at `kill_at` the process ends, by the signal that nobody can catch."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at, self.passed = kill_at, 0
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) - 1 == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def put(self) -> None:
        """Into this process, which ends soon: before and after each commit, each send and each answer."""
        for name in ("write", "claim"):
            self._around_commit(name)
        self._around(Wire, "send")
        self._around(Wire, "reply")
        self._around(Session, "__init__")

    def _around_commit(self, name: str) -> None:
        original, points = getattr(Book, name), self

        @contextmanager
        def counted(book: Book) -> Iterator[Transaction]:
            with original(book) as tx:
                yield tx
                points(f"before a commit of {name}")
            points(f"after a commit of {name}")

        setattr(Book, name, counted)

    def _around(self, owner: type, name: str) -> None:
        original = getattr(owner, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            self(f"before {owner.__name__}.{name}")
            answer = original(*args, **kwargs)
            self(f"after {owner.__name__}.{name}")
            return answer

        setattr(owner, name, counted)


def deliver_in_a_child(folder: Path, kill_at: int | None = None, told: Path | None = None) -> int:
    """Deliver what is due, as another process; its exit code, negative where it was killed."""
    return os.waitstatus_to_exitcode(os.waitpid(fork_deliverer(folder, kill_at, told), 0)[1])


def fork_deliverer(folder: Path, kill_at: int | None = None, told: Path | None = None) -> int:
    def work() -> None:
        points = Points(kill_at)
        points.put()
        with post_office.open_house(folder) as house:
            deliver_queued(house)
        if told is not None:
            told.write_text("\n".join(points.names), "utf-8")

    return fork(work)


def fork(work: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 70
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - a child must never come back into its parent's work
        traceback.print_exc()
    finally:
        os._exit(code)


def outcomes(book: Book, notice: str) -> list[str | None]:
    with book.read() as tx:
        return [attempt.outcome for attempt in deliveries.attempts_of(tx, [notice]).get(notice, [])]
