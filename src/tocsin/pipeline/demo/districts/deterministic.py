"""Deterministic NAT (RFC 7422): no log says who had which ports, a rule does; inside addresses by DHCP (`homes`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Network
from random import Random

import msgspec

from tocsin.pipeline.demo.districts.dhcp import addresses_of
from tocsin.pipeline.demo.districts.district import District, Eye, Troupe
from tocsin.pipeline.demo.districts.homes import BY_CIRCUIT, make_clients
from tocsin.pipeline.demo.districts.lease_files import kea_file, rewritten
from tocsin.pipeline.demo.districts.leases import Client, Lease, LeaseServer, live
from tocsin.pipeline.demo.hard_cases import PER_CASE
from tocsin.pipeline.demo.loop import Process
from tocsin.pipeline.demo.people import Person
from tocsin.pipeline.demo.planning import Timetable
from tocsin.pipeline.demo.seen import Witness
from tocsin.pipeline.demo.truth import Occupancy, moment_text

INSIDE, OUTSIDE = IPv4Network("100.72.0.0/22"), IPv4Network("198.18.36.0/27")
_PORT_FIRST, _PORT_LAST = 1_024, 65_535
_COLUMNS = "inside,outside,port_first,port_last,ports_each,order,starts_at,ends_at"
_BEFORE_S = 21_600
_ACTORS_MAX = 60
_SETTLED_S = 30


class Version(msgspec.Struct, frozen=True, kw_only=True):
    """One configuration of the NAT: who gets which ports, dealt out one by one."""

    order: str
    ports_each: int
    starts_at: int | None = None
    ends_at: int | None = None

    def deal(self) -> dict[str, tuple[str, int, int]]:
        """By inside host: the public address, the first and the last port."""
        sharing = (_PORT_LAST - _PORT_FIRST + 1) // self.ports_each
        if self.order == "sequential":
            seats = [(address, slot) for address in OUTSIDE for slot in range(sharing)]
        else:
            seats = [(address, slot) for slot in range(sharing) for address in OUTSIDE]
        return {
            f"{host}/32": (
                str(address),
                _PORT_FIRST + slot * self.ports_each,
                _PORT_FIRST + (slot + 1) * self.ports_each - 1,
            )
            for host, (address, slot) in zip(INSIDE, seats, strict=False)
        }

    def row(self) -> str:
        first, last = ("" if at is None else moment_text(at) for at in (self.starts_at, self.ends_at))
        return f"{INSIDE},{OUTSIDE},{_PORT_FIRST},{_PORT_LAST},{self.ports_each},{self.order},{first},{last}"


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """A household's ports while one lease and one configuration lasted."""

    lease: Lease
    address: str
    first: int
    last: int
    starts_at: int
    ends_at: int | None


def build_deterministic(rng: Random, people: Sequence[Person], times: Timetable, witness: Witness) -> District:
    clients = make_clients(rng, people, number=8, known_by=BY_CIRCUIT)
    server = LeaseServer(rng, {"v4": addresses_of(INSIDE, 900)})
    eye = Eye(witness, rng, times, "homes")
    changed_at = (times.begins_at + times.ends_at) // 2
    versions = (
        Version(order="sequential", ports_each=2_016, ends_at=changed_at),
        Version(order="interleaved", ports_each=1_000, starts_at=changed_at),
    )
    dealt = [(version, version.deal()) for version in versions]
    _play(server, clients, times, Scenes(server, eye, dealt, changed_at))
    uses = [use for lease in server.leases for use in _uses(lease, dealt)]
    _passers_by(eye, uses, changed_at)
    _nobodys(eye, versions)
    journal = [told for told in server.journal if told.at < times.cuts["homes"]]
    before, left, after = rewritten(journal, changed_at + 7_200, kea_file)
    texts = {
        "dhcp/kea-leases4.csv.1": before,
        "dhcp/kea-leases4.csv.2": left,
        "dhcp/kea-leases4.csv": after,
        "nat/deterministic.csv": "\n".join([_COLUMNS, *(version.row() for version in versions)]) + "\n",
    }
    return District(
        accounts=[client.account for client in clients],
        occupancies=[_occupancy(use) for use in uses],
        texts=texts,
        records=len(journal),
    )


