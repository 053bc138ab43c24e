"""`tocsin watch --follow`: logs as they grow. Where it stands is kept, so that a restart tells nothing twice."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine
from tocsin.proof.private_file import sweep_halves, write_over
from tocsin.terms.errors import BadRequest, StorageFailed
from tocsin.terms.identity import digest
from tocsin.witness.follow import Follower, News
from tocsin.witness.position import Position
from tocsin.witness.told import json_line
from tocsin.witness.watch import Told

POLL_S = 1.0
_MEMORY = "300MB"

Write = Callable[[bytes], object]


class Hearer(msgspec.Struct, frozen=True):
    """Who hears what the lines show: each sighting as a line; the engine, which may be asked what they show together
    with those before them; and that every log has been looked at."""

    write: Write
    on_news: Callable[[Engine], object] = lambda _: None
    on_round: Callable[[], object] = lambda: None


class Positions:
    """A small file a log, in `<data>/watch`, replaced whole."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True)
            sweep_halves(folder)
        except OSError as error:
            raise StorageFailed(
                f"cannot be used: {error.strerror}", where=str(folder), remedy="choose with --data"
            ) from error

    def read(self, log: Path) -> Position | None:
        path = self._path(log)
        if not path.exists():
            return None
        try:
            return msgspec.json.decode(path.read_bytes(), type=Position)
        except msgspec.DecodeError as error:
            remedy = "remove it, and the log is read from its end"
            raise BadRequest(f"is no position: {error}", where=str(path), remedy=remedy) from error

    def write(self, log: Path, position: Position) -> None:
        path = self._path(log)
        try:
            write_over(path, msgspec.json.encode(position))
        except OSError as error:
            raise StorageFailed(f"cannot be written: {error.strerror}", where=str(path)) from error

    def _path(self, log: Path) -> Path:
        return self._folder / f"{digest(str(log.resolve()))[:24]}.json"


def follow_logs(
    logs: tuple[Path, ...],
    told: Told,
    folder: Path,
    *,
    clock: Callable[[], datetime],
    from_start: bool = False,
    is_over: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
    hearer: Hearer | None = None,
) -> None:
    """Tell of every new line, for ever. A position is kept after what it stands behind has been told."""
    positions = Positions(folder)
    hearer = hearer or Hearer(_to_screen)
    with ExitStack() as stack:
        followers = {}
        for place, log in enumerate(logs):
            engine = stack.enter_context(Engine(folder / "work" / str(place), memory=_MEMORY))
            followers[log] = Follower(engine, log, told, positions.read(log))
        while True:
            for log, follower in followers.items():
                try:
                    for news in follower.round(clock(), from_start=from_start):
                        _tell(news, told, hearer.write)
                        if news.rows:
                            hearer.on_news(follower.engine)
                        positions.write(log, news.after)
                except OSError as error:  # a rotation leaves no file for a moment
                    sys.stderr.write(f"{log}: {error.strerror}\n")
            hearer.on_round()
            if is_over():
                return
            sleep(POLL_S)


def _tell(news: News, told: Told, out: Write) -> None:
    for reject in news.rejects:
        out(msgspec.json.encode({"reject": reject.reason, "evidence_line": reject.line}) + b"\n")
    for row in news.rows:
        out(json_line(row, told.source, "") + b"\n")


def _to_screen(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()
