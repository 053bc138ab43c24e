"""Finding and opening files without being led elsewhere: by links, pipes, devices or names that change meanwhile."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tocsin.scan.limits import LINKS_MAX

_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class NotAFile(OSError):
    """A link, a pipe, a socket or a device: nothing that is read."""


class Met(msgspec.Struct, frozen=True):
    """An open regular file: `fd` is it, `folder` (a descriptor, or -1 where it has no name any more) holds `name`."""

    path: str
    folder: int
    name: str
    fd: int
    status: os.stat_result


def within(base: Path, place: str) -> Path | None:
    """Where `place` (from the root) lies on the disk mounted at `base`, its links resolved as that disk's own system
    would: never outside `base`. None where links go in circles."""
    pending, done, links = place.split("/")[::-1], list[str](), 0
    while pending:
        name = pending.pop()
        if name in ("", "."):
            continue
        if name == "..":
            del done[-1:]
            continue
        try:
            target = os.readlink(base.joinpath(*done, name))
        except (OSError, ValueError):
            done.append(name)
            continue
        links += 1
        if links > LINKS_MAX:
            return None
        if target.startswith("/"):
            done = []
        pending.extend(reversed(target.split("/")))
    return base.joinpath(*done)


def open_file(name: str, folder: int | None = None) -> tuple[int, os.stat_result]:
    """A descriptor of a regular file; the last name is no link. Raises OSError; NotAFile where it is something else."""
    before = os.stat(name, dir_fd=folder, follow_symlinks=False)
    if not stat.S_ISREG(before.st_mode):
        raise NotAFile
    fd = os.open(name, _READ, dir_fd=folder)
    status = os.fstat(fd)
    if not stat.S_ISREG(status.st_mode):
        os.close(fd)
        raise NotAFile
    return fd, status


def open_folder(name: str, folder: int | None = None, *, follow: bool = False) -> int:
    """A descriptor of a folder; the last name is no link unless `follow`. Raises OSError."""
    return os.open(name, _FOLDER if follow else _FOLDER | os.O_NOFOLLOW, dir_fd=folder)


@contextmanager
def meet(path: Path) -> Iterator[Met]:
    """One file by its path, whose folders are already resolved. Raises OSError."""
    folder = open_folder(str(path.parent), follow=True)
    try:
        fd, status = open_file(path.name, folder)
        try:
            yield Met(str(path), folder, path.name, fd, status)
        finally:
            os.close(fd)
    finally:
        os.close(folder)


def read_head(path: Path, size: int) -> bytes:
    """Its first bytes, at most `size`. Raises OSError."""
    with meet(path) as met:
        return read_fd(met.fd, size)


def read_fd(fd: int, size: int) -> bytes:
    """From its start, at most `size` bytes."""
    os.lseek(fd, 0, os.SEEK_SET)
    with os.fdopen(os.dup(fd), "rb") as file:
        return file.read(size)
