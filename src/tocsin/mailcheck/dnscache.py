"""DNS as it was: a file of answers, each with the moment when it was asked for.

One JSON object a line: `name`, `kind`, `answers`, `asked_at` (RFC 3339), `status` (`NOERROR` or `NXDOMAIN`). A mail is
judged by the answers of the time when it was received; a key that is withdrawn later takes nothing back.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec

from tocsin.mailcheck.limits import CACHE_ANSWERS_MAX, CACHE_BYTES_MAX
from tocsin.mailcheck.resolver import NotLookedUp, RecordKind, Resolver
from tocsin.terms.errors import BadRequest

BEFORE_MAX = timedelta(days=30)  # an answer is believed to have held for so long after it was given
AFTER_MAX = timedelta(days=7)  # and before


class CachedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What DNS said at one moment. No answers where the name has none of the kind (NOERROR) or is not there."""

    name: str
    kind: RecordKind
    answers: tuple[str, ...] = ()
    asked_at: datetime
    status: Literal["NOERROR", "NXDOMAIN"] = "NOERROR"

    def to_line(self) -> bytes:
        return msgspec.json.encode(self) + b"\n"


class DnsCache:
    """Answers by question, oldest first. As a resolver it says what was said last; `as_of` a moment, what held then."""

    def __init__(self, answers: Sequence[CachedAnswer], source: str = "the DNS cache") -> None:
        self.source = source
        self._dated: dict[tuple[str, str], list[CachedAnswer]] = {}
        for answer in sorted(answers, key=lambda one: one.asked_at):
            self._dated.setdefault((_plain(answer.name), answer.kind), []).append(answer)

    def __call__(self, name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
        held = self._dated.get((_plain(name), kind))
        if not held:
            raise NotLookedUp(f"{self.source} holds no answer of that time for {_plain(name)}")
        return held[-1].answers

    def as_of(self, at: datetime | None) -> Resolver:
        """The resolver of that moment; of the last one when it is not known."""
        if at is None:
            return self

        def resolve(name: str, kind: RecordKind = "TXT") -> tuple[str, ...]:
            return self._then(_plain(name), kind, at)

        return resolve

    def _then(self, name: str, kind: RecordKind, at: datetime) -> tuple[str, ...]:
        held = self._dated.get((name, kind), [])
        place = bisect_right(held, at, key=lambda one: one.asked_at)
        if place and at - held[place - 1].asked_at <= BEFORE_MAX:
            return held[place - 1].answers
        if place < len(held) and held[place].asked_at - at <= AFTER_MAX:
            return held[place].answers
        raise NotLookedUp(f"{self.source} holds no answer of that time for {name}")


def read_cache(path: Path) -> DnsCache:
    """Reads the file. BadRequest with the line that cannot be read; a file that is not there yet is an empty one."""
    try:
        with path.open("rb") as file:
            raw = file.read(CACHE_BYTES_MAX + 1)
    except FileNotFoundError:
        return DnsCache((), str(path))
    except OSError as error:
        raise BadRequest(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(raw) > CACHE_BYTES_MAX:
        raise BadRequest(f"the DNS cache is longer than {CACHE_BYTES_MAX} bytes", where=str(path))
    return DnsCache(tuple(_answers(raw, path)), str(path))


def _answers(raw: bytes, path: Path) -> Iterator[CachedAnswer]:
    decoder = msgspec.json.Decoder(CachedAnswer)
    for count, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        try:
            answer = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise BadRequest(f"not an answer of a DNS cache: {error}", where=f"{path}:{count}") from error
        if answer.asked_at.tzinfo is None:
            raise BadRequest("asked_at has no time zone", where=f"{path}:{count}")
        if count > CACHE_ANSWERS_MAX:
            raise BadRequest(f"the DNS cache has more than {CACHE_ANSWERS_MAX} answers", where=str(path))
        yield answer


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
