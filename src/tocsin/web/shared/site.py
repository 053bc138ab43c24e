"""What a page stands on: the settings, the book, the keys, the clock. One for each process, handed to every handler."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore

from tocsin.book import Book
from tocsin.notices.issuer import Issuer, Keys
from tocsin.pipeline.clock import present
from tocsin.pipeline.config import Config, load_config
from tocsin.pipeline.house import House
from tocsin.pipeline.websection import WebSection
from tocsin.terms.errors import BadConfig, Busy

_HOUSES_MAX = 2  # engines open at once in this process: each may take `[lake] memory`
_HOUSE_WAIT_S = 20


class Place:
    """What a page needs that knows no subscriber: `tocsin serve --check-only` has nothing more."""

    def __init__(self, web: WebSection, *, name: str, language: str, zone: str, clock: Callable[[], datetime]) -> None:
        self.web = web
        self.name = name  # the provider's, as its subscribers know it; '' where nobody is behind it
        self.language = language
        self.zone = zone
        self.clock = clock
        self._secret = secrets.token_bytes(32)

    def secret_for(self, purpose: str) -> str:
        """A secret of its own for each purpose, the same in every process of this house."""
        return hmac.new(self._secret, f"web {purpose}".encode(), hashlib.sha256).hexdigest()

    def close(self) -> None:
        """Give back what is held."""


class Site(Place):
    """A whole house behind the pages."""

    def __init__(
        self, config: Config, config_file: Path, data: Path, *, book: Book, keys: Keys, clock: Callable[[], datetime]
    ) -> None:
        issuer = config.sender()
        super().__init__(config.web, name=issuer.name, language=issuer.language, zone=issuer.zone, clock=clock)
        self._secret = keys.secret
        self._config = config
        self._stamp = _stamp(config_file)
        self.config_file = config_file
        self.data = data
        self.book = book
        self.keys = keys
        self._houses = BoundedSemaphore(_HOUSES_MAX)

    @classmethod
    def open(cls, *, config_file: Path | None, data: Path | None, clock: Callable[[], datetime] = present) -> Site:
        """Raises BadConfig, BadRequest (no keys yet) or StorageFailed, as `House.open` does."""
        house = House.open(config_file=config_file, data=data, now=clock())
        return cls(house.config, house.config_file, house.data, book=house.book, keys=house.keys, clock=clock)

    @property
    def config(self) -> Config:
        """What the file says now. While it cannot be used, what it said before: no half-written file stops a page."""
        stamp = _stamp(self.config_file)
        if stamp != self._stamp:
            self._stamp = stamp
            with suppress(BadConfig):
                self._config = load_config(self.config_file)
        return self._config

    @property
    def issuer(self) -> Issuer:
        return self.config.sender()

    def close(self) -> None:
        self.book.close()

    @contextmanager
    def house(self) -> Iterator[House]:
        """A house as of now, for questions to the lake. It has an engine and a book of its own: call it in a thread.

        Raises Busy when too many are open.
        """
        if not self._houses.acquire(timeout=_HOUSE_WAIT_S):
            raise Busy("too many questions at once", remedy="ask again in a moment")
        try:
            with self.fresh_house() as house:
                yield house
        finally:
            self._houses.release()

    def fresh_house(self) -> House:
        """The same without waiting for a place: for a worker, which has one at a time. To be used as a context."""
        return House(self.config, self.config_file, self.data, self.clock())


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file does."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
