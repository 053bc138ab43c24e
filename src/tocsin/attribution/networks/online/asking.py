"""How a client asks: from what is kept if it can, else on the net, never faster than allowed."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from tocsin.attribution.networks.config import OnlineConfig
from tocsin.attribution.networks.online.cache import Cache
from tocsin.attribution.networks.online.fetch import FetchFailed, fetch
from tocsin.attribution.subscribers import is_mail_address

ANSWER_BYTES_MAX = 4 << 20
CONTACTS_MAX = 20
T = TypeVar("T")


class Told(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one client says of an address now, or why it could not say it."""

    client: str
    abuse_contacts: tuple[str, ...] = ()
    prefix: str | None = None
    country: str | None = None
    failure: str | None = None


class Asking:
    """One client's way to the net."""

    def __init__(self, client: str, config: OnlineConfig, data: Path, now: datetime) -> None:
        self.config = config
        folder = data / "networks" / "cache" / client
        self._cache = Cache(folder, now=now, lasts=timedelta(hours=config.cache_hours))
        self._next_at = 0.0

    def json(self, url: str) -> object:
        """The decoded JSON at the URL, None where there is nothing. Raises FetchFailed."""
        body = self.kept(
            url, lambda: fetch(url, timeout_s=self.config.timeout_s, bytes_max=ANSWER_BYTES_MAX, accept=_JSON)
        )
        if body is None:
            return None
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise FetchFailed(f"{url} answered what is no JSON: {error}") from error

    def kept(self, question: str, ask: Callable[[], bytes | None]) -> bytes | None:
        """The answer to the question, from the cache or by asking."""
        known = self._cache.get(question)
        if known is not None:
            return known[0]
        time.sleep(max(0.0, self._next_at - time.monotonic()))
        self._next_at = time.monotonic() + 1 / self.config.queries_per_s
        body = ask()
        self._cache.put(question, body)
        return body


_JSON = "application/rdap+json, application/json"


def mail_addresses(texts: list[object]) -> tuple[str, ...]:
    """Those of the texts that are mail addresses, each once, at most CONTACTS_MAX."""
    found = dict.fromkeys(text.strip().lower() for text in texts if isinstance(text, str))
    return tuple(text for text in found if is_mail_address(text))[:CONTACTS_MAX]


def converted(answer: object, kind: type[T]) -> T:
    """The answer as what it should be. Raises FetchFailed where it is something else."""
    try:
        return msgspec.convert(answer, kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise FetchFailed(f"an answer of another shape: {error}") from error
