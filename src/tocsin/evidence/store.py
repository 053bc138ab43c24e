"""Evidence kept unchanged, by its SHA-256: `<data>/evidence/ab/cdef…`. Keeping it twice adds nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

import msgspec

from tocsin.terms.disk import sync_folder
from tocsin.terms.errors import BadRequest, StorageFailed
from tocsin.terms.processes import Fate, fate_of, this_process

_BLOCK_BYTES = 1 << 20
_HALF_PREFIX = ".half-"
_HALF_AGE_MIN_S = 3600  # a younger one may be another process's, not locked yet

Progress = Callable[[int, int], None]  # bytes done, bytes in all (0 where nobody knows)


class Kept(msgspec.Struct, frozen=True):
    """Where the bytes lie, what they are called by, and how many there are."""

    path: Path
    sha256: str
    bytes: int


def evidence_path(data: Path, sha256: str) -> Path:
    return data / "evidence" / sha256[:2] / sha256[2:]


def keep(data: Path, evidence: Path | BinaryIO) -> Kept:
    """Copy a file, or what stands on a stream, into the store.

    Raises BadRequest when the file cannot be read, StorageFailed when the disk would not take it, or when the same
    evidence lies there and was altered.
    """
    with _opened(evidence) as file:
        try:
            return _keep(data / "evidence", data, file)
        except OSError as error:
            raise not_stored(error, data / "evidence") from error


def measure(evidence: Path) -> Kept:
    """The same answer with nothing stored: the file stays where it is."""
    with _opened(evidence) as file:
        digest, size = sha256(), 0
        for block in _blocks(file):
            digest.update(block)
            size += len(block)
    return Kept(evidence, digest.hexdigest(), size)


def _keep(folder: Path, data: Path, file: BinaryIO) -> Kept:
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f"{_HALF_PREFIX}{this_process()}-", dir=folder)
    half = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            _sweep(folder, out.fileno())
            digest, size = sha256(), 0
            for block in _blocks(file):
                digest.update(block)
                size += out.write(block)
            out.flush()
            path = evidence_path(data, digest.hexdigest())
            if path.exists():
                _demand_unaltered(path, digest.hexdigest())
            else:  # only what is new is worth waiting for the disk
                os.fsync(out.fileno())
                _settle(half, path)
    finally:
        half.unlink(missing_ok=True)
    return Kept(path, digest.hexdigest(), size)


def _demand_unaltered(path: Path, digest: str) -> None:
    """What somebody wrote there would be read as what a source has said."""
    if measure(path).sha256 != digest:
        raise StorageFailed(
            "this evidence was altered: its SHA-256 is no longer that of its name",
            where=str(path),
            remedy="keep it aside and ask who did it, then run again: what came in is stored anew",
        )


def _settle(half: Path, path: Path) -> None:
    path.parent.mkdir(exist_ok=True)
    half.chmod(0o440)  # nobody changes evidence
    half.rename(path)
    for folder in (path.parent, path.parent.parent):
        sync_folder(folder)


def _sweep(folder: Path, mine: int) -> None:
    """Delete what killed runs left: halves whose process is gone; another host's when they are old and not locked."""
    old = os.fstat(mine).st_mtime - _HALF_AGE_MIN_S
    for half in folder.glob(_HALF_PREFIX + "*"):
        fate = fate_of(half.name.removeprefix(_HALF_PREFIX).rpartition("-")[0])
        with suppress(OSError):  # gone already, or somebody's
            if fate is Fate.GONE or (fate is Fate.UNKNOWN and _is_given_up(half, old)):
                half.unlink(missing_ok=True)


def _is_given_up(half: Path, old: float) -> bool:
    with half.open("rb") as file:
        if os.fstat(file.fileno()).st_mtime >= old:
            return False
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # OSError: somebody is writing it
        return True


@contextmanager
def _opened(evidence: Path | BinaryIO) -> Iterator[BinaryIO]:
    if not isinstance(evidence, Path):
        yield evidence
        return
    try:
        file = evidence.open("rb")
    except OSError as error:
        raise _unreadable(evidence, error) from error
    with file:
        yield file


def _blocks(file: BinaryIO) -> Iterator[bytes]:
    while True:
        try:
            block = file.read(_BLOCK_BYTES)
        except OSError as error:  # a folder opens and does not read
            raise _unreadable(Path(str(getattr(file, "name", "standard input"))), error) from error
        if not block:
            return
        yield block


def _unreadable(evidence: Path, error: OSError) -> BadRequest:
    return BadRequest(
        f"cannot be read: {error.strerror}", where=str(evidence), remedy="give a file that exists and may be read"
    )


def not_stored(error: OSError, folder: Path) -> StorageFailed:
    """What the disk said, in our words."""
    what = "the disk is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else f"cannot write: {error.strerror}"
    remedy = "free space or fix the folder's rights, then run again: nothing was half done"
    return StorageFailed(what, where=str(folder), remedy=remedy)
