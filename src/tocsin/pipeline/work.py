"""The work behind the pages: what kinds there are, how it is asked for, and the worker that does it."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from tocsin.book import Book, Transaction, jobs, uploads
from tocsin.book.jobs import Claim
from tocsin.pipeline import check_mail, garden, own_line, own_mail
from tocsin.pipeline.config import Config
from tocsin.pipeline.house import House
from tocsin.pipeline.outbox import NOTHING_SENT, deliver_queued
from tocsin.pipeline.post import fetch_post
from tocsin.pipeline.privacy import erase, retention
from tocsin.pipeline.progress import Progress
from tocsin.pipeline.run import run
from tocsin.pipeline.uploads import read_upload, sweep
from tocsin.terms.errors import Busy, StorageFailed, TocsinError
from tocsin.terms.moments import format_moment

KEPT = timedelta(days=14)  # how long it can be seen what a job has done
DELIVER_S = 300.0  # a round of delivering; the worker has other work too
_FIRST_PAUSE = timedelta(seconds=5)
_PAUSE_MAX = timedelta(minutes=10)


def _run(house: House, payload: bytes) -> bytes:
    """Everything one step on, as `tocsin run` does."""
    return msgspec.json.encode(run(house, Progress()))


class ReadUpload(msgspec.Struct, frozen=True):
    """Which upload is to be read."""

    upload: str


def _read_upload(house: House, payload: bytes) -> bytes:
    """A file that came through the browser, as the source it was sent for."""
    asked = msgspec.json.decode(payload, type=ReadUpload)
    return msgspec.json.encode({"state": read_upload(house, asked.upload).state})


def _deliver(house: House, payload: bytes) -> bytes:
    """Queued notices, for a while; what is left then is the next round's."""
    return msgspec.json.encode(deliver_queued(house, limit_s=DELIVER_S) if house.config.notices.send else NOTHING_SENT)


def _fetch_mail(house: House, payload: bytes) -> bytes:
    """What came back."""
    return msgspec.json.encode(fetch_post(house))


def _forget(house: House, payload: bytes) -> bytes:
    """Old jobs are of no more use, nor is what half-sent uploads left."""
    sweep(house.data)
    with house.book.write() as tx:
        uploads.forget(tx, before=house.now - timedelta(days=house.config.lake.retention_days))
        return msgspec.json.encode({"forgotten": jobs.forget(tx, before=house.now - KEPT)})


class Pace(msgspec.Struct, frozen=True):
    """How long a claim lasts that nobody renews, how often it is renewed, how long to wait when nothing is due."""

    lasts: timedelta = timedelta(seconds=60)  # the hosts' clocks agree better than this
    renew_s: float = 15.0
    idle_s: float = 1.0


PACE = Pace()

Doer = Callable[[House, bytes], bytes]  # (house as of now, payload JSON) to result JSON; may be repeated

KINDS: dict[str, Doer] = {
    "run": _run,
    "read-upload": _read_upload,
    "deliver": _deliver,
    "fetch-mail": _fetch_mail,
    own_line.KIND: own_line.do,
    own_mail.KIND: own_mail.do,
    check_mail.KIND: check_mail.do,
    garden.KIND: garden.do,
    "forget-jobs": _forget,
    erase.KIND: retention.do_erase,
    retention.KIND: retention.do,
}

AWAITED = frozenset({own_line.KIND, own_mail.KIND})  # somebody looks at a page until they are done


def carries(config: Config) -> bool:
    """Whether anything leaves by a conversation, which may have to be tried again."""
    ways = (config.delivery.via == "smtp", config.sms.via == "http", config.webhook.via == "http")
    return any(ways) or config.letter.via == "folder"


EVERY: dict[str, Callable[[Config], int]] = {  # kinds that come round by themselves: after how many minutes; 0: never
    "run": lambda config: config.web.run_minutes,
    "deliver": lambda config: 1 if config.notices.send and carries(config) else 0,
    "fetch-mail": lambda config: config.mailbox.minutes if config.mailbox.via != "none" else 0,
    check_mail.KIND: lambda config: config.check_mail.minutes if config.check_mail.address else 0,
    garden.KIND: lambda config: 1 if config.garden.nas else 0,
    "forget-jobs": lambda config: 24 * 60,
    retention.KIND: lambda config: 24 * 60,
}


def enqueue(
    tx: Transaction, kind: str, payload: bytes, due_at: datetime, *, made_at: datetime | None = None, key: str = ""
) -> str:
    """Ask for work; the job's name (`book.jobs.find` tells how it fares). The same key is the same job."""
    assert kind in KINDS, kind
    key = key or secrets.token_hex(16)
    return jobs.add(tx, kind, payload.decode(), key=key, made_at=made_at or due_at, due_at=due_at)


