"""The code of a notice: what a person reads out to the number on the bill, or types into the known website.

65 bits of HMAC-SHA256 that only the issuer can make, and a check character. Only its SHA-256 is kept.
"""

from __future__ import annotations

import hashlib
import hmac

from tocsin.proof.alphabet import ALPHABET, VALUE_BY_CHARACTER, encode_base32, grouped, normalise

CODE_CHARACTERS = 13  # 65 bits
SECRET_BYTES_MIN = 32
_DOMAIN = b"tocsin-code-v1\n"


def make_code(secret: bytes, notice: str) -> str:
    """`XXXXX-XXXXX-XXXX` for the notice of this reference: always the same one, and nobody else can tell it.

    `secret` is the issuer's, at least 32 bytes; a shorter one raises ValueError.
    """
    if len(secret) < SECRET_BYTES_MIN:
        raise ValueError(f"the issuer's secret is shorter than {SECRET_BYTES_MIN} bytes")
    body = encode_base32(hmac.digest(secret, _DOMAIN + notice.encode(), "sha256"), CODE_CHARACTERS)
    return grouped(body + check_character(body))


def normalise_code(text: str) -> str:
    """The 14 characters of a code as a person typed it. Raises ValueError when it cannot be a code."""
    kept = normalise(text)
    if len(kept) != CODE_CHARACTERS + 1:
        raise ValueError(f"a code has {CODE_CHARACTERS + 1} characters, this has {len(kept)}")
    if check_character(kept[:-1]) != kept[-1]:
        raise ValueError("a character of the code is wrong, or two have changed places")
    return kept


def code_digest(code: str) -> str:
    """Hex SHA-256 of the normal form: all that is ever stored. Raises ValueError like `normalise_code`."""
    return hashlib.sha256(normalise_code(code).encode()).hexdigest()


def check_character(body: str) -> str:
    """The sum of the characters, each weighted by its own power of x, in GF(32).

    A changed character changes the sum, since no weight is 0; two that change places do, since no two weights are
    equal (x has order 31 and a code has 14 characters). That is more than a sum modulo 32 could promise.
    """
    total = 0
    for character in body:
        total = _times_x(total ^ VALUE_BY_CHARACTER[character])
    return ALPHABET[total]


def _times_x(value: int) -> int:
    """In GF(32) with x^5 + x^2 + 1, under which x is primitive."""
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled
