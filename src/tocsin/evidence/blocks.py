"""Evidence to bytes: unpacked, as UTF-8, in blocks; a cut or damaged file gives what came before the damage."""

from __future__ import annotations

import bz2
import codecs
import zlib
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import BinaryIO, Protocol

import msgspec

from tocsin.engine.readers import ZstError, zst_stream
from tocsin.evidence.zips import SIGNATURES, ZipDamaged, ZipMember, opened_zip
from tocsin.terms.errors import BadRequest

BLOCK_BYTES = 1 << 22

_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


class Truncated(msgspec.Struct, frozen=True):
    """The last thing `open_blocks` gives when a compressed file ends too early or its bytes are damaged."""

    why: str


class _Decompressor(Protocol):
    """What zlib's and bz2's decompressors have in common; `unused_data` is what follows the end of a member."""

    eof: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


def open_blocks(
    evidence: Path | BinaryIO, *, block_bytes: int = BLOCK_BYTES, on_progress: Callable[[int], None] | None = None
) -> Iterator[bytes | Truncated]:
    """The decompressed bytes in blocks of about `block_bytes`; .gz, .bz2, .zst and .zip are known by their first bytes.

    A zip at a path is read where it holds one file. UTF-16 that begins with its byte order mark comes as UTF-8. A cut
    or damaged file gives everything before the damage and then one `Truncated`. `on_progress` is told how many bytes of
    the file itself have been read. Raises OSError when the file cannot be opened or read, and BadRequest for a zip that
    is not one file.
    """
    if isinstance(evidence, Path):
        member = zip_member(evidence)
        if member is not None:
            return _of_utf8(_zip_blocks(evidence, member, block_bytes, on_progress))
        return _of_utf8(_path_blocks(evidence, block_bytes, on_progress))
    return _of_utf8(_decompressed(_raw_blocks(evidence, block_bytes, on_progress), block_bytes))


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) in SIGNATURES


def zip_member(path: Path) -> ZipMember | None:
    """The one file of a zip; None where the file is no zip. Raises BadRequest for a zip of more files, or of none."""
    if not is_zip(path):
        return None
    with opened_zip(path) as archive:
        if len(archive.members) != 1:
            raise BadRequest(f"a zip of {len(archive.members)} files, where one is read", remedy="unpack it first")
        member = archive.members[0]
    if member.fault:
        raise BadRequest(f"{member.name}: {member.fault}", remedy="unpack it yourself and look")
    return member


def _path_blocks(
    path: Path, block_bytes: int, on_progress: Callable[[int], None] | None
) -> Iterator[bytes | Truncated]:
    with path.open("rb") as file:
        yield from _decompressed(_raw_blocks(file, block_bytes, on_progress), block_bytes)


def _zip_blocks(
    path: Path, member: ZipMember, block_bytes: int, on_progress: Callable[[int], None] | None
) -> Iterator[bytes | Truncated]:
    size, done = path.stat().st_size, 0
    try:
        with opened_zip(path) as archive:
            for block in archive.blocks(member, block_bytes):
                done += len(block)
                if on_progress is not None:
                    on_progress(size * done // max(member.bytes, done))
                yield block
    except ZipDamaged as error:
        yield Truncated(str(error))


def _of_utf8(blocks: Iterator[bytes | Truncated]) -> Iterator[bytes | Truncated]:
    """UTF-16 as UTF-8, where a byte order mark says that it is; everything else as it is.

    Half a surrogate pair becomes bytes that are no UTF-8, so that its line is a reject like any other.
    """
    head = next(blocks, b"")
    if isinstance(head, Truncated) or head[:2] not in _UTF16_BOMS:
        if head:
            yield head
        yield from blocks
        return
    decoder = codecs.getincrementaldecoder("utf-16")(errors="surrogatepass")
    for block in chain([head], blocks):
        if isinstance(block, Truncated):
            yield block
            return
        try:
            yield decoder.decode(block).encode(errors="surrogatepass")
        except UnicodeDecodeError as error:
            yield Truncated(f"UTF-16 text damaged: {error.reason}")
            return
    if decoder.getstate()[0]:
        yield Truncated("UTF-16 text ends within a character")


def _raw_blocks(file: BinaryIO, block_bytes: int, on_progress: Callable[[int], None] | None) -> Iterator[bytes]:
    done = 0
    while block := file.read(block_bytes):
        done += len(block)
        if on_progress is not None:
            on_progress(done)
        yield block


def _decompressed(raw: Iterator[bytes], block_bytes: int) -> Iterator[bytes | Truncated]:
    head = next(raw, b"")
    while 0 < len(head) < 4 and (more := next(raw, b"")):
        head += more  # a pipe may hand over a byte at a time
    blocks = _with_head(head, raw)
    if head.startswith(b"\x1f\x8b"):  # RFC 1952 §2.3.1
        yield from _members(blocks, "gzip", lambda: zlib.decompressobj(wbits=zlib.MAX_WBITS | 16), block_bytes)
    elif head.startswith(b"BZh"):
        yield from _members(blocks, "bzip2", bz2.BZ2Decompressor, block_bytes)
    elif head.startswith(b"\x28\xb5\x2f\xfd"):  # RFC 8878 §3.1.1
        yield from _zst(blocks, block_bytes)
    else:
        yield from blocks


def _with_head(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _members(
    raw: Iterator[bytes], name: str, make: Callable[[], object], block_bytes: int
) -> Iterator[bytes | Truncated]:
    """One member after another (RFC 1952 §2.2: a file may have several); zero padding after one is let pass."""
    decompressor: _Decompressor | None = None
    try:
        for block in raw:
            pending = block
            while pending:
                if decompressor is None:
                    pending = pending.lstrip(b"\0")
                    if not pending:
                        break
                    decompressor = make()  # type: ignore[assignment]  # zlib's and bz2's share no base class
                assert decompressor is not None
                yield from _inflate(decompressor, pending, block_bytes)
                pending = decompressor.unused_data if decompressor.eof else b""
                decompressor = None if decompressor.eof else decompressor
    except (zlib.error, OSError) as error:  # bz2 raises OSError
        yield Truncated(f"{name} data damaged: {error}")
        return
    if decompressor is not None:
        yield Truncated(f"{name} data ends too early")


def _inflate(decompressor: _Decompressor, data: bytes, block_bytes: int) -> Iterator[bytes]:
    """Everything that `data` holds, never more than a block at once: a small input can be a bomb."""
    made = decompressor.decompress(data, block_bytes)
    while made:
        yield made
        if decompressor.eof:
            return
        made = decompressor.decompress(getattr(decompressor, "unconsumed_tail", b""), block_bytes)


def _zst(raw: Iterator[bytes], block_bytes: int) -> Iterator[bytes | Truncated]:
    try:
        yield from zst_stream(raw, block_bytes)
    except ZstError as error:
        yield Truncated(f"zstd data damaged or cut: {error}")
