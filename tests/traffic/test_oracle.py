"""Every question that is asked in SQL is asked the slow way too, of small worlds by chance: both must say the same."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.traffic.oracle import ASKED
from tests.traffic.oracle_world import Flow, Listed, Lookup, Told, World
from tests.traffic.scene import START, House, judged
from tests.traffic.scenes import letters, stranger
from tocsin.engine import Engine, read_sql
from tocsin.terms.addresses import format_address
from tocsin.traffic import dga
from tocsin.traffic.behaviours.table import BEHAVIOURS
from tocsin.traffic.lists import Indicator
from tocsin.traffic.ports import CONTROL_PORTS, LOGIN_PORTS, MINING_PORTS, SPREADING_PORTS

HOMES = ("192.168.50.10", "192.168.51.10")
_PORTS = (
    *(23, 37_215, 8333, 6881, 80, 443, 8080, 25, 587, 22, 2022, 3389, 1177, 6667, 3333, 4449, 6281, 27_030, 53, 1883),
    *sorted(CONTROL_PORTS)[::3],
    *sorted(MINING_PORTS)[::4],
    *sorted(SPREADING_PORTS)[::5],
    *sorted(LOGIN_PORTS)[::3],
)
Play = Callable[["Chance", str], None]


class Chance:
    """A world by chance, near the numbers at which a behaviour begins."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.flows: list[Flow] = []
        self.lookups: list[Lookup] = []
        self._strangers = 0

    def peer(self) -> str:
        """A new one; it may have a name."""
        self._strangers += 1
        address = stranger(self._strangers) if self.dice.random() < 0.9 else f"192.168.7.{self._strangers % 250}"
        if self.dice.random() < 0.15 and not address.startswith("192."):
            lent = self.dice.random() < 0.4
            name = f"n{self._strangers}.{'duckdns.org' if lent else 'shop.example'}"
            self.lookups.append(Lookup(self.dice.randrange(3600), self.dice.choice(HOMES), name, (address,), "A"))
        return address

    def flow(self, at: int, home: str, peer: str, port: int, protocol: str = "tcp", **told: object) -> None:
        state = str(told.get("state", "SF"))
        out, back = int(str(told.get("out", 800))), int(str(told.get("back", 5000)))
        packets = (int(str(told.get("packets", 8))), int(str(told.get("packets_back", 8))))
        if state in ("S0", "REJ"):
            back, packets = 0, (packets[0], 0 if state == "S0" else 1)
        service = told.get("service")
        lasts = float(str(told.get("lasts", 0.2)))
        known = None if service is None else str(service)
        self.flows.append(Flow(at, home, peer, port, protocol, known, lasts, out, back, *packets, state))


def fan(world: Chance, home: str) -> None:
    dice = world.dice
    count = dice.choice((9, 10, 14, 15, 19, 20, 25, 29, 30, 49, 50, 51, 100, 110))
    port, failing = dice.choice(_PORTS), dice.choice((0.0, 0.5, 0.75, 0.85, 0.93, 1.0))
    for number in range(count):
        state = dice.choice(("S0", "REJ")) if number >= count * (1 - failing) else "SF"
        world.flow(dice.randrange(3500), home, world.peer(), port, state=state)


def doors(world: Chance, home: str) -> None:
    dice = world.dice
    peer, failing = world.peer(), dice.choice((0.6, 0.75, 0.96, 1.0))
    for number in range(dice.choice((14, 15, 16, 29, 30, 40))):
        world.flow(number, home, peer, 5000 + number, state="S0" if dice.random() < failing else "SF")


def again(world: Chance, home: str) -> None:
    dice = world.dice
    peer, port, step = world.peer(), dice.choice(_PORTS), dice.choice((1, 2, 20, 60, 100))
    failing, wobble = dice.choice((0.0, 0.5, 0.61, 0.97, 0.99, 1.0)), dice.choice((0, 0, 1, 15, 40))
    out, back = dice.choice((100, 9_000, 20_000)), dice.choice((1, 300, 9_000))
    service = dice.choice((None, None, "ssh", "ssl", "http"))
    at = dice.randrange(100)
    for _ in range(dice.choice((10, 19, 20, 22, 29, 31, 60, 199, 201, 240))):
        at += step + dice.randrange(wobble + 1)
        state = dice.choice(("S0", "REJ")) if dice.random() < failing else "SF"
        world.flow(at, home, peer, port, state=state, service=service, lasts=dice.choice((0, 1)), out=out, back=back)


