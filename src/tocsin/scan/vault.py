"""The vault: files are moved into it encrypted, and back. Nothing is ever deleted that is not whole somewhere else.

A move writes and syncs `ID.begun`, reads it back, unlinks the file, and renames to `ID.sealed`. Killed at any point it
was complete or not begun: as long as the file is in its place `ID.begun` is only a copy, which the next run
drops; where the file is gone the copy is the file, which the next run keeps. An undo writes the file beside its place,
links it there (which fails where something else is), and renames to `ID.restored`, which stays.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO

from msgspec.structs import replace

from tocsin.scan.limits import ATTRIBUTES_BYTES_MAX, SEALED_CHUNK_BYTES, VAULT_FILES_MAX
from tocsin.scan.places import Met, meet
from tocsin.scan.sealed import KEY_BYTES, Held, read_head, read_sealed, write_sealed
from tocsin.terms.disk import sync_folder
from tocsin.terms.errors import BadRequest, Busy, Refused, StorageFailed
from tocsin.terms.moments import format_moment

# Parts of the system: a wrong rule must not be able to break the machine. What is bad there is told and stays.
SYSTEM_FOLDERS = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr", "/boot", "/System", "/Library/Apple")
SYSTEM_WINDOWS = ("windows", "program files", "program files (x86)")  # below the root of a mounted disk
_LOCAL = "/usr/local/"
_ID_CHARS = 12
_BEGUN, _SEALED, _RESTORED, _BROKEN = ".begun", ".sealed", ".restored", ".broken"


class Changed(Exception):
    """The file is not any more what was examined; it was left alone."""


def is_system(path: str, base: str = "/") -> bool:
    """Whether a path is a part of the system that is mounted at `base`."""
    place = "/" + os.path.relpath(os.path.realpath(path), os.path.realpath(base))
    if place.startswith("/.."):
        place = os.path.realpath(path)
    first = place.split("/")[1].lower() if base != "/" else ""
    is_below = any(place.startswith(f"{folder}/") for folder in SYSTEM_FOLDERS)
    return (is_below and not place.startswith(_LOCAL)) or first in SYSTEM_WINDOWS


class Vault:
    """One folder: `key` (readable by its owner alone), `lock`, and a file for each that was moved."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @contextmanager
    def open(self) -> Iterator[Vault]:
        """For changes: makes it where it is not there, keeps others out (Busy), and settles what a killed run left."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StorageFailed(f"cannot be made: {error.strerror}", where=str(self.folder)) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._key = self._key_made()
            self._settle()
            yield self
        except BlockingIOError as error:
            raise Busy("another scan uses the vault", where=str(self.folder), remedy="wait for it") from error
        finally:
            os.close(lock)

    def take(self, met: Met, digest: str, why: str, now: datetime) -> Held:
        """Moves an examined file in. Changed where it is not any more the file of `digest`; StorageFailed where the
        disk would not take it. In both cases it stays where it is."""
        named = sha256(os.fsencode(met.path) + digest.encode() + format_moment(now).encode()).hexdigest()
        status = met.status
        held = Held(
            id=f"Q{named[:_ID_CHARS]}",
            path=os.fsencode(os.path.abspath(met.path)),
            sha256=digest,
            size=status.st_size,
            mode=stat.S_IMODE(status.st_mode),
            owner=status.st_uid,
            group=status.st_gid,
            accessed_ns=status.st_atime_ns,
            modified_ns=status.st_mtime_ns,
            taken_at=format_moment(now),
            why=why,
            attributes=_attributes(met.fd),
        )
        begun = self.folder / f"{held.id}{_BEGUN}"
        try:
            self._seal(begun, held, met.fd)
            self._unlink(met, begun, digest)
        except OSError as error:
            begun.unlink(missing_ok=True)
            raise StorageFailed(f"cannot be moved: {error.strerror}", where=met.path) from error
        self._rename(begun, _SEALED)
        return held

    def held(self) -> list[tuple[Held, bool]]:
        """What was moved, in the order of moving, and whether it is still here (or was put back)."""
        if not (self.folder / "key").exists():
            return []
        self._key = self._key_made()
        found = [(self._head(path), suffix == _SEALED) for suffix in (_SEALED, _RESTORED) for path in self._all(suffix)]
        return sorted(found, key=lambda entry: (entry[0].taken_at, entry[0].id))

    def undo(self, name: str) -> tuple[Held, bool]:
        """Puts a file back where it was, as it was. The answer's second half: whether owner and marks could be given
        back too. BadRequest for an unknown ID; Refused where something else lies there now."""
        sealed = next((path for path in self._all(_SEALED) if path.stem == name), None)
        if sealed is None:
            raise BadRequest(
                f"the vault has no {name[:40]!r}", where=str(self.folder), remedy="see `tocsin scan --held`"
            )
        held = self._head(sealed)
        place = Path(os.fsdecode(held.path))
        is_back = _digest_at(place) == held.sha256  # a killed undo had come that far
        is_same = is_back or self._put_back(sealed, held, place)
        self._rename(sealed, _RESTORED)
        return held, is_same

    def _put_back(self, sealed: Path, held: Held, place: Path) -> bool:
        aside = place.with_name(f".tocsin-{held.id}-{secrets.token_hex(4)}")
        fd = -1
        try:
            fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with sealed.open("rb") as file, os.fdopen(os.dup(fd), "wb") as out:
                _copy(read_sealed(file, self._key), out, held.sha256, str(sealed))
            is_same = _dress(fd, held)
            os.fsync(fd)
            os.link(aside, place)
            sync_folder(place.parent)
            return is_same
        except FileExistsError as error:
            raise Refused(
                "something else lies there now", where=str(place), remedy="move it away, then undo again"
            ) from error
        except OSError as error:
            raise StorageFailed(f"cannot be put back: {error.strerror}", where=str(place)) from error
        finally:
            if fd >= 0:
                os.close(fd)
                aside.unlink(missing_ok=True)

    def _seal(self, begun: Path, held: Held, fd: int) -> None:
        with open(begun, "xb", opener=_private) as out:
            write_sealed(out, self._key, held, _chunks(fd))
            out.flush()
            os.fsync(out.fileno())
        sync_folder(self.folder)

    def _unlink(self, met: Met, begun: Path, digest: str) -> None:
        """The copy is read back first; what is unlinked is the very file that was copied, by its number."""
        with begun.open("rb") as file:
            copied = sha256()
            for piece in read_sealed(file, self._key):
                copied.update(piece)
        now = os.stat(met.name, dir_fd=met.folder, follow_symlinks=False)
        if copied.hexdigest() != digest or _identity(now) != _identity(met.status):
            begun.unlink()
            raise Changed
        os.unlink(met.name, dir_fd=met.folder)
        os.fsync(met.folder)

    def _settle(self) -> None:
        """What a killed run has left: a copy of a file that is still there is dropped, any other is kept; so is what
        cannot be opened, aside: it was cut before its file was touched, or its key is gone."""
        for begun in self._all(_BEGUN):
            try:
                held = self._head(begun)
                with begun.open("rb") as file:
                    is_whole = _digest_of(read_sealed(file, self._key)) == held.sha256
            except StorageFailed:
                self._rename(begun, _BROKEN)
                continue
            if _digest_at(Path(os.fsdecode(held.path))) == held.sha256:
                begun.unlink()
            else:
                self._rename(begun, _SEALED if is_whole else _BROKEN)

    def _rename(self, path: Path, suffix: str) -> None:
        path.rename(path.with_suffix(suffix))
        sync_folder(self.folder)

    def _head(self, path: Path) -> Held:
        with path.open("rb") as file:
            return replace(read_head(file, self._key), id=path.stem)

    def _all(self, suffix: str) -> list[Path]:
        return sorted(self.folder.glob(f"Q*{suffix}"))[:VAULT_FILES_MAX]

    def _key_made(self) -> bytes:
        """The vault's key; made whole or not at all."""
        place = self.folder / "key"
        if not place.exists():
            aside = self.folder / f".key-{secrets.token_hex(4)}"
            fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            with os.fdopen(fd, "wb") as out:
                out.write(secrets.token_bytes(KEY_BYTES))
                out.flush()
                os.fsync(out.fileno())
            aside.rename(place)
            sync_folder(self.folder)
        key = place.read_bytes()
        if len(key) != KEY_BYTES:
            raise StorageFailed("is no key of a vault", where=str(place), remedy="restore it from a backup")
        return key


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _identity(status: os.stat_result) -> tuple[int, int, int, int]:
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _chunks(fd: int) -> Iterator[bytes]:
    os.lseek(fd, 0, os.SEEK_SET)
    while chunk := os.read(fd, SEALED_CHUNK_BYTES):
        yield chunk


