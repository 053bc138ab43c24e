"""The stage of one hard case: its actors, its moment, and the few things that can be done to them."""

from __future__ import annotations

from collections.abc import Generator
from random import Random

import msgspec

from tocsin.pipeline.demo.plant import Account, Line
from tocsin.pipeline.demo.seen import PLAIN_LOOK, Look, Witness
from tocsin.pipeline.demo.world import Session, World

Scene = Generator[int, None, None]
AWAY_S = 3_700  # longer than the longest interim interval: nobody trusts a silent session beyond it


class Stage(msgspec.Struct, kw_only=True, eq=False):
    """`at` is the moment that the case is about; the scene may touch its accounts only inside its window."""

    world: World
    witness: Witness
    rng: Random
    accounts: list[Account]
    at: int
    number: int
    expected: dict[str, frozenset[str]]

    def online(self, account: Account) -> Session:
        sessions = self.world.online[account.login]
        return sessions[-1] if sessions else self.world.connect(account)

    def offline(self, account: Account) -> None:
        for session in list(self.world.online[account.login]):
            self.world.disconnect(session)

    def fresh(
        self,
        account: Account,
        *,
        line: Line | None = None,
        address: str | None = None,
        session_id: str | None = None,
        mac: str | None = None,
        session_max_s: int | None = None,
    ) -> Generator[int, None, Session]:
        """A new session that belongs to this case alone; what the account had before ends some seconds earlier."""
        if self.world.online[account.login]:
            self.offline(account)
            yield self.world.now + self.rng.randrange(3, 9)
        return self.world.connect(
            account,
            line=line,
            address=address,
            session_id=session_id,
            mac=mac,
            session_max_s=session_max_s,
            staged=True,
        )

    def see(self, case: str, address: str, at: int, look: Look = PLAIN_LOOK) -> None:
        self.witness.see(case, self.expected[case], address, at, look)

    def silence(self, session: Session) -> None:
        """It ends and nobody is told; its address is kept."""
        flaw(session, lost=session.flaws.lost | {"stop"})
        self.world.disconnect(session, cause="Lost-Carrier", keep_address=True)

    def handover(self, *, silent: bool = False) -> Generator[int, None, tuple[Session, Session]]:
        """At `at` the first account loses its address; within seconds the second gets it."""
        leaver, joiner = self.accounts
        first = self.online(leaver)
        yield self.at - self.rng.randrange(90, 300)
        self.offline(joiner)
        yield self.at
        if silent:
            self.silence(first)
        else:
            self.world.disconnect(first, keep_address=True)
        yield self.at + self.rng.randrange(1, 8)
        return first, self.world.connect(joiner, address=first.address)

    def come_home(self, at: int) -> Scene:
        """Whoever is still offline at `at` connects again, so that life goes on."""
        yield at
        for account in self.accounts:
            self.online(account)


def flaw(session: Session, **flaws: object) -> None:
    """Adds flaws to a session and keeps ordinary sightings off it."""
    session.flaws = msgspec.structs.replace(session.flaws, **flaws)
    session.staged = True
