"""What the reader knows: the issuers' keys he trusts, why he does, his own mail addresses, and organisations.

A key is trusted because it was pinned, because its fingerprint stood on the bill, or because a clearing house whose own
key is pinned has put it on its signed list. Nothing that a mail carries adds to this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tocsin.proof.keylist import KEY_LIST_BYTES_MAX, KeyList, ListedKey, demand_newer, read_key_list, signer_of
from tocsin.proof.keys import PublicKey, decode_key, encode_key, fingerprint, normalise_fingerprint
from tocsin.proof.organisations import Organisation
from tocsin.terms.errors import BadConfig
from tocsin.terms.moments import format_moment

KNOWN_BYTES_MAX = 1_048_576
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
TrustedBy = Literal["pin", "bill", "list"]
_ALWAYS = (datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))


class KnownKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that the reader trusts for one issuer."""

    issuer: str  # the domain, lower case
    name: str
    fingerprint: str  # the whole of it, as printed: what a proof's own key must match
    not_before: datetime
    not_after: datetime
    revoked_at: datetime | None = None
    trusted_by: TrustedBy = "pin"
    list_name: str | None = None  # the clearing house, where it vouches for the key
    list_starts_at: datetime | None = None
    list_ends_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.fingerprint.replace("-", "").lower()[:10]


class ClearingHouse(msgspec.Struct, frozen=True, kw_only=True):
    """A clearing house whose own key is pinned: its lists and its confirmations count."""

    name: str
    public: bytes


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a check may rest on. Empty is allowed: then nothing is ever trusted."""

    keys: tuple[KnownKey, ...] = ()
    clearing_houses: tuple[ClearingHouse, ...] = ()
    addresses: tuple[str, ...] = ()  # the reader's own, lower case
    organisations: tuple[Organisation, ...] = ()  # besides those that Tocsin ships; one of the same name replaces it

    def keys_of(self, raw_public: bytes) -> tuple[KnownKey, ...]:
        """All that is known of this key; pinned ones first."""
        printed = fingerprint(raw_public)
        return tuple(key for key in self.keys if key.fingerprint == printed)

    def issuers(self) -> frozenset[str]:
        return frozenset(key.issuer for key in self.keys)


class _KeyEntry(msgspec.Struct, forbid_unknown_fields=True):
    issuer: str
    name: str
    key: str | None = None
    fingerprint: str | None = None
    not_before: Moment | None = None
    not_after: Moment | None = None
    revoked_at: Moment | None = None
    trusted_by: Literal["pin", "bill"] | None = None


class _ListEntry(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    key: str
    path: str = ""  # where the list lies; without one only lists that are handed in count
    number_min: int = 0  # an older list is refused


class _House(msgspec.Struct, frozen=True):
    """An entry with the list that lies at its path, if one does."""

    entry: _ListEntry
    public: bytes
    where: str
    found: KeyList | None


class _Reader(msgspec.Struct, forbid_unknown_fields=True):
    addresses: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    keys: list[_KeyEntry] = msgspec.field(default_factory=list, name="key")
    lists: list[_ListEntry] = msgspec.field(default_factory=list, name="list")
    organisations: list[Organisation] = msgspec.field(default_factory=list, name="organisation")
    reader: _Reader = msgspec.field(default_factory=_Reader)


def load_known(path: Path, trust: Sequence[Path] = ()) -> Known:
    """Reads known.toml and the lists it names (beside it). BadConfig says which entry is wrong and what is allowed.

    `trust` are further lists: each must be signed by a clearing house whose key the file pins, and be no older than
    the list that it has already; it takes that list's place. One that is signed by anybody else is a BadConfig.
    """
    entries = _decode_file(_read(path, KNOWN_BYTES_MAX), path)
    keys = [_pinned(entry, f"{path}: key {number}") for number, entry in enumerate(entries.keys, 1)]
    houses = [_house(entry, path.parent, f"{path}: list {number}") for number, entry in enumerate(entries.lists, 1)]
    for handed in trust:
        houses = _with_list(houses, handed)
    return Known(
        keys=(*keys, *(key for house in houses for key in _vouched(house))),
        clearing_houses=tuple(ClearingHouse(name=house.entry.name, public=house.public) for house in houses),
        addresses=tuple(address.strip().lower() for address in entries.reader.addresses),
        organisations=tuple(entries.organisations),
    )


def pinned_keys(path: Path) -> list[ListedKey]:
    """The keys that a known.toml pins, as a clearing house lists them. BadConfig for one without its whole key."""
    listed = []
    for number, entry in enumerate(_decode_file(_read(path, KNOWN_BYTES_MAX), path).keys, 1):
        where = f"{path}: key {number}"
        known = _pinned(entry, where)
        if entry.key is None:
            raise BadConfig(
                "a list needs the key itself, not its fingerprint", where=where, remedy="`tocsin keys show`"
            )
        listed.append(
            ListedKey(
                issuer=known.issuer,
                name=known.name,
                key=entry.key,
                not_before=known.not_before,
                not_after=known.not_after,
                revoked_at=known.revoked_at,
            )
        )
    return listed


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A list that may take another's place: its bytes, where it belongs, its number and that of the list before."""

    place: Path
    raw: bytes
    number: int
    before: int | None