def _play(server: LeaseServer, clients: list[Client], times: Timetable, scenes: Scenes) -> None:
    actors = min(len(clients) // 4 * 2, _ACTORS_MAX)
    begins_at = times.begins_at - _BEFORE_S
    for client in clients[actors:]:
        server.start(live(server, client, ("v4",), begins_at), begins_at)
    plays: list[tuple[Callable[[Client, Client], Process], int]] = [(scenes.passed_on, 1)]
    changed_at = scenes.changed_at
    troupe = Troupe(server, server.rng, plays, (changed_at - 14_400, changed_at + 600))
    troupe.engage(clients[:actors], times.begins_at + 3_600, times.ends_at - 18_000)
    server.run(times.ends_at)


class Scenes:
    """The hard case that needs two households."""

    def __init__(
        self,
        server: LeaseServer,
        eye: Eye,
        dealt: list[tuple[Version, dict[str, tuple[str, int, int]]]],
        changed_at: int,
    ) -> None:
        self.server, self.eye, self.rng, self.changed_at = server, eye, server.rng, changed_at
        self.dealt = dealt

    def passed_on(self, first: Client, second: Client) -> Process:
        """The inside address runs out and is another household's within seconds, and the ports with it."""
        rng, server = self.rng, self.server
        lease = server.give(first, staged=True)
        yield from server.hold(lease, server.now + rng.randrange(900, 4_000))
        yield lease.until - rng.randrange(2, 9)
        server.leave(lease, keep=True)
        yield lease.until + rng.randrange(1, 8)
        then = server.give(second, network=lease.network, staged=True)
        over_at, since = lease.until, then.starts_at
        self._see("det-reused-before", lease, over_at - rng.randrange(25, 60))
        self._see("det-reused-after", lease, since + rng.randrange(25, 60))
        near = rng.choice((over_at - 1, since, since + 1))
        self._see("det-reused-inside-margin", lease, near, error_s=1)
        yield server.now + rng.randrange(600, 1_500)
        server.release(then)

    def _see(self, case: str, lease: Lease, at: int, error_s: int | None = None) -> None:
        _, places = self.dealt[0 if at < self.changed_at else 1]
        address, first, last = places[lease.network]
        self.eye.see_port(case, address, self.rng.randint(first, last), at, error_s=error_s)


def _uses(lease: Lease, dealt: list[tuple[Version, dict[str, tuple[str, int, int]]]]) -> Iterator[Use]:
    for version, places in dealt:
        starts_at = max(lease.starts_at, version.starts_at or lease.starts_at)
        ends = [each for each in (lease.ends_at, version.ends_at) if each is not None]
        if not ends or starts_at < min(ends):
            address, first, last = places[lease.network]
            yield Use(
                lease=lease,
                address=address,
                first=first,
                last=last,
                starts_at=starts_at,
                ends_at=min(ends) if ends else None,
            )


def _occupancy(use: Use) -> Occupancy:
    return Occupancy(
        network=f"{use.address}/32",
        account=use.lease.client.account.login,
        line=use.lease.client.account.line.phone,
        starts_at=use.starts_at,
        ends_at=use.ends_at,
        ports=(use.first, use.last),
    )


def _passers_by(eye: Eye, uses: list[Use], changed_at: int) -> None:
    """Before the configuration changed, after it, and so near to it that the clocks cannot tell."""
    rng = eye.rng
    plain = [use for use in uses if not use.lease.staged]
    logins = sorted({use.lease.client.account.login for use in plain})
    sick = set(rng.sample(logins, len(logins) // 8 + 2))
    ill = [use for use in plain if use.lease.client.account.login in sick]
    for _ in range(2 * PER_CASE):
        _see_within(eye, "det-ordinary", rng.choice(ill), (eye.first, eye.last))
    across = [
        use for use in plain if changed_at in (use.starts_at, use.ends_at) and use.lease.starts_at < changed_at - 600
    ]
    before = [use for use in across if use.ends_at == changed_at]
    after = [use for use in across if use.starts_at == changed_at]
    for _ in range(PER_CASE):
        _see_within(eye, "det-before-change", rng.choice(before), (changed_at - 600, changed_at))
        _see_within(eye, "det-after-change", rng.choice(after), (changed_at, changed_at + 600))
        near = rng.choice((changed_at - 1, changed_at, changed_at + 1))
        use = rng.choice(before if near < changed_at else after)
        eye.see_port("det-at-change", use.address, rng.randint(use.first, use.last), near, error_s=1)
        _see_within(eye, "det-without-port", rng.choice(plain), (eye.first, eye.last), with_port=False)
        on = rng.choice([use for use in plain if (use.ends_at or eye.times.ends_at) >= eye.times.ends_at])
        _see_within(eye, "det-not-read-that-far", on, (eye.cut + 60, eye.times.ends_at))


def _see_within(eye: Eye, case: str, use: Use, span: tuple[int, int], *, with_port: bool = True) -> None:
    first = max(span[0], use.starts_at) + _SETTLED_S
    last = min(span[1], use.ends_at or span[1]) - _SETTLED_S
    if first < last:
        port = eye.rng.randint(use.first, use.last) if with_port else None
        eye.see_port(case, use.address, port, eye.rng.randrange(first, last))


def _nobodys(eye: Eye, versions: tuple[Version, Version]) -> None:
    """Ports that the rule gives to an inside address that the server never hands out, or to none at all."""
    never = [version.deal()[f"{INSIDE.broadcast_address - 2}/32"] for version in versions]
    rng, changed_at = eye.rng, versions[1].starts_at or 0
    for _ in range(PER_CASE):
        late = rng.random() < 0.5
        address, first, last = never[late]
        if late and rng.random() < 0.5:
            first, last = 64_900, 65_400  # the second configuration leaves the last ports over
        span = (changed_at + 60, eye.last) if late else (eye.first, changed_at - 60)
        eye.see_port("det-port-outside", address, rng.randint(first, last), rng.randrange(*span))
