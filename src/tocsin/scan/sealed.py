"""A file as the vault keeps it: encrypted, in pieces, so that nothing runs it or takes it for what it was.

`TOCSINV1`, 32 bytes of salt, then pieces (4 bytes length, ciphertext): the first is what is known of the file (JSON),
the others its bytes. Each piece is ChaCha20-Poly1305 (RFC 8439) under a key of this file alone (HKDF, RFC 5869); its
nonce counts the pieces and marks the last (STREAM), so that pieces can be neither exchanged nor cut off unseen.
"""

from __future__ import annotations

import secrets
import struct
from collections.abc import Iterator
from typing import IO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tocsin.scan.limits import SEALED_CHUNK_BYTES, SEALED_HEADER_BYTES_MAX
from tocsin.terms.errors import StorageFailed

KEY_BYTES = 32
_MAGIC = b"TOCSINV1"
_SALT_BYTES = 32
_TAG_BYTES = 16


class Held(msgspec.Struct, frozen=True):
    """What is known of a file in the vault; `path` is the bytes of its name. Times are nanoseconds since 1970."""

    id: str
    path: bytes
    sha256: str
    size: int
    mode: int
    owner: int
    group: int
    accessed_ns: int
    modified_ns: int
    taken_at: str
    why: str
    attributes: dict[str, bytes] = {}


def write_sealed(out: IO[bytes], key: bytes, held: Held, pieces: Iterator[bytes]) -> None:
    """`pieces` are at most a chunk each."""
    salt = secrets.token_bytes(_SALT_BYTES)
    cipher = _cipher(key, salt)
    out.write(_MAGIC + salt)
    kept = msgspec.json.encode(held)
    number = 0
    for piece in pieces:
        _write_piece(out, cipher, number, kept)
        kept, number = piece, number + 1
    _write_piece(out, cipher, number, kept, is_last=True)


def read_head(sealed: IO[bytes], key: bytes) -> Held:
    """What is known of the file, without its bytes. StorageFailed where key and file do not belong together."""
    for held in _pieces(sealed, key):
        return msgspec.json.decode(held, type=Held)
    raise AssertionError("a sealed file has a head or fails")


def read_sealed(sealed: IO[bytes], key: bytes) -> Iterator[bytes]:
    """The file's bytes. StorageFailed at the first that is not as it was written, or where the end is missing."""
    pieces = _pieces(sealed, key)
    next(pieces)
    yield from pieces


def _pieces(sealed: IO[bytes], key: bytes) -> Iterator[bytes]:
    name = str(getattr(sealed, "name", "a sealed file"))
    if sealed.read(len(_MAGIC)) != _MAGIC:
        raise StorageFailed("is no file of a vault", where=name)
    cipher = _cipher(key, sealed.read(_SALT_BYTES))
    number, piece = 0, _read_piece(sealed)
    while piece is not None:
        following = _read_piece(sealed)
        try:
            yield cipher.decrypt(_nonce(number, following is None), piece, None)
        except InvalidTag as error:
            raise StorageFailed(
                "cannot be opened: the key is another's, or the file was changed or cut",
                where=name,
                remedy="the key lies in the vault's folder as `key`; restore both from the same backup",
            ) from error
        number, piece = number + 1, following
    if not number:
        raise StorageFailed("cannot be opened: it is cut", where=name, remedy="restore it from a backup")


def _read_piece(sealed: IO[bytes]) -> bytes | None:
    head = sealed.read(4)
    if not head:
        return None
    size = int.from_bytes(head, "big")
    longest = max(SEALED_CHUNK_BYTES, SEALED_HEADER_BYTES_MAX) + _TAG_BYTES
    return sealed.read(min(size, longest))


def _write_piece(out: IO[bytes], cipher: ChaCha20Poly1305, number: int, piece: bytes, *, is_last: bool = False) -> None:
    text = cipher.encrypt(_nonce(number, is_last), piece, None)
    out.write(len(text).to_bytes(4, "big") + text)


def _nonce(number: int, is_last: bool) -> bytes:
    return struct.pack(">7xIB", number, is_last)


def _cipher(key: bytes, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), KEY_BYTES, salt, b"tocsin vault").derive(key))
