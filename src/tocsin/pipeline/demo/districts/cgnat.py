"""CGNAT: inside addresses by RADIUS (`mobile`), blocks of ports of shared addresses by the NAT's syslog (`cgnat`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network
from random import Random

from tocsin.pipeline.demo.districts.blocks import INTERIM_S, PORT_LAST, Block, MobileWorld, block_occupancies
from tocsin.pipeline.demo.districts.district import District, Eye, Troupe
from tocsin.pipeline.demo.districts.nat_log import nat_log
from tocsin.pipeline.demo.hard_cases import PER_CASE
from tocsin.pipeline.demo.life import live
from tocsin.pipeline.demo.loop import Process
from tocsin.pipeline.demo.people import Person
from tocsin.pipeline.demo.planning import Timetable, unrest
from tocsin.pipeline.demo.plant import LONG_AGO, Account, Assignment, Line, Nas, Plant, Tenure
from tocsin.pipeline.demo.radius import detail_files
from tocsin.pipeline.demo.seen import TELNET, Look, Witness
from tocsin.pipeline.demo.stage import flaw
from tocsin.pipeline.demo.truth import Occupancy, occupancies
from tocsin.pipeline.demo.world import Session

PUBLIC = IPv4Network("198.18.32.0/28")
MOBILE = Nas(
    name="bng-9",
    address="100.64.0.91",
    log="mobile",
    pool=IPv4Network("100.65.0.0/20"),
    framed=IPv6Network("2001:db8:6000::/48"),
    delegated=IPv6Network("2001:db8:6100::/44"),
    skew_s=0,
    ports=900,
    seats=1_500,
)
_DAY_S = 86_400
_ACTORS_MAX = 110
_TELNET_PORT = 23
_SETTLED_S = 30  # further from any change than every clock margin


def build_cgnat(rng: Random, people: Sequence[Person], times: Timetable, witness: Witness) -> District:
    accounts = [_account(rng, person, place) for place, person in enumerate(people)]
    plant = Plant(people=list(people), accounts=accounts, static_accounts=[], assignments=[])
    public = list(map(str, PUBLIC.hosts()))[: max(2, len(accounts) // 60)]
    world = MobileWorld(rng, plant, MOBILE, public)
    eye = Eye(witness, rng, times, "mobile")
    actors = min(len(accounts) // 4 * 2, _ACTORS_MAX)
    for account in accounts[actors:]:
        world.start(live(world, account, times.begins_at - _DAY_S), times.begins_at - _DAY_S)
    world.start(unrest(world, MOBILE, times.mobile_hole), times.begins_at)
    scenes = Scenes(world, eye)
    plays: list[tuple[Callable[[Account, Account], Process], int]] = [
        (scenes.block_reused, 1),
        (scenes.alloc_lost, 1),
        (scenes.release_lost, 2),
        (scenes.interims_lost, 1),
        (scenes.silent, 1),
        (scenes.inside_passed_on, 1),
        (scenes.session_stop_lost, 1),
    ]
    begins_at, hole = times.begins_at + 3_600, times.mobile_hole
    Troupe(world, rng, plays, (hole[0] - 14_400, hole[1] + 3_600)).engage(
        accounts[:actors], begins_at, times.ends_at - 18_000
    )
    world.run(times.ends_at)
    forwards = _forwards(accounts[actors:], public)
    found = [*occupancies(world), *block_occupancies(world.blocks, world.sessions), *map(_forwarded, forwards)]
    _passers_by(world, eye)
    _by_address(eye, public, forwards)
    texts, records = detail_files(world, times, rng)
    text, lines = nat_log(world.blocks, times.cuts["cgnat"], rng)
    texts["nat/cgnat.log"] = text
    return District(accounts=accounts, occupancies=found, texts=texts, assignments=forwards, records=records + lines)


def _account(rng: Random, person: Person, place: int) -> Account:
    line = Line(
        phone=f"00-5557-{1000 + place}",
        nas=MOBILE,
        port_id=f"eth 9/0/{place % 8}:{MOBILE.ports}.{1000 + place}",
        mac="02:00:67:" + ":".join(f"{byte:02x}" for byte in (place >> 8, place & 255, rng.randrange(256))),
        tenures=[Tenure(person=person, starts_at=LONG_AGO)],
    )
    interim_s = rng.choices((900, 1_800, 3_600), (2, 5, 5))[0]
    return Account(login=f"m{700_000 + place}@demo.example", line=line, interim_s=interim_s, flaky=rng.random() < 0.4)


def _forwards(accounts: list[Account], public: list[str]) -> list[Assignment]:
    """On every other shared address one household has its telnet port forwarded, for good."""
    return [
        Assignment(
            network=IPv4Network(f"{address}/32"), account=account, ports=(_TELNET_PORT, _TELNET_PORT), protocol="tcp"
        )
        for account, address in zip(accounts, public[::2], strict=False)
    ]


def _forwarded(assignment: Assignment) -> Occupancy:
    return Occupancy(
        network=str(assignment.network),
        account=assignment.account.login,
        line=assignment.account.line.phone,
        starts_at=assignment.starts_at,
        ports=assignment.ports,
        protocol=assignment.protocol,
    )


class Scenes:
    """The hard cases that need two households. Each begins and ends with both offline."""

    def __init__(self, world: MobileWorld, eye: Eye) -> None:
        self.world, self.eye, self.rng = world, eye, world.rng

    def block_reused(self, first: Account, second: Account) -> Process:
        """Released, and another household's within seconds."""
        one, two = self._online(first, second)
        block = self._block(one)
        yield self.world.now + self.rng.randrange(300, 4_000)
        at = self.world.now
        self.world.free(block, keep=True)
        yield at + self.rng.randrange(1, 8)
        then = self._block(two, block)
        since = then.starts_at
        self._see("cgnat-reused-before", block, at - self.rng.randrange(25, 60))
        self._see("cgnat-reused-after", then, since + self.rng.randrange(25, 60))
        self._see("cgnat-clock-skew", block, at - self.rng.randrange(15, 20))
        self._see("cgnat-clock-skew", then, since + self.rng.randrange(15, 20))
        near = self.rng.choice((at - 1, since, since + 1))
        self.eye.see_port("cgnat-reused-inside-margin", block.network, self._port(block), near, error_s=1)
        yield self.world.now + self.rng.randrange(600, 1_500)
        self.world.free(then)
        self._offline(one, two)

    def alloc_lost(self, first: Account, _: Account) -> Process:
        """The ALLOC is lost; the first INTERIM carries its epoch."""
        (one,) = self._online(first)
        block = self._block(one, lost=frozenset({"ALLOC"}))
        self._see("cgnat-alloc-lost", block, block.starts_at + self.rng.randrange(25, INTERIM_S - 30))
        yield block.starts_at + INTERIM_S + self.rng.randrange(60, 600)
        self.world.free(block)
        self._offline(one)

    def release_lost(self, first: Account, second: Account) -> Process:
        """The RELEASE is lost; the next ALLOC of the same ports tells."""
        one, two = self._online(first, second)
        block = self._block(one, lost=frozenset({"RELEASE"}))
        yield self.world.now + self.rng.randrange(300, 4_000)
        at = self.world.now
        self.world.free(block, keep=True)
        yield at + self.rng.randrange(1, 8)
        then = self._block(two, block)
        self._see("cgnat-release-lost", block, at - self.rng.randrange(25, 60))
        self._see("cgnat-release-lost", then, then.starts_at + self.rng.randrange(25, 1_500))
        yield self.world.now + self.rng.randrange(1_600, 1_790)
        self.world.free(then)
        self._offline(one, two)

    def interims_lost(self, first: Account, _: Account) -> Process:
        """No INTERIM came through, but its RELEASE did."""
        (one,) = self._online(first)
        block = self._block(one, lost=frozenset({"INTERIM"}))
        yield self.world.now + self.rng.randrange(9_000, 12_000)
        self._see(
            "cgnat-interim-lost", block, self.rng.randrange(block.starts_at + INTERIM_S + 200, self.world.now - 60)
        )
        self.world.free(block)
        self._offline(one)

    def silent(self, first: Account, _: Account) -> Process:
        """After its ALLOC nothing came through; it was in use for far longer than anybody may trust that."""
        (one,) = self._online(first)
        block = self._block(one)
        block.lost_from = block.starts_at + 5
        yield self.world.now + INTERIM_S + self.rng.randrange(1_000, 3_000)
        at = self.rng.randrange(block.starts_at + INTERIM_S + 60, self.world.now - 30)
        self._see("cgnat-silent-block", block, at)
        self.world.free(block)
        self._offline(one)

    def inside_passed_on(self, first: Account, second: Account) -> Process:
        """The session ended and its inside address is another household's, whose packets keep the block alive."""
        (one,) = self._online(first)
        self._offline(*self.world.online[second.login])
        block = self._block(one)
        yield self.world.now + self.rng.randrange(300, 1_500)
        at = self.world.now
        self.world.disconnect(one, keep_address=True)
        yield at + self.rng.randrange(1, 8)
        two = self.world.connect(second, address=one.address, staged=True)
        since = two.starts_at
        self._see("cgnat-inside-passed-on", block, at - self.rng.randrange(25, 200))
        self._see("cgnat-inside-passed-on", block, since + self.rng.randrange(25, 900))
        near = self.rng.choice((at - 1, since, since + 1))
        self.eye.see_port("cgnat-inside-inside-margin", block.network, self._port(block), near, error_s=1)
        yield self.world.now + self.rng.randrange(1_000, 1_500)
        self.world.free(block)
        self._offline(two)

    def session_stop_lost(self, first: Account, second: Account) -> Process:
        """The first session's Stop is lost; its inside address and its block go on with another household."""
        (one,) = self._online(first)
        self._offline(*self.world.online[second.login])
        block = self._block(one)
        yield self.world.now + self.rng.randrange(300, 1_500)
        flaw(one, lost=frozenset({"stop"}))
        self.world.disconnect(one, cause="Lost-Carrier", keep_address=True)
        yield self.world.now + self.rng.randrange(1, 8)
        two = self.world.connect(second, address=one.address, staged=True)
        self._see("cgnat-session-stop-lost", block, two.starts_at + self.rng.randrange(25, 900))
        yield self.world.now + self.rng.randrange(1_000, 1_500)
        self.world.free(block)
        self._offline(two)

    def _online(self, *accounts: Account) -> tuple[Session, ...]:
        for account in accounts:
            self._offline(*self.world.online[account.login])
        return tuple(self.world.connect(account, staged=True) for account in accounts)

    def _offline(self, *sessions: Session) -> None:
        for session in list(sessions):
            self.world.disconnect(session)

    def _block(self, session: Session, where: Block | None = None, lost: frozenset[str] = frozenset()) -> Block:
        place = None if where is None else (where.network, where.first)
        return self.world.allocate(session.address, where=place, lost=lost, staged=True)

    def _see(self, case: str, block: Block, at: int) -> None:
        self.eye.see_port(case, block.network, self._port(block), at)

    def _port(self, block: Block) -> int:
        return self.rng.randint(block.first, block.last)


