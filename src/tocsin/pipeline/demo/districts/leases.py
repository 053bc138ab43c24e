"""A DHCP server and its clients, second by second: who was given what, and what the server told its journal."""

from __future__ import annotations

from random import Random

import msgspec

from tocsin.pipeline.demo.loop import Loop, Process
from tocsin.pipeline.demo.plant import Account
from tocsin.pipeline.demo.truth import Occupancy

LEASE_S = 7_200
_RENEW_S = LEASE_S // 2  # RFC 2131 §4.4.5


class Client(msgspec.Struct, kw_only=True, eq=False):
    """A household's router, and the wire it hangs on."""

    account: Account
    mac: str
    circuit: str


class Lease(msgspec.Struct, kw_only=True, eq=False):
    """As it truly was: used on `line_of` for `starts_at <= t < ends_at`; the server keeps it for him until `until`."""

    client: Client
    line_of: Client  # whose wire the client is on
    network: str
    pool: str
    mac: str
    starts_at: int
    until: int
    ends_at: int | None = None
    renewed: list[int] = []
    staged: bool = False


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What the server writes down. `verb` is given | renewed | released | expired; `given_at` his last transaction."""

    at: int
    verb: str
    network: str
    mac: str
    circuit: str
    given_at: int
    until: int


class LeaseServer(Loop):
    """Gives an address to nobody else before its lease ends or is given back."""

    def __init__(self, rng: Random, pools: dict[str, list[str]]) -> None:
        super().__init__()
        self.rng = rng
        self.pools = pools
        self.leases: list[Lease] = []
        self.journal: list[Told] = []
        for pool in pools.values():
            rng.shuffle(pool)

    def give(
        self,
        client: Client,
        pool: str = "v4",
        *,
        network: str | None = None,
        line_of: Client | None = None,
        mac: str | None = None,
        staged: bool = False,
    ) -> Lease:
        """A new lease now; of what came free last in six cases of ten, unless a network is named (and kept free)."""
        free = self.pools[pool]
        lease = Lease(
            client=client,
            line_of=line_of or client,
            network=network or (free.pop() if self.rng.random() < 0.6 else free.pop(self.rng.randrange(len(free)))),
            pool=pool,
            mac=mac or client.mac,
            starts_at=self.now,
            until=self.now + LEASE_S,
            renewed=[],
            staged=staged,
        )
        self.leases.append(lease)
        self._tell(lease, "given")
        return lease

    def renew(self, lease: Lease) -> None:
        lease.until = self.now + LEASE_S
        lease.renewed.append(self.now)
        self._tell(lease, "renewed")

    def release(self, lease: Lease, *, lost: bool = False, keep: bool = False) -> None:
        """Given back, and free at once; `lost`: the journal does not say so; `keep`: nobody gets it for now."""
        lease.ends_at = self.now
        if not lost:
            self._tell(lease, "released")
        if not keep:
            self.pools[lease.pool].append(lease.network)

    def leave(self, lease: Lease, *, keep: bool = False) -> None:
        """Gone without a word: the address is free when the lease has ended."""
        lease.ends_at = self.now
        self.start(self._expire(lease, keep), lease.until)

    def hold(self, lease: Lease, until: int) -> Process:
        """Renews it in time, until that moment."""
        while self.now < until:
            renews_at = lease.until - LEASE_S + _RENEW_S
            if renews_at >= until:
                yield until
                return
            yield renews_at
            self.renew(lease)

    def _expire(self, lease: Lease, keep: bool) -> Process:
        self._tell(lease, "expired")
        if not keep:
            self.pools[lease.pool].append(lease.network)
        yield from ()

    def _tell(self, lease: Lease, verb: str) -> None:
        self.journal.append(
            Told(
                at=self.now,
                verb=verb,
                network=lease.network,
                mac=lease.mac,
                circuit=lease.line_of.circuit,
                given_at=lease.renewed[-1] if lease.renewed else lease.starts_at,
                until=lease.until,
            )
        )


def live(server: LeaseServer, client: Client, pools: tuple[str, ...], begins_at: int) -> Process:
    """A household that no hard case has: on for many hours, off for a while, with or without a word."""
    rng = server.rng
    yield begins_at + rng.randrange(3_600)
    while True:
        leases = [server.give(client, pool) for pool in pools]
        until = server.now + rng.randrange(21_600, 144_000)
        while server.now + _RENEW_S < until:
            yield server.now + _RENEW_S + rng.randrange(5)
            for lease in leases:
                server.renew(lease)
        yield until
        politely = rng.random() < 0.6
        for lease in leases:
            (server.release if politely else server.leave)(lease)
        yield server.now + (rng.randrange(5, 60) if politely else LEASE_S + rng.randrange(60, 7_200))


def occupancies_of(leases: list[Lease]) -> list[Occupancy]:
    return [
        Occupancy(
            network=lease.network,
            account=lease.client.account.login,
            line=lease.line_of.account.line.phone,
            starts_at=lease.starts_at,
            ends_at=lease.ends_at,
        )
        for lease in leases
    ]
