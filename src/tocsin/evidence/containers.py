"""Evidence that comes packed: zip archives, mails and mailboxes, and what is in them, each member as if it came alone.

A zip of one file is no container here: it is a compression, like gzip (blocks.py).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from tocsin.evidence.blocks import BLOCK_BYTES, Truncated, is_zip, open_blocks
from tocsin.evidence.formats import knows, recognise
from tocsin.evidence.mails import MAIL_BYTES_MAX, MAILS_MAX, Part, mail_kind, mail_parts, mails_of
from tocsin.evidence.read import HEAD_BYTES, content_head
from tocsin.evidence.store import not_stored
from tocsin.evidence.texts import Head
from tocsin.evidence.zips import TOTAL_BYTES_MAX, Zip, ZipDamaged, ZipMember, label, opened_zip
from tocsin.terms.errors import BadRequest

DEPTH_MAX = 2  # a zip in a mail, a zip in a zip
MEMBERS_MAX = 10_000  # in one container, with what is in the containers in it
TOLD_MAX = 10  # names in one warning

_NUMBERS = itertools.count()


class Member(msgspec.Struct, frozen=True):
    """A file that came in a container, unpacked; the path is gone when the next one is asked for."""

    name: str  # report.zip/2026-11-24-scan_telnet-example.csv
    path: Path


class Unpacking:
    """One container being taken apart: what it holds that a reader knows, and what is left over."""

    def __init__(self, path: Path, name: str, kind: str, work: Path, reader: str | None) -> None:
        self.kind = kind
        self.unknown: list[str] = []  # members that no reader knows
        self.faults: list[str] = []  # what could not be unpacked, and why
        self._work, self._reader = work, reader
        self._path, self._name = path, name
        self._members_left, self._bytes_left = MEMBERS_MAX, TOTAL_BYTES_MAX

    def members(self) -> Iterator[Member]:
        """The members that a reader knows. Raises BadRequest when the container itself cannot be opened."""
        yield from self._members(self._path, self._name, self.kind, 1)

    def warnings(self) -> tuple[str, ...]:
        told = list(dict.fromkeys(self.faults))[:TOLD_MAX]
        if self.unknown:
            names = ", ".join(self.unknown[:TOLD_MAX]) + (" …" if len(self.unknown) > TOLD_MAX else "")
            told.append(f"no reader knows {len(self.unknown)} of its members: {names}")
        return tuple(told)

    def demand_any(self, taken: int) -> None:
        """Raises BadRequest when nothing in it was read."""
        if not taken:
            said = "; ".join(self.warnings()) or "it is empty"
            raise BadRequest(
                f"nothing in this {self.kind} can be read: {said}",
                where=self._name,
                remedy="name the reader of what is in it, or unpack it yourself",
            )

    def _members(self, path: Path, name: str, kind: str, depth: int) -> Iterator[Member]:
        files = self._zipped(path, name) if kind == "zip" else self._mailed(path, name, kind)
        for file in files:
            try:
                yield from self._judged(file, depth)
            finally:
                file.path.unlink(missing_ok=True)

    def _judged(self, file: Member, depth: int) -> Iterator[Member]:
        """The member itself, or what is in it where it is a container too."""
        try:
            kind = container_kind(file.path, file.name, self._reader)
            if not kind:
                if knows(content_head(file.path, file.name), self._reader):
                    yield file
                else:
                    self.unknown.append(file.name)
            elif depth >= DEPTH_MAX:
                self.faults.append(f"{file.name}: containers are nested too deep")
            else:
                yield from self._members(file.path, file.name, kind, depth + 1)
        except BadRequest as error:
            self.faults.append(f"{file.name}: {error.what}")

    def _zipped(self, path: Path, name: str) -> Iterator[Member]:
        with opened_zip(path, name) as archive:
            for member in archive.members:
                shown = f"{name}/{member.name}"
                if not self._may_take(shown, member.bytes):
                    return
                if member.fault:
                    self.faults.append(f"{shown}: {member.fault}")
                elif file := self._unzipped(archive, member, shown):
                    yield file

    def _unzipped(self, archive: Zip, member: ZipMember, shown: str) -> Member | None:
        """The member as a file; None for one whose bytes are damaged: half a file would be another file."""
        try:
            return self._saved(shown, archive.blocks(member, BLOCK_BYTES))
        except ZipDamaged as error:
            self.faults.append(f"{shown}: {error}")
            return None

    def _mailed(self, path: Path, name: str, kind: str) -> Iterator[Member]:
        for part in self._parts(path, name, kind):
            shown = f"{name}/{part.name}"
            if not self._may_take(shown, len(part.content)):
                return
            yield self._saved(shown, [part.content])

    def _parts(self, path: Path, name: str, kind: str) -> Iterator[Part]:
        for number, mail in enumerate(self._mails(path, name, kind), 1):
            if number > MAILS_MAX:
                self.faults.append(f"{name}: more than {MAILS_MAX} mails, the others were not looked at")
                return
            if mail is None:
                self.faults.append(f"{name}: a mail is longer than {MAIL_BYTES_MAX} bytes")
                continue
            if kind == "mbox" and _is_report(mail, self._reader):
                yield Part(f"mail-{number}", mail)
                continue
            found = mail_parts(mail)
            self.faults.extend(f"{name}: {fault}" for fault in found.faults)
            yield from found.parts

    def _mails(self, path: Path, name: str, kind: str) -> Iterator[bytes | None]:
        if kind == "mbox":
            yield from mails_of(self._whole(path, name))
            return
        mail: list[bytes] = []
        size = 0
        for block in self._whole(path, name):
            size += len(block)
            if size > MAIL_BYTES_MAX:
                yield None
                return
            mail.append(block)
        yield b"".join(mail)

    def _whole(self, path: Path, name: str) -> Iterator[bytes]:
        for block in open_blocks(path):
            if isinstance(block, Truncated):
                self.faults.append(f"{name}: {block.why}")
                return
            yield block

    def _may_take(self, shown: str, size: int) -> bool:
        self._members_left -= 1
        self._bytes_left -= size
        if self._members_left < 0 or self._bytes_left < 0:
            most = f"{MEMBERS_MAX} members or {TOTAL_BYTES_MAX} bytes"
            self.faults.append(f"{shown} and what follows it: a container of more than {most}")
            return False
        return True

    def _saved(self, shown: str, blocks: Iterable[bytes]) -> Member:
        """The member as a file of ours: what it is called has no say in where it lies."""
        path = self._work / f"member-{next(_NUMBERS)}"
        try:
            with path.open("wb") as out:
                for block in blocks:
                    out.write(block)
        except OSError as error:
            path.unlink(missing_ok=True)
            raise not_stored(error, self._work) from error
        except ZipDamaged:
            path.unlink()
            raise
        return Member(shown, path)


def container_kind(path: Path, name: str, reader: str | None = None) -> str:
    """`zip`, `mail` or `mbox` where a reader would not know the file itself; '' where it is to be read as it is.

    Raises BadRequest for a zip that cannot be opened, or whose one member cannot be.
    """
    if is_zip(path):
        with opened_zip(path, name) as archive:
            if len(archive.members) != 1 or archive.members[0].fault:
                return "zip"
    head = content_head(path, name)
    if is_zip(path):  # one file in it: a compression, unless it is packed again
        packed = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\x28\xb5\x2f\xfd")
        return "zip" if head.start.startswith(packed) or mail_kind(head.start) else ""
    kind = mail_kind(head.start)
    return "" if not kind or _is_report(head.start, reader) else kind


def _is_report(mail: bytes, reader: str | None) -> bool:
    """Whether a reader takes the mail whole, since its headers or its prose count."""
    choice = recognise(Head("mail", mail[:HEAD_BYTES]), among=reader)
    return choice is not None and choice.format.is_mail


def unpacking(path: Path, name: str, work: Path, reader: str | None) -> Unpacking | None:
    """What takes a container apart; None for a file that is read as it is."""
    with suppress(OSError):
        kind = container_kind(path, name, reader)
        return Unpacking(path, label(name), kind, work, reader) if kind else None
    return None
