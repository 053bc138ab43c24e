"""Everything that a verb may need, opened in one place: configuration, book, engine, lake, keys, the moment."""

from __future__ import annotations

import os
import re
import shutil
import socket
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Self

from tocsin.book import Book
from tocsin.cases.freeze import Sender
from tocsin.engine import Engine
from tocsin.lake import Lake
from tocsin.notices.issuer import Issuer, Keys
from tocsin.notices.letters.catalogue import LANGUAGES
from tocsin.pipeline.clock import present
from tocsin.pipeline.config import Config, data_folder, find_config, load_config
from tocsin.pipeline.keys import load_keys
from tocsin.terms.errors import BadRequest, StorageFailed
from tocsin.terms.processes import is_running

_NUMBERS = count(1)
_HOST = re.sub(r"[^A-Za-z0-9.]", "_", socket.gethostname())[:60]  # containers that share a folder differ in it
_SPILL_OLD = timedelta(days=7)


class House:
    """An open data folder. Use it as a context: what it spilled is removed at the end."""

    def __init__(self, config: Config, config_file: Path, data: Path, now: datetime) -> None:
        self.config = config
        self.config_file = config_file
        self.data = data
        self.now = now
        _make_folder(data)
        self.book = Book(config.book.url) if config.book.url else Book.at(data)
        self.book.migrate()

    @classmethod
    def open(cls, *, config_file: Path | None, data: Path | None, now: datetime | None = None) -> House:
        """Raises BadConfig for a file that cannot be used, StorageFailed for a folder that cannot."""
        path = find_config(config_file)
        config = load_config(path)
        return cls(config, path, data_folder(data, config, path), now or present())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        if "engine" in self.__dict__:
            self.engine.close()
            shutil.rmtree(self.engine.work_dir, ignore_errors=True)
        self.book.close()

    @cached_property
    def engine(self) -> Engine:
        work = self.data / "work"
        _sweep_dead(work)
        own = work / f"{_HOST}-{os.getpid()}-{next(_NUMBERS)}"  # a process may have several houses open
        return Engine(own, memory=self.config.lake.memory, threads=self.config.lake.threads)

    @cached_property
    def lake(self) -> Lake:
        return Lake(self.data, self.book, self.engine, wall_clock=present)

    @cached_property
    def keys(self) -> Keys:
        return load_keys(self.data / "keys")

    @cached_property
    def issuer(self) -> Issuer:
        return self.config.sender()

    @property
    def sender(self) -> Sender:
        return Sender(
            domain=self.issuer.domain,
            name=self.issuer.name,
            secret=self.keys.secret,
            language=self.issuer.language,
            zone=self.issuer.zone,
            languages=tuple(LANGUAGES),
        )

    @property
    def maildir(self) -> Path:
        return self.data / self.config.delivery.maildir

    @property
    def letters(self) -> Path:
        """Where letters to be printed lie."""
        return self.data / self.config.letter.folder

    def files(self, patterns: tuple[str, ...]) -> list[Path]:
        """The files that the configuration means, in a stable order; relative to its folder.

        Raises BadRequest for a path without wildcard that is not there; a pattern may match nothing yet.
        """
        found: set[Path] = set()
        for pattern in patterns:
            base = Path(pattern).expanduser()
            root = Path(base.anchor) if base.is_absolute() else self.config_file.parent
            matches = {path for path in root.glob(str(base.relative_to(base.anchor))) if path.is_file()}
            if not matches and not any(sign in pattern for sign in "*?["):
                raise BadRequest("no such file", where=str(root / base), remedy=f"see {self.config_file}")
            found |= matches
        return sorted(found)


def _make_folder(data: Path) -> None:
    try:
        data.mkdir(parents=True, exist_ok=True)
        (data / "work").mkdir(exist_ok=True)
    except OSError as error:
        raise StorageFailed(
            f"cannot be used: {error.strerror}", where=str(data), remedy="choose with --data"
        ) from error


def _sweep_dead(work: Path) -> None:
    """Remove what processes spilled that are no more. Another host's are not seen from here: theirs must be old."""
    for folder in work.iterdir():
        host, _, numbers = folder.name.partition("-")
        process = numbers.partition("-")[0]
        ours = host == _HOST and process.isdigit()
        if not is_running(int(process)) if ours else _is_old(folder):
            shutil.rmtree(folder, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    try:
        return present() - datetime.fromtimestamp(folder.stat().st_mtime, UTC) > _SPILL_OLD
    except OSError:  # its process has just removed it
        return False
