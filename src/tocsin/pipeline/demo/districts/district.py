"""What a district gives to the demo, and who plays its hard cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import Generic, TypeVar

import msgspec

from tocsin.pipeline.demo.hard_cases import EXPECTED, PER_CASE
from tocsin.pipeline.demo.loop import Loop, Process
from tocsin.pipeline.demo.planning import Timetable
from tocsin.pipeline.demo.plant import Account, Assignment
from tocsin.pipeline.demo.seen import BRUTE_FORCE, SINKHOLE, Look, Witness
from tocsin.pipeline.demo.truth import Occupancy

Actor = TypeVar("Actor")
WARM_UP_S = 7_200  # at the demo's beginning: until everybody's binding is in the logs
EDGE_S = 2_700  # kept from the end of a log, whose last record may be some minutes old


class District(msgspec.Struct, kw_only=True):
    """`texts` are log files by their path in the demo's folder."""

    accounts: list[Account]
    occupancies: list[Occupancy]
    texts: dict[str, str]
    assignments: list[Assignment] = []
    records: int


class Eye:
    """A witness of one district, who knows which answers each case allows."""

    def __init__(self, witness: Witness, rng: Random, times: Timetable, log: str) -> None:
        self.witness, self.rng, self.times = witness, rng, times
        self.first, self.last = times.begins_at + WARM_UP_S, times.cuts[log] - EDGE_S
        self.cut = times.cuts[log]

    def see(self, case: str, address: str, at: int, look: Look | None = None) -> None:
        self.witness.see(case, EXPECTED[case], address, at, look or Look())

    def see_port(self, case: str, address: str, port: int | None, at: int, *, error_s: int | None = None) -> None:
        """By the client's own port: an infection or an attack, never a scan."""
        report = self.rng.choice((SINKHOLE, BRUTE_FORCE)) if error_s is None else SINKHOLE
        look = Look(report=report, port=port, error_s=3 if error_s is None else error_s)
        self.witness.see(case, EXPECTED[case], address, at, look)


class Troupe(Generic[Actor]):
    """Pairs of actors who play one hard case after another, each case as often as the others."""

    def __init__(
        self,
        loop: Loop,
        rng: Random,
        plays: Sequence[tuple[Callable[[Actor, Actor], Process], int]],
        pause: tuple[int, int] = (0, 0),  # nothing new begins in it
    ) -> None:
        self.loop, self.rng, self.pause = loop, rng, pause
        self.programme: Iterator[Callable[[Actor, Actor], Process]] = iter(_programme(plays))

    def engage(self, actors: Sequence[Actor], begins_at: int, ends_at: int) -> None:
        for first, second in zip(actors[::2], actors[1::2], strict=False):
            self.loop.start(self._perform(first, second, ends_at), begins_at + self.rng.randrange(3_600))

    def _perform(self, first: Actor, second: Actor, ends_at: int) -> Process:
        while self.loop.now < ends_at:
            if self.pause[0] <= self.loop.now < self.pause[1]:
                yield self.pause[1] + self.rng.randrange(1_800)
            play = next(self.programme, None)
            if play is None:
                return
            yield from play(first, second)
            yield self.loop.now + self.rng.randrange(600, 1_800)


def _programme(
    plays: Sequence[tuple[Callable[[Actor, Actor], Process], int]],
) -> Iterator[Callable[[Actor, Actor], Process]]:
    """In turn, until each has been played as often as it should be: `PER_CASE` times for one sighting a play."""
    counts = [-(-PER_CASE // sightings) for _, sightings in plays]
    for turn in range(max(counts)):
        yield from (play for (play, _), count in zip(plays, counts, strict=True) if turn < count)
