"""A tiny provider, second by second: who truly held each network, and the records that say so, some of them lost."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import msgspec

from tocsin.attribution.bindings.fold import Rules, UsualLines, drop_scratch, fold, touching
from tocsin.attribution.bindings.logs import LogConfig
from tocsin.engine import Engine, table_of
from tocsin.lake import TABLES
from tocsin.terms.addresses import parse_network

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
ENDS_S = 1_200
INTERIM_S = 60
ADDRESSES = tuple(parse_network(f"192.0.2.{host}/32") for host in (1, 2, 3))
PREFIXES = tuple(parse_network(f"2001:db8:0:{host}::/64") for host in (1, 2, 3))
NASES = (("east", "nas-1"), ("east", "nas-2"), ("west", "nas-1"))
LOGS = tuple(LogConfig(name=name, reader="freeradius", interim_s=INTERIM_S, accuracy_s=0) for name in ("east", "west"))

Network = tuple[UUID, int]


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A row of lease_events; `at` counts seconds from noon."""

    at: int
    status: str
    log: str = "east"
    nas: str = "nas-1"
    session: str | None = "A1"
    account: int | None = None
    line: int | None = None
    network: Network | None = None
    session_s: int | None = None
    session_max_s: int | None = None
    interim_s: int | None = None
    until: int | None = None
    port_first: int | None = None
    port_last: int | None = None
    protocol: str | None = None
    inside: Network | None = None
    vrf: str | None = None


class Binding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A folded binding without its evidence; seconds from noon, None for never."""

    log: str
    account: int | None
    network: str
    starts: int
    ends: int
    doubt_until: int | None
    end_reason: str
    doubt: str | None
    binding: str


def fold_events(
    engine: Engine,
    events: Sequence[Event],
    logs: Sequence[LogConfig] = LOGS,
    *,
    rules: Rules | None = None,
    usual: UsualLines | None = None,
) -> list[Binding]:
    """What the fold makes of these events, for their day."""
    engine.add("world_events", _table(events))
    columns = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in TABLES["lease_events"].columns)
    try:
        fold(
            engine,
            f"(SELECT {columns} FROM world_events)",
            logs,
            rules=rules or Rules(),
            usual=usual or UsualLines(),
        )
        rows = engine.rows(touching(engine, NOON.date()))
    finally:
        drop_scratch(engine)
        engine.drop("world_events")
    return sorted(map(_binding, rows), key=_in_order)


def _in_order(binding: Binding) -> tuple[str, bool, list[object]]:
    """By log and account, those without one last."""
    rest = [binding.account or 0, binding.network, binding.starts, binding.ends, binding.binding]
    return binding.log, binding.account is None, rest


def seconds(moment: datetime) -> int:
    return round((moment - NOON).total_seconds())


def _binding(row: Sequence[object]) -> Binding:
    binding, _, log, account, network, bits, _, _, _, starts_at, ends_at, doubt_until, end_reason, doubt = row[:14]
    assert isinstance(starts_at, datetime)
    assert isinstance(ends_at, datetime)
    assert isinstance(doubt_until, datetime)
    return Binding(
        log=str(log),
        account=account if isinstance(account, int) else None,
        network=f"{network}/{bits}",
        starts=seconds(starts_at),
        ends=seconds(ends_at),
        doubt_until=None if doubt_until == NEVER else seconds(doubt_until),
        end_reason=str(end_reason),
        doubt=None if doubt is None else str(doubt),
        binding=str(binding),
    )


def _table(events: Sequence[Event]) -> object:
    rows = [
        {
            **msgspec.structs.asdict(event),
            "at": NOON + timedelta(seconds=event.at),
            "until": None if event.until is None else NOON + timedelta(seconds=event.until),
            "inside": event.inside[0] if event.inside else None,
            "inside_bits": event.inside[1] if event.inside else None,
            "network": event.network[0] if event.network else None,
            "prefix_bits": event.network[1] if event.network else None,
            "evidence_sha256": "0" * 64,
            "evidence_line": line,
        }
        for line, event in enumerate(events, 1)
    ]
    columns = TABLES["lease_events"].columns
    return table_of(columns, [[row.get(name) for row in rows] for name, _ in columns])


class Session(msgspec.Struct, kw_only=True, eq=False):
    """A session as it truly was, for `starts <= t < ends`."""

    place: int  # of its address in ADDRESSES, and of its prefix
    nas: tuple[str, str]
    name: str
    account: int
    line: int
    starts: int
    ends: int
    end: str  # stop | reboot | timeout | running: still on when the world ends
    session_max_s: int | None = None
    said: list[tuple[str, int]] = []  # the records that are not lost
    bare: frozenset[str] = frozenset()  # kinds of record that name no network


class World(msgspec.Struct, kw_only=True):
    """`timed`: records say Acct-Session-Time. Without it no session id is used twice."""

    timed: bool
    sessions: list[Session]
    marks: list[tuple[tuple[str, str], str, int]]

    def holders(self) -> list[list[int | None]]:
        """By address and second, the account that held it."""
        held: list[list[int | None]] = [[None] * (ENDS_S * 3) for _ in ADDRESSES]
        for session in self.sessions:
            for second in range(session.starts, session.ends):
                assert held[session.place][second] is None
                held[session.place][second] = session.account
        return held

    def events(self) -> list[Event]:
        made = []
        for session in self.sessions:
            for status, at in session.said:
                networks = (ADDRESSES[session.place], PREFIXES[session.place])
                for network in (None,) if status in session.bare else networks:
                    made.append(self._event(session, status, at, network))
        for (log, nas), status, at in self.marks:
            made.append(Event(at=at, status=status, log=log, nas=nas, session=None))
        return made

    def _event(self, session: Session, status: str, at: int, network: Network | None) -> Event:
        return Event(
            at=at,
            status=status,
            log=session.nas[0],
            nas=session.nas[1],
            session=session.name,
            account=session.account,
            line=session.line,
            network=network,
            session_s=at - session.starts if self.timed and status != "start" else None,
            session_max_s=session.session_max_s,
        )


def make_world(rng: Random, *, lossy: bool, timed: bool = True) -> World:
    """Sessions of three accounts on three access servers; a loss never hides both sides of a change of hands."""
    world = World(timed=timed, sessions=[], marks=[])
    reboots = {nas: sorted(rng.sample(range(50, ENDS_S, 7), rng.randrange(3))) for nas in NASES}
    for place in range(len(ADDRESSES)):
        _fill_address(world, rng, place, reboots)
    for nas, moments in reboots.items():
        world.marks += [(nas, rng.choice(("nas-on", "nas-off")), at) for at in moments]
    for session in world.sessions:
        session.said = _reports(session)
        if rng.random() < 0.2:
            session.bare = frozenset(rng.sample(("start", "interim", "stop"), rng.randrange(1, 3)))
    if lossy:
        _lose(world, rng)
    return world


def _fill_address(world: World, rng: Random, place: int, reboots: dict[tuple[str, str], list[int]]) -> None:
    second = rng.randrange(60)
    while second < ENDS_S - 1:
        nas, account = rng.choice(NASES), rng.randrange(1, 4)
        length = rng.choice((1, 2, rng.randrange(1, 40), rng.randrange(1, 400)))
        session_max_s = length if rng.random() < 0.2 else rng.choice((None, None, length + rng.randrange(1, 200)))
        ends, end = second + length, "timeout" if session_max_s == length else "stop"
        if reboots[nas] and (cut := next((at for at in reboots[nas] if second < at <= ends), None)) is not None:
            ends, end = cut, "reboot"
        if ends >= ENDS_S:
            ends, end = ENDS_S, "running"
        session = Session(
            place=place,
            nas=nas,
            name=_name(world, rng, nas, second, ends),
            account=account,
            line=account * 10 + (rng.random() < 0.15),
            starts=second,
            ends=ends,
            end=end,
            session_max_s=session_max_s,
        )
        world.sessions.append(session)
        second = ends + rng.choice((0, 0, 1, rng.randrange(5), rng.randrange(120)))


def _name(world: World, rng: Random, nas: tuple[str, str], starts: int, ends: int) -> str:
    """A session id that no other session of that server has at the same time (or ever, in a world without times)."""
    if not world.timed:
        return f"S{len(world.sessions)}"
    taken = {other.name for other in world.sessions if other.nas == nas and other.starts < ends and starts < other.ends}
    return rng.choice([name for name in map(str, range(40)) if name not in taken][:4])


def _reports(session: Session) -> list[tuple[str, int]]:
    said = [("start", session.starts)]
    said += [("interim", at) for at in range(session.starts + INTERIM_S, session.ends, INTERIM_S)]
    return [*said, ("stop", session.ends)] if session.end in ("stop", "timeout") else said


def _lose(world: World, rng: Random) -> None:
    for session in world.sessions:
        share = rng.choice((0.0, 0.2, 0.6, 1.0))
        session.said = [each for each in session.said if rng.random() >= share]
    world.marks = [mark for mark in world.marks if rng.random() >= 0.3]
    for place in range(len(ADDRESSES)):
        here = [session for session in world.sessions if session.place == place]
        for session, taker in itertools.pairwise(here):
            if not _end_is_told(world, session) and all(status in taker.bare for status, _ in taker.said):
                taker.bare = frozenset()
                taker.said = taker.said or [rng.choice(_reports(taker))]


def _end_is_told(world: World, session: Session) -> bool:
    """By its Stop, by its server's restart, or by a timeout that is counted from a beginning that is known."""
    if any(status == "stop" for status, _ in session.said):
        return True
    if session.end == "reboot":
        return any(nas == session.nas and at == session.ends for nas, _, at in world.marks)
    begin_known = any(status == "start" or world.timed for status, _ in session.said)
    return not session.said or (session.end == "timeout" and begin_known)
