"""A mail in a mailbox, and the one door to mailboxes of both kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec


class Place(msgspec.Struct, frozen=True):
    """How far a folder has been read: everything up to `uid`, of this `uid_validity` (RFC 3501 §2.3.1.1)."""

    uid_validity: int
    uid: int


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the mailbox's own for it; `place` is where reading goes on after it, in a mailbox that keeps one."""

    mailbox: str
    name: str
    raw: bytes
    place: Place | None = None


class Mailbox(Protocol):
    """Raises Unreachable or StorageFailed; what was not `filed` by then comes again."""

    def batches(self) -> Iterator[Sequence[Letter]]:
        """Letters that were not filed yet, oldest first, a few at a time."""
        ...

    def filed(self, letter: Letter, *, is_ours: bool) -> None:
        """The book knows it now. What is not ours stays as it is, unread."""
        ...

    def discard(self, letter: Letter) -> None:
        """It has been dealt with, and nothing of it is to stay."""
        ...