def session(world: Chance, home: str) -> None:
    dice = world.dice
    peer, port = world.peer(), dice.choice(_PORTS)
    lasts = dice.choice((500, 599, 900, 1799, 1800, 3600, 7199, 7200, 14_400, 43_200))
    out = dice.choice((9_999, 10_000, 300_000, 2_000_000, 60_000_000, 600_000_000))
    back = dice.choice((0, 1_000, 60_000, 2_000_000, 51_000_000))
    service = dice.choice((None, None, "ssl", "ssh", "irc", "rdp"))
    for number in range(dice.choice((1, 2, 5))):
        world.flow(number * 700, home, peer, port, lasts=lasts, out=out, back=back, service=service)


def company(world: Chance, home: str) -> None:
    """Many strangers, each on a port of its own."""
    dice = world.dice
    times, size = dice.choice((1, 3, 4)), dice.choice((100, 4_000, 30_000))
    kind = dice.choice(("udp", "tcp"))
    for number in range(dice.choice((40, 49, 55, 70))):
        peer, port = world.peer(), 1024 + number * dice.choice((1, 37))
        state = dice.choice(("S0", "SF", "SF", "OTH"))
        for turn in range(times):
            world.flow(turn * 60 + number, home, peer, port, kind, state=state, out=size, back=size)


def flooded(world: Chance, home: str) -> None:
    dice = world.dice
    peer = world.peer()
    if dice.random() < 0.5:
        for number in range(dice.choice((999, 1000, 1100))):
            world.flow(120 + number // 20, home, peer, 80, state="OTH", back=0, packets=3, packets_back=0)
    else:
        packets, back = dice.choice((59_000, 60_000, 130_000)), dice.choice((0, 1_000, 5_000))
        world.flow(120, home, peer, 9000, "udp", lasts=dice.choice((20, 60, 130)), packets=packets, packets_back=back)
        if dice.random() < 0.4:
            world.flow(100, home, peer, 9000)


def relayed(world: Chance, home: str) -> None:
    dice = world.dice
    count, each = dice.choice((18, 20, 30)), dice.choice((40_000, 100_000))
    world.flow(0, home, world.peer(), 911, lasts=dice.choice((3000, 7200)), out=count * each, back=1_200_000)
    for number in range(count):
        world.flow(number * dice.choice((10, 100)), home, world.peer(), 443, out=1_200_000 // count, back=each)


def names(world: Chance, home: str) -> None:
    dice = world.dice
    domain, size, kind = f"d{dice.randrange(9)}.example", dice.choice((5, 18, 26, 45)), dice.choice(("A", "TXT"))
    clients = HOMES if dice.random() < 0.2 else (home,)
    for number in range(dice.choice((20, 99, 100, 120, 300, 310))):
        for client in clients:
            name = f"{letters(number, size)}.{domain}"
            world.lookups.append(Lookup(number, client, name, ("203.0.113.7",), kind))


def moving(world: Chance, home: str) -> None:
    dice = world.dice
    at_once, networks = dice.choice((1, 1, 4)), dice.choice((1, 3, 4, 7))
    for number in range(dice.choice((5, 30, 60, 95))):
        answers = tuple(f"100.{150 + (number + n) % networks}.{number % 200}.{n + 1}" for n in range(at_once))
        world.lookups.append(Lookup(number * 300, home, "moves.example", answers, "A"))


def pool(world: Chance, home: str) -> None:
    world.lookups.append(Lookup(5, home, "eu1.nanopool.example", ("203.0.113.44",), "A"))


PLAYS: tuple[Play, ...] = (
    fan,
    fan,
    doors,
    again,
    again,
    session,
    session,
    company,
    flooded,
    relayed,
    names,
    moving,
    pool,
)


@cache
def engine() -> Engine:
    return Engine(Path(tempfile.mkdtemp(prefix="tocsin-oracle-")))


def asked(seed: int) -> tuple[Chance, list[Listed]]:
    world = Chance(seed)
    for home in HOMES:
        for play in world.dice.sample(PLAYS, world.dice.randrange(1, 6)):
            play(world, home)
        world.flow(1, home, "203.0.113.1", 443)
    lists = []
    for address in sorted({flow.called for flow in world.flows if not flow.called.startswith("192.")}):
        if world.dice.random() < 0.03:
            first = world.dice.choice((0, 0, 100_000))
            lists.append(Listed("address", address, world.dice.choice(("c2", "sinkhole")), first, 200_000))
    for name in sorted({lookup.name for lookup in world.lookups}):
        if world.dice.random() < 0.02:
            lists.append(Listed("name", name.partition(".")[2], "c2", 0, world.dice.choice((200, 200_000))))
    return world, list({each.value: each for each in lists}.values())


def told_by_sql(world: Chance, lists: list[Listed]) -> Counter[tuple[str, Told]]:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), HOMES[0])
        for f in world.flows:
            said = {"state": f.state, "proto": f.protocol, "service": f.service or "-", "seconds": f.lasts}
            packets = (f.packets_out, f.packets_back)
            house.flow(f.at, f.called, f.port, out=f.out, back=f.back, packets=packets, caller=f.caller, **said)  # type: ignore[arg-type]
        for each in world.lookups:
            house.lookup(each.at, each.name, ",".join(each.answers), kind=each.kind, client=each.client)
        start = datetime.fromtimestamp(START, UTC)
        known = [
            Indicator(
                kind=each.kind,
                value=each.value,
                list="l",
                role=each.role,
                valid_from=start + timedelta(seconds=each.first),
                valid_until=start + timedelta(seconds=each.last),
            )
            for each in lists
        ]
        judged(engine(), Path(folder), [house], known)
    rows = engine().rows("SELECT name, host, called, called_port, round(score, 6), rows, peers FROM findings")
    return Counter(
        (
            str(name),
            Told(
                format_address(host),  # type: ignore[arg-type]
                format_address(called) if called is not None else None,  # type: ignore[arg-type]
                None if port is None else int(str(port)),
                float(str(score)),
                int(str(count)),
                int(str(peers)),
            ),
        )
        for name, host, called, port, score, count, peers in rows
        if name != "dga"
    )


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 1_000_000))
def test_the_slow_way_says_the_same(seed: int) -> None:
    chance, lists = asked(seed)
    world = World(chance.flows, chance.lookups, lists)
    expected = Counter(
        (name, told._replace(score=round(told.score, 6))) for name, ask in ASKED.items() for told in ask(world)
    )
    assert told_by_sql(chance, lists) == expected


