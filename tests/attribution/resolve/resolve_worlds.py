"""Small random worlds around one midnight, so that spans, bindings and days collide all the time; and how they are laid
down in a lake."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from uuid import UUID

from hypothesis import strategies as st

from tests.attribution.resolve.resolve_oracle import Binding, Contract, Log, Sighting, World
from tocsin.attribution.config import AttributionConfig, CoveringLog
from tocsin.book import contracts as book_contracts
from tocsin.book.accounts import add_accounts
from tocsin.engine import table_of
from tocsin.lake import TABLES, Lake
from tocsin.terms.addresses import parse_address, parse_network

MIDNIGHT = datetime(2026, 11, 23, tzinfo=UTC)
ADDRESSES = ("192.0.2.1", "192.0.2.2", "192.0.2.200", "2001:db8:0:1::5", "2001:db8:0:1::6", "2001:db8:0:2::1")
STRANGERS = ("203.0.113.9", "2001:db9::1")
NETWORKS = (
    *("192.0.2.1/32", "192.0.2.1/32", "192.0.2.2/32", "192.0.2.0/30", "192.0.2.0/24", "0.0.0.0/0"),
    *("2001:db8:0:1::/64", "2001:db8:0:1::5/128", "2001:db8::/56", "2001:db8:0:2::/64", "::/0"),
)
PREFIXES = ("192.0.2.0/24", "192.0.2.0/25", "192.0.2.1/32", "2001:db8::/32", "2001:db8:0:1::/64", "::/0")
_moments = st.integers(-40, 40) | st.sampled_from((-100_000, -86_400, 0, 86_400, 100_000))
_near = st.integers(-30, 30)
_accounts = st.just((1, 2, 3, 4)) | st.lists(st.integers(1, 4), unique=True)


@st.composite
def _spans(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Mostly one long span; sometimes several that touch, overlap or leave gaps."""
    if draw(st.integers(0, 3)):
        return [(-200_000, 200_000)]
    spans = draw(st.lists(st.tuples(_moments, _moments), max_size=4))
    return sorted({(a, b) for a, b in spans if a < b})


@st.composite
def _bindings(draw: st.DrawFn, number: int) -> Binding:
    starts_at, trusted_s, doubtful_s = (
        draw(_moments),
        draw(st.integers(0, 60) | st.just(150_000)),
        draw(st.integers(0, 9)),
    )
    limited = draw(st.integers(0, 2)) == 0
    first = draw(st.sampled_from((1, 100, 200))) if limited else None
    return Binding(
        number=number,
        kind=draw(st.sampled_from(("session", "assignment"))),
        account=draw(st.sampled_from((None, *range(1, 5)))),
        network=draw(st.sampled_from(NETWORKS)),
        port_first=first,
        port_last=None if first is None else draw(st.sampled_from((None, first + 99, first + 150))),
        protocol=draw(st.sampled_from((None, "tcp", "udp"))) if limited else None,
        starts_at=starts_at,
        ends_at=starts_at + trusted_s,
        doubt_until=starts_at + trusted_s + draw(st.sampled_from((0, 0, doubtful_s, 100))),
        doubt=draw(st.sampled_from((*[None] * 8, "shared-login", "unusual-line", "several-vrfs"))),
    )


@st.composite
def _sightings(draw: st.DrawFn, number: int) -> Sighting:
    seen_at = draw(_near)
    later = (None, seen_at, seen_at + 5, seen_at - 3, seen_at + 90_000, seen_at + 700_000)
    return Sighting(
        number=number,
        seen_at=seen_at,
        seen_until=draw(st.sampled_from(later)),
        precision_s=draw(st.sampled_from((None, 0, 1, 8))),
        role=draw(st.sampled_from(("infected", "infected", "attacker", "lead", "exposed", "victim", "infrastructure"))),
        address=draw(st.sampled_from(ADDRESSES * 3 + STRANGERS)),
        port=draw(st.sampled_from((None, 1, 100, 150, 299, 65_535))),
        protocol=draw(st.sampled_from((None, "tcp", "tcp", "udp"))),
        source=draw(st.sampled_from(("cert", "probe", "unheard-of"))),
    )


