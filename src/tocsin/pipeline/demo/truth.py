"""The truth: who really was behind each sighting. Computed from the world alone, before and apart from any resolver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from pathlib import Path

import msgspec

from tocsin.pipeline.demo.plant import Assignment, Line
from tocsin.pipeline.demo.seen import Seen
from tocsin.pipeline.demo.world import World
from tocsin.terms.moments import format_moment
from tocsin.terms.roles import CASE_ROLES

SOURCE = "cert"  # the configured name of the demo's only source


class Occupancy(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One household really had one network (or port range) for `starts_at <= t < ends_at`, seconds since 1970."""

    network: str
    account: str  # the login that was used
    line: str  # where: the telephone number of the line
    starts_at: int
    ends_at: int | None = None
    ports: tuple[int, int] | None = None  # first and last
    protocol: str | None = None


class Truth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One sighting and the right answers about it. A line of `truth.jsonl`."""

    source: str
    seen_at: str  # RFC 3339, whole seconds, as the feed's own timestamp says
    address: str
    port: int | None = None
    protocol: str
    role: str
    kind: str
    source_ref: str | None = None
    case: str
    expected: tuple[str, ...]  # the outcomes that are right
    holder: str | None = None  # the customer number of the household behind it; absent: nobody's
    may_notify: bool = False  # False: a notice that rests on this sighting is a fault
    true_at: str


class TruthTeller:
    """Knows who had which address when, from what the lines of a finished world really had."""

    def __init__(self, lines: Iterable[Line], occupancies: Iterable[Occupancy], ends_at: int) -> None:
        self.ends_at = ends_at
        self._lines = {line.phone: line for line in lines}
        self._by_network: dict[str, list[Occupancy]] = {}
        for occupancy in occupancies:
            self._by_network.setdefault(occupancy.network, []).append(occupancy)

    def line_of(self, address: str, port: int | None, protocol: str, at: int) -> Line | None:
        """The line that had it. A port range speaks only for its ports: without a port nobody is named."""
        for network in _networks_around(address):
            for each in self._by_network.get(network, ()):
                in_time = each.starts_at <= at and (each.ends_at is None or at < each.ends_at)
                if in_time and _port_fits(each, port, protocol):
                    return self._lines[each.line]
        return None

    def tell(self, seen: Seen, source_ref: str | None) -> Truth:
        line = self.line_of(seen.address, seen.port, seen.protocol, seen.true_at)
        holder = line.tenant(seen.true_at) if line else None
        stays = line is not None and holder is not None and line.tenant(self.ends_at) is holder
        return Truth(
            source=SOURCE,
            seen_at=moment_text(seen.seen_at),
            address=seen.address,
            port=seen.port,
            protocol=seen.protocol,
            role=seen.role.value,
            kind=seen.report.kind,
            source_ref=source_ref,
            case=seen.case,
            expected=tuple(sorted(seen.expected)),
            holder=holder.number if holder else None,
            may_notify=stays and seen.role in CASE_ROLES and "subscriber" in seen.expected,
            true_at=moment_text(seen.true_at),
        )


def occupancies(world: World) -> Iterator[Occupancy]:
    """Everything that anybody really had, sessions first. One row a network."""
    for session in world.sessions:
        for network in (f"{session.address}/32", session.framed, session.delegated):
            yield Occupancy(
                network=network,
                account=session.account.login,
                line=session.line.phone,
                starts_at=session.starts_at,
                ends_at=session.ends_at,
            )
    yield from (_assigned(each) for each in world.plant.assignments)


def _assigned(assignment: Assignment) -> Occupancy:
    return Occupancy(
        network=str(assignment.network),
        account=assignment.account.login,
        line=assignment.account.line.phone,
        starts_at=assignment.starts_at,
        ends_at=assignment.ends_at,
        ports=assignment.ports,
        protocol=assignment.protocol,
    )


def _networks_around(address: str) -> Iterator[str]:
    """The networks of the sizes that the provider hands out, longest first."""
    sizes = (32, 29) if ip_address(address).version == 4 else (128, 64, 56)
    return (str(ip_network(f"{address}/{size}", strict=False)) for size in sizes)


def _port_fits(occupancy: Occupancy, port: int | None, protocol: str) -> bool:
    if occupancy.ports is None:
        return True
    if port is None or occupancy.protocol not in (None, protocol):
        return False
    return occupancy.ports[0] <= port <= occupancy.ports[1]


def moment_text(at: int) -> str:
    return format_moment(datetime.fromtimestamp(at, UTC))


def write_truth(path: Path, truth: Iterable[Truth]) -> None:
    encode = msgspec.json.Encoder().encode
    path.write_bytes(b"".join(encode(each) + b"\n" for each in truth))


def read_truth(path: Path) -> list[Truth]:
    decode = msgspec.json.Decoder(Truth).decode
    return [decode(line) for line in path.read_bytes().splitlines()]