def newer_list(path: Path, known: Path) -> Taken:
    """The list at `path`, if a clearing house that `known` pins has signed it and it is no older than the one there."""
    entries = _decode_file(_read(known, KNOWN_BYTES_MAX), known).lists
    houses = []
    for number, entry in enumerate(entries, 1):
        is_there = bool(entry.path) and (known.parent / entry.path).exists()
        used = entry if is_there else msgspec.structs.replace(entry, path="")
        houses.append(_house(used, known.parent, f"{known}: list {number}"))
    for entry, was, now in zip(entries, houses, _with_list(houses, path), strict=True):
        if now is not was and now.found is not None:
            if not entry.path:
                raise BadConfig("no path is named for this list", where=was.where, remedy='add path = "list.json"')
            before = was.found.number if was.found else None
            place = known.parent / entry.path
            return Taken(place=place, raw=_read(path, KEY_LIST_BYTES_MAX), number=now.found.number, before=before)
    raise AssertionError("_with_list has replaced none")


def pin(public: PublicKey, name: str) -> KnownKey:
    """The key as a reader pins it."""
    return KnownKey(
        issuer=public.issuer,
        name=name,
        fingerprint=fingerprint(public),
        not_before=public.not_before,
        not_after=public.not_after,
        revoked_at=public.revoked_at,
    )


def format_known(keys: list[tuple[PublicKey, str]], addresses: list[str]) -> str:
    """The text of a known.toml that pins these keys, each with its issuer's name."""
    blocks = [f"[reader]\naddresses = [{', '.join(_quote(address) for address in addresses)}]\n"]
    for public, name in keys:
        lines = [
            "[[key]]",
            f"issuer = {_quote(public.issuer)}",
            f"name = {_quote(name)}",
            f"key = {_quote(encode_key(public.raw))}  # {fingerprint(public)}",
            f"not_before = {format_moment(public.not_before)}",
            f"not_after = {format_moment(public.not_after)}",
        ]
        if public.revoked_at is not None:
            lines.append(f"revoked_at = {format_moment(public.revoked_at)}")
        blocks.append("\n".join((*lines, "")))
    return "\n".join(blocks)


def _pinned(entry: _KeyEntry, where: str) -> KnownKey:
    try:
        printed = _printed(entry)
    except ValueError as error:
        raise BadConfig(str(error), where=where) from error
    if entry.key is not None and (entry.not_before is None or entry.not_after is None):
        raise BadConfig("a pinned key needs not_before and not_after", where=where)
    return KnownKey(
        issuer=entry.issuer.lower(),
        name=entry.name,
        fingerprint=printed,
        not_before=entry.not_before or _ALWAYS[0],
        not_after=entry.not_after or _ALWAYS[1],
        revoked_at=entry.revoked_at,
        trusted_by=entry.trusted_by or ("pin" if entry.key is not None else "bill"),
    )


def _printed(entry: _KeyEntry) -> str:
    if entry.key is not None and entry.fingerprint is None:
        return fingerprint(decode_key(entry.key))
    if entry.fingerprint is not None and entry.key is None:
        return normalise_fingerprint(entry.fingerprint)
    raise ValueError("an entry has either key (base64) or fingerprint (from the bill)")


def _house(entry: _ListEntry, folder: Path, where: str) -> _House:
    try:
        raw = _read(folder / entry.path, KEY_LIST_BYTES_MAX) if entry.path else b""
        public = decode_key(entry.key)
        found = read_key_list(raw, public) if entry.path else None
        if found is not None and found.number < entry.number_min:
            raise ValueError(f"the list {found.number} is older than the list {entry.number_min} (number_min)")
    except ValueError as error:
        raise BadConfig(str(error), where=where) from error
    return _House(entry, public, where, found)


def _with_list(houses: list[_House], path: Path) -> list[_House]:
    """The houses, with this list in the place of its signer's."""
    raw = _read(path, KEY_LIST_BYTES_MAX)
    try:
        signer = signer_of(raw, [house.public for house in houses])
        if signer is None:
            raise ValueError("the list is signed by no clearing house that you know: nobody is trusted by it")
        return [_replaced(house, read_key_list(raw, signer)) if house.public == signer else house for house in houses]
    except ValueError as error:
        remedy = "pin the clearing house's key as [[list]] in known.toml, and take a list that is not older"
        raise BadConfig(str(error), where=str(path), remedy=remedy) from error


def _replaced(house: _House, newer: KeyList) -> _House:
    if house.found is not None:
        demand_newer(house.found, newer)
    if newer.number < house.entry.number_min:
        raise ValueError(f"the list {newer.number} is older than the list {house.entry.number_min} (number_min)")
    return _House(house.entry, house.public, house.where, newer)


def _vouched(house: _House) -> Iterator[KnownKey]:
    for listed in house.found.keys if house.found else ():
        yield KnownKey(
            issuer=listed.issuer.lower(),
            name=listed.name,
            fingerprint=fingerprint(decode_key(listed.key)),
            not_before=listed.not_before,
            not_after=listed.not_after,
            revoked_at=listed.revoked_at,
            trusted_by="list",
            list_name=house.entry.name,
            list_starts_at=house.found.issued_at if house.found else None,
            list_ends_at=house.found.expires_at if house.found else None,
        )


def _decode_file(raw: bytes, path: Path) -> _File:
    try:
        return msgspec.toml.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadConfig(str(error), where=str(path)) from error


def _read(path: Path, bytes_max: int) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(bytes_max + 1)
    except OSError as error:
        raise BadConfig(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(raw) > bytes_max:
        raise BadConfig(f"longer than {bytes_max} bytes", where=str(path))
    return raw


def _quote(text: str) -> str:
    return msgspec.json.encode(text).decode()  # a JSON string is a TOML basic string
