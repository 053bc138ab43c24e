"""What the simulation writes down: cases and stays in the garden, as columns; and the same as lives and times."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from tocsin.measure.simulation.town import NEVER, Flags, Ints, Lines
from tocsin.measure.spells import Life, Reach
from tocsin.measure.survival import Times

_COLUMNS = ("opened_on", "seen_on", "reached_on", "bounced_on", "garden_on", "healed_on", "clean_on")
_DAY = timedelta(days=1)


class _Rows:
    """Columns that grow by blocks of rows."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self._blocks: dict[str, list[Ints]] = {name: [] for name in names}

    def _append(self, **columns: Ints) -> None:
        for name, values in columns.items():
            self._blocks[name].append(values.astype(np.int32))

    def column(self, name: str) -> Ints:
        """All of it."""
        blocks = self._blocks[name]
        return np.concatenate(blocks) if blocks else np.zeros(0, np.int32)

    def __len__(self) -> int:
        return sum(len(block) for block in next(iter(self._blocks.values())))


class Cases(_Rows):
    """A row a case. `healed_on` is the truth, which nobody in the town knows: NEVER where it was still in trouble."""

    def __init__(self) -> None:
        super().__init__(("line", *_COLUMNS, "is_over"))

    def add(self, lines: Lines, those: Flags, *, quiet_days: int) -> None:
        healed = np.where(lines.sick, NEVER, lines.healed_on)
        columns = {name: getattr(lines, name)[those] for name in _COLUMNS} | {"healed_on": healed[those]}
        is_over = (lines.quiet_days > quiet_days)[those].astype(np.int32)
        self._append(line=np.flatnonzero(those).astype(np.int32), is_over=is_over, **columns)

    def measured(self, horizon: int) -> Times:
        """From the case's opening to its end, as the house would measure it: see Life.ended_at."""
        opened, seen, is_over = self.column("opened_on"), self.column("seen_on"), self.column("is_over") == 1
        end = np.where(is_over, np.maximum(seen, self.column("clean_on")), seen)
        known, ended = opened < horizon, is_over & (end <= horizon)
        return Times((np.minimum(end, horizon) - opened)[known].astype(np.float64), ended[known])

    def true(self, horizon: int) -> Times:
        """From the case's opening to the day on which the line was clean, as only the simulation knows it."""
        opened, healed = self.column("opened_on"), self.column("healed_on")
        known = opened < horizon
        ended = (healed != NEVER) & (healed <= horizon)
        until = np.maximum(np.where(ended, healed, horizon) - opened, 0)
        return Times(until[known].astype(np.float64), ended[known])

    def lives(self, start: datetime, kind: str) -> list[Life]:
        """What the house's own measuring takes."""
        names = ("line", "opened_on", "seen_on", "reached_on", "bounced_on", "garden_on", "clean_on", "is_over")
        rows = zip(*(self.column(name).tolist() for name in names), strict=True)
        return [
            Life(
                case=f"C-{number}",
                subscriber=line,
                kind=kind,
                malware=kind,
                opened_at=start + opened * _DAY,
                last_at=start + seen * _DAY,
                is_over=bool(is_over),
                clean_at=start + clean * _DAY if is_over else None,
                reached=tuple(
                    Reach(at=start + day * _DAY, channel=channel, arrived=arrived)
                    for day, channel, arrived in (
                        (reached, "mail", True),
                        (bounced, "mail", False),
                        (garden, "garden", True),
                    )
                    if day != NEVER
                ),
            )
            for number, (line, opened, seen, reached, bounced, garden, clean, is_over) in enumerate(rows)
        ]


class Stays(_Rows):
    """A row a stay in the garden: the line, its how-manieth stay, the way out (its place in the threat's list)."""

    def __init__(self) -> None:
        super().__init__(("line", "stay", "way", "entered_on", "left_on"))

    def add(self, lines: Lines, those: Flags, day: int) -> None:
        line = np.flatnonzero(those).astype(np.int32)
        self._append(
            line=line,
            stay=lines.stays[those],
            way=lines.way[those],
            entered_on=np.full(len(line), day, np.int32),
            left_on=lines.leaves_on[those],
        )

    def way_share(self, way: int, *, stay: int = 1) -> tuple[int, int]:
        """Of the stays of that number: how many left by that way, and how many there were."""
        of = self.column("stay") == stay
        return int((of & (self.column("way") == way)).sum()), int(of.sum())

    def clean_share(self, way: int, *, stay: int, until: int) -> tuple[int, int]:
        """Of those who left their stay of that number by that way before a day: who never had to come back, and all."""
        line, number = self.column("line"), self.column("stay")
        of = (number == stay) & (self.column("way") == way) & (self.column("left_on") < until)
        back = np.isin(line[of], line[number == stay + 1])
        return int((~back).sum()), int(of.sum())

    def each(self) -> float:
        """How many stays a line had that had any."""
        return len(self) / max(len(np.unique(self.column("line"))), 1)
