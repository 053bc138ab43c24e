"""Zip archives, read without believing them: bounded, streamed, and nothing is written where they say."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from tocsin.terms.errors import BadRequest

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06")  # APPNOTE 4.3.7, and 4.3.16: an archive with nothing in it
MEMBERS_MAX = 10_000
DIRECTORY_BYTES_MAX = 2 << 20
NAME_CHARS_MAX = 200
SWELL_MAX = 250  # times its packed size, for a member over SWELL_BYTES_FREE; a log of equal lines stays below
SWELL_BYTES_FREE = 64 << 20
TOTAL_BYTES_MAX = 16 << 30

_LOCAL_HEADER_BYTES = 30
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # the others have no bound of memory, and no report uses them
# What zipfile raises on bytes that are no archive, or no longer one.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError),
    *(ValueError, IndexError, OverflowError, NotImplementedError, RuntimeError),
)


class ZipDamaged(Exception):
    """A member's bytes are damaged, or are not what the archive says of them. What came before is good."""


class ZipMember(msgspec.Struct, frozen=True):
    """A file in an archive. `fault` says why it must not be unpacked ('' where nothing is wrong)."""

    name: str  # a label: never a path to write to
    bytes: int
    place: int
    fault: str


class Zip(msgspec.Struct, frozen=True):
    """An open archive: its files in the order of its directory; folders are left out."""

    name: str
    members: tuple[ZipMember, ...]
    archive: zipfile.ZipFile

    def blocks(self, member: ZipMember, block_bytes: int) -> Iterator[bytes]:
        """The member's bytes. Raises ZipDamaged after the last good block, BadRequest for one that has a fault."""
        if member.fault:
            raise BadRequest(f"{member.name}: {member.fault}", where=self.name, remedy="unpack it yourself and look")
        try:
            with self.archive.open(self.archive.infolist()[member.place]) as file:
                while block := file.read(block_bytes):
                    yield block
        except _BROKEN as error:
            raise ZipDamaged(f"zip data damaged: {error}") from error


@contextmanager
def opened_zip(path: Path, name: str = "") -> Iterator[Zip]:
    """The archive; `name` is for what is said of it.

    Raises BadRequest when it has no directory (it is cut short), or one that nobody should believe.
    """
    with path.open("rb") as file:
        try:
            archive = zipfile.ZipFile(cast(BinaryIO, _Bounded(file)))
        except _BROKEN as error:
            raise BadRequest(
                f"a zip that is damaged or cut short: {error}", where=name, remedy="fetch it again"
            ) from error
        with archive:
            yield Zip(name, _members(archive, name), archive)


class _Bounded:
    """A file whose reads are bounded: zipfile asks for a whole directory at once, however long it claims to be."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self.close = lambda: None

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= DIRECTORY_BYTES_MAX:
            size = DIRECTORY_BYTES_MAX + 1
        block = self._file.read(size)
        if len(block) > DIRECTORY_BYTES_MAX:
            raise zipfile.BadZipFile(f"its directory is longer than {DIRECTORY_BYTES_MAX} bytes")
        return block


def _members(archive: zipfile.ZipFile, name: str) -> tuple[ZipMember, ...]:
    infos = archive.infolist()
    if len(infos) > MEMBERS_MAX:
        raise BadRequest(f"a zip of {len(infos)} members, at most {MEMBERS_MAX} are read", where=name)
    total = sum(info.file_size for info in infos)
    if total > TOTAL_BYTES_MAX:
        raise BadRequest(f"a zip of {total} bytes unpacked, at most {TOTAL_BYTES_MAX} are read", where=name)
    faults = _overlapping(archive)
    return tuple(
        ZipMember(label(info.filename), info.file_size, place, faults.get(place) or _fault(info))
        for place, info in enumerate(infos)
        if not info.is_dir() and not info.filename.startswith("__MACOSX/")  # what macOS adds beside each file
    )


def _fault(info: zipfile.ZipInfo) -> str:
    if info.flag_bits & 0x1:
        return "it is encrypted"
    if info.compress_type not in _METHODS:
        return f"it is packed by method {info.compress_type}, read are stored and deflated"
    if info.file_size > SWELL_BYTES_FREE and info.file_size > SWELL_MAX * info.compress_size:
        return f"it would swell from {info.compress_size} to {info.file_size} bytes"
    return ""


def _overlapping(archive: zipfile.ZipFile) -> dict[int, str]:
    """Members that share bytes: how a small archive unpacks to more than any ratio of its members shows."""
    spans = sorted(
        (info.header_offset, info.header_offset + _LOCAL_HEADER_BYTES + info.compress_size, place)
        for place, info in enumerate(archive.infolist())
    )
    faults: dict[int, str] = {}
    end, before = 0, 0
    for start, stop, place in spans:
        if start < end:
            faults[place] = faults[before] = "it shares its bytes with another member"
        if stop > end:
            end, before = stop, place
    return faults


def label(name: str) -> str:
    """A member's name as a label: no way out of a folder, no control characters, at most 200 characters."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    shown = "".join(sign if sign.isprintable() else "�" for sign in "/".join(parts)[-NAME_CHARS_MAX:])
    return shown.lstrip("/") or "unnamed"
