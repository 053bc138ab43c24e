"""Real worker processes on both databases: they share the work, and survive each other's sudden deaths."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.web.demo_site import Clock
from tests.web.shared.processes import Start, starting, wait_for
from tocsin.book import jobs
from tocsin.book.jobs import Job
from tocsin.pipeline.clock import present
from tocsin.pipeline.house import House
from tocsin.pipeline.work import AWAITED, Doer, Pace, Worker, enqueue, enqueue_rounds, serve_lanes
from tocsin.terms.errors import BadRequest, Busy, StorageFailed
from tocsin.web.shared.site import Site


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a process of ours; all are gone when the test ends."""
    with starting() as begin:
        yield begin


def ask(site: Site, kind: str, payload: object = None) -> str:
    with site.book.write() as tx:
        key = f"{kind} {payload} {time.monotonic_ns()}"
        encoded = msgspec.json.encode(payload).decode()
        return jobs.add(tx, kind, encoded, key=key, made_at=present(), due_at=present())


def look(site: Site, job: str) -> Job:
    with site.book.read() as tx:
        found = jobs.find(tx, job)
    assert found
    return found


def test_what_a_killed_worker_had_begun_is_done_by_the_next(site: Site, start: Start, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    for _ in range(2):
        start("tests.web.shared.slow_worker", site.config_file, notes)
    job = ask(site, "slow", 4.0)
    wait_for(lambda: "begin" in notes.read_text())
    first = int(notes.read_text().split()[1])
    time.sleep(2.5)  # longer than a claim lasts: the heartbeat has kept the other away
    assert notes.read_text() == f"begin {first}\n"
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: look(site, job).state == "done")
    begun, ended = [line.split() for line in notes.read_text().splitlines()[1:]]
    assert (begun[0], ended[0]) == ("begin", "end")
    assert begun[1] == ended[1] != str(first)
    assert look(site, job).tries == 2


def test_two_workers_share_the_work(site: Site, start: Start, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.touch()
    asked = [ask(site, "slow", 0.4) for _ in range(12)]
    for _ in range(2):
        start("tests.web.shared.slow_worker", site.config_file, notes)
    wait_for(lambda: all(look(site, job).state == "done" for job in asked))
    lines = [line.split() for line in notes.read_text().splitlines()]
    assert len(lines) == 24  # each once
    assert len({process for _, process in lines}) == 2


def test_tocsin_serve_does_a_run_and_ends_when_it_is_told_to(site: Site, start: Start) -> None:
    with site.book.write() as tx:
        job = enqueue(tx, "run", b"{}", present())
    process = start("tocsin", "serve", "--only", "worker", "--config", site.config_file)
    wait_for(lambda: look(site, job).state == "done")
    assert b"notified" in look(site, job).result.encode()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0


def a_worker(site: Site, clock: Clock, do: Callable[[House, bytes], bytes]) -> Worker:
    return Worker(site.book, site.config, site.fresh_house, clock=clock, kinds={"try": do}, pace=Pace())


def fails_with(error: Exception) -> Callable[[House, bytes], bytes]:
    def do(house: House, payload: bytes) -> bytes:
        raise error

    return do


def ask_at(site: Site, clock: Clock) -> str:
    with site.book.write() as tx:
        return jobs.add(tx, "try", "{}", key="one", made_at=clock(), due_at=clock())


def test_a_request_that_cannot_be_met_fails_at_once_and_says_why(sqlite_site: Site, clock: Clock) -> None:
    job = ask_at(sqlite_site, clock)
    assert a_worker(sqlite_site, clock, fails_with(BadRequest("no such file", where="x.csv"))).once()
    assert look(sqlite_site, job).state == "failed"
    assert look(sqlite_site, job).result == "x.csv: no such file"


def test_a_bug_is_tried_again_later_and_then_given_up(sqlite_site: Site, clock: Clock) -> None:
    job = ask_at(sqlite_site, clock)
    worker = a_worker(sqlite_site, clock, fails_with(ZeroDivisionError("a subscriber's name")))
    for _ in range(jobs.TRIES_MAX):
        assert look(sqlite_site, job).state == "waiting"
        assert worker.once()
        assert not worker.once()  # it is not due yet
        clock.forward(minutes=11)
    assert look(sqlite_site, job).state == "failed"
    assert look(sqlite_site, job).result == "a bug: ZeroDivisionError"
    with sqlite_site.book.read() as tx:
        assert not jobs.is_unfinished(tx, "try")


def test_a_full_disk_is_tried_again_and_a_busy_lake_for_as_long_as_it_takes(sqlite_site: Site, clock: Clock) -> None:
    job = ask_at(sqlite_site, clock)
    worker = a_worker(sqlite_site, clock, fails_with(StorageFailed("the disk is full")))
    worker.once()
    assert look(sqlite_site, job).state == "waiting"
    busy = a_worker(sqlite_site, clock, fails_with(Busy("another process holds it")))
    for _ in range(2 * jobs.TRIES_MAX):
        clock.forward(minutes=11)
        assert busy.once()
    assert look(sqlite_site, job).state == "waiting"


def test_rounds_come_by_themselves_once_each(site: Site, clock: Clock) -> None:
    config = msgspec.structs.replace(site.config, web=msgspec.structs.replace(site.config.web, run_minutes=10))
    for worker in range(3):  # each with its own memory
        enqueue_rounds(site.book, config, clock() + timedelta(seconds=worker), {})
    with site.book.read() as tx:
        assert [job.kind for job in jobs.newest(tx, kinds=["run"])] == ["run"]
    clock.forward(minutes=10)
    enqueue_rounds(site.book, config, clock(), {})
    with site.book.read() as tx:
        assert len(jobs.newest(tx, kinds=["run"])) == 1  # the first is still waiting


def test_nothing_runs_by_itself_unless_the_configuration_says_so(sqlite_site: Site, clock: Clock) -> None:
    enqueue_rounds(sqlite_site.book, sqlite_site.config, clock(), {})
    with sqlite_site.book.read() as tx:
        assert not jobs.newest(tx, kinds=["run"])


def test_a_worker_ends_between_two_jobs(sqlite_site: Site, clock: Clock) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=a_worker(sqlite_site, clock, lambda house, payload: b"{}").serve, args=[stop])
    thread.start()
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def test_what_somebody_waits_for_is_not_done_after_a_long_run(sqlite_site: Site, clock: Clock) -> None:
    awaited, stop, held = sorted(AWAITED)[0], threading.Event(), threading.Event()

    def long_run(house: House, payload: bytes) -> bytes:
        held.wait(60)
        return b"{}"

    def make(kinds: Mapping[str, Doer]) -> Worker:
        pace = Pace(idle_s=0.05)
        return Worker(
            sqlite_site.book, sqlite_site.config, sqlite_site.fresh_house, clock=clock, kinds=kinds, pace=pace
        )

    with sqlite_site.book.write() as tx:
        run = jobs.add(tx, "run", "{}", key="one", made_at=clock(), due_at=clock())
    kinds = {"run": long_run, awaited: lambda house, payload: b"{}"}
    lanes = threading.Thread(target=serve_lanes, args=[make, stop, kinds])
    lanes.start()
    try:
        wait_for(lambda: look(sqlite_site, run).state == "taken")
        with sqlite_site.book.write() as tx:
            asked = jobs.add(tx, awaited, "{}", key="one", made_at=clock(), due_at=clock())
        wait_for(lambda: look(sqlite_site, asked).state == "done")
        assert look(sqlite_site, run).state == "taken"
    finally:
        held.set()
        stop.set()
        lanes.join()
    assert look(sqlite_site, run).state == "done"
