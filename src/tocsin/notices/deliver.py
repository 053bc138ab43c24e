"""Delivery: one door for every way out. Here the way into a Maildir, where doing it twice adds nothing."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import msgspec

from tocsin.notices.seal import Sealed
from tocsin.terms.disk import sync_folder
from tocsin.terms.errors import StorageFailed
from tocsin.terms.processes import Fate, fate_of, this_process

_TEMPORARY = ".tocsin-"  # before the name of the process that writes
_PLAIN = re.compile(r"[a-z0-9@.-]{1,200}", re.ASCII)


class DeliveryResult(StrEnum):
    """What became of one attempt."""

    DELIVERED = "delivered"
    LATER = "later"  # nothing was taken; trying again may help
    REFUSED = "refused"  # the other side will never take it
    BOUNCED = "bounced"  # the same, since there is no such mailbox
    UNCERTAIN = "uncertain"  # it may have been taken: a person decides, it is never sent again by itself
    WITHDRAWN = "withdrawn"  # it was stopped while it was leaving, and did not leave
    CLOSED = "closed"  # the other side takes nothing from us: no fault of this notice


class Delivery(msgspec.Struct, frozen=True):
    """`reason` holds what the other side said; `code` is SMTP's or HTTP's, `enhanced` SMTP's (RFC 5321, RFC 3463);
    `wait_s` is how long the other side asks to be left alone."""

    result: DeliveryResult
    reason: str
    code: int | None = None
    enhanced: str | None = None
    wait_s: int | None = None


class Deliverer(Protocol):
    """A way out. Raises StorageFailed or another TocsinError when nothing left, so that trying again is right."""

    def deliver(self, sealed: Sealed) -> Delivery: ...


class MaildirDeliverer:
    """Writes into a Maildir, which it makes where there is none. A mail stands in `new` whole or not at all.

    The file is named by the Message-ID, so a second delivery, also by another process, finds the first: in `new`, or
    in `cur` once somebody has read it.
    """

    def __init__(self, maildir: Path) -> None:
        self._maildir = maildir
        with storage(maildir):
            for name in ("tmp", "new", "cur"):
                (maildir / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            self._present = {_base(entry) for folder in ("new", "cur") for entry in os.listdir(maildir / folder)}
            self._sweep()
            sync_folder(maildir / "new")  # what a killed run had moved there is safe from now on

    def _sweep(self) -> None:
        """Delete what killed deliveries left in `tmp`: files of ours whose process is no more."""
        for entry in os.listdir(self._maildir / "tmp"):
            if fate_of(entry.rpartition(_TEMPORARY)[2]) is Fate.GONE:
                (self._maildir / "tmp" / entry).unlink(missing_ok=True)

    def deliver(self, sealed: Sealed) -> Delivery:
        name = maildir_name(sealed.message_id)
        if name in self._present:
            return Delivery(DeliveryResult.DELIVERED, "it was there already")
        with storage(self._maildir):
            fresh = self._write(name, b"Return-Path: <%b>\r\n%b" % (sealed.envelope_from.encode(), sealed.raw))
        self._present.add(name)
        return Delivery(DeliveryResult.DELIVERED, "written" if fresh else "it was there already")

    def _write(self, name: str, raw: bytes) -> bool:
        """False when another process was first."""
        temporary, final = self._maildir / "tmp" / f"{name}{_TEMPORARY}{this_process()}", self._maildir / "new" / name
        try:
            with open(temporary, "wb", opener=private) as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            fresh = move_in(temporary, final)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        sync_folder(final.parent)
        return fresh


def maildir_name(message_id: str) -> str:
    """A file's name for this Message-ID: the id itself where it is harmless, else its SHA-256."""
    bare = message_id.strip("<>")
    harmless = _PLAIN.fullmatch(bare) and not bare.startswith(".")
    return bare if harmless else hashlib.sha256(message_id.encode(errors="surrogatepass")).hexdigest()


def move_in(temporary: Path, final: Path) -> bool:
    """A link never replaces what is there, as a rename would; file systems without links get the rename."""
    try:
        os.link(temporary, final)
    except FileExistsError:
        return False
    except OSError:
        if final.exists():
            return False
        temporary.rename(final)
    return True


def _base(name: str) -> str:
    """Without the flags that a reader appends when it moves a mail to `cur`."""
    return name.partition(":")[0]


def private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


@contextmanager
def storage(maildir: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageFailed(
            f"the folder cannot be written: {error.strerror or error}",
            where=str(error.filename or maildir),
            remedy="free the space or mend the folder, then run again: what was delivered stays, nothing doubles",
        ) from error