def _passers_by(world: MobileWorld, eye: Eye) -> None:
    """Blocks of households that nobody thinks of: any port, the first and the last, and those that the logs lost."""
    rng = world.rng
    spans = _plain_spans(world, eye)
    sick = set(rng.sample(sorted({login for login, *_ in spans}), len({login for login, *_ in spans}) // 8 + 2))
    ill = [each for each in spans if each[0] in sick]
    for _ in range(3 * PER_CASE):
        _, block, first, last = rng.choice(ill)
        eye.see_port("cgnat-ordinary", block.network, rng.randint(block.first, block.last), rng.randrange(first, last))
    for _ in range(PER_CASE):
        _, block, first, last = rng.choice(spans)
        port = rng.choice((block.first, block.last))
        eye.see_port("cgnat-block-boundary", block.network, port, rng.randrange(first, last))
    _in_the_dark(world, eye)


def _plain_spans(world: MobileWorld, eye: Eye) -> list[tuple[str, Block, int, int]]:
    """Who had which block, from when until when, away from every change and from the hole."""
    first, last = eye.times.mobile_hole
    sessions: dict[str, list[Session]] = {}
    for session in world.sessions:
        dark = session.ends_at is not None and first - _SETTLED_S <= session.ends_at <= last + 3_700
        if not session.staged and not dark:
            sessions.setdefault(session.address, []).append(session)
    found = []
    for block in world.blocks:
        for session in [] if block.staged else sessions.get(block.inside, []):
            starts_at = max(eye.first, block.starts_at + _SETTLED_S, session.starts_at + _SETTLED_S)
            ends_at = min(eye.last, block.ends_at or eye.last, session.ends_at or eye.last) - _SETTLED_S
            if starts_at < ends_at and (ends_at < first - 3_700 or starts_at > last + 3_700):
                found.append((session.account.login, block, starts_at, ends_at))
    return found


def _in_the_dark(world: MobileWorld, eye: Eye) -> None:
    """While the session log has its hole, and after its last record."""
    rng, hole, end = world.rng, eye.times.mobile_hole, eye.times.ends_at
    for case, (first, last) in (
        ("cgnat-session-log-hole", (hole[0] + 300, hole[1] - 300)),
        ("cgnat-not-read-that-far", (eye.cut + 60, end - 10)),
    ):
        blocks = [each for each in world.blocks if each.starts_at < last and (each.ends_at or end) > first]
        for _ in range(PER_CASE):
            block = rng.choice(blocks)
            at = rng.randrange(max(first, block.starts_at), min(last, block.ends_at or last))
            eye.see_port(case, block.network, rng.randint(block.first, block.last), at)


def _by_address(eye: Eye, public: list[str], forwards: list[Assignment]) -> None:
    """What the address alone decides: no port, a port that is nobody's, telnet with and without a forward."""
    rng = eye.rng
    forwarded = sorted(str(each.network.network_address) for each in forwards)
    others = sorted(set(public) - set(forwarded))
    hole = eye.times.mobile_hole
    for _ in range(PER_CASE):
        moments = [
            rng.choice((rng.randrange(eye.first, hole[0] - 60), rng.randrange(hole[1] + 3_700, eye.last)))
            for _ in "1234"
        ]
        eye.see_port("cgnat-without-port", rng.choice(public), None, moments[0])
        eye.see_port("cgnat-port-outside", rng.choice(public), rng.randrange(PORT_LAST + 1, 65_536), moments[1])
        eye.see("cgnat-forwarded", rng.choice(forwarded), moments[2], Look(report=TELNET))
        eye.see("cgnat-exposed", rng.choice(others), moments[3], Look(report=TELNET))