def test_the_worlds_by_chance_show_every_behaviour_that_sql_asks_for() -> None:
    seen: Counter[str] = Counter()
    for seed in range(120):
        chance, lists = asked(seed)
        world = World(chance.flows, chance.lookups, lists)
        seen.update({name for name, ask in ASKED.items() for _ in ask(world)})
    assert set(ASKED) == set(seen), set(ASKED) - set(seen)


def test_every_behaviour_in_sql_has_its_slow_way() -> None:
    """`dga` is no query but a model; the query before it has its own below."""
    assert set(ASKED) | {"dga"} == {each.name for each in BEHAVIOURS}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(HOMES),
            st.sampled_from(("a.example", "b.example", "c.d.example", "host", "_x._tcp.example", "4.3.in-addr.arpa")),
            st.sampled_from(("NXDOMAIN", "NXDOMAIN", "NOERROR")),
            st.sampled_from(("A", "AAAA", "TXT")),
        ),
        max_size=40,
    )
)
def test_the_names_that_do_not_exist_are_those_of_the_slow_way(rows: list[tuple[str, str, str, str]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder), HOMES[0])
        for number, (client, name, rcode, kind) in enumerate(rows):
            house.lookup(number, name, rcode=rcode, kind=kind, client=client)
        for home in HOMES:
            house.flow(0, "203.0.113.1", 443, caller=home)
        judged(engine(), Path(folder), [house])
    found = {
        format_address(host): (list(names), total)  # type: ignore[arg-type]
        for host, names, total, *_ in engine().rows(read_sql(dga.__package__, "nxdomains"))
    }
    expected: dict[str, tuple[list[str], int]] = {}
    for home in HOMES:
        mine = dict.fromkeys(
            name
            for client, name, rcode, kind in rows
            if client == home and rcode == "NXDOMAIN" and "." in name and kind != "TXT"
            if not name.startswith("_") and not name.endswith(".arpa")
        )
        if mine:
            expected[home] = (list(mine), len(mine))
    assert found == expected


@pytest.fixture(scope="module", autouse=True)
def _closing():  # type: ignore[no-untyped-def]
    yield
    engine().close()
    engine.cache_clear()
