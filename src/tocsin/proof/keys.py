"""Issuers' keys: Ed25519 (RFC 8032), each with an id that follows from it, a validity and, perhaps, an end."""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tocsin.proof.alphabet import encode_base32, grouped, normalise
from tocsin.proof.private_file import write_new
from tocsin.terms.errors import BadRequest
from tocsin.terms.moments import format_moment, parse_moment

ID_CHARACTERS = 10  # finds a key among those known; trust rests on the whole key
FINGERPRINT_CHARACTERS = 25  # 125 bits: another key with the same fingerprint cannot be made
KEY_FILE_BYTES_MAX = 4_096
_DOMAIN = b"tocsin-key-v1\n"
_FENCE = "-----BEGIN"


@dataclass(frozen=True)
class PublicKey:
    """What the world may know of an issuer's key. `raw` is its 32 bytes."""

    raw: bytes
    issuer: str
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None

    @property
    def id(self) -> str:
        return key_id(self.raw)


@dataclass(frozen=True)
class SecretKey:
    """What only the issuer has. Its text form never shows the secret."""

    issuer: str
    not_before: datetime
    not_after: datetime
    private: Ed25519PrivateKey = field(repr=False, compare=False)
    raw_public: bytes

    @property
    def id(self) -> str:
        return key_id(self.raw_public)

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.raw_public, self.issuer, self.not_before, self.not_after)

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message)


def generate_key(issuer: str, not_before: datetime, not_after: datetime) -> SecretKey:
    """A new key for the issuer's domain, valid for notices issued within [not_before, not_after]."""
    return _secret_key(Ed25519PrivateKey.generate(), issuer, not_before, not_after)


def key_from_seed(seed: bytes, issuer: str, not_before: datetime, not_after: datetime) -> SecretKey:
    """The key of these 32 bytes: for vectors, and for demos that must be the same twice."""
    return _secret_key(Ed25519PrivateKey.from_private_bytes(seed), issuer, not_before, not_after)


def _secret_key(private: Ed25519PrivateKey, issuer: str, not_before: datetime, not_after: datetime) -> SecretKey:
    if not_after <= not_before:
        raise ValueError("the key would end before it begins")
    return SecretKey(issuer.lower(), not_before, not_after, private, private.public_key().public_bytes_raw())


def key_id(raw_public: bytes) -> str:
    """The first 10 characters of the fingerprint, lower case."""
    return _fingerprint_characters(raw_public)[:ID_CHARACTERS]


def fingerprint(public: PublicKey | SecretKey | bytes) -> str:
    """`XXXXX-XXXXX-XXXXX-XXXXX-XXXXX`: fits on a bill and can be read out."""
    raw = public if isinstance(public, bytes) else public.raw if isinstance(public, PublicKey) else public.raw_public
    return grouped(_fingerprint_characters(raw))


def normalise_fingerprint(text: str) -> str:
    """A fingerprint as a person copied it, to the printed form. Raises ValueError when it cannot be one."""
    kept = normalise(text)
    if len(kept) != FINGERPRINT_CHARACTERS:
        raise ValueError(f"a fingerprint has {FINGERPRINT_CHARACTERS} characters, this has {len(kept)}")
    return grouped(kept)


def _fingerprint_characters(raw_public: bytes) -> str:
    return encode_base32(hashlib.sha256(_DOMAIN + raw_public).digest(), FINGERPRINT_CHARACTERS)


def is_signed(raw_public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether this key signed these bytes. A key that is no point of the curve has signed nothing."""
    try:
        Ed25519PublicKey.from_public_bytes(raw_public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def encode_key(raw_public: bytes) -> str:
    return b64encode(raw_public).decode()


def decode_key(text: str) -> bytes:
    """The 32 bytes of a public key in base64. Raises ValueError."""
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise ValueError(f"not base64: {text[:60]!r}") from error
    if len(raw) != 32:
        raise ValueError(f"an Ed25519 public key has 32 bytes, this has {len(raw)}")
    return raw


def save_key(key: SecretKey, path: Path) -> None:
    """PEM (PKCS 8) that only its owner can read, with issuer and validity as text before it (RFC 7468 §5.2).

    Never writes over a file that exists: BadRequest.
    """
    pem = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    lines = (
        f"issuer: {key.issuer}",
        f"from: {format_moment(key.not_before)}",
        f"until: {format_moment(key.not_after)}",
    )
    try:
        write_new(path, "\n".join((*lines, pem)).encode())
    except FileExistsError as error:
        raise BadRequest("a key is there already", where=str(path), remedy="choose another name") from error


def load_key(path: Path) -> SecretKey:
    """The key that `save_key` wrote. BadRequest when it is absent, open to others, or not of that form."""
    try:
        if path.stat().st_mode & 0o077:
            raise BadRequest("others can read this key", where=str(path), remedy=f"chmod 600 {path}")
        with path.open(encoding="utf-8") as file:
            return _parse_key(file.read(KEY_FILE_BYTES_MAX))
    except FileNotFoundError as error:
        raise BadRequest("no key here", where=str(path), remedy="make one with `tocsin init`") from error
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest("not a key that Tocsin wrote", where=str(path)) from error


def _parse_key(text: str) -> SecretKey:
    head, fence, pem = text.partition(_FENCE)
    stated = dict(line.split(": ", 1) for line in head.splitlines() if line.strip())
    private = load_pem_private_key((fence + pem).encode(), password=None)
    if not isinstance(private, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return _secret_key(private, stated["issuer"], parse_moment(stated["from"]), parse_moment(stated["until"]))
