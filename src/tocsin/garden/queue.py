"""The way out as files: a wish is a file in `wishes`, a wish that was obeyed one in `obeyed`, until the book knows.

`obey` needs the roster, the configuration and the access server; neither the book nor the mail nor the desk. One file a
quarantine: however often somebody presses the button, there is one wish.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from tocsin.garden.answers import Answer
from tocsin.garden.config import GardenSection
from tocsin.garden.roster import FOLDER, Inside, Roster, read_roster, write_roster, write_whole
from tocsin.garden.tell import tell
from tocsin.terms.errors import BadRequest, Busy, StorageFailed, TocsinError

WISHES_MAX = 100_000  # read at once
_NAME = re.compile(r"G-[0-9A-F]{12}", re.ASCII)
_WISH_BYTES_MAX = 4096
_T = TypeVar("_T")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants out."""

    quarantine: str
    asked_at: datetime
    way: Literal["self", "clerk", "desk"] = "self"
    by: str = "garden"
    reason: str = "asked for at the garden's page"


class Obeyed(msgspec.Struct, frozen=True, kw_only=True):
    """A wish, and what came of it. Only `done` and `gone` end it; else it is tried again."""

    wish: Wish
    at: datetime
    answer: Answer

    @property
    def is_out(self) -> bool:
        return self.answer.next in ("done", "gone")


@contextmanager
def alone(data: Path) -> Iterator[None]:
    """One process at a time tells access servers. Raises Busy when another does."""
    folder = data / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("wb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy("another process works on the garden", remedy="run again in a moment") from error
        yield


def wish(data: Path, wanted: Wish) -> None:
    """Keep it, on disk before this returns. One that stands already stays as it is. BadRequest for no stay's name."""
    if _NAME.fullmatch(wanted.quarantine) is None:
        raise BadRequest(
            f"{wanted.quarantine!r:.40} is no stay's name", remedy="it is G- and twelve letters and digits"
        )
    path = _path(data, "wishes", wanted.quarantine)
    if not path.exists():
        write_whole(path, msgspec.json.encode(wanted))


def is_wished(data: Path, quarantine: str) -> bool:
    return _path(data, "wishes", quarantine).exists()


def is_obeyed(data: Path, quarantine: str) -> bool:
    return _path(data, "obeyed", quarantine).exists()


def wishes(data: Path) -> list[Wish]:
    """What waits, the oldest first; a file that is none of ours is passed over."""
    return sorted(_read(data, "wishes", Wish), key=lambda each: each.asked_at)


def obeyed(data: Path) -> list[Obeyed]:
    """What has been done and the book may not know yet."""
    return sorted(_read(data, "obeyed", Obeyed), key=lambda each: each.at)


def forget(data: Path, quarantine: str) -> None:
    """The book knows by now."""
    for kind in ("wishes", "obeyed"):
        _path(data, kind, quarantine).unlink(missing_ok=True)


def obey(data: Path, config: GardenSection, folder: Path, *, at: datetime) -> list[Obeyed]:
    """Let out whoever wants out and may. Under `alone`. What an access server does not do now is tried next time.

    A killed process is of no harm: the wish goes only after what came of it is on disk, and to let somebody out twice
    does nothing.
    """
    roster = _roster(data)
    found = []
    for each in wishes(data):
        inside = roster.named(each.quarantine) if roster else None
        if inside is None or (each.way == "self" and inside.self_left < 1):
            if inside is not None:
                forget(data, each.quarantine)
            continue  # without a roster's line nobody knows where to: the book may
        done = Obeyed(wish=each, at=at, answer=_tell(config, inside, folder, at))
        found.append(done)
        if done.is_out:
            write_whole(_path(data, "obeyed", each.quarantine), msgspec.json.encode(done))
            roster = _without(data, roster, inside)
            _path(data, "wishes", each.quarantine).unlink(missing_ok=True)
    return found


def _roster(data: Path) -> Roster | None:
    """One that cannot be read is none: the wishes wait until the book has made another."""
    try:
        return read_roster(data)
    except StorageFailed:
        return None


def _tell(config: GardenSection, inside: Inside, folder: Path, at: datetime) -> Answer:
    """An error of the configuration ends one line's release, not everybody's."""
    try:
        return tell(config, inside.order(at), folder)
    except TocsinError as error:
        return Answer(next="later", words=str(error), sent=False)


def _without(data: Path, roster: Roster | None, inside: Inside) -> Roster | None:
    if roster is None:
        return None
    left = tuple(each for each in roster.inside if each.quarantine != inside.quarantine)
    fresh = msgspec.structs.replace(roster, inside=left)
    write_roster(data, fresh)
    return fresh


def _path(data: Path, kind: str, quarantine: str) -> Path:
    assert _NAME.fullmatch(quarantine), quarantine
    return data / FOLDER / kind / f"{quarantine}.json"


def _read(data: Path, kind: str, of: type[_T]) -> Iterator[_T]:
    folder = data / FOLDER / kind
    for path in sorted(folder.glob("G-*.json"))[:WISHES_MAX] if folder.is_dir() else ():
        try:
            with path.open("rb") as file:
                yield msgspec.json.decode(file.read(_WISH_BYTES_MAX), type=of)
        except (OSError, msgspec.MsgspecError):
            continue
