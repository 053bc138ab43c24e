"""A carrier-grade NAT: each inside address has blocks of ports of a public address, for as long as it has traffic."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import msgspec

from tocsin.pipeline.demo.plant import Nas, Plant
from tocsin.pipeline.demo.truth import Occupancy
from tocsin.pipeline.demo.world import Process, Session, World

BLOCK_PORTS = 512
PORT_FIRST, PORT_LAST = 1_024, 65_023  # the last block of each address is never given to anybody
INTERIM_S = 3_600


class Block(msgspec.Struct, kw_only=True, eq=False):
    """As it truly was: given to `inside` for `starts_at <= t < ends_at`. What was lost was lost on its way."""

    network: str
    first: int
    inside: str
    starts_at: int
    ends_at: int | None = None
    lost: frozenset[str] = frozenset()  # of ALLOC | INTERIM | RELEASE
    lost_from: int | None = None
    staged: bool = False

    @property
    def last(self) -> int:
        return self.first + BLOCK_PORTS - 1


class MobileWorld(World):
    """PPP sessions behind a NAT: a session brings a block, and its end takes it away, unless the address goes on."""

    def __init__(self, rng: Random, plant: Plant, nas: Nas, public: list[str]) -> None:
        super().__init__(rng, plant, (nas,))
        self.blocks: list[Block] = []
        self.live: dict[str, list[Block]] = {}
        firsts = range(PORT_FIRST, PORT_LAST, BLOCK_PORTS)
        self._blocks_free = [(address, first) for address in public for first in firsts]
        rng.shuffle(self._blocks_free)

    def allocate(
        self,
        inside: str,
        *,
        where: tuple[str, int] | None = None,
        lost: frozenset[str] = frozenset(),
        staged: bool = False,
    ) -> Block:
        """A block now; of what came free last in six cases of ten, unless it is named (and kept free)."""
        free = self._blocks_free
        if where is None:
            where = free.pop() if self.rng.random() < 0.6 else free.pop(self.rng.randrange(len(free)))
        block = Block(network=where[0], first=where[1], inside=inside, starts_at=self.now, lost=lost, staged=staged)
        self.blocks.append(block)
        self.live.setdefault(inside, []).append(block)
        return block

    def free(self, block: Block, *, keep: bool = False) -> None:
        block.ends_at = self.now
        self.live[block.inside].remove(block)
        if not keep:
            self.start(self._cool((block.network, block.first)), self.now + self.rng.randrange(1, 4))

    def _cool(self, where: tuple[str, int]) -> Process:
        """A block is not given out again in the second in which it was freed."""
        self._blocks_free.append(where)
        yield from ()

    def connected(self, session: Session) -> None:
        if not session.staged:
            self.start(self._use(session), self.now + self.rng.randrange(1, 5))

    def disconnected(self, session: Session) -> None:
        if self.live.get(session.address):
            self.start(self._idle(session.address), self.now + self.rng.randrange(20, 90))

    def _use(self, session: Session) -> Process:
        """Its first packet, and now and then more than one block can serve."""
        if session.ends_at is None and not self.live.get(session.address):
            self.allocate(session.address)
        while self.rng.random() < 0.3:
            yield self.now + self.rng.randrange(1_800, 14_400)
            if session.ends_at is not None:
                return
            more = self.allocate(session.address)
            yield self.now + self.rng.randrange(900, 7_200)
            if more.ends_at is None:
                self.free(more)

    def _idle(self, inside: str) -> Process:
        """The NAT knows nothing of sessions: if the address has traffic again, its blocks live on."""
        if not any(each.address == inside for sessions in self.online.values() for each in sessions):
            for block in [each for each in self.live.get(inside, ()) if not each.staged]:
                self.free(block)
        yield from ()


def block_occupancies(blocks: list[Block], sessions: list[Session]) -> Iterator[Occupancy]:
    """Whoever had the inside address had its blocks."""
    by_inside: dict[str, list[Session]] = {}
    for session in sessions:
        by_inside.setdefault(session.address, []).append(session)
    for block in blocks:
        for session in by_inside.get(block.inside, ()):
            starts_at = max(block.starts_at, session.starts_at)
            ends = [each for each in (block.ends_at, session.ends_at) if each is not None]
            if not ends or starts_at < min(ends):
                yield Occupancy(
                    network=f"{block.network}/32",
                    account=session.account.login,
                    line=session.line.phone,
                    starts_at=starts_at,
                    ends_at=min(ends) if ends else None,
                    ports=(block.first, block.last),
                )