def enqueue_rounds(book: Book, config: Config, at: datetime, done: dict[str, str]) -> None:
    """Ask for what comes round by itself, once in each round, by whichever worker looks first.

    A round is passed over while the one before is unfinished. `done` keeps, from call to call, the rounds looked at.
    """
    for kind, minutes_of in EVERY.items():
        minutes = minutes_of(config)
        if minutes <= 0:
            continue
        step_s = minutes * 60
        begun_at = datetime.fromtimestamp(int(at.timestamp()) // step_s * step_s, at.tzinfo)
        key = f"round {format_moment(begun_at)}"
        if done.get(kind) == key:
            continue
        done[kind] = key
        with book.write() as tx:
            if not jobs.is_unfinished(tx, kind):
                enqueue(tx, kind, b"{}", begun_at, made_at=at, key=key)


class Tell(Protocol):
    """Where a worker says what it does: a structured log."""

    def __call__(self, event: str, /, **words: object) -> None: ...


def _silent(event: str, /, **words: object) -> None:
    pass


class Worker:
    """Does one job after another. Any number of them may work on one book, in any processes on any hosts."""

    def __init__(
        self,
        book: Book,
        config: Config,
        open_house: Callable[[], House],
        *,
        clock: Callable[[], datetime],
        tell: Tell = _silent,
        kinds: Mapping[str, Doer] = KINDS,
        pace: Pace = PACE,
    ) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._book, self._config, self._open_house = book, config, open_house
        self._clock, self._tell, self._kinds, self._pace = clock, tell, kinds, pace
        self._rounds: dict[str, str] = {}

    def serve(self, stop: threading.Event) -> None:
        """Until told to stop; a job that was begun is done first."""
        while not stop.is_set():
            if not self._attempt():
                stop.wait(self._pace.idle_s)

    def once(self) -> bool:
        """Do one job, if there is one that is due."""
        enqueue_rounds(self._book, self._config, self._clock(), self._rounds)
        with self._book.claim() as tx:
            claimed = jobs.claim(tx, list(self._kinds), by=self.name, at=self._clock(), lasts=self._pace.lasts)
        if claimed is None:
            return False
        self._tell("job begun", kind=claimed.job.kind, job=claimed.job.job, tries=claimed.tries)
        with _Heartbeat(self._hold, claimed, self._pace.renew_s):
            ended = self._do(claimed)
        self._tell("job ended" if ended else "job lost", kind=claimed.job.kind, job=claimed.job.job)
        return True

    def _attempt(self) -> bool:
        """A book that is busy or gone for a while is waited for, not died of."""
        try:
            return self.once()
        except (Busy, StorageFailed) as error:
            self._tell("the book cannot be used", error=str(error))
            return False

    def _do(self, claimed: Claim) -> bool:
        try:
            with self._open_house() as house:
                result = self._kinds[claimed.job.kind](house, claimed.job.payload.encode())
        except (Busy, StorageFailed) as error:
            return self._put_off(claimed, str(error), spoiled=isinstance(error, StorageFailed))
        except TocsinError as error:
            self._tell("job refused", kind=claimed.job.kind, error=str(error))
            with self._book.claim() as tx:
                return jobs.fail(tx, claimed, at=self._clock(), reason=str(error))
        except Exception as error:  # noqa: BLE001 - the edge: one job's bug is not the end of all work
            self._tell("bug", kind=claimed.job.kind, exc_info=error)
            return self._put_off(claimed, f"a bug: {type(error).__name__}", spoiled=True)
        with self._book.claim() as tx:
            return jobs.finish(tx, claimed, at=self._clock(), result=result.decode())

    def _put_off(self, claimed: Claim, reason: str, *, spoiled: bool) -> bool:
        with self._book.claim() as tx:
            if spoiled and claimed.tries >= jobs.TRIES_MAX:
                return jobs.fail(tx, claimed, at=self._clock(), reason=reason)
            pause = min(_FIRST_PAUSE * 2 ** (claimed.tries - 1), _PAUSE_MAX)
            return jobs.put_off(tx, claimed, due_at=self._clock() + pause, reason=reason, spoiled=spoiled)

    def _hold(self, claimed: Claim) -> bool:
        with self._book.claim() as tx:
            return jobs.hold(tx, claimed, until=self._clock() + self._pace.lasts)


class _Heartbeat:
    """Renews a claim, in a thread, while its job is done."""

    def __init__(self, hold: Callable[[Claim], bool], claimed: Claim, renew_s: float) -> None:
        self._hold, self._claimed, self._renew_s = hold, claimed, renew_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(self._renew_s):
            try:
                if not self._hold(self._claimed):
                    return
            except (Busy, StorageFailed):
                continue  # it is tried again; a claim outlasts several beats


def serve_lanes(make: Callable[[Mapping[str, Doer]], Worker], stop: threading.Event, kinds: Mapping[str, Doer]) -> None:
    """Two workers in one process, until told to stop: what somebody waits for is not done after a run of an hour."""
    awaited = {kind: do for kind, do in kinds.items() if kind in AWAITED}
    others = {kind: do for kind, do in kinds.items() if kind not in AWAITED}
    quick = threading.Thread(target=make(awaited).serve, args=[stop])
    quick.start()
    try:
        make(others).serve(stop)
    finally:
        stop.set()
        quick.join()
