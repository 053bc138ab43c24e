"""Identities that follow from content: the same sighting read twice has the same id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import UUID

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def digest(*parts: str | None) -> str:
    """Hex SHA-256 over the parts, each with its length (in characters) before it; an absent part is `-`."""
    text = "".join("-" if part is None else f"{len(part)}:{part}" for part in parts)
    return sha256(text.encode()).hexdigest()


def sighting_id(
    source: str,
    kind: str,
    malware: str | None,
    seen_at: datetime,
    address: UUID,
    port: int | None,
    protocol: str | None,
    peer: UUID | None,
) -> UUID:
    """The engine's macro of the same name, in Python."""
    texts = (None if part is None else str(part) for part in (port, protocol, peer))
    return UUID(digest(source, kind, malware, str(epoch_us(seen_at)), str(address), *texts)[:32])
