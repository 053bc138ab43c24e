"""The right to write a table: free at once when its holder was killed, never while he lives, and kept through work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tocsin.book import Book, manifest
from tocsin.engine import Engine
from tocsin.lake import Lake
from tocsin.lake.lake import LEASE_LASTS
from tocsin.terms.errors import Busy
from tocsin.terms.processes import Fate, fate_of, this_process

NOW = datetime(2026, 11, 24, 3, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
REJECT = (
    "SELECT 'bad' AS reject, 'r' AS reader, 's' AS source, '' AS excerpt, '' AS evidence_sha256, 1 AS evidence_line"
)
_SAY_NAME = "from tocsin.terms.processes import this_process as t; print(t(), flush=True); input()"


@contextmanager
def _other_process() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [sys.executable, "-c", _SAY_NAME]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def _take(book: Book, holder: str, now: datetime = NOW) -> int:
    with book.write() as tx:
        return manifest.take_lease(tx, "rejects", holder=holder, now=now, lasts=LEASE_LASTS)


def test_a_killed_holders_lease_is_free_at_once(book: Book) -> None:
    with _other_process() as (process, name):
        first = _take(book, name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert _take(book, this_process()) > first


def test_a_killed_process_that_nobody_has_fetched_yet_holds_nothing(book: Book) -> None:
    with _other_process() as (process, name):
        _take(book, name)
        os.kill(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert _take(book, this_process()) == 2


def test_a_living_holders_lease_is_never_taken_however_late(book: Book) -> None:
    with _other_process() as (_, name):
        _take(book, name)
        with pytest.raises(Busy, match="another process"):
            _take(book, this_process(), LATER)


def test_a_number_given_to_a_new_process_is_not_the_dead_one() -> None:
    host, pid, _ = this_process().rsplit(":", 2)
    assert fate_of(this_process()) is Fate.ALIVE
    assert fate_of(f"{host}:{pid}:{'0' * 16}") is Fate.GONE


@pytest.mark.parametrize("name", ["elsewhere:1:0123456789abcdef", "", "x", "a:b:c", "elsewhere:1:"])
def test_of_another_host_or_name_nobody_knows(name: str) -> None:
    assert fate_of(name) is Fate.UNKNOWN


def test_another_hosts_lease_ends_with_its_time(book: Book) -> None:
    _take(book, "elsewhere:1:0123456789abcdef")
    with pytest.raises(Busy, match="a dead one's right ends at 03:10:00 UTC"):
        _take(book, this_process(), NOW + LEASE_LASTS - timedelta(seconds=1))
    assert _take(book, this_process(), NOW + LEASE_LASTS) == 2


class Watch:
    """A wall clock that is set by hand."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at


def _lake(tmp_path: Path, book: Book, engine: Engine) -> tuple[Lake, Watch]:
    watch = Watch()
    return Lake(tmp_path / "data", book, engine, wall_clock=watch), watch


def test_long_work_keeps_its_lease(tmp_path: Path, book: Book, engine: Engine) -> None:
    lake, watch = _lake(tmp_path, book, engine)
    with lake.writing("rejects") as writing:
        batch = writing.batch("b1", kind="test", at=NOW)
        for day in range(1, 8):
            watch.at += LEASE_LASTS / 2
            batch.add("rejects", date(2026, 11, day), REJECT)
            with pytest.raises(Busy):
                _take(book, "elsewhere:1:0123456789abcdef", watch.at)
        batch.commit()
    assert len(lake.files("rejects")) == 7


def test_who_slept_through_his_lease_changes_nothing(tmp_path: Path, book: Book, engine: Engine) -> None:
    lake, watch = _lake(tmp_path, book, engine)
    with lake.writing("rejects") as writing:
        batch = writing.batch("b1", kind="test", at=NOW)
        batch.add("rejects", date(2026, 11, 1), REJECT)
        watch.at = LATER
        with book.write() as tx:  # as a process of another host would, which cannot see that we live
            manifest.take_lease(
                tx, "rejects", holder="elsewhere:1:0", now=LATER, lasts=LEASE_LASTS, fate=lambda _: Fate.UNKNOWN
            )
        with pytest.raises(Busy, match="has passed to another"):
            batch.add("rejects", date(2026, 11, 2), REJECT)
        with pytest.raises(Busy, match="has passed to another"):
            batch.commit()
    assert lake.files("rejects") == []
