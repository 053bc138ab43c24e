"""The issuer's DKIM key on disk: RSA with 2048 bits (RFC 8301 §3.2), PEM, readable by its owner only."""

from __future__ import annotations

from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from tocsin.proof.private_file import write_new
from tocsin.terms.errors import BadRequest

BITS = 2048
_BITS_MIN = 1024  # RFC 8301 §3.2: verifiers refuse less
_FILE_BYTES_MAX = 16_384


def generate_dkim_key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=BITS)


def save_dkim_key(key: RSAPrivateKey, path: Path) -> None:
    """Never writes over a file that exists: BadRequest."""
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        write_new(path, pem)
    except FileExistsError as error:
        raise BadRequest("a key is there already", where=str(path), remedy="choose another name") from error


def load_dkim_key(path: Path) -> RSAPrivateKey:
    """BadRequest when it is absent, open to others, or no RSA key of at least 1024 bits."""
    try:
        if path.stat().st_mode & 0o077:
            raise BadRequest("others can read this key", where=str(path), remedy=f"chmod 600 {path}")
        with path.open("rb") as file:
            key = load_pem_private_key(file.read(_FILE_BYTES_MAX), password=None)
    except FileNotFoundError as error:
        raise BadRequest("no key here", where=str(path), remedy="make one with `tocsin init`") from error
    except (ValueError, TypeError) as error:
        raise BadRequest("not a private key in PEM", where=str(path)) from error
    if not isinstance(key, RSAPrivateKey) or key.key_size < _BITS_MIN:
        raise BadRequest(f"not an RSA key of at least {_BITS_MIN} bits", where=str(path))
    return key
