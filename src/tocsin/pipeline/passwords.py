"""Passwords: which are taken, how they are kept (argon2id), and a check that takes as long for a name nobody has."""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING

from tocsin.terms.errors import BadConfig, BadRequest

if TYPE_CHECKING:
    from argon2 import PasswordHasher

LENGTH_MIN, LENGTH_MAX = 12, 256  # OWASP ASVS 5.0 §6.2: long rather than motley, and no rule about signs
_KINDS_MIN = 5  # different signs
_AT_ONCE = BoundedSemaphore(2)  # each takes 64 MiB for a twentieth of a second
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
)
_WORN = (
    *("password", "passwort", "passw0rd", "p@ssw0rd", "p@ssword", "letmein", "welcome", "willkommen", "iloveyou"),
    *("admin", "administrator", "qwerty", "qwertz", "azerty", "abc123", "changeme", "default", "secret", "geheim"),
    *("monkey", "dragon", "sunshine", "princess", "football", "baseball", "superman", "batman", "trustno", "master"),
    *("hello", "login", "access", "shadow", "michael", "jordan", "summer", "winter", "spring", "autumn", "tocsin"),
)


def fault_of(password: str, *, name: str, house: str = "") -> str:
    """What is wrong with it, for whoever typed it; '' when nothing is."""
    text = _plain(password).lower()
    if len(text) < LENGTH_MIN:
        return f"Too short: at least {LENGTH_MIN} signs. Four words that have nothing to do with each other are good."
    if len(text) > LENGTH_MAX:
        return f"Too long: at most {LENGTH_MAX} signs."
    if len(set(text)) < _KINDS_MIN:
        return "Too few different signs."
    if len(_without_worn(text, [name, *name.replace("@", ".").split("."), *house.lower().split()])) < LENGTH_MIN // 2:
        return "That is among the first that are tried: well-worn words, your name or this house's, rows of keys."
    return ""


def is_listed(password: str, file: Path) -> bool:
    """Whether it stands in a list of passwords that are known to be out, one a line. BadConfig: it cannot be read."""
    wanted = _plain(password).encode()
    try:
        with file.open("rb") as lines:
            return any(line.rstrip(b"\r\n") == wanted for line in lines)
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror}", where="people.refused_passwords") from error


def hash_password(password: str) -> str:
    """Its argon2id hash, with salt and parameters."""
    with _AT_ONCE:
        return _hasher().hash(_plain(password))


def is_right(kept: str | None, password: str) -> bool:
    """Whether it is the one. As long as for any other when there is none to compare with."""
    from argon2.exceptions import InvalidHashError, VerificationError  # noqa: PLC0415 - see _hasher

    with _AT_ONCE:
        try:
            return _hasher().verify(kept or _nobodys(), _plain(password)[: LENGTH_MAX + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether it was hashed with less work than is asked for today."""
    return _hasher().check_needs_rehash(kept)


def _plain(password: str) -> str:
    return unicodedata.normalize("NFKC", password)  # RFC 8265 §4.2: the same password from any keyboard


def _without_worn(text: str, own: list[str]) -> str:
    """What remains of it without words that everybody tries."""
    for word in sorted({*_WORN, *own}, key=lambda each: (-len(each), each)):
        if len(word) >= 4:
            text = text.replace(word, "")
    return "".join(
        sign
        for before, sign in zip(" " + text, text, strict=False)
        if not any(before + sign in row or before + sign in row[::-1] for row in _ROWS)
    )


@cache
def _hasher() -> PasswordHasher:
    try:
        from argon2 import PasswordHasher  # noqa: PLC0415 - of the extra [web], and not needed by most verbs
    except ModuleNotFoundError as error:
        raise BadRequest("argon2-cffi is not installed", remedy="pip install 'tocsin[web]'") from error
    return PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)  # above OWASP's least, RFC 9106 §4


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
