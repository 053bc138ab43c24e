"""Answers of others, kept for a while below the data folder, so that nobody is asked twice."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

FILES_MAX = 100_000  # of one client; past it the expired ones go, and if none is, new answers are not kept


class _Kept(msgspec.Struct, frozen=True):
    question: str
    asked_at: datetime
    body: bytes | None


class Cache:
    """One client's answers. `now` is the moment of the command."""

    def __init__(self, folder: Path, *, now: datetime, lasts: timedelta) -> None:
        self._folder = folder
        self._now = now
        self._lasts = lasts

    def get(self, question: str) -> tuple[bytes | None] | None:
        """The kept answer, in a tuple since it may be None; None where there is none, or it is too old."""
        kept = self._read(self._path(question))
        return (kept.body,) if kept and kept.question == question and self._is_fresh(kept) else None

    def put(self, question: str, body: bytes | None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        if sum(1 for _ in self._folder.iterdir()) >= FILES_MAX and not self._sweep():
            return
        path = self._path(question)
        half = path.with_suffix(".half")
        half.write_bytes(msgspec.json.encode(_Kept(question, self._now, body)))
        half.replace(path)

    def _path(self, question: str) -> Path:
        return self._folder / f"{sha256(question.encode()).hexdigest()[:40]}.json"

    def _read(self, path: Path) -> _Kept | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=_Kept)
        except (OSError, msgspec.DecodeError):
            return None

    def _is_fresh(self, kept: _Kept) -> bool:
        return self._now - self._lasts < kept.asked_at <= self._now

    def _sweep(self) -> bool:
        gone = 0
        for path in list(self._folder.iterdir()):
            kept = self._read(path)
            if kept is None or not self._is_fresh(kept):
                path.unlink(missing_ok=True)
                gone += 1
        return gone > 0
