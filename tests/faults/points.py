"""Counted points in a running process, at one of which it kills itself. Put in from outside: the product knows none.

The points stand after everything that changes what is on disk (a commit of the book; a file or folder made, written,
renamed, linked, deleted), and before the commits, renames and links; besides at every step that a run names.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tocsin.book import Book, Transaction
from tocsin.engine import Engine
from tocsin.pipeline.progress import Progress


class Points:
    """Names every point that is passed; at the one whose number is `kill_at` (from 0) the process ends at once."""

    def __init__(self, kill_at: int | None = None) -> None:
        self.passed: list[str] = []
        self.kill_at = kill_at

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if len(self.passed) - 1 == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def put(self) -> None:
        """Put the points into this process. For a child that ends soon: nothing is put back."""
        self._put_into_book()
        self._around(Engine, "copy", lambda engine, sql, path, **_: f"copy {path.parent.parent.name}")
        self._around(Path, "rename", lambda path, target: f"rename {_kind(Path(target))}", before=True)
        self._around(os, "link", lambda source, target: f"link {_kind(Path(target))}", before=True)
        self._around(Path, "unlink", lambda path, **_: f"unlink {_kind(path)}" if path.exists() else "")
        self._around(Path, "mkdir", lambda path, *_, **__: "" if path.exists() else f"mkdir {_kind(path)}")
        self._around(
            os, "open", lambda path, flags, *_, **__: f"open {_kind(Path(path))}" if flags & os.O_CREAT else ""
        )

    def _put_into_book(self) -> None:
        write, points = Book.write, self

        @contextmanager
        def counted(book: Book) -> Iterator[Transaction]:
            with write(book) as tx:
                yield tx
                points("before a commit")
            points("after a commit")

        Book.write = counted  # type: ignore[method-assign, assignment]

    def _around(self, owner: Any, name: str, told: Callable[..., str], *, before: bool = False) -> None:
        """`told` says what the call does, or '' where it will change nothing."""
        original = getattr(owner, name)

        def counted(*args: Any, **kwargs: Any) -> Any:
            said = told(*args, **kwargs)
            if said and before:
                self(f"before {said}")
            answer = original(*args, **kwargs)
            if said:
                self(f"after {said}")
            return answer

        setattr(owner, name, counted)


class CountedProgress(Progress):
    """Every step that a run names is a point."""

    def __init__(self, points: Points) -> None:
        self._points = points

    def step(self, name: str) -> None:
        self._points(f"step {name}")


def _kind(path: str | Path) -> str:
    """The folder that says what a file is for, without names that differ between two runs."""
    parts = Path(path).parts
    inside = parts[parts.index("data") + 1 : -1] if "data" in parts else ()
    return "work" if inside[:1] == ("work",) else "/".join(inside[:2]) or "data"
