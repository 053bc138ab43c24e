"""A clearing house's list of issuers' keys: JSON, signed with its own Ed25519 key, dated at both ends."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from datetime import datetime
from typing import Annotated

import msgspec

from tocsin.proof.canonical import canonical_json
from tocsin.proof.keys import PublicKey, SecretKey, decode_key, encode_key, is_signed

KEY_LIST_BYTES_MAX = 1_048_576
_DOMAIN = b"tocsin-key-list-v1\n"
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
    """A list that was signed by the key it was checked against."""

    publisher: str
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
    body = msgspec.to_builtins(keys)
    signature = publisher_key.sign(_DOMAIN + canonical_json(body))
    envelope = {"list": body, "signature": b64encode(signature).decode()}
    return json.dumps(envelope, indent=1, sort_keys=True, ensure_ascii=False).encode() + b"\n"


def read_key_list(raw: bytes, publisher_public: bytes) -> KeyList:
    """The list, if this publisher signed it. Raises ValueError when not, or when it is not of the form."""
    if len(raw) > KEY_LIST_BYTES_MAX:
        raise ValueError(f"the list is longer than {KEY_LIST_BYTES_MAX} bytes")
    try:
        envelope = json.loads(raw)
        body, signature = envelope["list"], b64decode(envelope["signature"], validate=True)
    except (KeyError, TypeError, ValueError, RecursionError, Base64Error) as error:
        raise ValueError("not a key list: {list, signature}") from error
    if not is_signed(publisher_public, signature, _DOMAIN + _signed_bytes(body)):
        raise ValueError("the list is not signed by the key that is pinned for it")
    keys = msgspec.convert(body, type=KeyList)  # ValidationError is a ValueError
    for listed in keys.keys:
        decode_key(listed.key)
    return keys


def _signed_bytes(body: object) -> bytes:
    try:
        return canonical_json(body)
    except RecursionError as error:
        raise ValueError("not a key list: nested too deep") from error
