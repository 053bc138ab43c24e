"""Keys of programs: known by their digest, with scopes, for all networks or for a constituent's own."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from tocsin.book.book import Transaction
from tocsin.book.tables_people import api_keys


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key as the book knows it. `networks` empty: it may ask about all; `sources`: push as any."""

    handle: str
    name: str
    scopes: tuple[str, ...]
    networks: tuple[str, ...]
    sources: tuple[str, ...] = ()
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    used_at: datetime | None = None
    disabled_at: datetime | None = None
    disabled_by: str | None = None


def add(tx: Transaction, key: str, this: ApiKey) -> None:
    """`key` is the SHA-256 of what was handed out."""
    row = msgspec.structs.asdict(this) | {"key": key, "name": this.name[:100]}
    row |= {"scopes": " ".join(sorted(set(this.scopes))), "networks": " ".join(this.networks)}
    row |= {"sources": "\n".join(this.sources)}
    tx.execute(api_keys.insert().values(**row))


def find(tx: Transaction, key: str, *, at: datetime) -> ApiKey | None:
    """The key with that digest, while it opens."""
    stands = api_keys.c.disabled_at.is_(None) & (api_keys.c.expires_at.is_(None) | (api_keys.c.expires_at > at))
    row = tx.execute(sa.select(api_keys).where((api_keys.c.key == key) & stands)).mappings().one_or_none()
    return _key(row) if row else None


def every(tx: Transaction) -> list[ApiKey]:
    return [
        _key(row) for row in tx.execute(sa.select(api_keys).order_by(api_keys.c.name, api_keys.c.handle)).mappings()
    ]


def note_used(tx: Transaction, key: str, at: datetime) -> None:
    """To be called when `used_at` is of another day."""
    tx.execute(api_keys.update().where(api_keys.c.key == key).values(used_at=at))


def disable(tx: Transaction, handle: str, *, at: datetime, by: str) -> bool:
    """True when it opened something until now."""
    mine = (api_keys.c.handle == handle) & api_keys.c.disabled_at.is_(None)
    return tx.execute(api_keys.update().where(mine).values(disabled_at=at, disabled_by=by)).rowcount == 1


def _key(row: sa.RowMapping) -> ApiKey:
    values = {name: row[name] for name in ApiKey.__struct_fields__}
    values |= {name: tuple(row[name].split()) for name in ("scopes", "networks")}
    return ApiKey(**values | {"sources": tuple(row["sources"].splitlines())})
