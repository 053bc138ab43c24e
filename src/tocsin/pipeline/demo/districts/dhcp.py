"""DHCP: fibre, where a contract is a circuit (Kea's legal log), and cable, where it is a modem (dhcpd)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network
from random import Random

from tocsin.pipeline.demo.districts.district import District, Eye, Troupe
from tocsin.pipeline.demo.districts.homes import BY_CIRCUIT, BY_MAC, make_clients, new_mac
from tocsin.pipeline.demo.districts.lease_files import lease_file, legal_log, rewritten
from tocsin.pipeline.demo.districts.leases import Client, Lease, LeaseServer, live, occupancies_of
from tocsin.pipeline.demo.hard_cases import PER_CASE
from tocsin.pipeline.demo.loop import Process
from tocsin.pipeline.demo.people import Person
from tocsin.pipeline.demo.planning import Timetable
from tocsin.pipeline.demo.plant import NEVER_USED
from tocsin.pipeline.demo.seen import Look, Witness, inside

FIBRE, CABLE = IPv4Network("198.18.16.0/22"), IPv4Network("198.18.20.0/22")
ADDRESSES, PREFIXES = IPv6Network("2001:db8:5000::/64"), IPv6Network("2001:db8:5100::/44")
_BEFORE_S = 21_600  # the servers' journals begin so long before the demo does
_ACTORS_MAX = 80


def build_fibre(rng: Random, people: Sequence[Person], times: Timetable, witness: Witness) -> District:
    """Known by circuit: another router on the same wire is the same household."""
    clients = make_clients(rng, people, number=5, known_by=BY_CIRCUIT)
    prefixes = [f"{PREFIXES.network_address + (place << 72)}/56" for place in range(1_500)]
    addresses = [f"{ADDRESSES.network_address + 0x1000 + place}/128" for place in range(1_500)]
    server = LeaseServer(rng, {"v4": addresses_of(FIBRE, 900), "v6 address": addresses, "v6 prefix": prefixes})
    eye = Eye(witness, rng, times, "fibre")
    scenes = Scenes(server, eye)
    plays: list[tuple[Callable[[Client, Client], Process], int]] = [
        (scenes.reused_after_release, 2),
        (scenes.release_lost, 2),
        (scenes.expired, 2),
        (scenes.new_router, 2),
    ]
    _play(server, clients, plays, times, ("v4", "v6 address", "v6 prefix"))
    _passers_by(server, eye)
    _v6(server, eye)
    journal = [told for told in server.journal if told.at < times.cuts["fibre"]]
    return _district(server, clients, {"dhcp/kea-legal.txt": legal_log(journal)}, len(journal))


def build_cable(rng: Random, people: Sequence[Person], times: Timetable, witness: Witness) -> District:
    """Known by the modem's address; the server's lease file is cleaned up in the middle of the demo."""
    clients = make_clients(rng, people, number=6, known_by=BY_MAC)
    server = LeaseServer(rng, {"v4": addresses_of(CABLE, 900)})
    eye = Eye(witness, rng, times, "cable")
    scenes = Scenes(server, eye)
    plays: list[tuple[Callable[[Client, Client], Process], int]] = [
        (scenes.reused_after_expiry, 2),
        (scenes.two_lines, 2),
        (scenes.release_lost, 2),
        (scenes.expired, 2),
    ]
    _play(server, clients, plays, times, ("v4",))
    _passers_by(server, eye)
    rewritten_at = (times.begins_at + times.ends_at) // 2 + rng.randrange(3_600)
    _around_the_rewriting(server, eye, rewritten_at)
    journal = [told for told in server.journal if told.at < times.cuts["cable"]]
    before, left, after = rewritten(journal, rewritten_at, lease_file)
    texts = {"dhcp/dhcpd.leases~": before, "dhcp/dhcpd.leases": left + after}
    return _district(server, clients, texts, len(journal))


def addresses_of(network: IPv4Network, count: int) -> list[str]:
    """The last ones are never handed out."""
    return [f"{host}/32" for host in list(network.hosts())[1:-NEVER_USED]][:count]


def _play(
    server: LeaseServer,
    clients: list[Client],
    plays: list[tuple[Callable[[Client, Client], Process], int]],
    times: Timetable,
    pools: tuple[str, ...],
) -> None:
    """Half of the households are actors, but never more than are needed."""
    actors = min(len(clients) // 4 * 2, _ACTORS_MAX)
    begins_at = times.begins_at - _BEFORE_S
    for client in clients[actors:]:
        server.start(live(server, client, pools, begins_at), begins_at)
    Troupe(server, server.rng, plays).engage(clients[:actors], times.begins_at + 3_600, times.ends_at - 18_000)
    server.run(times.ends_at)


def _district(server: LeaseServer, clients: list[Client], texts: dict[str, str], records: int) -> District:
    return District(
        accounts=[client.account for client in clients],
        occupancies=occupancies_of(server.leases),
        texts=texts,
        records=records,
    )


class Scenes:
    """The hard cases that need two households. Each begins and ends with both offline."""

    def __init__(self, server: LeaseServer, eye: Eye) -> None:
        self.server, self.eye, self.rng = server, eye, server.rng

    def reused_after_release(self, first: Client, second: Client) -> Process:
        """Given back, and another household's within seconds."""
        lease = self._fresh(first)
        yield from self.server.hold(lease, self.server.now + self.rng.randrange(900, 6_000))
        self.server.release(lease, keep=True)
        yield from self._passed_on(lease, second, self.server.now)

    def reused_after_expiry(self, first: Client, second: Client) -> Process:
        """Not renewed; the server gives it to another as soon as it may."""
        lease = self._fresh(first)
        yield from self.server.hold(lease, self.server.now + self.rng.randrange(900, 6_000))
        yield lease.until - self.rng.randrange(2, 9)
        self.server.leave(lease, keep=True)
        yield from self._passed_on(lease, second, lease.until)

    def _passed_on(self, lease: Lease, second: Client, over_at: int) -> Process:
        rng, address = self.rng, _host(lease)
        yield over_at + rng.randrange(1, 8)
        then = self._fresh(second, network=lease.network)
        self.eye.see("lease-reused-before", address, over_at - rng.randrange(25, 60))
        self.eye.see("lease-reused-after", address, then.starts_at + rng.randrange(25, 60))
        near = rng.choice((over_at - 1, then.starts_at, then.starts_at + 1))
        self.eye.see("lease-reused-inside-margin", address, near, Look(error_s=1))
        yield self.server.now + rng.randrange(600, 1_500)
        self.server.release(then)

    def release_lost(self, first: Client, second: Client) -> Process:
        """The server freed it and its journal does not say so; the next household's lease tells."""
        lease = self._fresh(first)
        yield self.server.now + self.rng.randrange(600, 1_700)
        self.server.release(lease, lost=True, keep=True)
        yield self.server.now + self.rng.randrange(1, 8)
        then = self._fresh(second, network=lease.network)
        self.eye.see("lease-release-lost", _host(then), then.starts_at + self.rng.randrange(25, 1_500))
        yield self.server.now + self.rng.randrange(1_600, 1_790)
        self.server.release(then)

    def expired(self, first: Client, _: Client) -> Process:
        """Nobody has it for a while: the lease ran out, or was given back."""
        lease = self._fresh(first)
        yield self.server.now + self.rng.randrange(600, 1_700)
        if self.rng.random() < 0.5:
            over_at = lease.until
            self.server.leave(lease, keep=True)
        else:
            over_at = self.server.now
            self.server.release(lease, keep=True)
        self.eye.see("lease-nobody", _host(lease), over_at + self.rng.randrange(30, 1_700))
        yield over_at + 1_800
        self.server.pools["v4"].append(lease.network)

    def two_lines(self, owner: Client, buyer: Client) -> Process:
        """A copied modem: one hardware address on two wires at once."""
        own = self._fresh(owner)
        yield self.server.now + self.rng.randrange(300, 900)
        copy = self.server.give(owner, line_of=buyer, staged=True)
        for lease in (own, copy):
            self.eye.see("lease-two-lines", _host(lease), copy.starts_at + self.rng.randrange(60, 800))
        yield self.server.now + self.rng.randrange(900, 1_000)
        for lease in (own, copy):
            self.server.release(lease)

    def new_router(self, client: Client, other: Client) -> Process:
        """Another router on the same wire, with the same address or with another: still the same household."""
        lease = self._fresh(client)
        yield self.server.now + self.rng.randrange(600, 1_700)
        mac = new_mac(self.rng, 1, self.rng.randrange(1 << 16))
        same = self.rng.random() < 0.5
        at = self.server.now
        if same:
            self.server.release(lease, keep=True)
        else:
            self.server.leave(lease)
        yield self.server.now + self.rng.randrange(20, 90)
        then = self.server.give(client, network=lease.network if same else None, mac=mac, staged=True)
        self.eye.see("lease-new-router", _host(lease), at - self.rng.randrange(25, 500))
        self.eye.see("lease-new-router", _host(then), then.starts_at + self.rng.randrange(25, 900))
        yield self.server.now + self.rng.randrange(1_000, 1_700)
        self.server.release(then)

    def _fresh(self, client: Client, network: str | None = None) -> Lease:
        return self.server.give(client, network=network, staged=True)


