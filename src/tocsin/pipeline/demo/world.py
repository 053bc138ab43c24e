"""Who is online: a small event loop over simulated seconds. It knows everything and reads no log.

A *process* is a generator that yields the moment at which it wants to be woken. Each account lives in one
(`life.py`); each hard case is one (`scenes.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import msgspec

from tocsin.pipeline.demo.loop import Loop, Process
from tocsin.pipeline.demo.plant import NASES, NEVER_USED, Account, Line, Nas, Plant

__all__ = ["Flaws", "Process", "Reboot", "Session", "World"]


class Flaws(msgspec.Struct, kw_only=True):
    """What goes wrong between a session and the log file. The session itself is not touched by it."""

    lost: frozenset[str] = frozenset()  # of start | stop
    lost_from: int | None = None  # every record from this moment on is lost
    hidden: bool = False  # every record is lost
    late: frozenset[str] = frozenset()  # of start | stop: arrives in the next day's file
    duplicate: bool = False
    disorder: bool = False
    delay_s: int = 0
    header_off_s: int = 0
    plain: bool = False  # no Event-Timestamp


class Session(msgspec.Struct, kw_only=True, eq=False):
    """One PPPoE session as it truly was: at `line`, with these addresses, for `starts_at <= t < ends_at`."""

    account: Account
    line: Line
    nas: Nas
    number: int
    session_id: str
    address: str
    framed: str  # /64
    delegated: str  # /56
    starts_at: int
    ends_at: int | None = None
    cause: str = "User-Request"
    session_max_s: int | None = None
    mac: str
    staged: bool = False  # part of a hard case: no ordinary sighting is taken from it
    flaws: Flaws = msgspec.field(default_factory=Flaws)

    def alive(self, at: int) -> bool:
        return self.starts_at <= at and (self.ends_at is None or at < self.ends_at)

    def last_report(self, at: int) -> int:
        """When the access server last reported it, at `at`: the Start or an Interim."""
        return at - (at - self.starts_at) % self.account.interim_s


class Reboot(msgspec.Struct, frozen=True, kw_only=True):
    nas: Nas
    off_at: int  # when everybody was thrown out
    on_at: int
    orderly: bool  # an orderly one says Accounting-Off


class World(Loop):
    """`now` moves from `begins_at` to `ends_at`; afterwards `sessions` holds every session there ever was."""

    def __init__(self, rng: Random, plant: Plant, nases: Sequence[Nas] = NASES) -> None:
        super().__init__()
        self.rng = rng
        self.plant = plant
        self.sessions: list[Session] = []
        self.reboots: list[Reboot] = []
        self.online: dict[str, list[Session]] = {account.login: [] for account in plant.accounts}
        self.reserved: dict[str, list[tuple[int, int]]] = {account.login: [] for account in plant.accounts}
        self._free: dict[str, list[str]] = {}
        self._next_id: dict[str, int] = {}
        self._used_ids: set[tuple[str, int, str]] = set()
        self._down_until: dict[str, int] = {}
        for nas in nases:
            self._fill_pools(nas)

    def busy_until(self, account: Account) -> int | None:
        """The end of the hard case that has this account now, if one has."""
        for starts_at, ends_at in self.reserved[account.login]:
            if starts_at <= self.now < ends_at:
                return ends_at
        return None

    def connect(
        self,
        account: Account,
        *,
        line: Line | None = None,
        address: str | None = None,
        session_id: str | None = None,
        mac: str | None = None,
        session_max_s: int | None = None,
        staged: bool = False,
    ) -> Session:
        """A new session now, at the account's own line and with what the pools give unless told otherwise."""
        line = line or account.line
        nas = line.server
        session = Session(
            account=account,
            line=line,
            nas=nas,
            number=len(self.sessions),
            session_id=session_id or self._new_id(nas, account),
            address=address or self._take(nas, "pool"),
            framed=self._take(nas, "framed"),
            delegated=self._take(nas, "delegated"),
            starts_at=self.now,
            session_max_s=session_max_s,
            mac=mac or line.mac,
            staged=staged,
        )
        self.sessions.append(session)
        self.online[account.login].append(session)
        self.connected(session)
        return session

    def disconnect(self, session: Session, *, cause: str = "User-Request", keep_address: bool = False) -> None:
        """Ends it now; with `keep_address` its IPv4 address goes to nobody until `give_back`."""
        session.ends_at = self.now
        session.cause = cause
        self.online[session.account.login].remove(session)
        if not keep_address:
            self.give_back(session.nas, session.address)
        self._free[f"{session.nas.name}/framed"].append(session.framed)
        self._free[f"{session.nas.name}/delegated"].append(session.delegated)
        self.disconnected(session)

    def connected(self, session: Session) -> None:
        """For worlds in which something hangs on a session."""

    def disconnected(self, session: Session) -> None:
        """For worlds in which something hangs on a session."""

    def give_back(self, nas: Nas, address: str) -> None:
        self._free[f"{nas.name}/pool"].append(address)

    def down_until(self, nas: Nas) -> int:
        return self._down_until.get(nas.name, 0)

    def reboot(self, nas: Nas, *, on_at: int, orderly: bool) -> list[Account]:
        """Throws everybody out without a Stop and restarts the session numbers. Returns whom it threw out."""
        lost = [session for sessions in self.online.values() for session in sessions if session.nas is nas]
        for session in lost:
            session.flaws = msgspec.structs.replace(session.flaws, lost=session.flaws.lost | {"stop"})
            self.disconnect(session, cause="NAS-Reboot")
        self._down_until[nas.name] = on_at
        self._next_id[nas.name] = 0
        self.reboots.append(Reboot(nas=nas, off_at=self.now, on_at=on_at, orderly=orderly))
        return [session.account for session in lost]

    def _take(self, nas: Nas, pool: str) -> str:
        """Six times in ten what was given back last: addresses are reused within seconds."""
        free = self._free[f"{nas.name}/{pool}"]
        return free.pop() if self.rng.random() < 0.6 else free.pop(self.rng.randrange(len(free)))

    def _new_id(self, nas: Nas, account: Account) -> str:
        """RFC 2866 §5.5: unique for one server only. After a reboot most count from the start again.

        The same login never gets the same number twice: no log could tell those two sessions apart.
        """
        number = self._next_id.get(nas.name, 0) + 1
        while (nas.name, number, account.login) in self._used_ids:
            number += 1
        self._next_id[nas.name] = number
        self._used_ids.add((nas.name, number, account.login))
        return f"{0x0A000000 + number:08X}"

    def _fill_pools(self, nas: Nas) -> None:
        hosts = [str(host) for host in nas.pool.hosts()][:-NEVER_USED][: 4 * nas.seats]
        framed = [f"{nas.framed.network_address + (place << 64)}/64" for place in range(1, nas.seats + 44)]
        delegated = [f"{nas.delegated.network_address + (place << 72)}/56" for place in range(nas.seats)]
        for name, pool in (("pool", hosts), ("framed", framed), ("delegated", delegated)):
            self.rng.shuffle(pool)
            self._free[f"{nas.name}/{name}"] = pool
