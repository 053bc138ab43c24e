"""Sightings of addresses that no session holds: static and shared ones, other networks, space that no log speaks of."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network
from random import Random

from tocsin.pipeline.demo.hard_cases import EXPECTED, PER_CASE
from tocsin.pipeline.demo.planning import Timetable
from tocsin.pipeline.demo.plant import Assignment, Plant
from tocsin.pipeline.demo.seen import BRUTE_FORCE, SINKHOLE, Look, Witness, inside

EDGE_S = 900  # kept from a hole or the end of a log


def static_sightings(plant: Plant, times: Timetable, witness: Witness, rng: Random) -> None:
    """Static addresses and networks, and shared addresses seen with and without the household's own port."""
    shared = [each for each in plant.assignments if each.ports]
    typed = [each for each in shared if each.protocol == "tcp"]
    ranges = [each for each in shared if each.protocol is None]
    whole = [each for each in plant.assignments if not each.ports]
    changing = [each for each in whole if each.ends_at is not None or each.starts_at > times.begins_at]
    singles = [each for each in whole if each.network.num_addresses == 1 and each not in changing]
    nets = [each for each in whole if each.network.num_addresses > 1]
    for _ in range(PER_CASE):
        for case, choice in (("static-address", singles), ("static-network", nets), ("static-passed-on", changing)):
            assignment = rng.choice(choice)
            witness.see(case, EXPECTED[case], _host(rng, assignment), _held(rng, assignment, times))
        _shared_sightings(witness, rng, (rng.choice(ranges), rng.choice(typed)), times)


def _shared_sightings(witness: Witness, rng: Random, choice: tuple[Assignment, Assignment], times: Timetable) -> None:
    for case, assignment in zip(("shared-with-port", "shared-by-protocol"), choice, strict=True):
        port = rng.randint(*assignment.ports) if assignment.ports else None
        look = Look(report=rng.choice((SINKHOLE, BRUTE_FORCE)), port=port)
        witness.see(case, EXPECTED[case], _host(rng, assignment), _held(rng, assignment, times), look)
    outside: tuple[tuple[str, int | None], ...] = (
        ("shared-without-port", None),
        ("shared-port-outside", rng.randrange(61_100, 65_000)),
    )
    for case, port in outside:
        look = Look(report=rng.choice((SINKHOLE, BRUTE_FORCE)), port=port)
        witness.see(case, EXPECTED[case], _host(rng, choice[0]), _held(rng, choice[0], times), look)


def _host(rng: Random, assignment: Assignment) -> str:
    network = assignment.network
    if isinstance(network, IPv6Network):
        return inside(rng, str(network))
    return str(network.network_address + (rng.randrange(1, 7) if network.num_addresses > 1 else 0))


def _held(rng: Random, assignment: Assignment, times: Timetable) -> int:
    first = max(assignment.starts_at + 600, times.begins_at + 7_200)
    last = min(assignment.ends_at or times.ends_at, *times.cuts.values()) - 900
    return rng.randrange(first, last)


def elsewhere(times: Timetable, witness: Witness, rng: Random) -> None:
    """Addresses of other networks, and own addresses that no log speaks of."""
    foreign = (IPv4Network("192.0.2.0/24"), IPv4Network("198.19.0.0/16"))
    last = min(times.cuts.values()) - EDGE_S
    for _ in range(PER_CASE):
        network = rng.choice(foreign)
        address = str(network.network_address + rng.randrange(1, network.num_addresses - 1))
        at = rng.randrange(times.begins_at + 7_200, last)
        witness.see("not-ours", EXPECTED["not-ours"], address, at)
        address = f"198.18.128.{rng.randrange(1, 255)}"
        at = rng.randrange(times.begins_at + 7_200, last)
        witness.see("nobody-logged-nowhere", EXPECTED["nobody-logged-nowhere"], address, at)
