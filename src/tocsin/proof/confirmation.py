"""A clearing house's word that it gave a provider a sighting, and when: signed, and without a subscriber in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from tocsin.proof.envelope import Sealed, seal_document
from tocsin.proof.keys import SecretKey

CONFIRMATION_BYTES_MAX = 8_192
_DOMAIN = b"tocsin-confirmation-v1\n"  # a signed list is no confirmation, and the other way round
_WHAT = "confirmation"
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]
_Text = Annotated[str, msgspec.Meta(min_length=1, max_length=253)]


class Confirmation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """We gave this provider what is known under this reference. Moments are whole seconds, UTC."""

    clearing_house: _Text  # its domain
    name: _Text
    reference: _Text  # the sighting's id, or what else the report called it; the letter has it as "reference number"
    provider: _Text  # the domain in whose name it writes to its subscribers
    given_at: _Moment
    confirmed_at: _Moment


def make_confirmation(confirmation: Confirmation, key: SecretKey) -> bytes:
    """The file: `{"confirmation": {...}, "signature": base64}`. ValueError for a moment that is no whole second."""
    body = msgspec.to_builtins(confirmation, builtin_types=(datetime,))
    moments = {name: body[name] for name in ("given_at", "confirmed_at")}
    if any(moment.microsecond for moment in moments.values()):
        raise ValueError("a confirmation's moments are whole seconds")
    return seal_document(_WHAT, _DOMAIN, msgspec.to_builtins(confirmation), key)


def read_confirmation(raw: bytes, publics: Sequence[bytes]) -> tuple[Confirmation, bytes | None]:
    """What it says, and which of these keys signed it: None when none of them did, and then it says nothing.

    Raises ValueError when it is not of the form.
    """
    sealed = Sealed(_WHAT, _DOMAIN, raw, CONFIRMATION_BYTES_MAX)
    said = msgspec.convert(sealed.body, type=Confirmation)  # ValidationError is a ValueError
    return said, next((public for public in publics if sealed.is_by(public)), None)