@st.composite
def _contracts(draw: st.DrawFn) -> Contract:
    starts_at = draw(st.just(-300_000) | _moments)
    ends_at = draw(st.none() | st.integers(1, 400_000).map(lambda length_s: starts_at + length_s))
    return Contract(
        account=draw(st.integers(1, 4)), subscriber=draw(st.integers(1, 3)), starts_at=starts_at, ends_at=ends_at
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    prefixes = st.lists(st.sampled_from(PREFIXES), unique=True, max_size=3)
    logs = [
        Log(
            name=name,
            accuracy_s=draw(st.integers(0, 4)),
            spans_by_prefix={prefix: draw(_spans()) for prefix in draw(prefixes)},
        )
        for name in ("core", "edge", "static")[: draw(st.integers(1, 3))]
    ]
    if draw(st.integers(0, 3)):  # mostly everything is covered by the first log
        logs[0].spans_by_prefix.update({"192.0.2.0/24": [(-200_000, 200_000)], "2001:db8::/32": [(-200_000, 200_000)]})
    return World(
        own=[*draw(prefixes), *draw(st.sampled_from(((), *[("192.0.2.0/24", "2001:db8::/32")] * 3)))],
        shared=draw(st.sampled_from(((), (), ("192.0.2.1/32",), ("2001:db8::/48",)))),
        logs=logs,
        accuracy_by_source={"cert": draw(st.integers(0, 5)), "probe": 0},
        bindings=[draw(_bindings(number)) for number in range(draw(st.integers(0, 9)))],
        contracts=[
            *(Contract(account=n, subscriber=n, starts_at=-300_000, ends_at=None) for n in draw(_accounts)),
            *draw(st.just(()) | st.lists(_contracts(), max_size=4)),
        ],
        sightings=[draw(_sightings(number)) for number in range(draw(st.integers(1, 30)))],
    )


def at(second: int) -> datetime:
    return MIDNIGHT + timedelta(seconds=second)


def identity(number: int) -> UUID:
    return UUID(int=number + 1)


def config_of(world: World) -> AttributionConfig:
    logs = (
        CoveringLog(name=log.name, prefixes=tuple(log.spans_by_prefix), accuracy_s=log.accuracy_s) for log in world.logs
    )
    return AttributionConfig(
        prefixes=tuple(world.own),
        shared_prefixes=tuple(world.shared),
        logs=tuple(logs),
        accuracy_by_source=world.accuracy_by_source,
    )


def lay_down(lake: Lake, world: World, name: str) -> None:
    """Make this world all that the lake and the book hold."""
    rows: dict[tuple[str, date], list[dict[str, object]]] = defaultdict(list)
    for sighting in world.sightings:
        rows["sightings", at(sighting.seen_at).date()].append(_sighting_row(sighting))
    for binding in world.bindings:
        for day in _days(binding):
            rows["bindings", day].append(_binding_row(binding))
    for log in world.logs:
        for prefix, spans in log.spans_by_prefix.items():
            for start, end in spans:
                rows["coverage", MIDNIGHT.date()].append(_coverage_row(log.name, prefix, start, end))
    with lake.writing("sightings", "bindings", "coverage") as writing:
        batch = writing.batch(name, kind="test", at=MIDNIGHT)
        for table in ("sightings", "bindings", "coverage"):
            batch.replace(table)
        for (table, day), found in rows.items():
            add_rows(lake, table, found)
            batch.add(table, day, "SELECT * FROM laid_down")
        batch.commit()
    with lake.book.write() as tx:
        numbers = add_accounts(tx, (f"u{number}" for number in range(1, 5)))
        subscribers = book_contracts.add_subscribers(tx, (f"C-{number}" for number in range(1, 5)))
        assert sorted(numbers.values()) == [1, 2, 3, 4]
        assert sorted(subscribers.values()) == [1, 2, 3, 4]
        book_contracts.replace_contracts(tx, map(_contract, world.contracts))


def add_rows(lake: Lake, table: str, rows: Sequence[dict[str, object]]) -> None:
    """Rows by column name as the relation `laid_down`; what is not named is absent."""
    columns = TABLES[table].columns
    lake.engine.add("laid_down_blobs", table_of(columns, [[row.get(name) for row in rows] for name, _ in columns]))
    casts = ", ".join(f"{name}::{kind} AS {name}" for name, kind in columns)
    lake.engine.run(f"CREATE OR REPLACE TEMP TABLE laid_down AS SELECT {casts} FROM laid_down_blobs")
    lake.engine.drop("laid_down_blobs")


def _days(binding: Binding) -> Iterator[date]:
    """Every day that it touches; one without length stands in the day it starts in."""
    day, last = at(binding.starts_at).date(), at(max(binding.doubt_until - 1, binding.starts_at)).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def _sighting_row(sighting: Sighting) -> dict[str, object]:
    return {
        "id": identity(sighting.number),
        "seen_at": at(sighting.seen_at),
        "seen_until": None if sighting.seen_until is None else at(sighting.seen_until),
        "precision_s": sighting.precision_s,
        "role": sighting.role,
        "address": parse_address(sighting.address),
        "port": sighting.port,
        "protocol": sighting.protocol,
        "kind": "infected-system",
        "source": sighting.source,
    }


def _binding_row(binding: Binding) -> dict[str, object]:
    network, bits = parse_network(str(ip_network(binding.network)))
    return {
        "binding": identity(binding.number),
        "binding_kind": binding.kind,
        "log": "core",
        "account": binding.account,
        "network": network,
        "prefix_bits": bits,
        "port_first": binding.port_first,
        "port_last": binding.port_last,
        "protocol": binding.protocol,
        "starts_at": at(binding.starts_at),
        "ends_at": at(binding.ends_at),
        "doubt_until": at(binding.doubt_until),
        "doubt": binding.doubt,
    }


def _coverage_row(log: str, prefix: str, start: int, end: int) -> dict[str, object]:
    network, bits = parse_network(prefix)
    return {"log": log, "network": network, "prefix_bits": bits, "starts_at": at(start), "ends_at": at(end)}


def _contract(contract: Contract) -> book_contracts.Contract:
    return book_contracts.Contract(
        subscriber=contract.subscriber,
        account=contract.account,
        name="Ada Example",
        email="ada@home.example",
        language="en",
        zone="UTC",
        line="00-5550-1000",
        line_id=None,
        starts_at=at(contract.starts_at),
        ends_at=None if contract.ends_at is None else at(contract.ends_at),
    )
