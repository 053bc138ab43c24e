"""A log that grows: what its new lines show, together with those before them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from tocsin.engine import Engine, read_sql
from tocsin.evidence.lines import Reject
from tocsin.witness.blocks import whole_lines
from tocsin.witness.gather import gather
from tocsin.witness.judge import Row, judge, told_rows
from tocsin.witness.position import Fresh, Position, fresh_lines
from tocsin.witness.watch import Told

EARLIER_DAYS = 7  # the longest window of a behaviour
EARLIER_ROWS_MAX = 100_000
SHOWN_MAX = 100_000  # behaviours that are remembered as told


class News(msgspec.Struct, frozen=True):
    """What new lines have shown, and the position to keep once it has been told."""

    rows: list[Row]
    rejects: list[Reject]
    after: Position


class Follower:
    """One log. Windows and sessions reach over rounds and rotations; a new follower knows only the position."""

    def __init__(self, engine: Engine, log: Path, told: Told, position: Position | None) -> None:
        self.engine = self._engine = engine  # with what the last round has shown, and the lines before it
        self._log, self._told = log, told
        self._position = position
        self._sight = told.recipe().sight()
        self._base = 0  # what is added to a file's line numbers, so that those of a later file are greater
        self._last = 0
        self._shown: dict[tuple[str, str], datetime] = {}
        self._has_earlier = False

    def round(self, now: datetime, *, from_start: bool = False) -> Iterator[News]:
        """What has been written since the last round. Raises OSError when the log cannot be read."""
        for fresh in fresh_lines(self._log, self._position, from_start=from_start):
            if self._position is not None and fresh.first <= self._position.line:  # another file, or cut to nothing
                self._base = self._last
            self._position = fresh.after
            yield self._judged(fresh, now) if fresh.text else News([], [], fresh.after)

    def _judged(self, fresh: Fresh, now: datetime) -> News:
        before = self._base + fresh.first - 1
        rejects: list[Reject] = []
        gather(self._engine, whole_lines([fresh.text], before + 1), self._sight, rejects.append)
        if self._has_earlier:
            self._engine.run(read_sql(__package__, "earlier"))
        told = self._told
        judge(self._engine, told.watch(), source=told.source, zone=told.zone, latest=now)
        rows = [self._numbered(row) for row in told_rows(self._engine) if self._is_news(row, before)]
        self._engine.run(read_sql(__package__, "later"), days=EARLIER_DAYS, rows_max=EARLIER_ROWS_MAX)
        self._has_earlier = True
        self._last = self._base + fresh.after.line
        return News(rows, [Reject(each.line - self._base, each.reason, each.excerpt) for each in rejects], fresh.after)

    def _is_news(self, row: Row, before: int) -> bool:
        """A line after those; or a behaviour that has not been told of in the last day."""
        line, until = row["evidence_line"], row.get("seen_until")
        assert isinstance(line, int)
        if "lines" not in row:
            return line > before
        assert isinstance(until, datetime)
        key = (str(row.get("address")), str(row["rule"]))
        told_until = self._shown.get(key)
        if told_until is not None and (until - told_until).total_seconds() < 86_400:
            return False
        if len(self._shown) >= SHOWN_MAX:
            self._shown = {}  # told of once more, under the same id
        self._shown[key] = until
        return True

    def _numbered(self, row: Row) -> Row:
        """With the number that its line has in its file."""
        line = row["evidence_line"]
        assert isinstance(line, int)
        return row | {"evidence_line": max(1, line - self._base)}
