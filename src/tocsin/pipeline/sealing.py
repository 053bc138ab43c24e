"""Small secrets that must be read again (a second factor's): sealed with a key of the house, bound to their owner."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tocsin.terms.errors import StorageFailed

_NONCE_BYTES = 12


def seal(secret: bytes, owner: str, text: bytes) -> bytes:
    """`text`, readable only with the house's `secret` and for that owner."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(_key(secret)).encrypt(nonce, text, owner.encode())


def unseal(secret: bytes, owner: str, sealed: bytes) -> bytes:
    """StorageFailed when it is another house's, another owner's, or was changed."""
    try:
        return AESGCM(_key(secret)).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], owner.encode())
    except (InvalidTag, ValueError) as error:
        raise StorageFailed(
            f"the second factor of {owner} cannot be opened with this house's key",
            remedy="restore keys/ from the backup that the book is of, or set it up anew",
        ) from error


def _key(secret: bytes) -> bytes:
    return hmac.new(secret, b"sealing", hashlib.sha256).digest()