def _passers_by(server: LeaseServer, eye: Eye) -> None:
    """What the household that nobody thinks of gives to see."""
    rng = server.rng
    leases = [lease for lease in server.leases if not lease.staged and lease.pool == "v4"]
    logins = sorted({lease.client.account.login for lease in leases})
    sick = set(rng.sample(logins, max(4, len(logins) // 8)))
    for _ in range(3 * PER_CASE):
        see_within(eye, "lease-ordinary", rng.choice([each for each in leases if each.client.account.login in sick]))
    for _ in range(PER_CASE):
        lease = rng.choice([each for each in leases if len(each.renewed) > 1])
        at = rng.choice(lease.renewed[:-1])
        if eye.first < at < eye.last:
            eye.see("lease-renewed", _host(lease), at + rng.randint(-2, 2))
        on = rng.choice([each for each in leases if (each.ends_at or eye.times.ends_at) >= eye.times.ends_at])
        eye.see("lease-not-read-that-far", _host(on), rng.randrange(eye.cut + 60, eye.times.ends_at - 10))


def _v6(server: LeaseServer, eye: Eye) -> None:
    rng = server.rng
    for case, pool in (("lease-v6-address", "v6 address"), ("lease-v6-prefix", "v6 prefix")):
        leases = [lease for lease in server.leases if lease.pool == pool]
        for _ in range(PER_CASE):
            see_within(eye, case, rng.choice(leases))
    beside = IPv6Network((int(PREFIXES.network_address) + (4_000 << 72), 56))
    for _ in range(PER_CASE):
        eye.see("lease-v6-outside", inside(rng, str(beside)), rng.randrange(eye.first, eye.last))


def _around_the_rewriting(server: LeaseServer, eye: Eye, at: int) -> None:
    """Told by the old file and by the cleaned one, or by one of them alone."""
    near = [
        lease
        for lease in server.leases
        if not lease.staged and lease.starts_at < at < (lease.ends_at or eye.times.ends_at)
    ]
    for _ in range(PER_CASE):
        lease = server.rng.choice(near)
        first, last = max(lease.starts_at, at - 7_200) + 30, min(lease.ends_at or at + 7_200, at + 7_200) - 30
        if first < last:
            eye.see("lease-journal-rewritten", _host(lease), server.rng.randrange(first, last))


def see_within(eye: Eye, case: str, lease: Lease) -> None:
    """Somewhere in the time in which it was used, further from its ends than every clock margin."""
    first = max(eye.first, lease.starts_at + 30)
    last = min(eye.last, (lease.ends_at or eye.times.ends_at) - 30)
    if first < last:
        address = inside(eye.rng, lease.network) if ":" in lease.network else _host(lease)
        eye.see(case, address, eye.rng.randrange(first, last))


def _host(lease: Lease) -> str:
    return lease.network.partition("/")[0]