def _copy(pieces: Iterator[bytes], out: IO[bytes], digest: str, where: str) -> None:
    copied = sha256()
    for piece in pieces:
        copied.update(piece)
        out.write(piece)
    if copied.hexdigest() != digest:
        raise StorageFailed("is not the file that was moved", where=where, remedy="restore it from a backup")


def _digest_of(pieces: Iterator[bytes]) -> str:
    digest = sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def _digest_at(place: Path) -> str:
    """Of the file that lies there; '' where none does that can be read."""
    try:
        with meet(place) as met:
            return _digest_of(_chunks(met.fd))
    except OSError:
        return ""


def _attributes(fd: int) -> dict[str, bytes]:
    """Extended attributes, as far as the system has them and they are not too many."""
    if not hasattr(os, "listxattr"):
        return {}
    try:
        found = {name: os.getxattr(fd, name) for name in os.listxattr(fd)}
    except OSError:
        return {}
    return found if sum(map(len, found.values())) <= ATTRIBUTES_BYTES_MAX else {}


def _dress(fd: int, held: Held) -> bool:
    """Owner, marks, mode and times as they were; False where only the owner of the machine could give them back, and
    then without the bits that would run it as somebody else."""
    is_same = True
    try:
        os.fchown(fd, held.owner, held.group)
    except PermissionError:
        is_same = os.fstat(fd).st_uid == held.owner and os.fstat(fd).st_gid == held.group
    for name, value in held.attributes.items():
        try:
            os.setxattr(fd, name, value)
        except OSError:
            is_same = False
    os.fchmod(fd, held.mode if is_same else held.mode & 0o777)
    os.utime(fd, ns=(held.accessed_ns, held.modified_ns))
    return is_same
