"""What the witnesses saw: each thing that truly happened, as the feed will tell it, with the answers that are right."""

from __future__ import annotations

from ipaddress import IPv6Network
from random import Random

import msgspec

from tocsin.pipeline.demo.world import Session
from tocsin.terms.roles import Role

CLOCK_ERROR_S = 3  # how far a witness's clock is off at most; the configuration admits 5


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """One Shadowserver report type: what it says about the address."""

    name: str
    role: Role
    kind: str  # RSIT type


SINKHOLE = Report(name="event4_sinkhole", role=Role.INFECTED, kind="infected-system")
BRUTE_FORCE = Report(name="event4_honeypot_brute_force", role=Role.ATTACKER, kind="brute-force")
TELNET = Report(name="scan_telnet", role=Role.EXPOSED, kind="vulnerable-system")
REPORTS = (SINKHOLE, BRUTE_FORCE, TELNET)


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """It happened at `true_at`; the witness wrote `seen_at` (and `seen_until`). Moments are seconds since 1970."""

    case: str
    expected: frozenset[str]
    report: Report
    true_at: int
    seen_at: int
    seen_until: int | None
    address: str
    port: int | None
    protocol: str = "tcp"
    role: Role


ANY_PORT = -1


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """How a witness saw something, where that matters."""

    report: Report | None = None  # None: any
    port: int | None = ANY_PORT  # None: the witness gives no port
    protocol: str = "tcp"
    role: Role | None = None  # None: the report's
    error_s: int = CLOCK_ERROR_S
    span: tuple[int, int] | None = None  # the witness knows no more than that it was in here


PLAIN_LOOK = Look()


class Witness:
    """Writes down sightings; no two with the same second, address, port and protocol."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.sightings: list[Seen] = []
        self._taken: set[tuple[int, str, int | None, str]] = set()

    def see(self, case: str, expected: frozenset[str], address: str, at: int, look: Look = PLAIN_LOOK) -> None:
        """`at` is the true moment."""
        report = look.report or self.rng.choices(REPORTS, (6, 3, 1))[0]
        seen_at = look.span[0] if look.span else at + self.rng.randint(-look.error_s, look.error_s)
        port = 23 if report is TELNET else look.port
        if port == ANY_PORT:
            port = self.rng.randrange(1024, 65_536)
        key = (seen_at, address, port, look.protocol)
        if key in self._taken:
            return
        self._taken.add(key)
        self.sightings.append(
            Seen(
                case=case,
                expected=expected,
                report=report,
                true_at=at,
                seen_at=seen_at,
                seen_until=self._until(report, seen_at, look),
                address=address,
                port=port,
                protocol=look.protocol,
                role=look.role or report.role,
            )
        )

    def _until(self, report: Report, seen_at: int, look: Look) -> int | None:
        if look.span:
            return look.span[1]
        return seen_at + self.rng.randrange(3) if report is BRUTE_FORCE else None


def inside(rng: Random, network: str) -> str:
    """An address of an IPv6 prefix, as a host that chose it by itself would have it."""
    net = IPv6Network(network)
    return str(net.network_address + rng.getrandbits(128 - net.prefixlen))


def any_address(rng: Random, session: Session) -> str:
    """Mostly the session's IPv4 address, sometimes one of its IPv6 prefixes."""
    dice = rng.random()
    if dice < 0.7:
        return session.address
    return inside(rng, session.delegated if dice < 0.9 else session.framed)
