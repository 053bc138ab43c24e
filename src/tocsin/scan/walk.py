"""Walking a folder: by descriptors, so that nobody can exchange a folder for a link meanwhile; bounded in every way."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from itertools import islice

from tocsin.scan.findings import Finding, found
from tocsin.scan.limits import DEPTH_MAX, FOLDER_ENTRIES_MAX
from tocsin.scan.places import Met, NotAFile, open_file, open_folder


def walk(top: str, skip: frozenset[tuple[int, int]] = frozenset()) -> Iterator[Met | Finding]:
    """Every regular file at or below `top`, in the order of names, open until the next is asked for; besides, what
    could not be looked at. Links below `top` are not followed, other disks (mounts) not entered. Files and folders of
    `skip` (device, inode) are ours and left out."""
    try:
        if not os.path.isdir(top):
            with_folder = os.path.dirname(os.path.abspath(top))
            folder = open_folder(with_folder, follow=True)
            try:
                yield from _file(top, os.path.basename(top), folder, skip)
            finally:
                os.close(folder)
            return
        folder = open_folder(top, follow=True)
    except OSError as error:
        yield found("unreadable", top, why=_why(error))
        return
    try:
        yield from _folder(top, folder, os.fstat(folder).st_dev, 0, skip)
    finally:
        os.close(folder)


def _folder(
    path: str, folder: int, device: int, depth: int, skip: frozenset[tuple[int, int]]
) -> Iterator[Met | Finding]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in islice(entries, FOLDER_ENTRIES_MAX + 1))
    except OSError as error:
        yield found("unreadable", path, why=_why(error))
        return
    if len(names) > FOLDER_ENTRIES_MAX:
        yield found("too-many", path, limit=f"{FOLDER_ENTRIES_MAX:,}")
    for name in names[:FOLDER_ENTRIES_MAX]:
        yield from _entry(os.path.join(path, name), name, folder, device, depth, skip)


def _entry(
    path: str, name: str, folder: int, device: int, depth: int, skip: frozenset[tuple[int, int]]
) -> Iterator[Met | Finding]:
    try:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return  # it has gone since its folder was read
    except OSError as error:
        yield found("unreadable", path, why=_why(error))
        return
    if stat.S_ISREG(status.st_mode):
        yield from _file(path, name, folder, skip)
    elif stat.S_ISDIR(status.st_mode) and (status.st_dev, status.st_ino) not in skip:
        yield from _below(path, name, folder, device, depth, skip)


def _below(
    path: str, name: str, folder: int, device: int, depth: int, skip: frozenset[tuple[int, int]]
) -> Iterator[Met | Finding]:
    if depth >= DEPTH_MAX:
        yield found("too-deep", path, limit=str(DEPTH_MAX))
        return
    try:
        below = open_folder(name, folder)
    except OSError as error:
        yield found("unreadable", path, why=_why(error))
        return
    try:
        if os.fstat(below).st_dev == device:
            yield from _folder(path, below, device, depth + 1, skip)
        else:
            yield found("other-disk", path)
    finally:
        os.close(below)


def _file(path: str, name: str, folder: int, skip: frozenset[tuple[int, int]]) -> Iterator[Met | Finding]:
    try:
        fd, status = open_file(name, folder)
    except NotAFile:
        yield found("odd-file", path)
        return
    except FileNotFoundError:
        return
    except OSError as error:
        yield found("unreadable", path, why=_why(error))
        return
    try:
        if (status.st_dev, status.st_ino) in skip:
            yield found("own-file", path)
        else:
            yield Met(path, folder, name, fd, status)
    finally:
        os.close(fd)


def _why(error: OSError) -> str:
    return error.strerror or str(error)
