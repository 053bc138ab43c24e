"""A clearing house's list of issuers' keys: JSON, numbered, signed with its own Ed25519 key, dated at both ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from tocsin.proof.envelope import Sealed, seal_document
from tocsin.proof.keys import PublicKey, SecretKey, decode_key, encode_key
from tocsin.terms.moments import format_moment

KEY_LIST_BYTES_MAX = 1_048_576
_DOMAIN = b"tocsin-key-list-v1\n"
_WHAT = "list"
_Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class ListedKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A key as the list states it."""

    issuer: str
    name: str
    key: str  # base64
    not_before: _Moment
    not_after: _Moment
    revoked_at: _Moment | None = None


class KeyList(msgspec.Struct, frozen=True, kw_only=True):
    """A list that was signed by the key it was checked against. Each has a higher number than the one before."""

    publisher: str
    number: int = 0
    issued_at: _Moment
    expires_at: _Moment
    keys: tuple[ListedKey, ...]


def listed_key(public: PublicKey, name: str) -> ListedKey:
    return ListedKey(
        issuer=public.issuer,
        name=name,
        key=encode_key(public.raw),
        not_before=public.not_before,
        not_after=public.not_after,
        revoked_at=public.revoked_at,
    )


def make_key_list(keys: KeyList, publisher_key: SecretKey) -> bytes:
    """The file: `{"list": {...}, "signature": base64}`."""
    return seal_document(_WHAT, _DOMAIN, msgspec.to_builtins(keys), publisher_key)


def read_key_list(raw: bytes, publisher_public: bytes) -> KeyList:
    """The list, if this publisher signed it. Raises ValueError when not, or when it is not of the form."""
    sealed = Sealed(_WHAT, _DOMAIN, raw, KEY_LIST_BYTES_MAX)
    if not sealed.is_by(publisher_public):
        raise ValueError("the list is not signed by the key that is pinned for it")
    keys = msgspec.convert(sealed.body, type=KeyList)  # ValidationError is a ValueError
    for listed in keys.keys:
        decode_key(listed.key)
    return keys


def signer_of(raw: bytes, publics: Sequence[bytes]) -> bytes | None:
    """Which of these keys signed the list; None when none did. Raises ValueError when it is not of the form."""
    sealed = Sealed(_WHAT, _DOMAIN, raw, KEY_LIST_BYTES_MAX)
    return next((public for public in publics if sealed.is_by(public)), None)


def follow(before: KeyList | None, after: KeyList) -> KeyList:
    """What a publisher signs after the list before: its number is higher, and what was withdrawn stays withdrawn.

    A withdrawn key that is no longer named is carried over. Raises ValueError for one that is named as if it were good.
    """
    if before is None:
        return msgspec.structs.replace(after, number=max(after.number, 1))
    named = {listed.key: listed for listed in after.keys}
    carried = []
    for old in before.keys:
        if old.revoked_at is None:
            continue
        again = named.get(old.key)
        if again is None:
            carried.append(old)
        elif again.revoked_at is None:
            gone = format_moment(old.revoked_at)
            raise ValueError(f"the key of {old.issuer} was withdrawn on {gone} and cannot come back")
    return msgspec.structs.replace(after, number=before.number + 1, keys=(*after.keys, *carried))


def demand_newer(before: KeyList, after: KeyList) -> None:
    """Raises ValueError for a list that would turn the clock back: a lower number, or another list of the same one."""
    if after.number < before.number:
        raise ValueError(f"the list {after.number} is older than the list {before.number} that you have")
    if after.number == before.number and after != before:
        raise ValueError(f"there are two different lists with the number {after.number}")
