"""The second factor: TOTP (RFC 6238), its picture for the telephone, and codes for the day the telephone is gone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp
import segno
from markupsafe import Markup

from tocsin.book import Transaction, people
from tocsin.book.people import PersonRow
from tocsin.pipeline.sealing import seal, unseal

_STEP_S = 30
_CODES = 10
_CODE_BYTES = 15  # 120 bits each: a plain digest of it tells nothing (OWASP ASVS 5.0 §6.5.2)
TRIES_MAX = 5


def new_secret() -> str:
    return pyotp.random_base32()


def sealed(key: bytes, person: str, secret: str) -> bytes:
    return seal(key, person, secret.encode())


def opened(key: bytes, person: str, kept: bytes) -> str:
    return unseal(key, person, kept).decode()


def picture(secret: str, person: str, house: str) -> Markup:
    """The QR code, as SVG that stands in the page: no address of a picture that would hold the secret."""
    address = pyotp.TOTP(secret).provisioning_uri(name=person, issuer_name=house or "Tocsin")
    drawn = segno.make(address, error="m").svg_inline(scale=4, border=4, light="#fff", dark="#000", omitsize=False)
    return Markup(drawn)  # noqa: S704 - segno's own drawing; what it says stands in it as squares


def spaced(secret: str) -> str:
    """For who types it."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def step_of(secret: str, number: str, at: datetime) -> int | None:
    """The time step whose number that is: this one or a neighbour, since no clock is exact (RFC 6238 §5.2)."""
    now = int(at.timestamp()) // _STEP_S
    said = "".join(number.split())
    return next((step for step in (now, now - 1, now + 1) if _equal(_number(secret, step), said)), None)


def accept(tx: Transaction, person: PersonRow, key: bytes, typed: str, at: datetime) -> str:
    """`number` or `recovery` when it opens (and never again), else ''."""
    if person.totp is None:
        return ""
    step = step_of(opened(key, person.name, person.totp), typed, at)
    if step is not None and people.use_step(tx, person.name, step):
        return "number"
    return "recovery" if people.use_recovery(tx, person.name, digest_of(person.name, typed), at=at) else ""


def recovery_codes() -> list[str]:
    """To be written down."""
    return [
        "-".join(_chunks(base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower())) for _ in range(_CODES)
    ]


def digest_of(person: str, code: str) -> str:
    plain = "".join(sign for sign in code.lower() if sign.isalnum())[:40]
    return hashlib.sha256(f"{person} {plain}".encode()).hexdigest()


def _chunks(text: str) -> list[str]:
    return [text[at : at + 4] for at in range(0, len(text), 4)]


def _number(secret: str, step: int) -> str:
    return pyotp.TOTP(secret).at(step * _STEP_S)


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
