"""What a followed log has shown and no report has told yet: kept, so that a restart loses and doubles nothing."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from tocsin.notices.reports.group import SAMPLES_MAX, Group, Offence
from tocsin.pipeline.watch_report import Unknown
from tocsin.proof.private_file import write_over
from tocsin.terms.addresses import format_address
from tocsin.terms.errors import BadRequest, StorageFailed, TocsinError

PENDING_MAX = 50_000  # an address and kind each; beyond that new ones are not taken, and counted
REMEMBERED = timedelta(days=8)  # longer than the longest window of a behaviour
TRY_EVERY = timedelta(minutes=1)
TRY_AGAIN = timedelta(minutes=15)  # where a try could tell nothing: everybody rests, or is held

Tell = Callable[[Sequence[Offence], datetime], frozenset[str]]


class Kept(msgspec.Struct):
    """The file: what waits; of which address and kind everything up to which moment has been taken."""

    waiting: dict[str, Offence] = {}
    taken: dict[str, datetime] = {}
    told_at: dict[str, datetime] = {}  # by contact: when it was last told, where only a screen is told


class Pending:
    """Offences on their way from the log to reports. Each change is on disk before the log's position is."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._path = folder / "pending.json"
        self._next_at: datetime | None = None
        self.refused = 0  # beyond PENDING_MAX
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._kept = msgspec.json.decode(self._path.read_bytes(), type=Kept) if self._path.exists() else Kept()
        except msgspec.DecodeError as error:
            remedy = "remove it: what waits in it is not reported then"
            raise BadRequest(f"is not what waits: {error}", where=str(self._path), remedy=remedy) from error
        except OSError as error:
            raise StorageFailed(f"cannot be used: {error.strerror}", where=str(folder)) from error

    def take(self, offences: Iterable[Offence], now: datetime) -> None:
        """Those with lines that no earlier call has brought, joined with what waits of the same address and kind."""
        news = [(name, each) for each in offences if self._is_news(name := _name(each), each)]
        if not news:
            return
        for name, each in news:
            old = self._kept.waiting.get(name)
            if old is None and len(self._kept.waiting) >= PENDING_MAX:
                self.refused += 1
                continue
            self._kept.waiting[name] = each if old is None else _joined(old, each)
            self._kept.taken[name] = each.last_at
            if old is None and self._next_at is not None:
                self._next_at = min(self._next_at, now + TRY_EVERY)
        self._kept.taken = {name: at for name, at in self._kept.taken.items() if now - at < REMEMBERED}
        self._write()

    def report(self, now: datetime, tell: Tell) -> None:
        """At most once a minute: hand out what waits; what `tell` gives back by name has been told, or cannot be.

        What keeps it from being told now (no way to the server, a full disk) is said, and tried again.
        """
        if not self._kept.waiting or (self._next_at is not None and now < self._next_at):
            return
        self._next_at = now + TRY_AGAIN
        try:
            done = tell(tuple(self._kept.waiting.values()), now)
        except TocsinError as error:
            sys.stderr.write(f"tocsin: not reported yet: {error}\n")
            return
        if done:
            self._next_at = now + TRY_EVERY
            self._kept.waiting = {name: each for name, each in self._kept.waiting.items() if name not in done}
            self._write()

    def rests(self, contact: str, now: datetime, rest: timedelta) -> bool:
        """Whether a contact that a screen was told of still rests; where it does not, its rest begins."""
        told_at = self._kept.told_at.get(contact)
        if told_at is not None and now - told_at < rest:
            return True
        self._kept.told_at[contact] = now
        return False

    def _is_news(self, name: str, offence: Offence) -> bool:
        until = self._kept.taken.get(name)
        return until is None or offence.last_at > until

    def _write(self) -> None:
        try:
            write_over(self._path, msgspec.json.encode(self._kept), mode=0o600)
        except OSError as error:
            raise StorageFailed(f"cannot be written: {error.strerror}", where=str(self._path)) from error


def names_of(groups: Iterable[Group], *, but: Iterable[str] = ()) -> frozenset[str]:
    """What those groups are about, but for contacts that are told later."""
    later = set(but)
    return frozenset(_name(each) for group in groups if group.contact.mail not in later for each in group.offences)


def names_unknown(unknown: Iterable[Unknown]) -> frozenset[str]:
    return frozenset(_name(each.offence) for each in unknown)


def _name(offence: Offence) -> str:
    return f"{format_address(offence.address)} {offence.kind} {offence.application}"


def _joined(old: Offence, new: Offence) -> Offence:
    """The engine remembers earlier lines, a new process does not: lines that lie apart in time are added up."""
    is_apart = new.first_at > old.last_at
    samples = dict.fromkeys((*old.samples, *new.samples))
    return msgspec.structs.replace(
        new,
        first_at=min(old.first_at, new.first_at),
        last_at=max(old.last_at, new.last_at),
        lines=old.lines + new.lines if is_apart else max(old.lines, new.lines),
        samples=tuple(samples)[-SAMPLES_MAX:],
    )
